"""Settings of the archive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """Folder, and limits of size and age."""

    folder: Path
    max_bytes: int = 512 << 20
    max_seconds: float = 86_400.0
    keep_seconds: float | None = None
