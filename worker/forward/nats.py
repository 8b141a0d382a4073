"""Publishes each entry to NATS JetStream, as a CloudEvent, under a subject by its type.

The subject is ``<subject>.<type>``, say ``dateline.event.reported``. ``Nats-Msg-Id`` is the entry's id, so that JetStream drops
an entry that comes again within the stream's duplicate window.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import PartlyForwarded, SettingsError, TransientError
from ..plugins import require
from ..ports import Forwarder, Resources
from .cloud_event import MEDIA_TYPE, structured, target_of

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

#: Each partition of the stream may have an instance, so that one that waits holds no other.
PER_PARTITION = True


@dataclass(frozen=True, slots=True)
class Settings:
    """A NATS server and a stream."""

    url: str = field(repr=False)  #: nats://HOST:4222, tls://HOST:4222; user and password, or a token, before the @.
    stream: str = "DATELINE"  #: JetStream's stream.
    subject: str = "dateline"  #: The type is added: dateline.event.reported.
    create_stream: bool = True  #: Make the stream, for all subjects below ``subject``, where it is missing.
    credentials_file: str | None = None  #: A .creds file, where the server asks for one.
    timeout_seconds: float = 10.0  #: To connect, and for the server to accept one entry.


def target(settings: Settings) -> str:
    """Return server, stream and subject."""
    return f"{target_of(settings.url)}/{settings.stream}/{settings.subject}"


def build(settings: Settings, resources: Resources) -> Forwarder:
    """Return the forwarder. Raises SettingsError on a URL that is none, or without the extra ``nats``."""
    if not settings.url.startswith(("nats://", "tls://", "ws://", "wss://")):
        raise SettingsError("[[forward]] nats: url must begin with nats:// or tls://")
    require("nats", "[[forward]] nats", extra="nats")
    return JetStream(settings)


class JetStream:
    """One connection, opened at the first batch and again after it broke."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Publish entries in order and wait until JetStream has stored them. Raises PartlyForwarded."""
        from nats.errors import Error, MaxPayloadError
        from nats.js.errors import APIError

        accepted: set[str] = set()
        refused: dict[str, str] = {}
        try:
            stream = await self._open()
            for entry in entries:
                try:
                    await self._publish(stream, entry)
                    accepted.add(entry["stream_id"])
                except MaxPayloadError:
                    refused[entry["stream_id"]] = "larger than max_payload of the NATS server"
        except (Error, APIError, OSError, TimeoutError) as error:
            await self.close()
            reason = f"NATS: {type(error).__name__}: {error}"
            raise PartlyForwarded(reason, accepted=accepted, refused=refused) from error
        if refused:
            raise PartlyForwarded("refused", accepted=accepted, refused=refused)

    async def close(self) -> None:
        """Close the connection. Repeatable."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):  # it may be half open
                await client.close()

    async def _publish(self, stream: JetStreamContext, entry: dict[str, str]) -> None:
        kind = entry.get("type", "").removeprefix("dateline.") or "unknown"
        headers = {"Nats-Msg-Id": entry.get("id", entry["stream_id"]), "content-type": MEDIA_TYPE}
        await stream.publish(
            f"{self._settings.subject}.{kind}", structured(entry), timeout=self._settings.timeout_seconds,
            stream=self._settings.stream, headers=headers,
        )  # fmt: skip

    async def _open(self) -> JetStreamContext:
        import nats
        from nats.js.errors import NotFoundError

        settings = self._settings
        if self._client is not None and self._client.is_connected:
            return self._client.jetstream()
        await self.close()

        async def pass_over(_: Exception) -> None:
            """Errors of the connection are raised where they are met."""

        async with asyncio.timeout(settings.timeout_seconds):
            self._client = await nats.connect(
                settings.url, allow_reconnect=False, connect_timeout=settings.timeout_seconds,
                user_credentials=settings.credentials_file, name="dateline", error_cb=pass_over,
            )  # fmt: skip
            stream = self._client.jetstream()
            try:
                await stream.stream_info(settings.stream)
            except NotFoundError:
                if not settings.create_stream:
                    raise TransientError(
                        f"NATS: there is no stream {settings.stream}; make it, or set create_stream"
                    ) from None
                await stream.add_stream(name=settings.stream, subjects=[f"{settings.subject}.>"])
        return stream
