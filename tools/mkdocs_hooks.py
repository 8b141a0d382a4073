"""What mkdocs does before it builds the site: adds the reference pages, written from the code at that moment."""

from __future__ import annotations

import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).resolve().parent))

import write_reference


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every page of `write_reference.BUILT`."""
    for page, write in write_reference.BUILT.items():
        files.append(File.generated(config, page, content=write()))
    return files
