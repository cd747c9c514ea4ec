"""What a lifted hold covers: the sessions that it names, as they were graded then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.clock import ManualClock
from exomonitor.registry.holds import HeldBy, LiftedHold, holding, standing
from exomonitor.registry.visits import Visit
from tests.exomonitor.clinical.shipped import RULES

TABLE = RULES.course.content
NOW = ManualClock().now()


def visit(name: str = "s-1", *grades: int | None) -> Visit:
    return Visit(name, f"EXO-{name}", NOW, "UTC", reactions={f"r-{place}": grade for place, grade in enumerate(grades)})


def lifted(*held_by: HeldBy) -> LiftedHold:
    return LiftedHold(held_by, "u-prescriber", NOW, "seen in the clinic")


@pytest.mark.parametrize(
    ("grades", "held_by"),
    [
        ((), ()),
        ((1,), ()),
        ((2,), (HeldBy("s-1", 2),)),
        ((1, 3), (HeldBy("s-1", 3),)),
        ((None,), (HeldBy("s-1", 0, ungraded=True),)),
        ((None, 4), (HeldBy("s-1", 4, ungraded=True),)),
    ],
)
def test_what_holds_the_next_dose(grades, held_by):
    assert holding((visit("s-1", *grades),), (), TABLE) == held_by


@pytest.mark.parametrize(
    ("now", "covered"),
    [((3,), True), ((2,), True), ((3, 3), True), ((4,), False), ((3, None), False), ((3, 5), False)],
)
def test_it_covers_what_it_was_said_of_and_nothing_worse(now, covered):
    said = lifted(HeldBy("s-1", 3))
    assert said.covers(visit("s-1", *now)) is covered
    assert not said.covers(visit("s-2", *now))
    assert bool(standing((visit("s-1", *now),), (said,))) is not covered


def test_a_reaction_that_gets_its_grade_later_holds_anew_where_that_is_worse():
    said = lifted(HeldBy("s-1", 0, ungraded=True))
    one = visit("s-1", None)
    assert holding((one,), (said,), TABLE) == ()
    graded = replace(one, reactions={"r-0": 3})
    assert holding((graded,), (said,), TABLE) == (HeldBy("s-1", 3),)


def test_each_says_how_bad_the_reaction_was():
    assert lifted(HeldBy("s-1", 2), HeldBy("s-2", 3)).worst_grade == 3
    assert lifted().worst_grade == 0
