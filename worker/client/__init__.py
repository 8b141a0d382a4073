"""What consumers of the events stream import. It needs redis and msgspec, and of Dateline only the contract.

``consumer.py`` is the loop, ``link.py`` its commands, ``replay.py`` reads again without a group.
"""

from worker.client.consumer import Consumer, Handled
from worker.client.message import Gap, Message
from worker.client.replay import follow, replay
from worker.contract import Article, Event
from worker.contract.envelope import Envelope, MalformedEnvelope, Retraction

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
