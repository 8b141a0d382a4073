"""WebSub (W3C Recommendation, 2018), the parts without I/O: what to ask a hub, whether to believe it, when to renew, and
whether it is worth relying on. Everything works without a public address: then nothing here is ever called.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

import msgspec

#: What we ask for, and what we accept: hubs answer with anything from minutes to years.
LEASE_ASKED_SECONDS = 10 * 86_400
LEASE_SHORTEST_SECONDS = 3_600
LEASE_LONGEST_SECONDS = 30 * 86_400
#: Renewed when this share of the lease is over, so that a hub may be away for the rest of it.
RENEW_AT_SHARE = 0.8
#: How often a feed with a working subscription is still polled; a push that got lost is found then.
BACKUP_POLL_SECONDS = 6 * 3_600
#: An unanswered request for subscription is repeated after these, then daily.
RETRY_SECONDS = (300, 1_800, 7_200, 43_200, 86_400)
#: Signature methods in the order in which they are believed; WebSub, section 7.1.
METHODS = ("sha512", "sha384", "sha256", "sha1")
_SECRET_BYTES = 32
_MAX_SECRET_BYTES = 199  # "less than 200 bytes", WebSub 5.1


class Mode(StrEnum):
    """What a request to or from a hub is about."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """One feed's subscription at one hub. ``token`` makes the callback unguessable; times are aware UTC."""

    feed: str
    topic: str
    hub: str
    token: str
    secret: str
    asked_at: datetime
    mode: Mode = Mode.SUBSCRIBE
    attempts: int = 1
    verified_at: datetime | None = None
    lease_seconds: int | None = None

    def callback(self, public_url: str) -> str:
        """Return the address that the hub calls, under our own public address."""
        return f"{public_url.rstrip('/')}/websub/{self.token}"

    def is_active(self, now: datetime) -> bool:
        """Return whether the hub has confirmed it and the lease is not over."""
        ends = self.ends_at
        return self.mode is Mode.SUBSCRIBE and ends is not None and now < ends

    @property
    def ends_at(self) -> datetime | None:
        """When the lease is over, or None before it was confirmed."""
        if self.verified_at is None or self.lease_seconds is None:
            return None
        return self.verified_at + timedelta(seconds=self.lease_seconds)

    def due_at(self) -> datetime:
        """When to ask the hub again: at a share of the lease, or, while it has not answered, ever more rarely."""
        if self.verified_at is not None and self.lease_seconds is not None:
            return self.verified_at + timedelta(seconds=self.lease_seconds * RENEW_AT_SHARE)
        wait = RETRY_SECONDS[min(self.attempts, len(RETRY_SECONDS)) - 1]
        return self.asked_at + timedelta(seconds=wait)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What to answer to a hub's request: an HTTP status and a body; and the subscription after it, None where it ended."""

    status: int
    body: str = ""
    subscription: Subscription | None = None
    reason: str = ""


class Push(StrEnum):
    """What a delivered body is worth; a hub learns of none of it but the status."""

    GENUINE = "genuine"
    UNSIGNED = "unsigned"
    FORGED = "forged"


def subscription(*, feed: str, topic: str, hub: str, now: datetime) -> Subscription:
    """Return a new subscription with a fresh token and secret; nothing has been asked yet."""
    return Subscription(
        feed=feed,
        topic=topic,
        hub=hub,
        token=secrets.token_urlsafe(24),
        secret=secrets.token_hex(_SECRET_BYTES),
        asked_at=now,
    )


def hub_to_ask(hubs: Sequence[str], public_url: str | None) -> str | None:
    """Return the hub to subscribe at, always by https; None without a public address, where feeds are simply polled.

    Feeds still name hubs by http that have answered by https for years; and a secret that crosses the net in the clear
    proves nothing later. So http becomes https, and a hub that does not answer there is not used.
    """
    if not public_url:
        return None
    for hub in sorted(hubs, key=lambda address: not address.startswith("https://")):
        try:
            parts, port = urlsplit(hub), urlsplit(hub).port
        except ValueError:
            continue  # no host or no port that could be asked
        if parts.scheme == "https" or (parts.scheme == "http" and port in (None, 80)):
            return urlunsplit(("https", parts.netloc.removesuffix(":80"), parts.path, parts.query, ""))
    return None


def request(
    subscribed: Subscription, *, public_url: str, mode: Mode = Mode.SUBSCRIBE, lease_seconds: int = LEASE_ASKED_SECONDS
) -> dict[str, str]:
    """Return the form fields to POST to the hub (application/x-www-form-urlencoded); a hub answers 202."""
    fields = {"hub.callback": subscribed.callback(public_url), "hub.mode": mode.value, "hub.topic": subscribed.topic}
    if mode is Mode.SUBSCRIBE:
        fields["hub.lease_seconds"] = str(lease_seconds)
        fields["hub.secret"] = subscribed.secret[:_MAX_SECRET_BYTES]
    return fields


def asked(subscribed: Subscription, *, now: datetime, mode: Mode = Mode.SUBSCRIBE) -> Subscription:
    """Return the subscription after it was asked for once more; a confirmed lease stays until the new one is confirmed."""
    return msgspec.structs.replace(subscribed, asked_at=now, mode=mode, attempts=subscribed.attempts + 1)


