"""Publishes each entry to a RabbitMQ exchange, as a CloudEvent, and waits for the broker's confirmation.

The routing key is the type, say ``event.reported``; ``message_id`` is the entry's id. Messages are persistent. A message that
no queue is bound to receive comes back, and the entries wait: nothing is dropped because a binding is missing.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import PartlyForwarded, SettingsError
from ..plugins import require
from ..ports import Forwarder, Resources
from .cloud_event import MEDIA_TYPE, structured, target_of

if TYPE_CHECKING:
    from aio_pika.abc import AbstractConnection, AbstractExchange

#: Each partition of the stream may have an instance, so that one that waits holds no other.
PER_PARTITION = True


@dataclass(frozen=True, slots=True)
class Settings:
    """A broker and an exchange."""

    url: str = field(repr=False)  #: amqp://USER:PASSWORD@HOST:5672/VHOST, or amqps:// with TLS.
    exchange: str = "dateline"  #: A durable topic exchange, made where it is missing.
    queue: str | None = None  #: A durable queue, made where it is missing and bound to every type; None: bind your own.
    timeout_seconds: float = 10.0  #: To connect, and for the broker to confirm one entry.


def target(settings: Settings) -> str:
    """Return the broker without user and password, and the exchange."""
    return f"{target_of(settings.url)}#{settings.exchange}"


def build(settings: Settings, resources: Resources) -> Forwarder:
    """Return the forwarder. Raises SettingsError on a URL that is none, or without the extra ``rabbitmq``."""
    if not settings.url.startswith(("amqp://", "amqps://")):
        raise SettingsError("[[forward]] rabbitmq: url must begin with amqp:// or amqps://")
    require("aio_pika", "[[forward]] rabbitmq", extra="rabbitmq")
    return Broker(settings)


class Broker:
    """One connection and channel, opened at the first batch and again after they broke."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: AbstractConnection | None = None
        self._exchange: AbstractExchange | None = None

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Publish entries in order, each confirmed. Raises PartlyForwarded at the first that is not."""
        from aio_pika.exceptions import AMQPError, DeliveryError

        accepted: set[str] = set()
        try:
            exchange = await self._open()
            for entry in entries:
                await self._publish(exchange, entry)
                accepted.add(entry["stream_id"])
        except DeliveryError as error:
            reason = f"RabbitMQ: no queue of exchange {self._settings.exchange} takes {entry.get('type')}; bind one"
            raise PartlyForwarded(reason, accepted=accepted) from error
        except (
            AMQPError,
            OSError,
            TimeoutError,
            RuntimeError,
        ) as error:  # RuntimeError: a channel that was closed meanwhile
            await self.close()
            raise PartlyForwarded(f"RabbitMQ: {type(error).__name__}: {error}", accepted=accepted) from error

    async def close(self) -> None:
        """Close the connection. Repeatable."""
        connection, self._connection, self._exchange = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(Exception):  # it may be half open
                await connection.close()

    async def _publish(self, exchange: AbstractExchange, entry: dict[str, str]) -> None:
        from aio_pika import DeliveryMode, Message

        message = Message(
            structured(entry), message_id=entry.get("id"), content_type=MEDIA_TYPE, delivery_mode=DeliveryMode.PERSISTENT,
            type=entry.get("type"),
        )  # fmt: skip
        key = entry.get("type", "").removeprefix("dateline.")
        await exchange.publish(message, key, mandatory=True, timeout=self._settings.timeout_seconds)

    async def _open(self) -> AbstractExchange:
        import aio_pika

        if self._exchange is not None and self._connection is not None and not self._connection.is_closed:
            return self._exchange
        await self.close()
        settings = self._settings
        self._connection = await aio_pika.connect(settings.url, timeout=settings.timeout_seconds)
        channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.declare_exchange(settings.exchange, aio_pika.ExchangeType.TOPIC, durable=True)
        if settings.queue:
            queue = await channel.declare_queue(settings.queue, durable=True)
            await queue.bind(exchange, "#")
        self._exchange = exchange
        return exchange
