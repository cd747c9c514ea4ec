"""Who is in the chair, found or registered, and whether this dose's time has come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from exomonitor.clock import ManualClock
from exomonitor.engine.ports import Draft
from exomonitor.registry.course_of import visits_of
from exomonitor.registry.patients import PatientChanged, PatientRegistered
from exomonitor.registry.registry import load_registry
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.parts.course import (
    AcceptTiming,
    ChangePatient,
    DoseTimed,
    DoseTimingAccepted,
    JudgeTiming,
    RecordEarlierDose,
    RegisterPatient,
    SetCoursePhase,
    SetScale2,
)
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, VERIFIER, Bench

JANE = "DEMO-EXAMPLE, Jane"
BORN = "1972-03-14"
BOTH = ("name", "born")


@pytest.fixture
def opened(bench: Bench) -> Bench:
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    return bench


def register(bench: Bench, name: str = JANE, born: str = BORN, mrn: str = "M-7", **more: Any) -> str:
    given = {"allergy_state": "none_known", **more}
    return bench.do(RegisterPatient(CHAIR, bench.by, name, born, mrn, **given)).answer


def identify(bench: Bench, **more: Any) -> str:
    given = {"identifiers": BOTH, "how": "spoken", **more}
    return bench.do(cmd.IdentifyPatient(CHAIR, bench.by, **given)).answer


def gate(bench: Bench, key: str) -> str:
    return next(gate.why for gate in bench.snapshot.gates if gate.key == key)


# --- registering


def test_a_registered_patient_is_known_with_everything_that_was_asked(bench: Bench):
    patient = register(bench, allergy_state="list", allergies=" penicillin ", weight_kg=Decimal(70), beta_blocker=True)
    record = bench.snapshot.registry.patients[patient]
    assert (record.name, record.born, record.mrn) == (JANE, BORN, "M-7")
    assert record.facts.allergies == "penicillin"
    assert record.facts.beta_blocker is True
    assert record.facts.pregnant is None
    assert not record.scale2


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"name": " "}, "The patient's name is missing"),
        ({"born": "14.3.1972"}, "is not a date"),
        ({"born": "2999-01-01"}, "is in the future"),
        ({"born": "1572-03-14"}, "too long ago"),
        ({"allergy_state": "list"}, "The list of allergies is missing"),
        ({"allergy_state": "perhaps"}, "no answer about allergies"),
        ({"weight_kg": Decimal(7)}, "Weight"),
    ],
)
def test_nobody_is_registered_with_nonsense(bench: Bench, more: dict[str, Any], sentence: str):
    given = {"name": JANE, "born": BORN, **more}
    assert sentence in bench.refused(RegisterPatient(CHAIR, bench.by, **given))
    assert bench.events(PatientRegistered) == []


@pytest.mark.parametrize(
    ("name", "born", "mrn", "wristband"),
    [
        ("DEMO-OTHER, Ann", "1950-01-01", "M-7", ""),
        ("DEMO-OTHER, Ann", "1950-01-01", "M-8", "M-7"),
        ("demo-example,  jane", BORN, "", ""),
    ],
)
def test_nobody_is_registered_twice(bench: Bench, name: str, born: str, mrn: str, wristband: str):
    register(bench)
    again = RegisterPatient(CHAIR, bench.by, name, born, mrn, wristband=wristband)
    assert "registered already" in bench.refused(again)


def test_namesakes_with_different_mrns_are_two_people(bench: Bench):
    assert register(bench) != register(bench, mrn="M-8")


def test_a_correction_of_who_somebody_is_needs_its_reason(bench: Bench):
    patient = register(bench)
    change = ChangePatient(CHAIR, bench.by, patient, "DEMO-EXAMPLE, Janet", BORN, "M-7", allergy_state="none_known")
    assert "reason for the correction" in bench.refused(change)
    bench.do(ChangePatient(CHAIR, bench.by, patient, JANE, BORN, "M-7", phone="555 0100", allergy_state="none_known"))
    assert bench.snapshot.registry.patients[patient].phone == "555 0100"
    assert bench.snapshot.registry.patients[patient].changed == 1


def test_a_change_that_changes_nothing_is_not_recorded(bench: Bench):
    patient = register(bench)
    bench.do(ChangePatient(CHAIR, bench.by, patient, JANE, BORN, "M-7", allergy_state="none_known"))
    assert bench.events(PatientChanged) == []


# --- identifying


def test_a_known_patient_is_identified_by_id_mrn_or_wristband(opened: Bench):
    patient = register(opened, wristband="WB-1", weight_kg=Decimal("70.5"), pregnant=False)
    for way in ({"patient": patient}, {"mrn": "M-7"}, {"wristband": "WB-1"}, {"wristband": "M-7"}):
        assert identify(opened, **way) == patient
    assert opened.state.patient is not None
    assert (opened.state.patient.id, opened.state.patient.name) == (patient, JANE)
    assert opened.state.patient.weight_kg == Decimal("70.5")
    assert opened.state.patient.pregnant is False
    assert opened.replayed().patient == opened.state.patient


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        ({"mrn": "M-9"}, "No patient has the MRN M-9"),
        ({"wristband": "WB-9"}, "No patient has this wristband"),
        ({"patient": "p-nobody"}, "no such patient"),
        ({"mrn": "M-7", "identifiers": ("name", "room")}, "is not an identifier"),
        ({"mrn": "M-7", "how": "guessed"}, "is no way to identify"),
    ],
)
def test_who_is_not_known_is_not_guessed(opened: Bench, way: dict[str, Any], sentence: str):
    register(opened)
    assert sentence in opened.refused(cmd.IdentifyPatient(CHAIR, opened.by, **{"identifiers": BOTH, **way}))


def test_the_wristband_of_another_patient_is_refused(opened: Bench):
    jane, ann = register(opened), register(opened, "DEMO-OTHER, Ann", "1950-01-01", "M-8")
    assert jane != ann
    wrong = cmd.IdentifyPatient(CHAIR, opened.by, identifiers=BOTH, patient=jane, wristband="M-8")
    assert "belongs to another patient" in opened.refused(wrong)


def test_who_is_typed_and_not_known_is_registered_in_the_same_breath(opened: Bench):
    first = identify(opened, name=JANE, born=BORN, mrn="M-7", allergies="latex")
    (registered,) = opened.events(PatientRegistered)
    assert (registered.patient, registered.allergies, registered.allergy_state) == (first, "latex", "list")
    assert identify(opened, name=JANE, born=BORN, mrn="M-7") == first
    assert identify(opened, name="demo-example, JANE", born=BORN) == first
    assert len(opened.events(PatientRegistered)) == 1
    assert opened.state.patient is not None
    assert opened.state.patient.allergies == "latex"


def test_an_mrn_under_another_name_is_never_taken_for_the_same_person(opened: Bench):
    register(opened)
    typed = cmd.IdentifyPatient(CHAIR, opened.by, "DEMO-OTHER, Ann", BORN, "M-7", BOTH)
    assert "another patient's" in opened.refused(typed)


def test_an_mrn_that_was_missing_is_filled_in(opened: Bench):
    patient = register(opened, mrn="")
    assert identify(opened, name=JANE, born=BORN, mrn="M-7") == patient
    assert opened.snapshot.registry.patients[patient].mrn == "M-7"


def test_several_namesakes_need_the_mrn(opened: Bench):
    register(opened)
    register(opened, mrn="M-8")
    assert "give the MRN" in opened.refused(cmd.IdentifyPatient(CHAIR, opened.by, JANE, BORN, "", BOTH))


def test_allergies_not_asked_keep_the_gate_open(opened: Bench):
    identify(opened, name=JANE, born=BORN)
    assert "allergies" in gate(opened, "patient")
    identify(opened, name=JANE, born=BORN, allergies="none known")
    assert gate(opened, "patient") == ""


def test_scale_2_is_a_prescribers_signature_and_reaches_the_open_session(opened: Bench):
    patient = identify(opened, name=JANE, born=BORN, allergies="none known")
    by_nurse = SetScale2(CHAIR, opened.by, opened.proof(VERIFIER), True, "COPD with retention", patient)
    assert "prescriber" in opened.refused(by_nurse)
    opened.do(SetScale2(CHAIR, opened.by, opened.proof(PRESCRIBER), True, "COPD with retention", patient))
    record = opened.snapshot.registry.patients[patient]
    assert record.scale2_signed is not None
    assert record.scale2_signed.by == PRESCRIBER
    assert opened.state.patient is not None
    assert opened.state.patient.scale2


# --- one patient, one session


def test_a_patient_is_in_one_open_session_at_a_time(opened: Bench):
    identify(opened, name=JANE, born=BORN, mrn="M-7", allergies="none known")
    other = Bench(opened.clock, opened.recorder)
    other.do(cmd.OpenSession(CHAIR, other.by))
    refused = other.refused(cmd.IdentifyPatient(CHAIR, other.by, mrn="M-7", identifiers=BOTH))
    assert "has an open session in chair 4" in refused


def given_once(bench: Bench, **more: Any) -> str:
    """A whole typed session of Jane's, signed away as far as the registry cares; answers with her id."""
    bench.prepare(pump="", monitor="", **more)
    bench.start("100")
    bench.wait(600, 10)
    bench.ended()
    return bench.state.patient.id if bench.state.patient is not None else ""


def later(bench: Bench, days: float) -> Bench:
    """The next visit: another day, another program run, the old session signed."""
    bench.recorder.submit([_signed(bench)])
    clock = ManualClock(bench.now.utc + timedelta(days=days), "later boot")
    again = Bench(clock, bench.recorder)
    again.do(cmd.OpenSession(CHAIR, again.by))
    return again


def _signed(bench: Bench) -> Draft:
    return Draft(bench.state.id, bench.now, NURSE, ev.SessionSigned("reviewed", "a" * 64, "complete", "Nurse Example"))


def test_a_second_session_on_the_same_day_needs_its_reason(bench: Bench):
    given_once(bench)
    again = later(bench, 0.01)
    plain = cmd.IdentifyPatient(CHAIR, again.by, mrn="M-1", identifiers=BOTH)
    assert "had a session today" in again.refused(plain)
    short = cmd.IdentifyPatient(CHAIR, again.by, mrn="M-1", identifiers=BOTH, same_day_reason="why")
    assert "had a session today" in again.refused(short)
    identify(again, mrn="M-1", same_day_reason="the first bag leaked after 5 mL")
    assert again.events(ev.PatientIdentified)[-1].same_day_reason.startswith("the first bag")
    assert "early" in gate(again, "course")


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
