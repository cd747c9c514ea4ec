"""The page comes back to a chair: the first entry waits for the wristband, first aid and a stop never do."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.course import ChangePatient, RegisterPatient
from exomonitor.session.parts.emergency_events import DoEmergencyStep
from exomonitor.session.parts.wristband import CheckWristband, EnteredBeforeWristband, ShowChair, WristbandChecked
from tests.exomonitor.engine.bedside_bench import CHAIR, NAME, Bench

NOTE = "scan the wristband of"


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.prepare(pump="", monitor="")
    made.start("100")
    made.do(ShowChair(CHAIR, ""))
    return made


def note(bench: Bench) -> cmd.AddNote:
    return cmd.AddNote(CHAIR, bench.by, "sleeps")


def test_the_first_entry_after_switching_waits_for_the_wristband_and_goes_through_then(bench):
    assert bench.refused(note(bench)) == f"Chair 4: scan the wristband of {NAME} first"
    assert bench.snapshot.wristband == "wanted"
    bench.do(CheckWristband(CHAIR, bench.by, read=True))
    assert bench.snapshot.wristband == ""
    bench.do(note(bench))
    assert bench.events(WristbandChecked) == [WristbandChecked("read")]
    assert bench.state.wristbands.checked[0][1] == "read"
    bench.do(ShowChair(CHAIR, ""))
    assert NOTE in bench.refused(note(bench))


def test_looking_acknowledging_and_silence_wait_for_nothing(bench):
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    bench.do(cmd.PauseAudio(CHAIR, bench.by))
    assert bench.events(EnteredBeforeWristband) == []


@pytest.mark.parametrize(
    "command",
    [
        cmd.OpenReaction(CHAIR, ""),
        DoEmergencyStep(CHAIR, "", "airway"),
        cmd.TypeDelivery(CHAIR, "", Decimal(0)),
        cmd.EndProduct(CHAIR, "", "stopped", "reaction", Decimal(10)),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_cannot_wait_is_recorded_at_once_and_noted_once(bench, command):
    bench.do(replace(command, by=bench.by))
    bench.do(cmd.OpenReaction(CHAIR, bench.by))
    assert bench.events(EnteredBeforeWristband) == [EnteredBeforeWristband()]
    assert bench.state.wristbands.unchecked == 1
    assert bench.snapshot.wristband == "skipped"
    assert NOTE in bench.refused(note(bench))


def test_going_on_at_the_pump_waits(bench):
    assert NOTE in bench.refused(cmd.TypeDelivery(CHAIR, bench.by, Decimal(50)))
    assert NOTE in bench.refused(cmd.GiveMeaning(CHAIR, bench.by, "rate", "ordered"))


def test_the_wristband_of_another_patient_is_recorded_and_opens_nothing(bench):
    patient = bench.state.patient
    assert patient is not None
    bench.do(CheckWristband(CHAIR, bench.by, read=True))
    bench.do(ChangePatient(CHAIR, bench.by, patient.id, NAME, "1972-03-14", "M-1", wristband="W-4", reason="lost"))
    bench.do(RegisterPatient(CHAIR, bench.by, "DEMO-OTHER, John", "1960-01-01", "M-2", wristband="W-9"))
    bench.do(ShowChair(CHAIR, ""))
    assert "No patient has this wristband" in bench.refused(CheckWristband(CHAIR, bench.by, "W-7"))
    assert bench.do(CheckWristband(CHAIR, bench.by, "W-9")).answer == "another"
    assert NOTE in bench.refused(note(bench))
    assert bench.do(CheckWristband(CHAIR, bench.by, "W-4")).answer == "same"
    assert [(e.how, e.same) for e in bench.events(WristbandChecked)] == [
        ("read", True), ("scan", False), ("scan", True),
    ]  # fmt: skip
    assert bench.state.wristbands.mismatches == 1


def test_the_mrn_on_a_wristband_is_enough_where_the_clinic_prints_that(bench):
    assert bench.do(CheckWristband(CHAIR, bench.by, "M-1")).answer == "same"


def test_two_identifiers_are_typed_as_they_stand_on_the_wristband(bench):
    wrong = "That is not the patient of this session: look at the chair number and the wristband"
    assert bench.refused(CheckWristband(CHAIR, bench.by, name="Somebody, Else", born="1972-03-14")) == wrong
    assert bench.refused(CheckWristband(CHAIR, bench.by, name=NAME, born="1972-03-15")) == wrong
    assert "two identifiers" in bench.refused(CheckWristband(CHAIR, bench.by, name=NAME))
    assert "is missing" in bench.refused(CheckWristband(CHAIR, bench.by))
    bench.do(CheckWristband(CHAIR, bench.by, name=NAME.lower(), born="1972-03-14"))
    assert bench.events(WristbandChecked) == [WristbandChecked("typed")]


def test_nothing_is_asked_while_nobody_is_identified():
    bench = Bench()
    bench.do(ShowChair(CHAIR, ""))
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.do(ShowChair(CHAIR, ""))
    assert bench.snapshot.wristband == ""
    assert "Nobody is identified" in bench.refused(CheckWristband(CHAIR, bench.by, "W-4"))


def test_the_fold_says_the_same_and_each_is_told_in_a_sentence(bench):
    bench.do(cmd.OpenReaction(CHAIR, bench.by))
    bench.do(CheckWristband(CHAIR, bench.by, read=True))
    assert bench.replayed().wristbands == bench.state.wristbands
    assert sentence(WristbandChecked("read")).startswith("Wristband checked after switching chairs")
    assert "ANOTHER PATIENT" in sentence(WristbandChecked("scan", same=False))
    assert "not scanned" in sentence(EnteredBeforeWristband())
