"""Command line: each verb parses its options and calls the flow; it has no logic of its own.

Data on standard output, logs on standard error; exit 0 done, 1 part failed, 2 wrong use or settings.
"""
