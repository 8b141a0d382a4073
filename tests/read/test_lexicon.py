"""Every frame of the event lexicon proves itself on its own example; a user's file adds and replaces, and errors say where."""

from __future__ import annotations

from pathlib import Path

import pytest

from dateline.contract.event import Party
from dateline.read.events.frames import TYPES, Frame, LexiconError, load_lexicon
from support.events_reading import events_of, unmarked

FRAMES = load_lexicon().frames


def _covers(span: tuple[int, int], parties: list[Party]) -> bool:
    return any(min(span[1], p.end) > max(span[0], p.start) for p in parties)


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f.id)
def test_a_frame_codes_its_own_example(frame: Frame) -> None:
    """Type, frame, actor and recipient are those that the example marks; a frame that only blocks gives nothing."""
    example = unmarked(frame.example)
    assert example.text, f"{frame.id} has no example"
    found = events_of(example.text)
    told = [(e.plover.type, e.reasons[0], [p.text for p in e.actors], [p.text for p in e.recipients]) for e in found]
    if frame.needs == "never":
        assert not found, told
        return
    assert any(
        event.plover.type == frame.type
        and event.reasons[0] == f"frame {frame.id}"
        and all(_covers(span, event.actors) for span in example.actors)
        and all(_covers(span, event.recipients + event.actors) for span in example.recipients)
        for event in found
    ), f"{example.text}: {told}"


def test_the_lexicon_covers_all_sixteen_types() -> None:
    """No type rests on a handful of words."""
    for name in TYPES:
        assert sum(frame.type == name for frame in FRAMES) >= 20, name


def test_a_user_file_adds_a_frame(tmp_path: Path) -> None:
    """The user's frame is there beside ours."""
    path = tmp_path / "mine.toml"
    path.write_text(
        'type = "AID"\n[[frame]]\nid = "mine"\nverb = "bankroll"\nexample = "[Chad] bankrolled {rebels}."\n'
    )
    lexicon = load_lexicon((path,))
    assert lexicon.verbs["bankroll"][0].id == "mine"
    assert len(lexicon.frames) == len(FRAMES) + 1


def test_a_user_frame_without_an_id_stands_beside_ours(tmp_path: Path) -> None:
    """Even for a trigger that we have."""
    path = tmp_path / "mine.toml"
    path.write_text(
        'type = "ASSAULT"\n[[frame]]\nverb = "attack"\nsubject = ["drone"]\nexample = "[Drones] attacked {rebels}."\n'
    )
    lexicon = load_lexicon((path,))
    assert len(lexicon.frames) == len(FRAMES) + 1
    assert lexicon.version != load_lexicon().version


def test_a_user_frame_with_an_id_of_ours_replaces_it(tmp_path: Path) -> None:
    """The same id, another mode."""
    path = tmp_path / "mine.toml"
    path.write_text('type = "ACCUSE"\n[[frame]]\nid = "accuse-accuse"\nverb = "accuse"\nmode = "investigate"\n')
    lexicon = load_lexicon((path,))
    assert [f.mode for f in lexicon.frames if f.id == "accuse-accuse"] == ["investigate"]
    assert len(lexicon.frames) == len(FRAMES)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('type = "HELP"\n[[frame]]\nverb = "help"\n', "choose one of"),
        ('type = "AID"\n\n[[frame]]\nverb = "help"\nobjekt = ["x"]\n', "unknown key 'objekt'"),
        ('type = "AID"\n[[frame]]\nverb = "help"\nobject = ["@folk"]\n', "no word class @folk"),
        ('type = "AID"\n[[frame]]\nexample = "x"\n', "needs `verb` or `noun`"),
        ('type = "AID"\n[[frame]]\nverb = "help"\ninner = "warm"\n', "choose cooperative, hostile, any or a type"),
        ('type = "AID\n', "not TOML"),
    ],
)
def test_a_wrong_user_file_is_refused_with_file_and_line(tmp_path: Path, body: str, told: str) -> None:
    """The message names the file, the line and the right choices."""
    path = tmp_path / "mine.toml"
    path.write_text(body)
    with pytest.raises(LexiconError, match=r"mine\.toml") as caught:
        load_lexicon((path,))
    assert told in str(caught.value)
    assert "line" in str(caught.value)


def test_a_missing_user_file_is_refused(tmp_path: Path) -> None:
    """With the path and the remedy."""
    with pytest.raises(LexiconError, match="cannot be read"):
        load_lexicon((tmp_path / "none.toml",))
