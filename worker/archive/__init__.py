"""Raw pages in WARC files (ISO 28500): written when fetched, read again with a newer extractor.

The only package that imports ``warcio`` (optional extra ``archive``).
"""
