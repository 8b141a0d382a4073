"""How Redis is reached: one server, a set that Sentinel watches, or a cluster. For the store and the client.

``address.py`` reads ``redis.url``, ``servers.py`` sends each command to the server that has its key, ``slots.py`` knows which
key that is, ``streams.py`` names the events stream of each partition, ``daemons.py`` finds the daemons
of this machine and their Redis. What
imports redis-py is not imported here: `dateline --help` reads addresses too.
"""

from .address import Address
from .streams import name_stream

__all__ = ["Address", "name_stream"]
