"""What consumers of the events stream import. It needs redis and msgspec, and of Dateline only the contract.

``consumer.py`` is the loop, ``link.py`` its commands, ``replay.py`` reads again without a group.
"""

from ..contract import Article, Event
from ..contract.envelope import Envelope, MalformedEnvelope, Retraction
from .consumer import Consumer, Handled
from .message import Gap, Message
from .replay import follow, replay

__all__ = [
    "Article",
    "Consumer",
    "Envelope",
    "Event",
    "Gap",
    "Handled",
    "MalformedEnvelope",
    "Message",
    "Retraction",
    "follow",
    "replay",
]
