"""Raw pages in WARC files (ISO 28500): written as they are fetched, read again whenever the extractor has become better.

The only home of ``warcio``, which is in the optional extra ``archive``.
"""

from .settings import ArchiveSettings

__all__ = ["ArchiveSettings"]
