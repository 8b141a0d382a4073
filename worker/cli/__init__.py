"""The command line: each verb parses its words and calls the flow; no logic of its own.

Data on standard output, logs on standard error; exit 0 done, 1 part failed, 2 wrong use or settings.
"""
