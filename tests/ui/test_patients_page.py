"""The page of patients as it is used: found, registered, changed, signed; and its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from exomonitor.clock import ManualClock
from exomonitor.registry.patients import PatientRecord, PatientRegistered
from exomonitor.registry.visits import Visit
from exomonitor.session import commands as cmd
from exomonitor.session.parts.changes import ChangedAfterStart
from exomonitor.session.parts.course import (
    ChangePatient,
    DoseHold,
    DoseTimed,
    LiftHold,
    RecordEarlierDose,
    RegisterPatient,
    SetCoursePhase,
    SetScale2,
)
from tests.exomonitor.engine.bedside_bench import CHAIR, PRESCRIBER, Bench
from tests.ui.bench_bedside import BenchBedside
from ui.bridge import Bridge
from ui.pages.patients.page import PatientsPage
from ui.presenters import patients as words
from ui.theme import DARK
from ui.widgets.entry import TextEntry

NOW = ManualClock().now()
JANE = "DEMO-EXAMPLE, Jane"


@dataclass
class Room:
    page: PatientsPage
    bedside: BenchBedside
    bridge: Bridge
    bench: Bench
    qtbot: QtBot

    def look(self) -> None:
        """The next picture."""
        self.page.show_snapshot(self.bench.snapshot)

    def settled(self) -> None:
        self.qtbot.waitUntil(lambda: not self.page._sending)
        self.look()

    def register(self, name: str = JANE, mrn: str = "M-7", **more: Any) -> str:
        given = {"allergy_state": "none_known", **more}
        return self.bench.do(RegisterPatient(CHAIR, self.bench.by, name, "1972-03-14", mrn, **given)).answer


@pytest.fixture
def room(qtbot: QtBot) -> Iterator[Room]:
    bench = Bench()
    bedside = BenchBedside(bench)
    bridge = Bridge(bedside)
    page = PatientsPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1298, 660)
    page.show()
    made = Room(page, bedside, bridge, bench, qtbot)
    made.look()
    yield made
    bridge.close()


def type_into(entry: TextEntry, text: str) -> None:
    entry.set_text(text)
    entry.edited.emit(text)


def shown(room: Room) -> tuple[str, ...]:
    return tuple(line.name for line in room.page.list.model.lines)


# --- finding


def test_the_list_narrows_by_name_birth_date_and_mrn(room: Room):
    room.register()
    room.register("DEMO-OTHER, Ann", "M-8")
    room.look()
    assert shown(room) == (JANE, "DEMO-OTHER, Ann")
    for typed, found in (("jane", 1), ("demo 1972", 2), ("14.03.1972 ann", 1), ("m-8", 1), ("nobody", 0)):
        type_into(room.page.list.search, typed)
        assert len(shown(room)) == found


def test_a_keystroke_never_looks_into_the_record(room: Room):
    records = {
        f"p-{n}": PatientRecord(f"p-{n}", PatientRegistered(f"p-{n}", name=f"DEMO-{n:05}, Kim", mrn=f"X{n}"), NOW)
        for n in range(10_000)
    }

    class Watched(dict[str, PatientRecord]):
        looks = 0

        def values(self) -> Any:
            Watched.looks += 1
            return super().values()

    room.page.list.show_patients(Watched(records))
    made = Watched.looks
    for typed in ("d", "de", "demo-09", "demo-0999", "demo-09999"):
        type_into(room.page.list.search, typed)
    assert shown(room) == ("DEMO-09999, Kim",)
    assert Watched.looks == made
    same = room.page.list._patients
    room.page.list.show_patients(same)
    assert Watched.looks == made


def test_a_wristband_opens_its_patient_and_a_strange_one_is_said(room: Room):
    room.register(wristband="WB-1")
    room.look()
    room.bridge.scanned.emit("wristband", "WB-1")
    assert room.page.detail._name.text() == JANE
    room.bridge.scanned.emit("unknown", "WB-9")
    assert "Nobody has “WB-9”" in room.page.status()
    room.bridge.scanned.emit("label", "M-7")
    assert room.page.detail._name.text() == JANE


# --- registering and changing


def test_a_patient_is_registered_with_allergies_asked(room: Room):
    type_into(room.page.list.search, "Demo-Newcomer")
    room.page.new_key.click()
    sheet = room.page.facts.sheet
    assert sheet.name.text() == "Demo-Newcomer"
    room.page.facts.go_key.click()
    assert "date of birth" in room.page.facts.status()
    type_into(sheet.born, "1980-05-06")
    room.page.facts.go_key.click()
    assert "allergies" in room.page.facts.status()
    sheet.allergies.key("list").click()
    type_into(sheet.which, "latex")
    type_into(sheet.weight, "70,5")
    sheet.questions["beta_blocker"].key("yes").click()
    sheet.questions["pregnant"].key("no").click()
    room.page.facts.go_key.click()
    room.settled()
    (sent,) = room.bedside.submitted
    assert isinstance(sent, RegisterPatient)
    assert (sent.allergies, sent.weight_kg, sent.beta_blocker) == ("latex", Decimal("70.5"), True)
    assert (sent.pregnant, sent.asthma_copd) == (False, None)
    assert room.page.status().startswith("Recorded")
    assert room.page.detail._name.text() == "Demo-Newcomer"


def test_a_weight_out_of_range_is_not_sent(room: Room):
    room.page.new_key.click()
    sheet = room.page.facts.sheet
    type_into(sheet.name, JANE)
    type_into(sheet.born, "1972-03-14")
    sheet.allergies.key("none_known").click()
    type_into(sheet.weight, "7")
    room.page.facts.go_key.click()
    assert "Weight" in room.page.facts.status()
    assert room.bedside.submitted == []


def test_a_refused_sheet_keeps_what_was_typed(room: Room):
    room.register()
    room.look()
    room.page.new_key.click()
    sheet = room.page.facts.sheet
    for entry, text in ((sheet.name, JANE), (sheet.born, "1972-03-14"), (sheet.mrn, "M-7")):
        type_into(entry, text)
    sheet.allergies.key("none_known").click()
    room.page.facts.go_key.click()
    room.qtbot.waitUntil(lambda: "registered already" in room.page.facts.status())
    assert sheet.name.text() == JANE


def test_a_correction_of_a_name_needs_its_reason_and_stands_then(room: Room):
    patient = room.register()
    room.look()
    room.page.open_patient(patient)
    room.page.detail.keys["change"].click()
    type_into(room.page.facts.sheet.name, "DEMO-EXAMPLE, Janet")
    room.page.facts.go_key.click()
    room.qtbot.waitUntil(lambda: "reason" in room.page.facts.status())
    type_into(room.page.facts.reason, "written down wrongly")
    room.page.facts.go_key.click()
    room.settled()
    assert isinstance(room.bedside.submitted[-1], ChangePatient)
    assert room.page.detail._name.text() == "DEMO-EXAMPLE, Janet"


# --- what a prescriber signs


@pytest.mark.parametrize(
    ("wish", "answer", "kind"), [("scale2", "2", SetScale2), ("phase", "maintenance", SetCoursePhase)]
)
def test_a_setting_takes_a_prescribers_proof(room: Room, wish: str, answer: str, kind: type[cmd.Command]):
    room.page.open_patient(room.register())
    room.look()
    room.page.detail.keys[wish].click()
    sheet = room.page.settings[wish]
    sheet.go_key.click()
    assert sheet.status() == "Choose one"
    sheet.answer.key(answer).click()
    sheet.go_key.click()
    assert "why" in sheet.status()
    type_into(sheet.reason, "letter of the lung clinic")
    sheet.go_key.click()
    assert room.page._stack.currentWidget() is room.page.prove
    assert room.bedside.submitted == []
    room.page.prove.proven.emit(room.bench.proof(PRESCRIBER), "Dr Example")
    room.settled()
    assert isinstance(room.bedside.submitted[-1], kind)
    rows = dict(
        words.fact_rows(next(iter(room.bench.snapshot.registry.patients.values())), room.bench.snapshot.registry.users)
    )
    assert "Dr Example" in rows["SpO₂ scale" if wish == "scale2" else "Phase"]


def test_esc_closes_one_thing_after_the_other(room: Room):
    room.page.open_patient(room.register())
    room.look()
    room.page.detail.keys["scale2"].click()
    sheet = room.page.settings["scale2"]
    sheet.answer.key("1").click()
    type_into(sheet.reason, "no retention any more")
    sheet.go_key.click()
    assert room.page.back()
    assert room.page._stack.currentWidget() is sheet
    assert room.page.back()
    assert room.page._stack.currentWidget() is room.page.detail
    assert not room.page.back()


def test_a_dose_from_elsewhere_moves_the_window(room: Room):
    patient = room.register()
    room.look()
    room.page.open_patient(patient)
    assert "first one has no window" in room.page.detail._next.text()
    room.page.detail.keys["earlier"].click()
    sheet = room.page.earlier
    type_into(sheet.day, "15.1.2026")
    sheet.go_key.click()
    assert "2026-01-15" in sheet.status()
    type_into(sheet.day, "2026-01-15")
    sheet.go_key.click()
    assert "reaction" in sheet.status()
    sheet.grade.key("2").click()
    type_into(sheet.where, "DEMO-CLINIC, letter of 20 January")
    sheet.go_key.click()
    room.settled()
    sent = room.bedside.submitted[-1]
    assert isinstance(sent, RecordEarlierDose)
    assert (sent.day, sent.worst_grade) == ("2026-01-15", 2)
    assert "opens 2026-01-29, closes 2026-02-12" in room.page.detail._next.text()
    assert "clearance" in room.page.detail._next.text()
    assert "2026-01-15 · elsewhere · grade 2" in room.page.detail._visits[0][0].text()


# --- words


def record(**facts: Any) -> PatientRecord:
    return PatientRecord("p-1", PatientRegistered("p-1", name=JANE, **facts), NOW)


def test_not_asked_is_not_no():
    rows = dict(words.fact_rows(record(beta_blocker=False), {}))
    assert (rows["Beta blocker"], rows["ACE inhibitor"]) == ("no", "not asked")
    assert rows["Allergies"] == "not asked"
    assert rows["Weight"] == "not recorded"
    assert dict(words.fact_rows(record(pregnant=True), {}))["Pregnant"] == "yes: NEWS2 does not apply"
    assert words.missing_facts(record(weight_kg=Decimal(70), pregnant=False).facts) == (
        "Beta blocker", "ACE inhibitor", "Asthma or COPD", "Anticoagulant",
    )  # fmt: skip


VISIT = Visit("s-1", "EXO-1", NOW, "UTC", patient="p-1", day=date(2026, 1, 15), dose_billion=Decimal("5.0"))


@pytest.mark.parametrize(
    ("visit", "given", "reaction"),
    [
        (VISIT, "5.0 billion ordered · running", "no reaction"),
        (replace(VISIT, product_ended=True), "5.0 billion ordered · mL given not known", "no reaction"),
        (replace(VISIT, delivered_ml=Decimal("99.84")), "5.0 billion ordered · 99.8 mL given", "no reaction"),
        (replace(VISIT, day=None, dose_billion=None), "nothing given", "no reaction"),
        (replace(VISIT, elsewhere=True), "5.0 billion", "no reaction"),
        (replace(VISIT, elsewhere=True, dose_billion=None), "dose not recorded", "no reaction"),
        (
            replace(VISIT, reactions=MappingProxyType({"R1": 2, "R2": None}), epinephrine_entries=(7,)),
            "5.0 billion ordered · running",
            "grade 2 · not graded · epinephrine",
        ),
    ],
)  # fmt: skip
def test_an_earlier_session_says_only_what_is_known(visit: Visit, given: str, reaction: str):
    assert words.visit_words(visit)[2:] == (given, reaction)


TIMED = DoseTimed("p-1", "in", "2026-01-30", "initial", False, "", 1, 0, "2026-01-15", "2026-01-29", "2026-02-12")
CLEAR = DoseHold("clearance", "Prescriber clearance needed: a reaction of grade 2 is on record", True)
HOLD = DoseHold("reaction", "HOLD: a reaction of grade 3 is on record", False)


@pytest.mark.parametrize(
    ("timed", "head", "asks"),
    [
        (TIMED, "In the window", ""),
        (replace(TIMED, verdict="early", planned="2026-01-28"), "EARLY by 1 day", "Give it early?"),
        (replace(TIMED, verdict="late", planned="2026-02-14"), "LATE by 2 days", ""),
        (replace(TIMED, verdict="late", planned="2026-04-01", ask_restart=True), "LATE by 48 days", "Restart the"),
        (replace(TIMED, holds=(CLEAR,)), "Clearance needed", "Give it after the earlier reaction?"),
        (replace(TIMED, holds=(HOLD,)), "Held", ""),
        (replace(TIMED, verdict="first", last="", earliest="", latest=""), "First dose: no window to keep", ""),
        (None, "Not judged yet", ""),
    ],
)  # fmt: skip
def test_how_a_dose_is_timed_is_read_in_one_line(timed: DoseTimed | None, head: str, asks: str):
    told = words.timing_words(timed)
    assert told.head == head
    assert told.decide.startswith(asks)
    assert bool(told.decide) == bool(asks)


def test_the_hold_after_a_reaction_is_lifted_on_the_patients_page(room: Room):
    patient = room.register()
    room.look()
    room.page.open_patient(patient)
    assert room.page.detail.keys["hold"].isHidden()
    room.bench.do(RecordEarlierDose(CHAIR, room.bench.by, "DEMO-CLINIC, letter", patient, days_ago=20, worst_grade=3))
    room.look()
    assert "HOLD: a reaction of grade 3" in room.page.detail._next.text()
    room.page.detail.keys["hold"].click()
    sheet = room.page.settings["hold"]
    sheet.answer.key("lift").click()
    type_into(sheet.reason, "seen in the clinic, slower ramp")
    sheet.go_key.click()
    room.page.prove.proven.emit(room.bench.proof(PRESCRIBER), "Dr Example")
    room.settled()
    assert isinstance(room.bedside.submitted[-1], LiftHold)
    said = room.page.detail._next.text()
    assert "HOLD" not in said
    assert "Hold lifted (grade 3) by Dr Example" in said
    assert "seen in the clinic, slower ramp" in said
    assert room.page.detail.keys["hold"].isHidden()


# --- who it is, while the infusion runs


@pytest.fixture
def running(room: Room) -> Room:
    """Jane is being given an infusion in this chair."""
    room.bench.infusing()
    room.look()
    assert room.bench.state.patient is not None
    room.page.open_patient(room.bench.state.patient.id)
    room.page.detail.keys["change"].click()
    return room


def test_another_name_in_mid_infusion_is_signed_by_a_second_person(running: Room):
    facts = running.page.facts
    assert facts.go_key.text() == "Save"
    type_into(facts.sheet.name, "DEMO-EXAMPLE, Janet")
    assert facts.go_key.text() == "Second person signs"
    facts.go_key.click()
    assert "A few words why" in facts.status()
    type_into(facts.reason, "read from the wristband")
    facts.go_key.click()
    assert running.page._stack.currentWidget() is running.page.second
    running.page.second.proven.emit(running.bench.proof(PRESCRIBER), "Dr Example")
    running.settled()
    (change,) = running.bench.events(ChangedAfterStart)
    assert (change.fields, change.second) == (("name",), PRESCRIBER)


def test_nobody_else_is_there_and_it_is_recorded_at_once(running: Room):
    facts = running.page.facts
    assert facts.alone_key.isHidden()
    type_into(facts.sheet.mrn, "M-99")
    type_into(facts.reason, "read from the wristband")
    assert not facts.alone_key.isHidden()
    facts.alone_key.click()
    running.settled()
    assert [change.second for change in running.bench.events(ChangedAfterStart)] == [""]


def test_back_from_the_second_person_keeps_what_was_typed(running: Room):
    facts = running.page.facts
    type_into(facts.sheet.mrn, "M-99")
    type_into(facts.reason, "read from the wristband")
    facts.go_key.click()
    assert running.page.back()
    assert running.page._stack.currentWidget() is facts
    assert facts.sheet.mrn.text() == "M-99"


def test_a_telephone_number_needs_nobody(running: Room):
    type_into(running.page.facts.sheet.phone, "DEMO 1234")
    assert running.page.facts.go_key.text() == "Save"
    running.page.facts.go_key.click()
    running.settled()
    assert running.bench.events(ChangedAfterStart) == []
