"""Who is in the chair: registered, found again, never mixed up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exomonitor.registry.patients import PatientChanged, PatientRegistered
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.parts.course import (
    ChangePatient,
    RegisterPatient,
    SetScale2,
)
from tests.exomonitor.engine.bedside_bench import CHAIR, PRESCRIBER, VERIFIER, Bench
from tests.exomonitor.engine.patients_bench import BORN, BOTH, JANE, gate, given_once, identify, later, register


@pytest.fixture
def opened(bench: Bench) -> Bench:
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    return bench


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
