"""Produces each entry to a Kafka topic, as a CloudEvent, keyed by its article: all of one article keeps its order.

The producer is idempotent and waits for all in-sync replicas. Headers: ``content-type``, ``id``, ``type``.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import PartlyForwarded, SettingsError
from ..plugins import require
from ..ports import Forwarder, Resources
from .cloud_event import MEDIA_TYPE, structured

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer

#: Each partition of the stream may have an instance, so that one that waits holds no other.
PER_PARTITION = True


@dataclass(frozen=True, slots=True)
class Settings:
    """Brokers and a topic."""

    brokers: str  #: HOST:9092, several with commas.
    topic: str = "dateline"  #: It must exist, unless the brokers make topics by themselves.
    tls: bool = False  #: Connect with TLS, by the system's certificate authorities.
    user: str | None = None  #: SASL user, with ``password``.
    password: str | None = field(default=None, repr=False)
    mechanism: str = "SCRAM-SHA-512"  #: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.
    max_request_bytes: int = 10_485_760  #: Larger entries are dead letters; the topic's max.message.bytes must fit.
    timeout_seconds: float = 30.0  #: To connect, and for the brokers to accept a batch.


def target(settings: Settings) -> str:
    """Return brokers and topic."""
    return f"{settings.brokers}/{settings.topic}"


def build(settings: Settings, resources: Resources) -> Forwarder:
    """Return the forwarder. Raises SettingsError on wrong options, or without the extra ``kafka``."""
    if settings.mechanism not in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
        raise SettingsError("[[forward]] kafka: mechanism must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
    if bool(settings.user) != bool(settings.password):
        raise SettingsError("[[forward]] kafka: user and password go together")
    require("aiokafka", "[[forward]] kafka", extra="kafka")
    return Producer(settings)


class Producer:
    """One producer, started at the first batch and again after it failed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Produce entries in order and wait for the brokers. Raises PartlyForwarded where some were not accepted."""
        from aiokafka.errors import KafkaError, MessageSizeTooLargeError

        accepted: set[str] = set()
        refused: dict[str, str] = {}
        reason = ""
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                producer = await self._start()
                sent = []
                for entry in entries:
                    try:
                        sent.append((entry["stream_id"], await self._send(producer, entry)))
                    except MessageSizeTooLargeError as error:
                        refused[entry["stream_id"]] = f"Kafka: {error}"
                answers = await asyncio.gather(*(future for _, future in sent), return_exceptions=True)
            for (name, _), answer in zip(sent, answers, strict=True):
                if isinstance(answer, MessageSizeTooLargeError):
                    refused[name] = f"Kafka: {answer}"
                elif isinstance(answer, BaseException):
                    reason = f"Kafka: {type(answer).__name__}: {answer}"
                else:
                    accepted.add(name)
        except (KafkaError, OSError, TimeoutError) as error:
            reason = f"Kafka at {self._settings.brokers}: {type(error).__name__}: {error}"
        if reason:
            await self.close()
        if reason or refused:
            raise PartlyForwarded(reason or "refused", accepted=accepted, refused=refused)

    async def close(self) -> None:
        """Stop the producer. Repeatable."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(Exception):  # it may wait for brokers that are gone
                async with asyncio.timeout(2.0):
                    await producer.stop()

    async def _send(self, producer: AIOKafkaProducer, entry: dict[str, str]) -> asyncio.Future[Any]:
        headers = [("content-type", MEDIA_TYPE.encode())]
        headers += [(name, entry[name].encode()) for name in ("id", "type") if name in entry]
        article = entry.get("subject", "").partition("/")[0].encode()
        future: asyncio.Future[Any] = await producer.send(
            self._settings.topic, structured(entry), key=article or None, headers=headers
        )
        return future

    async def _start(self) -> AIOKafkaProducer:
        import ssl

        from aiokafka import AIOKafkaProducer

        if self._producer is None:
            settings = self._settings
            options: dict[str, Any] = {}
            if settings.user:
                options = {
                    "sasl_mechanism": settings.mechanism, "sasl_plain_username": settings.user,
                    "sasl_plain_password": settings.password,
                }  # fmt: skip
            protocol = ("SASL_" if settings.user else "") + ("SSL" if settings.tls else "PLAINTEXT")
            producer = AIOKafkaProducer(
                bootstrap_servers=settings.brokers, security_protocol=protocol, client_id="dateline",
                ssl_context=ssl.create_default_context() if settings.tls else None, enable_idempotence=True,
                max_request_size=settings.max_request_bytes, request_timeout_ms=int(settings.timeout_seconds * 1000),
                **options,
            )  # fmt: skip
            self._producer = producer  # `close` stops it, started or not
            await producer.start()
        return self._producer
