"""What consumers of the events stream import. It needs redis and msgspec, and of Dateline only the contract.

``consumer.py`` is the loop, ``sync.py`` the same without asyncio, ``link.py`` its commands, ``replay.py`` reads again without a
group.
"""

from ..contract import Article, Event
from ..contract.envelope import Envelope, MalformedEnvelope, NewerContract, Retraction
from ..contract.selection import Selection
from .consumer import Consumer, Handled
from .link import CannotConnect
from .message import DeadLetter, Gap, Message
from .replay import follow, replay
from .sync import SyncConsumer

__all__ = [
    "Article",
    "CannotConnect",
    "Consumer",
    "DeadLetter",
    "Envelope",
    "Event",
    "Gap",
    "Handled",
    "MalformedEnvelope",
    "Message",
    "NewerContract",
    "Retraction",
    "Selection",
    "SyncConsumer",
    "follow",
    "replay",
]
