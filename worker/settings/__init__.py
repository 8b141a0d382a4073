"""The settings: in come ``config/dateline.toml`` and the environment, out goes one frozen section for each part.

Read ``schema.py`` (every option), then ``load.py``, ``check.py`` (what is refused, and in which words) and ``toml.py``.
"""

from .credentials import Credential
from .load import load
from .running import load_for_verb, name_running
from .schema import (
    ArchiveSettings,
    Component,
    FetchSettings,
    IngestSettings,
    LogSettings,
    PolitenessSettings,
    PollSettings,
    PoolSettings,
    ReadSettings,
    RedisSettings,
    Settings,
)
from .serving import DeskSettings, ServeSettings, WebsubSettings

__all__ = [
    "ArchiveSettings",
    "Component",
    "Credential",
    "DeskSettings",
    "FetchSettings",
    "IngestSettings",
    "LogSettings",
    "PolitenessSettings",
    "PollSettings",
    "PoolSettings",
    "ReadSettings",
    "RedisSettings",
    "ServeSettings",
    "Settings",
    "WebsubSettings",
    "load",
    "load_for_verb",
    "name_running",
]
