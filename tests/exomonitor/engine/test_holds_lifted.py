"""A hold after a reaction is lifted by a prescriber, for that reaction alone; calls and lots end by what ends them."""

from __future__ import annotations

import pytest

from exomonitor.registry.course_of import CourseOf, course_of
from exomonitor.registry.holds import HoldLifted
from exomonitor.registry.registry import load_registry
from exomonitor.registry.shelf import QuarantineLot
from exomonitor.session import commands as cmd
from exomonitor.session.parts.course import ChangePatient, JudgeTiming, LiftHold, RecordEarlierDose
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, PROTOCOL, VERIFIER, Bench
from tests.exomonitor.engine.patients_bench import BORN, JANE, gate, given_once, identify, later, register

WHY = "tolerated a skin test, slower ramp"


@pytest.fixture
def held(bench: Bench) -> Bench:
    """Jane has come; a reaction of grade 3 is known from elsewhere."""
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    register(bench, mrn="M-1")
    earlier(bench, 20, 3)
    identify(bench, mrn="M-1")
    return bench


def earlier(bench: Bench, days_ago: int, grade: int | None) -> None:
    bench.do(RecordEarlierDose(CHAIR, bench.by, "DEMO-CLINIC, letter", mrn="M-1", days_ago=days_ago, worst_grade=grade))


def lift(bench: Bench, by: str = PRESCRIBER, reason: str = WHY) -> LiftHold:
    return LiftHold(CHAIR, bench.by, bench.proof(by), reason, mrn="M-1")


def looked_again(bench: Bench) -> str:
    bench.do(JudgeTiming(CHAIR, bench.by))
    return gate(bench, "course")


def course(bench: Bench) -> CourseOf:
    patient = bench.state.patient
    assert patient is not None
    day = bench.now.utc.date()
    table = PROTOCOL.rules.course.content
    return course_of(bench.snapshot.registry, patient.id, day, table, "Europe/Vienna", but=bench.state.id)


def test_a_prescriber_lifts_it_with_a_reason_and_the_gate_closes(held: Bench):
    assert "HOLD: a reaction of grade 3" in gate(held, "course")
    assert course(held).can_lift
    assert "role of prescriber" in held.refused(lift(held, VERIFIER))
    assert "role of prescriber" in held.refused(lift(held, NURSE))
    assert "at least 5 characters" in held.refused(lift(held, reason="ok"))
    held.do(lift(held))
    assert gate(held, "course") == ""
    (event,) = held.events(HoldLifted)
    assert (event.prescriber, event.reason) == (PRESCRIBER, WHY)
    assert [(one.grade, one.ungraded) for one in event.held_by] == [(3, False)]
    now = course(held)
    assert (now.can_lift, now.worst_grade, now.next.holds) == (False, 3, ())
    assert [(one.by, one.reason, one.worst_grade) for one in now.lifted] == [(PRESCRIBER, WHY, 3)]
    assert load_registry(held.recorder.entries).patients == held.snapshot.registry.patients


def test_a_later_reaction_holds_anew(held: Bench):
    held.do(lift(held))
    earlier(held, 10, 3)
    assert "HOLD: a reaction of grade 3" in looked_again(held)
    held.do(lift(held))
    assert gate(held, "course").startswith("early")  # ten days ago: that is another question
    assert [one.grade for one in held.events(HoldLifted)[-1].held_by] == [3]


def test_clearance_is_given_the_same_way_and_stays_given(held: Bench):
    held.do(lift(held))
    earlier(held, 40, 2)
    assert "clearance needed" in looked_again(held)
    held.do(lift(held))
    assert gate(held, "course") == ""
    assert "No reaction holds" in held.refused(lift(held))


def test_calls_lots_and_work_ups_are_settled_by_their_own_actions(bench: Bench):
    given_once(bench)
    again = later(bench, 20)
    identify(again, mrn="M-1")
    assert "follow-up is still open" in gate(again, "course")
    assert "No reaction holds" in again.refused(lift(again))
    again.do(QuarantineLot(CHAIR, again.by, "LOT-1", "recalled by its maker"))
    patient = again.state.patient
    assert patient is not None
    infected = ChangePatient(
        CHAIR, again.by, patient.id, JANE, BORN, "M-1", allergy_state="none_known", infection_positive=True
    )
    again.do(infected)
    assert "No reaction holds" in again.refused(lift(again))
    assert "follow-up is still open" in looked_again(again)


def test_with_an_open_call_beside_it_the_lifted_hold_leaves_the_call(bench: Bench):
    patient = given_once(bench)
    again = later(bench, 20)
    again.do(RecordEarlierDose(CHAIR, again.by, "DEMO-CLINIC, letter", patient, days_ago=90, worst_grade=4))
    identify(again, mrn="M-1")
    timed = again.state.course.timed
    assert timed is not None
    assert [hold.hold for hold in timed.holds] == ["reaction", "follow-up"]
    again.do(lift(again))
    timed = again.state.course.timed
    assert timed is not None
    assert [hold.hold for hold in timed.holds] == ["follow-up"]
