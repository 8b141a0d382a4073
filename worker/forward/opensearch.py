"""Keeps articles and events in OpenSearch or Elasticsearch, by their bulk interface over HTTP.

Each record is a document under its own id; its version is the record's revision, so an entry that comes twice, or late, changes
nothing. Retracted events are deleted. Several urls are tried in turn.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ..contract.article import Article
from ..contract.event import Event
from ..errors import PartlyForwarded, PermanentError, SettingsError, TransientError
from ..ports import Forwarder, HttpExchange, Resources
from .cloud_event import target_of
from .rows import article_row, event_row, read

#: Each partition of the stream may have an instance, so that one that waits holds no other.
PER_PARTITION = True


@dataclass(frozen=True, slots=True)
class Settings:
    """A cluster and its indices."""

    url: str  #: https://HOST:9200; an address in your own network must be allowed in fetch.allow.
    user: str | None = None  #: Basic authentication, with ``password``.
    password: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)  #: Elasticsearch's API key, in place of a user.
    articles: str = "dateline-articles"  #: Index or alias.
    events: str = "dateline-events"
    keep_withdrawn: bool = False  #: Keep the text of articles that their source withdrew; else only that they were.


def target(settings: Settings) -> str:
    """Return the cluster and its indices."""
    return f"{target_of(settings.url)}#{settings.articles},{settings.events}"


def build(settings: Settings, resources: Resources) -> Forwarder:
    """Return the forwarder. Raises SettingsError on an address that is none, or where no HTTP client was given."""
    if urlsplit(settings.url).scheme not in ("http", "https"):
        raise SettingsError("[[forward]] opensearch: url is not an http or https URL")
    if bool(settings.user) != bool(settings.password) or (settings.user and settings.api_key):
        raise SettingsError("[[forward]] opensearch: give user and password, or api_key")
    if resources.http_exchange is None:
        raise SettingsError("[[forward]] opensearch: this command runs without an HTTP client; use dateline run")
    return Index(settings, resources.http_exchange)


class _Answer(msgspec.Struct):
    items: list[dict[str, Any]] = []


class Index:
    """Two indices."""

    def __init__(self, settings: Settings, exchange: HttpExchange) -> None:
        self._settings = settings
        self._exchange = exchange
        self._url = (
            settings.url.rstrip("/") + "/_bulk?filter_path=items.*.status,items.*.error.type,items.*.error.reason"
        )

    async def forward(self, entries: list[dict[str, str]]) -> None:
        """Send all entries in one request. Raises PartlyForwarded where some documents were not accepted."""
        taken = read(entries)
        accepted: set[str] = set()
        refused, reason = dict(taken.refused), ""
        lines = [line for _, envelope, record in taken.records for line in self._lines(envelope, record)]
        if lines:
            for (name, _, _), item in zip(taken.records, await self._send(b"\n".join(lines) + b"\n"), strict=True):
                result = next(iter(item.values()))
                status, error = int(result.get("status", 500)), result.get("error") or {}
                if 200 <= status < 300 or status in (
                    404,
                    409,
                ):  # 409: a newer revision is there; 404: nothing to delete
                    accepted.add(name)
                elif status == 429 or status >= 500:
                    reason = f"{self._host} answered {status} for a document"
                else:
                    refused[name] = f"{status} {error.get('type', '')}: {error.get('reason', '')}"
        if reason or refused:
            raise PartlyForwarded(reason or "refused", accepted=accepted, refused=refused)

    async def close(self) -> None:
        """Do nothing: the client belongs to the daemon."""

    @property
    def _host(self) -> str:
        return urlsplit(self._settings.url).netloc.rpartition("@")[2]

    def _lines(self, envelope: Any, record: Any) -> list[bytes]:
        settings = self._settings
        if isinstance(record, Article):
            row = article_row(envelope, record, keep_withdrawn=settings.keep_withdrawn)
            index = settings.articles
        elif isinstance(record, Event):
            row, index = event_row(envelope, record), settings.events
            if record.location and record.location.lat is not None and record.location.lon is not None:
                row["place"] = {"lat": record.location.lat, "lon": record.location.lon}
        else:
            about = {
                "_index": settings.events,
                "_id": record.id,
                "version": record.revision,
                "version_type": "external_gte",
            }
            return [msgspec.json.encode({"delete": about})]
        about = {"_index": index, "_id": record.id, "version": record.revision, "version_type": "external_gte"}
        row["data"] = msgspec.Raw(row["data"].encode()) if row["data"] else None
        return [msgspec.json.encode({"index": about}), msgspec.json.encode(row)]

    async def _send(self, body: bytes) -> list[dict[str, Any]]:
        headers = {"content-type": "application/x-ndjson", "accept": "application/json"}
        if self._settings.api_key:
            headers["authorization"] = f"ApiKey {self._settings.api_key}"
        elif self._settings.user:
            pair = base64.b64encode(f"{self._settings.user}:{self._settings.password}".encode()).decode()
            headers["authorization"] = f"Basic {pair}"
        try:
            status, answer = await self._exchange(self._url, body, headers)
        except PermanentError as error:  # the operator must allow the address; no entry is at fault
            raise TransientError(f"{error}; the entries wait", code=error.code) from error
        if status == 413:
            raise TransientError(
                f"{self._host} answered 413: a smaller batch follows; http.max_content_length is its limit"
            )
        if status != 200:
            raise TransientError(f"{self._host} answered {status}; the entries wait", code="http_status", status=status)
        try:
            return msgspec.json.decode(answer, type=_Answer).items
        except (msgspec.MsgspecError, RecursionError) as error:
            raise TransientError(f"{self._host} gave no answer of a bulk request: {error}") from error
