"""What is hoped, denied beforehand, only possible or an interview is no deed."""

from __future__ import annotations

import pytest

from dateline.contract.event import Event
from support.events_reading import events_of, is_published


def published(text: str) -> list[Event]:
    """The events that would go out by default."""
    return [event for event in events_of(text) if is_published(event)]


@pytest.mark.parametrize(
    "text",
    [
        "The minister hopes the army will attack the rebels in the north.",
        "Villagers fear that the soldiers killed two herdsmen on Monday.",
        "Police have the right to arrest the protesters.",
        "A court in Lima found the former minister not guilty of bribery on Monday.",
        "The president of Peru met reporters on Monday.",
    ],
)
def test_nothing_happened(text: str) -> None:
    """Neither by default nor at a high confidence."""
    assert published(text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The minister hopes for peace, and soldiers killed three rebels in Mali on Monday.", "ASSAULT"),
        ("The general vowed to crush the rebels.", "THREATEN"),
        ("The general vowed not to attack the rebels.", "AGREE"),
        ("The rebels promised not to attack the villages.", "AGREE"),
        ("A court in Lima found the former minister guilty of bribery on Monday.", "SANCTION"),
        ("The president of Peru met the president of Chile on Monday.", "CONSULT"),
    ],
)
def test_what_stands_beside_it_is_kept(text: str, kind: str) -> None:
    """The same words where the deed is done."""
    assert kind in {event.plover.type for event in events_of(text)}
