"""An alarm's text says how much of a session it has told to be lost; nothing of the clinic's lists counts as that."""

from __future__ import annotations

import pytest

from exomonitor.engine.losses_told import UNCOUNTED, amounts, told_in
from exomonitor.engine.stored import Damage

NAME = "session EXO-20260302-12"
LISTS = "12 entries of the clinic's lists are lost: names, patients or bags may be missing here."
MUCH = Damage(
    (3, 5), 4, 2, 30, 7, changed=(1,), perhaps=1, added=(4, 6), unproved=(8,), unproved_readings=9, unproved_seconds=11
)


def alarm_of(damage: Damage, place: str = "chair 1") -> str:
    return f"RECORD NOT INTACT - {place}: {damage.lost_of(NAME)}. {LISTS}"


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (Damage(), {}),
        (Damage(entries=1), {"entr": 1, "entries, perhaps": 1}),
        (Damage((3,), 1), {"entr": 1, "entries, perhaps": 1, "entry 3": 1}),
        (Damage(entries=12, perhaps=12), {"entries, perhaps": 12}),
        (Damage(texts=1), {"private text": 1}),
        (Damage(changed=(1, 2)), {"changed": 2}),
        (Damage(added=(1,)), {"left out": 1}),
        (Damage(unproved=(1,), unproved_readings=5), {"unproved readings": 5}),
        (
            MUCH,
            {
                "entr": 3, "entries, perhaps": 4, "entry 3": 1, "entry 5": 1, "private text": 2, "reading": 30,
                "wave second": 7, "changed": 1, "left out": 2, "unproved readings": 9, "unproved wave seconds": 11,
            },
        ),
    ],
)  # fmt: skip
def test_all_that_is_said_of_a_session_is_understood_again(damage: Damage, told: dict[str, int]):
    assert amounts(damage.lost_of(NAME)) == told
    assert told_in([alarm_of(damage), alarm_of(damage, "Lounge 1")]) == told


@pytest.mark.parametrize(
    "place", ["chair Nr. 4", "chair St. 3", "chair 1. OG", "chair a: 5. b", "chair 2 entr", "chair .", "Lounge 12"]
)
@pytest.mark.parametrize("damage", [MUCH, Damage(unproved=(1,), unproved_readings=5), Damage(entries=1, perhaps=1)])
def test_however_a_chair_is_called_what_its_alarm_told_is_understood(place: str, damage: Damage):
    assert told_in([alarm_of(damage, place)]) == amounts(damage.lost_of(NAME))
    uncounted = f"{damage.lost_of(NAME)}; {UNCOUNTED}"
    assert told_in([f"RECORD NOT INTACT - {place}: {uncounted}. {LISTS}"]) == amounts(uncounted)


def test_of_many_the_first_are_named_by_number():
    lost = amounts(Damage(tuple(range(1, 12)), 11).lost_of(NAME))
    assert lost["entr"] == 11
    assert [name for name in lost if name.startswith("entry ")] == [f"entry {number}" for number in range(1, 9)]


def test_that_something_could_not_be_counted_is_told_as_well():
    assert amounts(f"{Damage(entries=1).lost_of(NAME)}; {UNCOUNTED}")[UNCOUNTED] == 1


@pytest.mark.parametrize("said", [LISTS, "open session x cannot be taken up: no chair is free.", ""])
def test_what_is_said_of_the_lists_alone_tells_nothing_of_a_session(said: str):
    assert not told_in([f"RECORD NOT INTACT - {said}"])


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (Damage(entries=12), Damage(entries=13)),
        (Damage(entries=1, perhaps=1), Damage(entries=1)),
        (Damage(entries=1), Damage(entries=2, perhaps=1)),
        (Damage((3,), 1), Damage((5,), 1)),
        (Damage(entries=2), Damage(entries=2, texts=1)),
        (Damage(changed=(1,)), Damage(added=(1,))),
    ],
)
def test_more_is_more(before: Damage, now: Damage):
    assert not amounts(now.lost_of(NAME)) <= told_in([alarm_of(before)])


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (MUCH, Damage(entries=2)),
        (MUCH, Damage((3, 5), 4, perhaps=1)),
        (Damage(entries=1), Damage(entries=1, perhaps=1)),
        (Damage((3,), 1), Damage(entries=1)),
    ],
)
def test_less_is_covered(before: Damage, now: Damage):
    assert amounts(now.lost_of(NAME)) <= told_in([alarm_of(before)])


def test_the_most_that_any_alarm_has_told_counts_kind_by_kind():
    lost = told_in([alarm_of(Damage(entries=1, readings=30)), alarm_of(Damage(entries=2))])
    assert amounts(Damage(entries=2, readings=30).lost_of(NAME)) <= lost
