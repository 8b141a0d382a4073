"""Every setting of the daemon: its name with the unit, type, range, default and reason, each declared here and nowhere else.

`load` reads them from ``config/dateline.toml`` and the environment; `App` hands each part its section. ``None`` is off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from ..contract.event import Certainty
from .credentials import Credential
from .section import Section, about
from .serving import DeskSettings, ServeSettings, WebsubSettings

Seconds = Annotated[float, about("a time in seconds", at_least=0)]


class RedisSettings(Section, frozen=True):
    """Where the stream and the state are kept."""

    url: (
        Annotated[
            str,
            about(
                "redis://HOST:PORT/DB, rediss:// with TLS, unix:///PATH, redis+cluster://HOST:PORT,HOST:PORT or "
                "redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/DB (docs/scale.md). Empty: a private redis-server in data_folder",
                secret=True,
            ),
        ]
        | None
    ) = None
    password: (
        Annotated[
            str,
            about(
                "used with url as it stands, without percent-encoding; takes the place of a password in url",
                secret=True,
            ),
        ]
        | None
    ) = None
    prefix: Annotated[str, about("begins every key; choose another for a second installation on the same Redis")] = (
        "dateline"
    )
    partitions: Annotated[
        int,
        about(
            "key groups, each in one slot of a Redis Cluster: best 8 for each primary; see docs/scale.md",
            at_least=1,
            at_most=1024,
        ),
    ] = 1
    data_folder: Annotated[str, about("where the private redis-server keeps its socket, AOF and log")] = "data"
    appendfsync: Annotated[
        Literal["everysec", "always"], about("when the private redis-server writes its AOF to disk")
    ] = "everysec"
    compress: (
        Annotated[Literal["zstd"], about("compresses `data` of entries; needs the extra zstd: docs/howto.md")] | None
    ) = None
    timeout_seconds: Annotated[float, about("longest wait for an answer", at_least=0.1, at_most=300)] = 10.0
    connections: Annotated[
        int, about("most connections of one worker to one Redis server", at_least=4, at_most=1000)
    ] = 64
    wait_replicas: Annotated[
        int,
        about(
            "in a cluster: replicas that must have a publication before its entry is acknowledged; waited for at most 0.5 s, "
            "10 s where so many follow. 0: none",
            at_least=0,
            at_most=5,
        ),
    ] = 1
    memory_days: Annotated[
        float, about("how long an article stays known after it was last seen", at_least=1, at_most=3650)
    ] = 45.0
    sketch_days: Annotated[float, about("how long near-duplicates are recognised", at_least=1, at_most=365)] = 14.0
    stream_limit: Annotated[
        int,
        about(
            "most entries of the events stream; near it, entries that every group has read are trimmed early and "
            "polling slows",
            at_least=100,
        ),
    ] = 1_000_000
    keep_days: Annotated[float, about("entries that every group has read are trimmed after this", at_least=0.01)] = 30.0
    dead_letters_limit: Annotated[int, about("most dead letters kept", at_least=100)] = 100_000
    trail_limit: Annotated[int, about("most steps kept for `dateline explain`; 0: none", at_least=0)] = 200_000
    kept_mib: Annotated[
        int,
        about(
            "largest size of the dead letters, of the texts kept with them, and of the steps for `dateline explain`, each; "
            "beyond it the oldest go",
            at_least=1,
        ),
    ] = 64
    notices_limit: Annotated[int, about("most operational notices kept", at_least=10)] = 10_000


class PollSettings(Section, frozen=True):
    """When feeds are polled."""

    interval_seconds: Annotated[float, about("until a feed's own rhythm is known", at_least=1)] = 900.0
    floor_seconds: Annotated[float, about("shortest interval", at_least=1)] = 300.0
    busy_floor_seconds: Annotated[
        float, about("shortest interval of a feed that asks for it or has proven busy", at_least=1)
    ] = 120.0
    ceiling_seconds: Annotated[float, about("longest interval", at_least=60)] = 43_200.0
    quiet_ceiling_seconds: Annotated[
        float,
        about("longest interval of a feed without an entry for 30 days; also the longest hint believed", at_least=60),
    ] = 86_400.0
    jitter: Annotated[float, about("random share added to or taken from each interval", at_least=0, at_most=0.5)] = 0.1
    at_once: Annotated[int, about("feeds polled at a time by one worker", at_least=1, at_most=2000)] = 64
    lease_seconds: Annotated[float, about("a claimed feed is due again after this if its worker dies", at_least=5)] = (
        60.0
    )
    max_entries: Annotated[int, about("most entries read of one feed body", at_least=1)] = 2000
    backlog_limit: Annotated[
        int, about("entries waiting at which polling stops until they are worked off", at_least=10)
    ] = 20_000
    later_limit: Annotated[
        int, about("entries waiting for a retry or a free place at which polling stops likewise", at_least=10)
    ] = 100_000
    waiting_limit: Annotated[
        int, about("entries of one feed waiting for their pages at which it is not polled before", at_least=10)
    ] = 4000
    waiting_mib: Annotated[int, about("the same in MiB: entries contain the texts of their feed", at_least=1)] = 32
    silence_seconds: (
        Annotated[
            float,
            about(
                "alarm where nothing was published for this long although feeds are polled; empty: never", at_least=60
            ),
        ]
        | None
    ) = 21_600.0


class FetchSettings(Section, frozen=True):
    """How feeds and pages are fetched. Sizes hold for a body as it is sent, and again when it is decompressed."""

    contact: Annotated[str, about("address or page shown in the User-Agent, so that a site can reach you")] | None = (
        None
    )
    user_agent: Annotated[str, about("sent in place of Dateline's own")] | None = None
    connect_seconds: Annotated[float, about("to connect, TLS included", at_least=0.1)] = 5.0
    first_byte_seconds: Annotated[
        float, about("from the connection to the end of the headers; also the longest silence later", at_least=0.1)
    ] = 10.0
    total_seconds: Annotated[float, about("for the whole request, redirects included", at_least=0.5)] = 30.0
    max_redirects: Annotated[int, about("each is checked like the first address", at_least=0, at_most=20)] = 5
    max_feed_bytes: Annotated[int, about("largest feed", at_least=1024)] = 15 << 20
    max_page_bytes: Annotated[int, about("largest page", at_least=1024)] = 8 << 20
    max_robots_bytes: Annotated[
        int, about("read of a robots.txt; RFC 9309 asks for at least 500 KiB", at_least=1024)
    ] = 512 << 10
    keepalive_seconds: Annotated[
        float,
        about("how long an idle connection is kept: a feed's pages follow it within seconds", at_least=0, at_most=300),
    ] = 15.0
    dns_seconds: Annotated[float, about("to look up a name", at_least=0.1, at_most=60)] = 5.0
    dns_cache_seconds: Annotated[
        int, about("how long an answer is used again; the system's resolver does not say how long it holds", at_least=0)
    ] = 60
    dns_threads: Annotated[
        int,
        about("names looked up at a time: a silent name server holds a thread for seconds", at_least=1, at_most=256),
    ] = 16
    ca_file: (
        Annotated[
            str, about("certificate authorities (PEM) in place of the system's, as behind a proxy that inspects TLS")
        ]
        | None
    ) = None
    allow: Annotated[
        tuple[str, ...],
        about("non-public addresses that may be reached, each with its port: 10.0.0.7:80, 10.0.0.0/8:80"),
    ] = ()
    local_names: Annotated[
        tuple[str, ...],
        about("for tests: hosts answered with 127.0.0.1, all below .example with its dot; no other name exists then"),
    ] = ()


class PolitenessSettings(Section, frozen=True):
    """Request rates and robots.txt; per registrable domain, shared by all workers."""

    spacing_seconds: Annotated[float, about("from the start of one request to the start of the next", at_least=0)] = 2.0
    first_burst: Annotated[int, about("requests without spacing after an hour without any; 1: none", at_least=1)] = 3
    at_once: Annotated[int, about("requests to one domain at a time", at_least=1, at_most=100)] = 2
    respect_robots: Annotated[bool, about("ask robots.txt before a page is fetched")] = True
    retry_after_floor_seconds: Annotated[float, about("shortest Retry-After believed", at_least=0)] = 60.0
    retry_after_ceiling_seconds: Annotated[float, about("longest Retry-After believed", at_least=1)] = 86_400.0


class PoolSettings(Section, frozen=True):
    """Child processes that parse and read. Each limit holds for one child or one job."""

    children: (
        Annotated[
            int,
            about(
                "how many; empty: one per CPU. More only costs memory: jobs do not wait for I/O",
                at_least=1,
                at_most=256,
            ),
        ]
        | None
    ) = None
    wall_seconds: Annotated[
        float,
        about(
            "longest time for one job. The median article takes 0.08 s, 99.9 % of real pages under 2 s", at_least=0.1
        ),
    ] = 5.0
    cpu_seconds: Annotated[
        float,
        about(
            "CPU time for one job; more than wall_seconds, so that it acts only if the clock could not", at_least=0.1
        ),
    ] = 10.0
    memory_mib: Annotated[
        int, about("address space of one child above what it starts with; a page of 8 MiB needs about 200", at_least=64)
    ] = 512
    recycle_after_jobs: (
        Annotated[
            int, about("a child is replaced after this many jobs: libraries' caches grow. Empty: never", at_least=1)
        ]
        | None
    ) = 2000
    recycle_above_mib: (
        Annotated[int, about("a child is replaced once its resident memory is larger. Empty: never", at_least=64)]
        | None
    ) = 400
    queue_limit: Annotated[int, about("most jobs that wait for a child; one more is put off", at_least=1)] = 4096
    max_reply_mib: Annotated[int, about("largest answer of a job", at_least=1, at_most=1024)] = 64
    nice: Annotated[
        int,
        about(
            "added to the children's niceness: the event loop goes first when CPUs are scarce", at_least=0, at_most=19
        ),
    ] = 5
    sandbox: Annotated[
        bool, about("keep children from processes, sockets and files (seccomp, Landlock); off only to find a fault")
    ] = True
    warm_seconds: Annotated[
        float, about("longest time to load the word lists and models before the first job", at_least=1)
    ] = 60.0


class IngestSettings(Section, frozen=True):
    """The way of an entry from its link to the stream."""

    at_once: Annotated[int, about("entries that one worker processes at a time", at_least=1, at_most=5000)] = 64
    lease_seconds: Annotated[
        float, about("another worker takes an entry over that was not renewed for this long", at_least=2)
    ] = 20.0
    retry_seconds: Annotated[tuple[Seconds, ...], about("waits between tries; after the last the entry is a dead letter")] = (
        60.0, 300.0, 900.0, 3600.0, 21600.0,
    )  # fmt: skip
    recheck_seconds: Annotated[
        tuple[Seconds, ...], about("when a published page is looked at again, each after the look before")
    ] = (600.0, 3600.0, 21600.0, 86400.0)
    certainties: Annotated[tuple[Certainty, ...], about("how certain an event must be told to be published")] = (
        "asserted", "reported", "anticipated",
    )  # fmt: skip
    min_confidence: Annotated[
        float,
        about(
            "events below it are not published; docs/events.md says how often each level is right",
            at_least=0,
            at_most=1,
        ),
    ] = 0.4
    busy_seconds: Annotated[
        float, about("how long an entry waits whose article another worker is processing", at_least=0.1, at_most=600)
    ] = 5.0
    revisions_a_day: Annotated[
        int,
        about("of one article; more are held back, and its last state is published when the day is over", at_least=1),
    ] = 4
    wall_copies: Annotated[
        int,
        about(
            "links under which one owner shows the same short text before it counts as a login or error page",
            at_least=2,
        ),
    ] = 3
    wall_words: Annotated[
        int, about("a text of more words is such a page only at ten times as many links", at_least=1)
    ] = 150
    notice_words: Annotated[
        int, about("shorter equal texts under different titles are notices from one template", at_least=0)
    ] = 80
    publish_feed_query: Annotated[
        bool,
        about("publish user, password and query of a feed's address too (`source`, `feed`): they may be a private key"),
    ] = False
    copy_shares: Annotated[
        int, about("sixteenths of the shorter text that make a copy; fewer make a rewrite", at_least=1, at_most=16)
    ] = 10


class ReadSettings(Section, frozen=True):
    """Your own words: files that extend the built-in ones or replace them, entry by entry."""

    gazetteers: Annotated[tuple[str, ...], about("files of names, see docs/gazetteer.md")] = ()
    lexicons: Annotated[tuple[str, ...], about("files of event frames, see docs/events.md")] = ()
    spacy_model: (
        Annotated[str, about("folder of a spaCy model, read after the built-in names. Needs the extra `spacy`")] | None
    ) = None
    other_languages: Annotated[
        bool, about("read dates in other languages than English (about 1 s an article). Needs the extra `languages`")
    ] = False


class ArchiveSettings(Section, frozen=True):
    """Raw pages kept in WARC files, so that a better extractor can read them again."""

    folder: Annotated[str, about("where the files go; empty: no page is kept. Needs the extra `archive`")] | None = None
    max_mib: Annotated[float, about("a file is completed at this size", at_least=1, at_most=65_536)] = 512.0
    max_hours: Annotated[float, about("or at this age", at_least=0.01, at_most=8760)] = 24.0
    keep_days: (
        Annotated[float, about("completed files older than this are deleted; empty: never", at_least=0.04)] | None
    ) = None


class LogSettings(Section, frozen=True):
    """Logs on standard error."""

    level: Annotated[Literal["debug", "info", "warning", "error"], about("how much is logged")] = "info"
    form: Annotated[Literal["auto", "json", "text"], about("auto: text on a terminal, else JSON")] = "auto"


class TraceSettings(Section, frozen=True):
    """OpenTelemetry traces of polls and entries, sent to a collector over OTLP/HTTP (docs/traces.md)."""

    endpoint: (
        Annotated[str, about("the collector, as http://127.0.0.1:4318; empty: no traces. Needs the extra `otel`")]
        | None
    ) = None
    share: Annotated[float, about("of the polls, how many are traced", at_least=0, at_most=1)] = 1.0


class Component(Section, frozen=True):
    """A stage or a forwarder: its kind and its own options, which the kind's ``Settings`` checks."""

    kind: str
    options: Mapping[str, Any] = {}