def verify(subscribed: Subscription, query: Mapping[str, str], *, now: datetime) -> Answer:
    """Return the answer to a hub's verification of intent (GET on the callback).

    The challenge is given back only for the topic and the mode that we asked for: else anyone who learns a callback
    could subscribe us to anything, or cancel.

    Args:
        subscribed: What is stored for the callback's token.
        query: The request's query parameters.
        now: The time now, aware.
    """
    mode, topic, challenge = (query.get(key, "") for key in ("hub.mode", "hub.topic", "hub.challenge"))
    if topic != subscribed.topic:
        return Answer(status=404, subscription=subscribed, reason="another topic")
    if mode == Mode.DENIED:
        denied = msgspec.structs.replace(subscribed, verified_at=None, lease_seconds=None, mode=Mode.DENIED)
        return Answer(status=200, subscription=denied, reason=query.get("hub.reason", "")[:200] or "denied")
    if mode not in (Mode.SUBSCRIBE, Mode.UNSUBSCRIBE) or mode != subscribed.mode or not challenge:
        return Answer(status=404, subscription=subscribed, reason="not asked for")
    if len(challenge) > 2_000:
        return Answer(status=400, subscription=subscribed, reason="absurd challenge")
    if mode == Mode.UNSUBSCRIBE:
        return Answer(status=200, body=challenge, subscription=None, reason="unsubscribed")
    lease = clamped_lease(query.get("hub.lease_seconds"))
    confirmed = msgspec.structs.replace(subscribed, verified_at=now, lease_seconds=lease, attempts=0)
    return Answer(status=200, body=challenge, subscription=confirmed, reason="subscribed")


def clamped_lease(given: str | None) -> int:
    """The lease in seconds between `LEASE_SHORTEST_SECONDS` and `LEASE_LONGEST_SECONDS`; what was asked for where the hub
    says nothing or nonsense. A longer lease than we count with only means renewing early."""
    text = (given or "").strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 15 or int(text) == 0:
        return LEASE_ASKED_SECONDS
    return min(max(int(text), LEASE_SHORTEST_SECONDS), LEASE_LONGEST_SECONDS)


def check_signature(secret: str, body: bytes, header: str | None) -> Push:
    """Return whether ``body`` was signed with ``secret``: the value of X-Hub-Signature, ``method=hex``, in constant time.

    WebSub 8.1: a forged push is answered with 202 and thrown away, so that it cannot be used to guess.
    """
    if not header:
        return Push.UNSIGNED
    for part in header[:1_000].split(","):
        method, _, given = part.strip().partition("=")
        method = method.strip().lower()
        if method in METHODS:
            wanted = hmac.new(secret.encode("utf-8"), body, getattr(hashlib, method)).hexdigest()
            given = given.strip().strip('"').lower()
            if given.isascii() and hmac.compare_digest(wanted, given):
                return Push.GENUINE
    return Push.FORGED


class HubScore(msgspec.Struct, frozen=True, kw_only=True):
    """How well a hub tells of new entries. ``hits``: entries that came by push first; ``misses``: entries that a backup
    poll found though a subscription was active. Both fade, so that a hub can recover or fall."""

    hits: float = 0.0
    misses: float = 0.0
    #: Until when the hub is not relied on, after it missed too much.
    distrusted_until: datetime | None = None

    @property
    def share(self) -> float:
        """The share of entries that it told of, smoothed towards one half while there are few."""
        return (self.hits + 1.0) / (self.hits + self.misses + 2.0)


#: Half of a score's memory is these many entries; so a hub that dies is noticed within one or two backup polls.
_MEMORY_ENTRIES = 50.0
#: Under this share, after this many entries, the feed is polled as if it had no hub, for this long.
RELIED_ON_SHARE = 0.8
_LEAST_ENTRIES = 5.0
DISTRUST_SECONDS = 86_400


def scored(score: HubScore, *, hits: int = 0, misses: int = 0, now: datetime) -> HubScore:
    """Return the score after ``hits`` entries came by push and ``misses`` were found by a poll."""
    fade = 0.5 ** ((hits + misses) / _MEMORY_ENTRIES)
    new = HubScore(
        hits=score.hits * fade + hits, misses=score.misses * fade + misses, distrusted_until=score.distrusted_until
    )
    enough = new.hits + new.misses >= _LEAST_ENTRIES
    if enough and new.share < RELIED_ON_SHARE:
        return msgspec.structs.replace(new, distrusted_until=now + timedelta(seconds=DISTRUST_SECONDS))
    if enough and misses == 0:
        return msgspec.structs.replace(new, distrusted_until=None)
    return new


def poll_interval_seconds(
    normal_seconds: float, subscribed: Subscription | None, score: HubScore, *, now: datetime
) -> tuple[float, str]:
    """Return the time between polls of a feed, and why: rare while its hub is active and proven, else as without a hub."""
    if subscribed is None or not subscribed.is_active(now):
        return normal_seconds, "no active subscription"
    if score.distrusted_until is not None and now < score.distrusted_until:
        return normal_seconds, "the hub missed entries"
    if score.hits < 1.0:
        return normal_seconds, "the hub has not pushed yet"
    return max(normal_seconds, float(BACKUP_POLL_SECONDS)), "the hub pushes"


def loaded(packed: bytes) -> Subscription | None:
    """Return a subscription as it is stored with its feed; None where there is none that can be read."""
    try:
        return msgspec.msgpack.decode(packed, type=Subscription) if packed else None
    except (msgspec.MsgspecError, RecursionError):
        return None


def describe(subscribed: Subscription | None, pushes: int, now: datetime) -> str:
    """Return a subscription in words, for ``dateline feeds explain``; empty where no hub was asked."""
    if subscribed is None:
        return ""
    said = f"{subscribed.hub} for {subscribed.topic}: "
    if subscribed.mode is Mode.DENIED:
        return f"{said}refused"
    if subscribed.is_active(now):
        return f"{said}until {subscribed.ends_at:%Y-%m-%d %H:%M} UTC, {pushes} pushes"
    return f"{said}asked {subscribed.attempts} times, not confirmed"
