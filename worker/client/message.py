"""What a consumer gets from the stream: one message, and what is missing before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ..contract.envelope import Envelope, Record


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries that this group should have read before a message and never will.

    ``lost``: trimmed before the group read them, ``missing`` of them. ``deleted``: handed out and not acked, and gone from
    the stream since; how far they were handled is not known, nor their ``seq`` (both 0). ``rewound``: Redis came back with
    older data (or none), ``missing`` entries that were read before are not on the stream any more; they come again, with
    their old ids, if the worker finds them again. Either way: what you derived may lack ``missing`` entries; read the gap
    again from elsewhere, or count it.
    """

    kind: Literal["lost", "deleted", "rewound"]
    missing: int
    after_seq: int
    before_seq: int


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a stream. ``stream_id`` is its place, ``envelope.id`` what it is: the same content, the same id."""

    stream_id: str
    envelope: Envelope
    gap: Gap | None = None
    redelivered: bool = False  #: was handed out before, here or to a consumer that died; may have been half handled
    stream: str = ""  #: whose id that is: with several partitions each has its own stream
    #: The how-manieth time a consumer of the group gets it to handle; at most one too high after a crash.
    deliveries: int = 1

    @property
    def id(self) -> str:
        """The content's id: use it as the key of whatever you write, and a repeat is harmless."""
        return self.envelope.id

    @property
    def type(self) -> str:
        """``dateline.event.reported`` and so on."""
        return self.envelope.type

    @property
    def appended_at(self) -> datetime:
        """When Redis took it, by Redis' clock."""
        return datetime.fromtimestamp(int(self.stream_id.partition("-")[0]) / 1000, UTC)

    def record(self) -> Record:
        """Return the Article, Event or Retraction in it. Raises MalformedEnvelope for one of a newer contract."""
        return self.envelope.record()


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that the group gave up: it was handed out too often, or `Consumer.set_aside` said so.

    ``id`` is its place in the dead letters of ``stream``; ``message`` is None where the entry was gone from the stream.
    """

    id: str
    stream: str
    stream_id: str
    reason: str
    deliveries: int
    message: Message | None
