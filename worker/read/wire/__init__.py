"""Type a story's text: headline, byline, dateline, body, captions, corrections, as papers and agencies print them.

In: extracted paragraphs or plain text. Out: an `Article` with blocks and exact offsets.
Read `article` (the entrance), `parser` (the walk over the lines), then one file for each part of a story.
"""
