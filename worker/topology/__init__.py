"""How Redis is reached: one server, a set that Sentinel watches, or a cluster. For the store and the client.

``address.py`` reads ``redis.url``, ``servers.py`` sends each command to the server that has its key, ``slots.py`` knows which
key that is, ``streams.py`` names the events stream of each partition, ``daemons.py`` finds the daemons
of this machine and their Redis.
"""

from .address import Address
from .node import Limits
from .servers import Servers
from .streams import name_stream

__all__ = ["Address", "Limits", "Servers", "name_stream"]
