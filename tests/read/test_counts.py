"""Numbers of people in a sentence, each as a closed range, with whom they belong to."""

from __future__ import annotations

import pytest

from dateline.read.events.counts import count_people

CASES: list[tuple[str, dict[str, tuple[int, int]]]] = [
    ("Gunmen killed six soldiers and wounded four in Mali.", {"killed": (6, 6), "injured": (4, 4)}),
    ("At least 12 people were killed and more than 30 injured in the raid.", {"killed": (12, 18), "injured": (31, 45)}),
    ("A bomb killed nearly 50 people.", {"killed": (40, 50)}),
    ("The attack left nine people dead and 21 others wounded.", {"killed": (9, 9), "injured": (21, 21)}),
    ("The attack left nine dead.", {"killed": (9, 9)}),
    ("Nine people died in the attack.", {"killed": (9, 9)}),
    ("Police arrested 40 protesters.", {"arrested": (40, 40)}),
    ("Police detained more than 1,300 people at rallies.", {"arrested": (1301, 1950)}),
    ("Dozens were arrested.", {"arrested": (24, 99)}),
    ("Two policemen and a civilian were killed in the shooting.", {"killed": (3, 3)}),
    ("Three soldiers, including an officer, were killed.", {"killed": (3, 3)}),
    ("The blast killed 10 people, including three children.", {"killed": (10, 10)}),
    ("The strike killed a woman and her two sons.", {"killed": (3, 3)}),
    ("Between 20 and 30 people were killed in the raid.", {"killed": (20, 30)}),
    ("Some 15 to 20 fighters were killed.", {"killed": (15, 20)}),
    ("No one was killed, but eight people were hurt.", {"injured": (8, 8)}),
    ("Twenty-three people were injured.", {"injured": (23, 23)}),
    ("The death toll rose to 41.", {"killed": (41, 41)}),
    ("The raid, in which 17 villagers died, was the third.", {"killed": (17, 17)}),
    ("Hundreds of thousands marched in Caracas.", {"size": (200000, 999999)}),
    ("About 5,000 people marched in Oslo.", {"size": (4500, 5500)}),
    ("Up to two million people rallied in Cairo.", {"size": (1600000, 2000000)}),
    ("A crowd of 3,000 gathered outside the palace.", {"size": (3000, 3000)}),
    ("Thousands of farmers blocked roads.", {"size": (2000, 9999)}),
    ("Police fired tear gas, injuring at least 12.", {"injured": (12, 18)}),
    ("One person was killed.", {"killed": (1, 1)}),
    ("A man was killed and his wife wounded.", {"killed": (1, 1)}),
    ("Seven of the 12 hostages were killed.", {"killed": (7, 7)}),
    ("Soldiers shot dead four men.", {"killed": (4, 4)}),
    ("The gunman shot and killed five.", {"killed": (5, 5)}),
    (
        "Three policemen were killed and five people, two of them children, were injured.",
        {"killed": (3, 3), "injured": (5, 5)},
    ),
    ("Four soldiers and three rebels were killed in the clash.", {"killed": (7, 7)}),
    ("The shelling killed four civilians and 12 soldiers.", {"killed": (16, 16)}),
    ("The crash killed two people and 10 others were injured.", {"killed": (2, 2), "injured": (10, 10)}),
    ("Police killed two suspects and arrested nine.", {"killed": (2, 2), "arrested": (9, 9)}),
    ("In 2019 gunmen killed 51 people.", {"killed": (51, 51)}),
    ("The 12 men were arrested on Monday.", {"arrested": (12, 12)}),
    ("A total of 230 people have been killed since March 2.", {"killed": (230, 230)}),
    ("The army said it had killed 150 militants.", {"killed": (150, 150)}),
    ("Israel said 1,200 people were killed and 251 taken hostage.", {"killed": (1200, 1200)}),
    ("As many as 300 people were killed.", {"killed": (240, 300)}),
    ("The officer killed on Monday was 43.", {}),
    ("Her husband was killed in 2014.", {}),
    ("The rebels killed a policeman and burned two cars.", {"killed": (1, 1)}),
    ("Police held 26 men.", {"arrested": (26, 26)}),
    ("The court held that two laws were void.", {}),
    ("Talks were held in two cities.", {}),
    ("It left 3,000 people homeless.", {}),
    ("Six people, including two children, were wounded.", {"injured": (6, 6)}),
]


@pytest.mark.parametrize(("sentence", "expected"), CASES, ids=[row[0] for row in CASES])
def test_numbers_are_ranges_of_whom_the_sentence_says(sentence: str, expected: dict[str, tuple[int, int]]) -> None:
    """Sums of two groups of one fate, ranges, tolls and crowds; no courts that held, no ages, no years."""
    counts = count_people(sentence, "PROTEST" if "size" in expected else "ASSAULT")
    found = {name: getattr(counts, name) for name in ("killed", "injured", "arrested", "size")}
    assert {name: value for name, value in found.items() if value is not None} == expected
