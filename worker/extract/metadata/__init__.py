"""What a page says about itself: title, authors, times, images, language.

In: the page's tree, its JSON-LD and the feed's entry. Out: a `PageMetadata`. Read `collect` (the order of trust), `head` and
`json_ld` (declared fields), then one file for each field.
"""
