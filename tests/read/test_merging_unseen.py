"""One happening told twice is one event; two of a kind are two."""

from __future__ import annotations

import pytest

from support.events_reading import events_of


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        (
            "Armenia's foreign minister urged Georgia to free prisoners on Friday.\n\n"
            "Armenia's envoy to the United Nations urged Georgia to reopen the border.",
            "REQUEST",
            2,
        ),
        (
            "The Polish president urged Germany to send tanks on Friday.\n\n"
            "The Polish prime minister urged Germany to pay for the damage.",
            "REQUEST",
            2,
        ),
        (
            "Israeli troops shot dead a teenager in Nablus on Friday.\n\nIsraeli troops shot dead a man in Jenin.",
            "ASSAULT",
            2,
        ),
        (
            "Gunmen killed six soldiers near Mopti on Monday, the army said.\n\nThe attackers opened fire at dawn.\n\n"
            "Six soldiers were killed in the attack, a witness said.",
            "ASSAULT",
            1,
        ),
        (
            "A judge in Lima sentenced a former minister to ten years in prison on Friday.\n\n"
            "The former minister was sentenced for taking bribes.",
            "SANCTION",
            1,
        ),
        (
            "Police in Nairobi arrested 20 protesters on Friday.\n\nPolice in Kisumu arrested 12 others.",
            "COERCE",
            2,
        ),
        (
            "Protesters marched through Athens on Friday.\n\nThousands of protesters gathered outside parliament in Athens.",
            "PROTEST",
            1,
        ),
        (
            "France condemned the coup in Niger on Friday.\n\nFrance also condemned the attack on its embassy.",
            "ACCUSE",
            2,
        ),
    ],
)  # fmt: skip
def test_events_are_as_many_as_happened(text: str, kind: str, count: int) -> None:
    """By office, town, victims and number."""
    assert sum(event.plover.type == kind for event in events_of(text)) == count
