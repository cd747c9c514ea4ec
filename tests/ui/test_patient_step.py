"""The first steps of the preparation: who it is, in few touches, and what is asked of a prescriber."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from exomonitor.session import commands as cmd
from exomonitor.session.parts.course import (
    AcceptTiming,
    ChangePatient,
    LiftHold,
    RecordEarlierDose,
    RegisterPatient,
)
from tests.exomonitor.engine.bedside_bench import CHAIR, PRESCRIBER, Bench
from tests.ui.bench_bedside import BenchBedside
from ui.bridge import Bridge
from ui.pages.prepare.course import CourseForm
from ui.pages.prepare.patient import PatientForm
from ui.theme import DARK
from ui.widgets.entry import TextEntry

JANE = "DEMO-EXAMPLE, Jane"


@dataclass
class Room:
    patient: PatientForm
    course: CourseForm
    bedside: BenchBedside
    bridge: Bridge
    bench: Bench
    qtbot: QtBot

    def look(self) -> None:
        for form in (self.patient, self.course):
            form.show_snapshot(self.bench.snapshot)

    def register(self, **more: Any) -> str:
        given = {"allergy_state": "none_known", **more}
        answer = self.bench.do(RegisterPatient(CHAIR, self.bench.by, JANE, "1972-03-14", "M-7", **given)).answer
        self.look()
        return answer

    def record(self) -> None:
        """What Enter does on the page."""
        commands = self.patient.commands()
        assert commands is not None, self.patient.problem.text()
        for command in commands:
            self.bench.do(command)
        self.patient.on_recorded()
        self.look()


@pytest.fixture
def room(qtbot: QtBot) -> Iterator[Room]:
    bench = Bench()
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bedside = BenchBedside(bench)
    bridge = Bridge(bedside)
    patient, course = PatientForm(DARK, bedside, bridge), CourseForm(DARK, bedside, bridge)
    for form in (patient, course):
        qtbot.addWidget(form)
        form.resize(716, 540)
        form.show()
    made = Room(patient, course, bedside, bridge, bench, qtbot)
    made.look()
    yield made
    bridge.close()


def type_into(entry: TextEntry, text: str) -> None:
    entry.set_text(text)
    entry.edited.emit(text)


def test_a_scan_two_ticks_and_enter_identify_a_patient(room: Room):
    patient = room.register(wristband="WB-1")
    room.bridge.scanned.emit("wristband", "WB-1")
    form = room.patient
    assert form.name.text() == JANE
    form.identifiers.key("name").click()
    form.identifiers.key("born").click()
    (command,) = form.commands() or ()
    assert isinstance(command, cmd.IdentifyPatient)
    assert (command.patient, command.wristband, command.how) == (patient, "WB-1", "wristband")
    room.record()
    identified = room.bench.state.patient
    assert identified is not None
    assert (identified.name, identified.how) == (JANE, "wristband")


def test_the_words_to_ask_with_stand_there_and_the_answer_does_not_come_by_itself(room: Room):
    room.register()
    room.patient.list.take_code("M-7")
    form = room.patient
    assert form.commands() is None
    assert "two identifiers" in form.problem.text()
    form.identifiers.key("name").click()
    form.identifiers.key("mrn").click()
    assert form.commands() is None
    assert "Say how" in form.problem.text()
    form.how.key("spoken").click()
    assert form.commands() is not None


def test_who_has_no_mrn_is_not_identified_by_it(room: Room):
    room.bench.do(RegisterPatient(CHAIR, room.bench.by, JANE, "1972-03-14", allergy_state="none_known"))
    room.look()
    type_into(room.patient.list.search, "jane")
    room.patient.list.search.confirmed.emit()
    assert not room.patient.identifiers.key("mrn").isEnabled()


def test_allergies_that_nobody_asked_for_are_asked_now(room: Room):
    room.register(allergy_state="not_asked")
    form = room.patient
    form.list.take_code("M-7")
    form.identifiers.set_values(("name", "born"))
    form.how.set_value("spoken")
    assert form.commands() is None
    assert "Ask for allergies" in form.problem.text()
    form.allergies.key("list").click()
    assert form.commands() is None
    type_into(form.which, "latex")
    room.record()
    assert room.bench.state.patient is not None
    assert room.bench.state.patient.allergies == "latex"
    assert next(iter(room.bench.snapshot.registry.patients.values())).facts.allergies == "latex"


def test_a_new_patient_is_registered_on_the_spot_and_checked_next(room: Room):
    form = room.patient
    type_into(form.list.search, "Demo-Newcomer")
    form.new_key.click()
    assert form.sheet.name.text() == "Demo-Newcomer"
    form.register_key.click()
    assert "date of birth" in form.problem.text()
    type_into(form.sheet.born, "1980-05-06")
    form.sheet.allergies.key("none_known").click()
    form.register_key.click()
    room.qtbot.waitUntil(lambda: not form._registering)
    room.look()
    assert form._stack.currentWidget() is form.check_pane
    assert form.name.text() == "Demo-Newcomer"
    form.identifiers.set_values(("name", "born"))
    form.how.set_value("photo")
    room.record()
    assert room.bench.state.patient is not None


def test_a_refused_registration_keeps_the_sheet(room: Room):
    room.register()
    form = room.patient
    form.new_key.click()
    for entry, text in ((form.sheet.name, JANE), (form.sheet.born, "1972-03-14"), (form.sheet.mrn, "M-7")):
        type_into(entry, text)
    form.sheet.allergies.key("none_known").click()
    form.register_key.click()
    room.qtbot.waitUntil(lambda: "registered already" in form.problem.text())
    assert form.sheet.name.text() == JANE


def test_another_patient_can_be_chosen_and_a_strange_wristband_is_said(room: Room):
    room.register()
    form = room.patient
    form.list.take_code("M-7")
    form.other_key.click()
    assert form._stack.currentWidget() is form.find_pane
    room.bridge.scanned.emit("wristband", "WB-9")
    assert "Nobody has “WB-9”" in form.problem.text()
    assert form.commands() is None


def test_a_first_dose_asks_nobody(room: Room):
    room.register()
    form = room.patient
    form.list.take_code("M-7")
    assert not form.needs_course()
    form.identifiers.set_values(("name", "born"))
    form.how.set_value("spoken")
    room.record()
    assert room.course.head.text() == "First dose: no window to keep"
    assert room.course.sign_key.isHidden()
    assert room.course.commands() == ()


def identified_early(room: Room, *, days: int = 9, grade: int = 0) -> None:
    patient = room.register()
    room.bench.do(
        RecordEarlierDose(CHAIR, room.bench.by, "DEMO-CLINIC, letter", patient, days_ago=days, worst_grade=grade)
    )
    room.look()
    form = room.patient
    form.list.take_code("M-7")
    form.identifiers.set_values(("name", "born"))
    form.how.set_value("spoken")
    assert form.needs_course()
    assert "EARLY" in form._earlier.text() or days > 13
    room.record()


def test_an_early_dose_is_signed_by_a_prescriber_with_a_reason(room: Room):
    identified_early(room)
    course = room.course
    assert course.head.text() == "EARLY by 5 days"
    assert course.commands() is None
    course.sign_key.click()
    assert "few words why" in course.problem.text()
    type_into(course.reason, "travels on Friday")
    course.sign_key.click()
    assert course._stack.currentWidget() is course.prove
    course.prove.proven.emit(room.bench.proof(PRESCRIBER), "Dr Example")
    room.qtbot.waitUntil(lambda: bool(room.bedside.submitted))
    assert isinstance(room.bedside.submitted[-1], AcceptTiming)
    room.look()
    assert course.question.text().startswith("Accepted by Dr Example")
    assert course.commands() == ()


def test_a_lapsed_series_is_answered_before_it_is_signed(room: Room):
    identified_early(room, days=60)
    course = room.course
    assert "Restart the series?" in course.question.text()
    type_into(course.reason, "was on holiday")
    course.sign_key.click()
    assert "goes on or begins anew" in course.problem.text()
    course.series.key("continue").click()
    course.sign_key.click()
    assert course._stack.currentWidget() is course.prove


def test_a_hold_after_a_reaction_is_lifted_by_the_prescriber_on_the_page_of_the_course(room: Room):
    identified_early(room, days=20, grade=3)
    course = room.course
    assert course.head.text() == "Held"
    assert "HOLD: a reaction of grade 3" in course.lines.text()
    assert course.question.text().startswith("Lift the hold after the reaction?")
    type_into(course.reason, "slower ramp, tolerated it since")
    course.sign_key.click()
    course.prove.proven.emit(room.bench.proof(PRESCRIBER), "Dr Example")
    room.qtbot.waitUntil(lambda: bool(room.bedside.submitted))
    assert isinstance(room.bedside.submitted[-1], LiftHold)
    room.look()
    assert course.head.text() == "In the window"
    assert "Hold lifted (grade 3) by Dr Example" in course.lines.text()
    assert course.commands() == ()


def test_what_no_signature_lifts_offers_none(room: Room):
    identified_early(room, days=20, grade=2)
    patient = next(iter(room.bench.snapshot.registry.patients))
    infected = ChangePatient(
        CHAIR,
        room.bench.by,
        patient,
        JANE,
        "1972-03-14",
        "M-7",
        allergy_state="none_known",
        infection_positive=True,
    )
    room.bench.do(infected)
    room.look()
    assert room.course.head.text() == "Held"
    assert room.course.sign_key.isHidden()
    assert "settled first" in room.course.question.text()
    room.course.again_key.click()
    room.qtbot.waitUntil(lambda: bool(room.bedside.submitted))


def test_one_key_says_that_name_and_date_of_birth_agree_and_goes_on_when_nothing_is_open(room):
    room.register(wristband="W-7")
    went_on: list[bool] = []
    room.patient.confirmed.connect(lambda: went_on.append(True))
    room.bridge.scanned.emit("wristband", "W-7")
    room.patient.agree_key.click()
    assert room.patient.identifiers.values() == ("name", "born")
    assert went_on == [], "fever or infection was not asked yet"
    room.patient.infection.key("no").click()
    room.patient.agree_key.click()
    assert went_on == [True]
