"""Find dates and times, and resolve them by the conventions of news against the day of publication.

In: a `Document` with sentences. Out: its `timex`, each with an exact span and an ISO value where it can be told.
Read `tagger` (the walk over a sentence), `patterns`, then the rules in `absolute`, `relative`, `periods`, and `tense`.
"""
