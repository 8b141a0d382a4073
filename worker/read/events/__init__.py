"""Code events: who did what to whom, where, when, says who, in PLOVER's words. English only.

In: a `Document` with sentences, dates, names and quotes. Out: its `events`, merged, each with evidence and confidence.
Read `coder` (the order of work), `frames` and `matcher` (triggers), `drafts` and `participants` (parties), `circumstances`
(`dates`, `factuality`, `filters`, `location`), `coreference`, `confidence`.
"""
