"""The settings of the HTTP port and of what is served on it: the desk, the hubs' callback."""

from __future__ import annotations

from typing import Annotated

from .section import Section, about


class ServeSettings(Section, frozen=True):
    """The HTTP port: health, metrics, desk."""

    enabled: Annotated[bool, about("false: no port at all")] = True
    host: Annotated[str, about("address to listen on; 0.0.0.0 admits other machines: set a token then")] = "127.0.0.1"
    port: Annotated[int, about("0: any free one", at_least=0, at_most=65535)] = 8080
    token: (
        Annotated[str, about("asked for by the desk and /metrics as Bearer token or ?token=", secret=True)] | None
    ) = None
    allowed_hosts: Annotated[
        tuple[str, ...], about("names under which the desk answers, beside IP addresses and localhost")
    ] = ()


class DeskSettings(Section, frozen=True):
    """The desk: a page with its own index of the stream."""

    enabled: Annotated[
        bool, about("served by `dateline run`; false where `dateline desk` runs as a process of its own")
    ] = True
    index_file: (
        Annotated[str, about("SQLite file of the index; empty: desk.sqlite in redis.data_folder. Lost, it is rebuilt")]
        | None
    ) = None
    keep_days: Annotated[float, about("articles stay searchable for this long", at_least=0.01, at_most=3650)] = 60.0
    max_mib: Annotated[
        int, about("largest index; over it the oldest articles go. 100,000 events take about 250", at_least=16)
    ] = 2048


class WebsubSettings(Section, frozen=True):
    """Hubs that announce new entries at once. Without a public address it is off, and feeds are polled as ever."""

    callback_url: (
        Annotated[
            str, about("https address under which hubs reach this port (/websub/ is added); empty: no hub is asked")
        ]
        | None
    ) = None
    lease_seconds: Annotated[
        int, about("asked of the hub, which may give less or more", at_least=3600, at_most=2_592_000)
    ] = 864_000
    backup_poll_seconds: Annotated[
        float, about("how often a feed is still polled whose hub has proven itself", at_least=300, at_most=86_400)
    ] = 21_600.0
    at_once: Annotated[
        int,
        about("pushes handled at a time by one worker; the hub is asked to repeat any more", at_least=1, at_most=200),
    ] = 8
    plain_hubs: Annotated[
        tuple[str, ...], about("hubs in your own network that are asked over http, as their feeds name them")
    ] = ()
