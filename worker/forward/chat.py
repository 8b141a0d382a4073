"""Writes events and articles to a chat channel by its webhook: Slack, Discord, ntfy, or any that takes JSON or text.

One message for each entry, by a template. Use the common options (``plover``, ``countries``, ``min_confidence``) to choose few.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ..contract.article import Article
from ..contract.envelope import Envelope, MalformedEnvelope, parse
from ..contract.event import Event, Party
from ..errors import PartlyForwarded, PermanentError, SettingsError, TransientError
from ..ports import Forwarder, HttpPost, Resources
from .cloud_event import REFUSED_STATUSES, target_of, without_address

#: Discord's limit; Slack cuts at 40,000, ntfy at 4,096 bytes.
MOST_CHARACTERS = 1900
FIELDS = (
    "type", "id", "article", "publisher", "language", "countries", "plover", "mode", "quad", "confidence", "certainty",
    "actors", "recipients", "day", "place", "country", "evidence", "title", "url", "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """A webhook, and what to write."""

    url: str = field(repr=False)  #: The channel's webhook; it is a secret. ntfy: https://ntfy.sh/TOPIC.
    service: str = "slack"  #: slack, discord, ntfy (plain text) or text.
    event: str = "$plover $country $day: $evidence ($publisher, confidence $confidence)"
    article: str = "$title ($publisher) $url"
    retraction: str = "Retracted: event $id of article $article"
    headers: dict[str, str] = field(
        default_factory=dict, repr=False
    )  #: Sent along, say ntfy's Priority or Authorization.


def target(settings: Settings) -> str:
    """Return the webhook, of which only the host is shown."""
    return target_of(settings.url)


def build(settings: Settings, resources: Resources) -> Forwarder:
    """Return the forwarder. Raises SettingsError on a wrong address, service or template."""
    if urlsplit(settings.url).scheme not in ("http", "https"):
        raise SettingsError("[[forward]] chat: url is not an http or https URL")
    if settings.service not in ("slack", "discord", "ntfy", "text"):
        raise SettingsError(f"[[forward]] chat: service {settings.service!r}; there are slack, discord, ntfy, text")
    for name in ("event", "article", "retraction"):
        template = string.Template(getattr(settings, name))
        if not template.is_valid() or set(template.get_identifiers()) - set(FIELDS):
            raise SettingsError(f"[[forward]] chat: {name} has a field that is none; there are: ${', $'.join(FIELDS)}")
    if resources.http_post is None:
        raise SettingsError("[[forward]] chat: this command runs without an HTTP client; use dateline run")
    return Chat(settings, resources.http_post)


class Chat:
    """One channel."""

    def __init__(self, settings: Settings, post: HttpPost) -> None:
        self._settings = settings
        self._post = post

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Send a message for each entry, in order. Raises PartlyForwarded at the first that is not accepted."""
        accepted: set[str] = set()
        refused: dict[str, str] = {}
        host = urlsplit(self._settings.url).hostname
        for entry in entries:
            name = entry["stream_id"]
            try:
                body, kind = self._body(self.write(entry))
                status = await self._post(self._settings.url, body, {**self._settings.headers, "content-type": kind})
            except MalformedEnvelope as error:
                refused[name] = str(error)
                continue
            except (PermanentError, TransientError) as error:
                reason = without_address(str(error), self._settings.url)
                raise PartlyForwarded(f"{reason}; the entries wait", accepted=accepted, refused=refused) from error
            if status in REFUSED_STATUSES:
                refused[name] = f"{host} answered {status}"
            elif 200 <= status < 300:
                accepted.add(name)
            else:
                raise PartlyForwarded(f"{host} answered {status}; the entries wait", accepted=accepted, refused=refused)
        if refused:
            raise PartlyForwarded("refused", accepted=accepted, refused=refused)

    async def close(self) -> None:
        """Do nothing: the client belongs to the daemon."""

    def write(self, entry: dict[str, str]) -> str:
        """Return the message of one entry. Raises MalformedEnvelope."""
        envelope = parse(entry)
        record = envelope.record()
        fields = _fields(envelope)
        template = self._settings.retraction
        if isinstance(record, Event):
            fields |= _event_fields(record)
            template = self._settings.event
        elif isinstance(record, Article):
            fields |= {"id": record.id, "article": record.id, "title": record.title or "", "url": record.url or ""}
            template = self._settings.article
        else:
            fields |= {"id": record.id, "article": record.article, "reason": record.reason}
        plain = {name: " ".join(str(value).split()) for name, value in fields.items()}
        if self._settings.service == "slack":  # its three marks begin links and mentions
            plain = {k: v.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for k, v in plain.items()}
        return string.Template(template).substitute(dict.fromkeys(FIELDS, "") | plain)[:MOST_CHARACTERS]

    def _body(self, text: str) -> tuple[bytes, str]:
        if self._settings.service == "slack":
            return msgspec.json.encode({"text": text}), "application/json"
        if self._settings.service == "discord":
            return msgspec.json.encode({"content": text, "allowed_mentions": {"parse": []}}), "application/json"
        return text.encode(), "text/plain; charset=utf-8"


def _fields(envelope: Envelope) -> dict[str, Any]:
    return {
        "type": envelope.type.removeprefix("dateline."), "publisher": envelope.publisher or "",
        "language": envelope.lang or "", "countries": ", ".join(envelope.countries),
    }  # fmt: skip


def _event_fields(event: Event) -> dict[str, Any]:
    place = event.location
    return {
        "id": event.id, "article": event.article, "plover": event.plover.type, "mode": event.plover.mode or "",
        "quad": event.plover.quad, "confidence": f"{event.confidence:.2f}", "certainty": event.attribution.certainty,
        "actors": _names(event.actors), "recipients": _names(event.recipients),
        "day": event.date.start if event.date else "", "place": (place.name or "") if place else "",
        "country": (place.country or "") if place else "", "evidence": event.evidence.text,
    }  # fmt: skip


def _names(parties: list[Party]) -> str:
    return ", ".join(party.text for party in parties)
