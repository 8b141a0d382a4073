"""Read the grammar of English sentences: sentences, tokens, parts of speech, chunks, subjects and objects.

In: a `Document` with blocks, then each sentence's tokens. Out: its `sentences`, and the `Clauses` of one sentence.
Read `sentences`, `tokenizer` (the tokens of all steps), `tagger`, `chunker`, `subjects`, `objects`.
"""
