"""Whether this dose's time has come, and what a prescriber decides where it has not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from exomonitor.registry.course_of import visits_of
from exomonitor.registry.registry import load_registry
from exomonitor.session import commands as cmd
from exomonitor.session.parts.course import (
    AcceptTiming,
    ChangePatient,
    DoseTimed,
    DoseTimingAccepted,
    JudgeTiming,
    RecordEarlierDose,
    SetCoursePhase,
)
from tests.exomonitor.engine.bedside_bench import CHAIR, PRESCRIBER, VERIFIER, Bench
from tests.exomonitor.engine.patients_bench import BORN, JANE, gate, given_once, identify, later, register


@pytest.fixture
def opened(bench: Bench) -> Bench:
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    return bench


# --- the time of the dose


def timed(bench: Bench) -> DoseTimed:
    found = bench.state.course.timed
    assert found is not None
    return found


def test_a_first_dose_has_nothing_to_compute(opened: Bench):
    identify(opened, name=JANE, born=BORN, allergies="none known")
    assert (timed(opened).verdict, timed(opened).doses) == ("first", 0)
    assert opened.state.course.first_dose is True
    assert gate(opened, "course") == ""
    nothing = AcceptTiming(CHAIR, opened.by, opened.proof(PRESCRIBER), "because I say so")
    assert "needs no decision" in opened.refused(nothing)


@pytest.mark.parametrize(
    ("days", "verdict"), [(13, "early"), (14, "in"), (28, "in"), (29, "late"), (56, "late"), (57, "late")]
)
def test_a_second_dose_is_judged_by_the_day_of_the_first(bench: Bench, days: int, verdict: str):
    given_once(bench)
    again = later(bench, days)
    identify(again, mrn="M-1")
    assert timed(again).verdict == verdict
    assert timed(again).doses == 1
    assert again.state.course.first_dose is False
    assert timed(again).ask_restart is (days == 57)


def test_follow_up_calls_that_nobody_made_hold_the_next_dose(bench: Bench):
    given_once(bench)
    again = later(bench, 20)
    identify(again, mrn="M-1")
    assert [hold.hold for hold in timed(again).holds] == ["follow-up"]
    assert "follow-up is still open" in gate(again, "course")


def early(bench: Bench) -> None:
    patient = register(bench, mrn="M-1")
    bench.do(
        RecordEarlierDose(CHAIR, bench.by, "given at DEMO-CLINIC, letter", patient, days_ago=9, worst_grade=0)
    )  # fmt: skip
    identify(bench, mrn="M-1")


def test_an_early_dose_needs_the_prescriber_and_a_reason(opened: Bench):
    early(opened)
    assert timed(opened).verdict == "early"
    assert "early" in gate(opened, "course")
    no_reason = AcceptTiming(CHAIR, opened.by, opened.proof(PRESCRIBER), "so")
    assert "reason" in opened.refused(no_reason)
    nurse = AcceptTiming(CHAIR, opened.by, opened.proof(VERIFIER), "travels on Friday")
    assert "prescriber" in opened.refused(nurse)
    opened.do(AcceptTiming(CHAIR, opened.by, opened.proof(PRESCRIBER), "travels on Friday"))
    assert gate(opened, "course") == ""
    (accepted,) = opened.events(DoseTimingAccepted)
    assert accepted.prescriber == PRESCRIBER
    assert opened.replayed().course == opened.state.course


def test_another_patient_needs_another_decision(opened: Bench):
    early(opened)
    opened.do(AcceptTiming(CHAIR, opened.by, opened.proof(PRESCRIBER), "travels on Friday"))
    other = register(opened, "DEMO-OTHER, Ann", "1950-01-01", "M-8")
    opened.do(RecordEarlierDose(CHAIR, opened.by, "given at DEMO-CLINIC", other, days_ago=3, worst_grade=0))
    identify(opened, patient=other)
    assert "early" in gate(opened, "course")


def test_the_phase_is_set_by_a_prescriber_and_moves_the_window(opened: Bench):
    patient = register(opened, mrn="M-1")
    opened.do(RecordEarlierDose(CHAIR, opened.by, "given at DEMO-CLINIC", mrn="M-1", days_ago=20, worst_grade=0))
    identify(opened, mrn="M-1")
    assert (timed(opened).verdict, timed(opened).phase, timed(opened).phase_set) == ("in", "initial", False)
    assert "no phase" in opened.refused(SetCoursePhase(CHAIR, opened.by, opened.proof(PRESCRIBER), "late", "", patient))
    opened.do(SetCoursePhase(CHAIR, opened.by, opened.proof(PRESCRIBER), "maintenance", "responded", patient))
    assert (timed(opened).verdict, timed(opened).phase, timed(opened).phase_set) == ("early", "maintenance", True)


def test_a_reaction_of_grade_2_is_cleared_and_one_of_grade_3_is_not(opened: Bench):
    patient = register(opened, mrn="M-1")
    opened.do(RecordEarlierDose(CHAIR, opened.by, "given at DEMO-CLINIC", patient, days_ago=20, worst_grade=2))
    identify(opened, mrn="M-1")
    assert "clearance" in gate(opened, "course")
    opened.do(AcceptTiming(CHAIR, opened.by, opened.proof(PRESCRIBER), "antihistamine before, slower ramp"))
    assert gate(opened, "course") == ""
    opened.do(RecordEarlierDose(CHAIR, opened.by, "given at DEMO-CLINIC", patient, days_ago=60, worst_grade=3))
    opened.do(JudgeTiming(CHAIR, opened.by))
    assert "HOLD: a reaction of grade 3" in gate(opened, "course")
    assert "settled first" in opened.refused(AcceptTiming(CHAIR, opened.by, opened.proof(PRESCRIBER), "I insist"))


def test_a_reaction_without_a_grade_wants_clearance_too(opened: Bench):
    patient = register(opened, mrn="M-1")
    opened.do(RecordEarlierDose(CHAIR, opened.by, "given at DEMO-CLINIC", patient, days_ago=20))
    identify(opened, mrn="M-1")
    assert "not recorded: clearance needed" in gate(opened, "course")


def test_a_series_that_lapsed_asks_one_question(opened: Bench):
    patient = register(opened, mrn="M-1")
    opened.do(RecordEarlierDose(CHAIR, opened.by, "given at DEMO-CLINIC", patient, days_ago=57, worst_grade=0))
    identify(opened, mrn="M-1")
    assert "restart series?" in gate(opened, "course")
    assert "continue or restart" in opened.refused(
        AcceptTiming(CHAIR, opened.by, opened.proof(PRESCRIBER), "was on holiday")
    )
    opened.do(AcceptTiming(CHAIR, opened.by, opened.proof(PRESCRIBER), "was on holiday", "restart"))
    assert gate(opened, "course") == ""
    assert opened.state.course.accepted is not None
    assert opened.state.course.accepted.series == "restart"


def test_a_positive_infection_work_up_holds_the_dose(opened: Bench):
    patient = register(opened, mrn="M-1")
    identify(opened, mrn="M-1")
    assert gate(opened, "course") == ""
    opened.do(
        ChangePatient(CHAIR, opened.by, patient, JANE, BORN, "M-1", allergy_state="none_known", infection_positive=True)
    )
    assert "infection is positive" in gate(opened, "course")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"days_ago": 0}, "at least one day ago"),
        ({"day": "2999-01-01"}, "not in the past"),
        ({"day": "soon"}, "is not a date"),
        ({"days_ago": 5, "worst_grade": 5}, "outside 0-4"),
        ({"days_ago": 5, "dose_billion": Decimal(0)}, "more than nothing"),
        ({"days_ago": 5, "text": ""}, "at least 5 characters"),
    ],
)
def test_an_earlier_dose_is_one_that_can_have_been(bench: Bench, more: dict[str, Any], sentence: str):
    patient = register(bench)
    given = {"text": "given at DEMO-CLINIC", "patient": patient, **more}
    assert sentence in bench.refused(RecordEarlierDose(CHAIR, bench.by, **given))


# --- the registry's visits


def test_an_aborted_dose_is_an_exposure_and_one_that_gave_nothing_is_none(bench: Bench):
    patient = given_once(bench)
    registry = load_registry(bench.recorder.entries)
    (visit,) = visits_of(registry, patient)
    assert visit.exposed
    assert visit.lots == ("LOT-1",)
    assert visit.day is not None
    assert str(visit.day) == f"{datetime(2026, 3, 2, tzinfo=UTC):%Y-%m-%d}"
    assert registry.visits == bench.snapshot.registry.visits


def test_a_nurses_reason_does_not_stand_for_the_prescribers_decision(opened: Bench):
    early(opened)
    refused = opened.refused(cmd.OverrideGate(CHAIR, opened.by, "course", "the patient asked for it"))
    assert "prescriber's decision" in refused
