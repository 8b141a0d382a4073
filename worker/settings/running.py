"""What verbs know of the daemon that runs: they use its settings file and its Redis from any folder."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ..errors import SettingsError
from ..topology.daemons import RunningDaemon, running_daemons
from ..topology.daemons import other_redis as other_redis
from .load import PREFIX, find_file, load
from .schema import Settings

_USER_INFO = re.compile(r"//[^/@]*@")


def note_of(settings: Settings, config: Path | None) -> RunningDaemon:
    """Return the note of this process with these settings; ``config`` is the file that it reads, None: the default one."""
    redis = settings.redis
    config = config or find_file()
    return RunningDaemon(
        pid=os.getpid(),
        folder=str(Path.cwd()),
        config=str(config.resolve()) if config else None,
        url=without_user(redis.url),
        prefix=redis.prefix,
        partitions=redis.partitions,
        data_folder=str(Path(redis.data_folder).resolve()),
    )


def load_for_verb(path: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings that a verb needs: those of the running daemon, where no file is named or lies in this folder.

    In order: ``path`` (``--config``, ``DATELINE_CONFIG``), ``config/dateline.toml`` here, the file of a daemon that runs,
    ``/etc/dateline/dateline.toml``, the defaults. A daemon that runs on the file may have been started with ``--embedded``
    or with other variables: then its Redis is used, unless the verb's own environment names one.

    Raises:
        SettingsError: As `load` does, or daemons with different settings run and none is chosen.
    """
    daemons = running_daemons(environment)
    named = path or find_file(here_only=True)
    if named is not None:
        # A file that is missing has its own message, from `load`.
        daemons = [one for one in daemons if one.config and os.path.realpath(named) == one.config]
    ways = {(one.config, one.url, one.prefix, one.data_folder) for one in daemons}
    if len(ways) > 1:
        rows = "; ".join(f"process {one.pid}: {one.config or 'no file'} in {one.folder}" for one in daemons)
        raise SettingsError(f"daemons with different settings run here ({rows}): choose one with --config FILE")
    daemon = daemons[0] if daemons else None
    if named is None and daemon is not None and daemon.config:
        named = Path(daemon.config)
    settings = load(named, environment)
    return settings if daemon is None else _as_it_runs(_paths_from(settings, Path(daemon.folder)), daemon, environment)


def name_running(environment: Mapping[str, str] = os.environ) -> str:
    """Return the settings of the daemons that run, as the end of a sentence; empty where none does."""
    found = {one.config: one.pid for one in running_daemons(environment) if one.config}
    return "".join(f"; process {pid} runs with --config {config}" for config, pid in found.items())


def without_user(url: str | None) -> str | None:
    """Return a Redis URL without user and password."""
    return _USER_INFO.sub("//", url) if url else None


def _paths_from(settings: Settings, folder: Path) -> Settings:
    """Return the settings with every relative path as the daemon reads it, which runs in ``folder``.

    A forwarder's group is named by its target: from another folder it would be another group.
    """

    def absolute(name: str | None) -> str | None:
        return str(folder / name) if name else name

    read = settings.read
    forward = tuple(
        msgspec.structs.replace(one, options={**one.options, "path": absolute(one.options["path"])})
        if isinstance(one.options.get("path"), str)
        else one
        for one in settings.forward
    )
    return msgspec.structs.replace(
        settings,
        forward=forward,
        read=msgspec.structs.replace(
            read,
            gazetteers=tuple(str(folder / name) for name in read.gazetteers),
            lexicons=tuple(str(folder / name) for name in read.lexicons),
            spacy_model=absolute(read.spacy_model),
        ),
        archive=msgspec.structs.replace(settings.archive, folder=absolute(settings.archive.folder)),
        desk=msgspec.structs.replace(settings.desk, index_file=absolute(settings.desk.index_file)),
    )


def _as_it_runs(settings: Settings, daemon: RunningDaemon, environment: Mapping[str, str]) -> Settings:
    """Return the settings with the Redis that the daemon uses."""
    if any(name.startswith(f"{PREFIX}REDIS_URL") for name in environment):
        return settings
    redis = msgspec.structs.replace(
        settings.redis, prefix=daemon.prefix, partitions=daemon.partitions, data_folder=daemon.data_folder
    )
    if without_user(redis.url) != daemon.url:
        redis = msgspec.structs.replace(redis, url=daemon.url)
    where = f"{settings.where}, as the daemon with process id {daemon.pid} uses it"
    return msgspec.structs.replace(settings, redis=redis, where=where)
