"""The page's files, read once at start, so that no request opens a path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
}


def read_files() -> dict[str, tuple[bytes, str, str]]:
    """Return body, content type and tag by path below ``static/``."""
    files = {}
    for name, file in _walk(resources.files(__package__) / "static", ""):
        suffix = name.rpartition(".")[2]
        if suffix in _TYPES:
            body = file.read_bytes()
            files[name] = (body, _TYPES[suffix], hashlib.sha256(body).hexdigest()[:16])
    return files


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for file in folder.iterdir():
        if file.is_dir():
            yield from _walk(file, f"{path}{file.name}/")
        else:
            yield path + file.name, file
