"""Find who is quoted with what: direct and indirect speech, claims, quoted words and names.

In: a `Document` with sentences and mentions. Out: its `quotes`, each with speaker, cue and span.
Read `extractor` (the order of work), `marks`, `passages`, `attribution`, `speaker`, `span`, `span_end`.
"""