class Settings(Section, frozen=True):
    """All sections, the components, and the files they came from."""

    redis: RedisSettings = RedisSettings()
    poll: PollSettings = PollSettings()
    fetch: FetchSettings = FetchSettings()
    politeness: PolitenessSettings = PolitenessSettings()
    pool: PoolSettings = PoolSettings()
    ingest: IngestSettings = IngestSettings()
    read: ReadSettings = ReadSettings()
    serve: ServeSettings = ServeSettings()
    desk: DeskSettings = DeskSettings()
    websub: WebsubSettings = WebsubSettings()
    archive: ArchiveSettings = ArchiveSettings()
    log: LogSettings = LogSettings()
    trace: TraceSettings = TraceSettings()
    stages: tuple[Component, ...] = ()
    forward: tuple[Component, ...] = ()
    owners: tuple[tuple[str, str], ...] = ()
    credentials: tuple[Credential, ...] = ()
    where: str = "the defaults"
    feeds_file: str | None = None


#: Name in the file to type, in the order in which they are printed.
SECTIONS: dict[str, type[Section]] = {
    "redis": RedisSettings,
    "poll": PollSettings,
    "fetch": FetchSettings,
    "politeness": PolitenessSettings,
    "pool": PoolSettings,
    "ingest": IngestSettings,
    "read": ReadSettings,
    "serve": ServeSettings,
    "desk": DeskSettings,
    "websub": WebsubSettings,
    "archive": ArchiveSettings,
    "log": LogSettings,
    "trace": TraceSettings,
}
#: Lists of components: ``[[stages]]``, ``[[forward]]``.
LISTS = ("stages", "forward")
