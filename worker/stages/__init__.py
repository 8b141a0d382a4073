"""The operator's stages: each reads an article and returns it, changed or not, or drops it. One file each.

In: a read article. Out: the article, or None. A user's own package adds one by an entry point; `drop_short` is an example.
"""
