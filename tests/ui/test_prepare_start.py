"""Pump and monitor, what is still open, and the time-out: what is sent, what is kept, what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt

from exomonitor.engine.ports import Binding
from exomonitor.engine.snapshot import LivePump
from exomonitor.session import commands as cmd
from exomonitor.session.parts.checks import RecordChecklist
from exomonitor.session.plan import BoundDevice
from exomonitor.session.state import SessionState
from exomonitor.signals.pump import PumpStatus
from tests.ui import made_sessions, scenes
from tests.ui.prepare_room import Room, open_room, picture, type_into
from ui.pages.prepare.steps import BASELINE, DEVICES, PATIENT, START
from ui.widgets.entry import TextEntry

TYPED = {"pump": BoundDevice("pump", "", ""), "monitor": BoundDevice("monitor", "", "")}


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    yield from open_room(qtbot)


def opened_devices(room: Room) -> None:
    room.page.open_step(DEVICES)
    room.wait(lambda: bool(room.page.devices.panel("pump")._catalogue))


def test_devices_are_read_first_and_then_pinned(room):
    opened_devices(room)
    room.page.devices.panel("pump").put("bbraun-space", "/dev/ttyUSB0")
    room.page.devices.panel("monitor").put("", "")
    room.page.devices.touched()
    room.page.next_step()
    pinned = room.sent(2)
    assert room.devices.bindings() == (Binding("4", "pump", "bbraun-space", "/dev/ttyUSB0", 0),)
    assert [(p.role, p.key, p.source) for p in pinned if isinstance(p, cmd.PinDevice)] == [
        ("pump", "bbraun-space", "pump"), ("monitor", "", ""),
    ]  # fmt: skip


def test_a_port_that_cannot_be_read_is_said_and_nothing_is_pinned(room):
    opened_devices(room)
    room.devices.fault = "/dev/ttyUSB0 is in use"
    room.page.devices.panel("pump").put("bbraun-space", "/dev/ttyUSB0")
    room.page.devices.panel("monitor").put("", "")
    room.page.devices.touched()
    room.page.next_step()
    room.wait(lambda: "in use" in room.page.status())
    assert room.bedside.submitted == []
    assert room.page.devices.panel("pump").port.text() == "/dev/ttyUSB0"


def test_a_test_reading_says_what_was_heard_or_why_not(room):
    opened_devices(room)
    panel = room.page.devices.panel("pump")
    panel.put("bbraun-space", "/dev/ttyUSB0")
    panel.read_test()
    room.wait(lambda: "12 good frames" in panel.heard.text())
    room.devices.fault = "/dev/ttyUSB0 does not exist"
    panel.read_test()
    room.wait(lambda: "does not exist" in panel.heard.text())
    assert panel.test.isEnabled()


def test_a_laboratory_pump_carries_its_banner_and_every_device_its_evidence(room):
    opened_devices(room)
    panel = room.page.devices.panel("pump")
    panel.put("new-era", "/dev/ttyUSB0")
    assert panel.banner.isVisibleTo(room.page)
    assert "Can never report" in panel.facts.text()
    assert "not on this model" in panel.facts.text()
    panel.put("bbraun-space", "/dev/ttyUSB0")
    assert not panel.banner.isVisibleTo(room.page)


def test_what_is_missing_is_listed_and_can_be_accepted_with_a_reason(room):
    room.page.start_record()
    assert "Baseline set" in room.page.status()
    room.page.gates.ask(BASELINE)
    room.page.gates.reason.set_text("no")
    room.page.gates._accept()
    assert room.bedside.submitted == []
    room.page.gates.reason.set_text("monitor broken, patient stable")
    room.page.gates.alone_key.click()
    assert room.sent() == [cmd.OverrideGate("4", "u1", BASELINE, "monitor broken, patient stable", alone=True)]


def test_a_session_that_is_not_going_to_start_is_closed_with_a_reason(room):
    room.page.open_step(PATIENT)
    assert room.page.gates.without_key.text() == "No start: close the session ..."
    room.page.gates.without_key.click()
    room.page.gates.reason.set_text("the patient did not come")
    room.page.gates._accept()
    assert room.sent() == [cmd.AbandonSession("4", "u1", "other", "the patient did not come")]


def all_closed(**changes: object) -> SessionState:
    state = replace(made_sessions.filled(), overrides=("baseline",), devices=TYPED)
    return replace(state, **changes)  # type: ignore[arg-type]


def test_without_a_pump_the_start_asks_for_the_rate_on_its_display(room):
    room.show(all_closed())
    assert room.page.start_key.isEnabled()
    room.page.start_record()
    assert room.page.present() == START
    assert room.bedside.submitted == []
    assert "Still to tick" in room.page.start.problem.text()
    tick_time_out(room)
    type_into(room.page.start.rate, "41.4")
    type_into(field_entry(room, "pump_volume"), "100")
    room.page.start_record()
    answers = {"same": "yes", "pump_rate": "41.4", "pump_volume": "100", "line_open": "yes"}
    assert room.sent(2) == [
        RecordChecklist("4", "u1", "time_out", answers), cmd.StartSession("4", "u1", Decimal("41.4"))
    ]  # fmt: skip


def tick_time_out(room: Room) -> None:
    for key in ("same", "line_open"):
        tick = room.page.start.fields[key].tick
        assert tick is not None
        tick.click()


def field_entry(room: Room, key: str) -> TextEntry:
    entry = room.page.start.fields[key].entry
    assert entry is not None
    return entry


def test_with_a_pump_its_own_numbers_are_ticked_and_f9_starts_the_record(room, qtbot):
    pump = BoundDevice("pump", "bbraun-space", "pump")
    state = all_closed(devices=TYPED | {"pump": pump})
    reading = replace(scenes.pump_reading(PumpStatus.STOPPED, 0.0, 0.0), rate_set_ml_h=41.4, vtbi_ml=100.0)
    room.page.show_snapshot(replace(picture(state), pump=LivePump(reading, 0.4, False, False)))
    qtbot.keyClick(room.page, Qt.Key.Key_F9)
    assert room.page.present() == START
    tick_time_out(room)
    for read_off in room.page.start.read_off.values():
        assert "planned" not in read_off.tick.text()
        read_off.tick.click()
    qtbot.keyClick(room.page, Qt.Key.Key_F9)
    answers = {"same": "yes", "pump_rate": "41.4", "pump_volume": "100.0", "line_open": "yes"}
    assert room.sent(2) == [RecordChecklist("4", "u1", "time_out", answers), cmd.StartSession("4", "u1", None)]


def test_a_pump_that_is_set_otherwise_says_what_was_planned(room):
    state = all_closed(devices=TYPED | {"pump": BoundDevice("pump", "bbraun-space", "pump")})
    reading = replace(scenes.pump_reading(PumpStatus.STOPPED, 0.0, 0.0), rate_set_ml_h=165.5, vtbi_ml=100.0)
    room.page.show_snapshot(replace(picture(state), pump=LivePump(reading, 0.4, False, False)))
    assert room.page.start.read_off["pump_rate"].tick.text().endswith("165.5 mL/h — planned 41.4")


def test_a_rate_in_millilitres_a_minute_is_named(room):
    room.show(all_closed())
    type_into(room.page.start.rate, "2.2")
    room.show(all_closed())
    assert "looks like mL/min typed as mL/h" in room.page.start.warning.text()


def test_tab_leads_from_the_pump_to_the_monitor(room, qtbot):
    room.page.show()
    qtbot.waitExposed(room.page)
    room.page.open_step(DEVICES)
    pump, monitor = room.page.devices.panel("pump"), room.page.devices.panel("monitor")
    qtbot.waitUntil(lambda: len(monitor.device._keys) > 1)
    pump.device.key("typed").click()
    assert room.page.focusWidget() is pump.another
    qtbot.keyClick(pump.another, Qt.Key.Key_Tab)
    assert monitor.isAncestorOf(room.page.focusWidget())
