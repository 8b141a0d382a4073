"""Find who and what a text names: people, bodies, places, roles and groups, with country, sector and entity.

In: a `Document` with sentences. Out: its `mentions`, equal `entity` numbers for the same thing.
Read `recognizer` (the order of work), `matcher`, `proper_nouns`, `noun_phrases`, `linking`, `common_nouns`, `coreference`,
`gazetteer`;
for the list of names that is published `entity_list`, `name_kinds`.
"""
