"""The page of patients as it is used: found, registered, changed, signed; and its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from exomonitor.registry.patients import PatientRecord, PatientRegistered
from exomonitor.registry.visits import Visit
from exomonitor.session import commands as cmd
from exomonitor.session.parts.course import (
    ChangePatient,
    DoseHold,
    DoseTimed,
    RecordEarlierDose,
    RegisterPatient,
    SetCoursePhase,
    SetScale2,
)
from exomonitor.session.parts.handover import SignOut
from exomonitor.session.parts.trust import ViewRecord
from tests.exomonitor.engine.bedside_bench import CHAIR, PRESCRIBER
from tests.ui.patients_room import JANE, NOW, Room, open_room, type_into
from ui.presenters import patients as words


@pytest.fixture
def room(qtbot: QtBot) -> Iterator[Room]:
    with open_room(qtbot) as made:
        yield made


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
    assert room.page._stack.currentWidget() is room.page._nobody  # the look is recorded first
    room.opened()
    assert room.page._stack.currentWidget() is room.page.detail
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
    room.open(patient)
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
    room.open(room.register())
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
    assert [type(c) for c in room.bedside.submitted] == [ViewRecord]
    room.page.prove.proven.emit(room.bench.proof(PRESCRIBER), "Dr Example")
    room.settled()
    assert isinstance(room.bedside.submitted[-1], kind)
    rows = dict(
        words.fact_rows(next(iter(room.bench.snapshot.registry.patients.values())), room.bench.snapshot.registry.users)
    )
    assert "Dr Example" in rows["SpO₂ scale" if wish == "scale2" else "Phase"]


def test_esc_closes_one_thing_after_the_other(room: Room):
    room.open(room.register())
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
    room.open(patient)
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


def test_each_look_at_a_patient_is_an_entry_and_what_is_not_recorded_is_not_shown(room: Room):
    one, other = room.register(), room.register("DEMO-OTHER, Joe", "M-8")
    room.look()
    for patient in (one, one, other):
        room.open(patient)
    looks = [c for c in room.bedside.submitted if isinstance(c, ViewRecord)]
    assert [(look.what, look.of_patient) for look in looks] == [("patient", one), ("patient", other)]
    room.bench.do(SignOut(CHAIR, room.bench.by))
    room.look()
    room.open(one)
    room.qtbot.waitUntil(lambda: "Not shown: Sign in first" in room.page.status())
    assert room.page._stack.currentWidget() is room.page._nobody
