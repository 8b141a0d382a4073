"""What several steps know about written text: its language, its calendar words, its bylines and agencies. Pure.

In: strings. Out: languages, dates and names. Read `language`, `calendar`, `byline`.
"""
