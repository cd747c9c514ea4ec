"""Who saw what, on screen: an administrator's page, searched by patient and person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.clock import ManualClock
from exomonitor.registry.patients import PatientFacts, PatientRecord
from exomonitor.registry.visits import Visit
from exomonitor.session.entry import Entry, Event
from exomonitor.session.machine_events import ExportMade
from exomonitor.session.parts.trust import ViewRecord
from exomonitor.session.trust_events import RecordViewed, SignInFailed
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from ui.bridge import Bridge
from ui.pages.access import AccessPage
from ui.theme import DARK

NOW = ManualClock().now()
JANE = PatientRecord("p1", PatientFacts("p1", name="DEMO-EXAMPLE, Jane", mrn="M-7"), NOW)


def entry(seq: int, actor: str, event: Event) -> Entry:
    return Entry(seq, "", seq, NOW.plus(seq), "UTC", actor, "chairside", event, "")


@pytest.fixture
def room(qtbot):
    empty = scenes.empty_chair()
    registry = replace(
        empty.registry, patients={"p1": JANE}, visits={"s1": Visit("s1", "EXO-1", NOW, "UTC", patient="p1")}
    )
    bedside = FakeBedside(replace(empty, registry=registry, staff_id="u4"))
    bedside.archive.people = {"u1": ("R. DEMO-OKAFOR", "nurse"), "u2": ("V. DEMO-SANTOS", "nurse")}
    bedside.archive.clinic_entries = [
        entry(1, "u1", RecordViewed("", "patient", "p1")),
        entry(2, "u2", RecordViewed("s-other", "record")),
        entry(3, "u2", ExportMade("s1", ("csv",), True, "a made-up reason")),
        entry(4, "station", SignInFailed("u2", 3)),
    ]
    bridge = Bridge(bedside)
    page = AccessPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1298, 660)
    page.show()
    yield page, bedside
    bridge.close()


def whats(page: AccessPage) -> list[str]:
    return [row[2] for row in page.model.rows]


def test_everything_is_there_newest_first_and_the_look_itself_is_an_entry(room, qtbot):
    page, bedside = room
    page.show_snapshot(bedside.latest())
    qtbot.waitUntil(lambda: len(page.model.rows) == 4)
    assert bedside.submitted == [ViewRecord("4", "u4", "access")]
    assert page.model.rows[0][1:] == ("station", "Wrong PIN or badge, 3 in a row · V. DEMO-SANTOS", "")
    assert page.model.rows[-1][1:] == ("R. DEMO-OKAFOR", "Patient looked at", "DEMO-EXAMPLE, Jane")
    assert page.said.text() == "4 entries"


def test_it_is_searched_by_kind_by_person_and_by_patient(room, qtbot):
    page, bedside = room
    page.show_snapshot(bedside.latest())
    qtbot.waitUntil(lambda: len(page.model.rows) == 4)
    page.kind.set_value("looks")
    page.kind.chosen.emit("looks")
    assert len(page.model.rows) == 2
    page.kind.set_value("")
    for typed, found in (("jane", 2), ("m-7", 2), ("exo-1", 1), ("nobody", 0)):
        page.patient.set_text(typed)
        page.patient.edited.emit(typed)
        assert len(page.model.rows) == found, typed
    assert page.said.text() == "Nothing of that kind"
    page.patient.set_text("")
    page.person.set_text("santos")
    page.person.edited.emit("santos")
    assert len(page.model.rows) == 3


def test_whoever_may_not_see_it_is_told_and_sees_nothing(room, qtbot):
    page, bedside = room
    page.show_snapshot(bedside.latest())
    qtbot.waitUntil(lambda: len(page.model.rows) == 4)
    bedside.refusal = "An administrator signs in to see this"
    page.show_snapshot(replace(bedside.latest(), staff_id="u1"))
    qtbot.waitUntil(lambda: page.said.text() == "Not shown: An administrator signs in to see this")
    assert page.model.rows == ()
