"""Tell what is the same: the names of an entry, the fingerprint and the sketch of a text. Pure.

In: entries and texts. Out: names to look an article up by, a hash for equal texts, a sketch for nearly equal ones.
Read `identity` (entries, feeds' memory), then `fingerprint` (texts).
"""
