"""What is signed for on the page of patients: who is given the infusion, and a hold that is lifted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exomonitor.session.parts.changes import ChangedAfterStart
from exomonitor.session.parts.course import LiftHold, RecordEarlierDose
from tests.exomonitor.engine.bedside_bench import CHAIR, PRESCRIBER
from tests.ui.patients_room import Room, open_room, type_into


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    with open_room(qtbot) as made:
        yield made


def test_the_hold_after_a_reaction_is_lifted_on_the_patients_page(room: Room):
    patient = room.register()
    room.look()
    room.open(patient)
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
    room.open(room.bench.state.patient.id)
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
