"""Posts each entry to a URL as a CloudEvent, in order, retrying until it is accepted.

The receiver answers 2xx once the entry is safe. 400, 413 and 422 refuse this entry for good: it goes to the forwarder's dead
letters. Any other answer, also 401 or 404, is retried: a mistyped URL must not lose entries. With a secret, requests are
signed as in the Standard Webhooks specification.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .. import clock
from ..errors import PartlyForwarded, PermanentError, SettingsError, TransientError
from ..ports import Forwarder, HttpPost, Resources
from .cloud_event import BATCH_MEDIA_TYPE, MEDIA_TYPE, REFUSED_STATUSES, batch, structured, target_of, without_address

#: Each partition of the stream may have an instance, so that one that waits holds no other.
PER_PARTITION = True


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to post, and how."""

    url: str  #: https://..., or http:// inside your own network (allow its address in fetch.allow).
    secret: str | None = field(default=None, repr=False)  #: Signs requests; "whsec_" and base64, or any text.
    headers: dict[str, str] = field(default_factory=dict, repr=False)  #: Sent along, say Authorization.
    per_request: int = 1  #: Entries in one request, 1 to 100; over 1 they go as a CloudEvents batch (a JSON array).


def target(settings: Settings) -> str:
    """Return the URL without user and password."""
    return target_of(settings.url)


def build(settings: Settings, resources: Resources) -> Forwarder:
    """Return the forwarder. Raises SettingsError on an address that is none, or where no HTTP client was given."""
    parts = urlsplit(settings.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"[[forward]] webhook: url {settings.url!r} is not an http or https URL")
    if not 1 <= settings.per_request <= 100:
        raise SettingsError(f"[[forward]] webhook: per_request is {settings.per_request}; 1 to 100")
    if resources.http_post is None:
        raise SettingsError("[[forward]] webhook: this command runs without an HTTP client; use dateline run")
    return Webhook(settings, resources.http_post)


class Webhook:
    """One URL."""

    def __init__(self, settings: Settings, post: HttpPost) -> None:
        self._settings = settings
        self._post = post
        self._key = _key(settings.secret) if settings.secret else None

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Send entries in order. Raises PartlyForwarded at the first that is not accepted, or where some were refused."""
        accepted: set[str] = set()
        refused: dict[str, str] = {}
        size = self._settings.per_request
        try:
            for start in range(0, len(entries), size):
                await self._send(entries[start : start + size], accepted, refused)
        except TransientError as error:
            reason = without_address(str(error), self._settings.url)
            raise PartlyForwarded(reason, accepted=accepted, refused=refused) from error
        if refused:
            raise PartlyForwarded("refused", accepted=accepted, refused=refused)

    async def close(self) -> None:
        """Do nothing: the client belongs to the daemon."""

    async def _send(self, entries: list[dict[str, str]], accepted: set[str], refused: dict[str, str]) -> None:
        together = self._settings.per_request > 1
        body = batch(entries) if together else structured(entries[0])
        message_id = entries[0]["id"] if len(entries) == 1 else f"{entries[0]['stream_id']}+{len(entries)}"
        try:
            status = await self._post(self._settings.url, body, self._headers(message_id, body, together))
        except PermanentError as error:
            # The operator must allow the address; the entry itself is not at fault.
            raise TransientError(f"{error}; the entries wait", code=error.code) from error
        host = urlsplit(self._settings.url).hostname
        if status in REFUSED_STATUSES and len(entries) > 1:
            for entry in entries:  # find the refused one
                await self._send([entry], accepted, refused)
        elif status in REFUSED_STATUSES:
            refused[entries[0]["stream_id"]] = f"{host} answered {status}"
        elif 200 <= status < 300:
            accepted.update(entry["stream_id"] for entry in entries)
        else:
            raise TransientError(f"{host} answered {status}; the entries wait", code="http_status", status=status)

    def _headers(self, message_id: str, body: bytes, together: bool) -> dict[str, str]:
        timestamp = str(int(clock.now().timestamp()))
        headers = {
            **self._settings.headers,
            "content-type": f"{BATCH_MEDIA_TYPE if together else MEDIA_TYPE}; charset=utf-8",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
        }
        if self._key is not None:
            signed = f"{message_id}.{timestamp}.".encode() + body
            mark = base64.b64encode(hmac.digest(self._key, signed, hashlib.sha256)).decode()
            headers["webhook-signature"] = f"v1,{mark}"
        return headers


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error as error:
            raise SettingsError("[[forward]] webhook: secret starts with whsec_ but the rest is not base64") from error
    return secret.encode()
