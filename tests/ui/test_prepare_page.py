"""The preparation as a nurse uses it: what is sent, what is kept, what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from exomonitor.clinical.protocol import load_protocol
from exomonitor.engine.ports import Binding
from exomonitor.engine.snapshot import LivePump, Snapshot
from exomonitor.registry.patients import PatientRecord, PatientRegistered
from exomonitor.registry.registry import Registry
from exomonitor.session import commands as cmd
from exomonitor.session.checklist import gates
from exomonitor.session.parts.checks import RecordChecklist
from exomonitor.session.plan import BoundDevice, SourceCell
from exomonitor.session.state import SessionState
from exomonitor.signals.pump import PumpStatus
from tests.ui import made_sessions, scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.fake_devices import FakeDevices
from ui.bridge import Bridge
from ui.pages.prepare.page import PreparePage
from ui.pages.prepare.patient import PatientForm
from ui.pages.prepare.product import ProductForm
from ui.pages.prepare.steps import BASELINE, DEVICES, LINE, ORDER, PATIENT, PRODUCT, START
from ui.theme import DARK
from ui.widgets.entry import TextEntry

NOW = made_sessions.at(-5)
TYPED = {"pump": BoundDevice("pump", "", ""), "monitor": BoundDevice("monitor", "", "")}


JANE = PatientRegistered("p-1", "none_known", name="DOE, Jane", born="1972-03-14", mrn="0048213")
KNOWN = Registry(patients=MappingProxyType({"p-1": PatientRecord("p-1", JANE, NOW)}))


def picture(state: SessionState | None) -> Snapshot:
    found = gates(state, NOW, load_protocol()) if state is not None else ()
    return Snapshot("4", NOW, 1, True, session=state, gates=found, staff="R. Okafor", staff_id="u1", registry=KNOWN)


@dataclass
class Room:
    """A page with its made-up bedside."""

    page: PreparePage
    bedside: FakeBedside
    devices: FakeDevices
    wait: Callable[[Callable[[], bool]], None]

    def show(self, state: SessionState) -> None:
        self.page.show_snapshot(picture(state))

    def sent(self, count: int = 1) -> list[cmd.Command]:
        self.wait(lambda: len(self.bedside.submitted) >= count and not self.page._sending)
        return self.bedside.submitted


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    devices = FakeDevices()
    bedside = FakeBedside(picture(made_sessions.prepared()), devices=devices)
    bridge = Bridge(bedside)
    page = PreparePage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1296, 618)
    page.show()
    made = Room(page, bedside, devices, qtbot.waitUntil)
    made.show(made_sessions.prepared())
    yield made
    bridge.close()


def type_into(entry: TextEntry, text: str) -> None:
    entry.set_text(text)
    entry.edited.emit(text)


def fill_patient(room: Room) -> PatientForm:
    form = room.page.forms[PATIENT]
    assert isinstance(form, PatientForm)
    form.list.search.set_text("0048213")
    form.list.search.confirmed.emit()
    form.identifiers.set_values(("name", "born"))
    form.how.set_value("spoken")
    form.touched()
    return form


def fill_order(room: Room, dose: str = "5.0", volume: str = "100", minutes: str = "45") -> None:
    for entry, text in (
        (room.page.order.dose, dose),
        (room.page.order.volume, volume),
        (room.page.order.minutes, minutes),
    ):
        type_into(entry, text)


def test_a_new_session_begins_with_the_patient(room):
    assert room.page.present() == PATIENT
    assert room.page.next_key.text() == "Next: Bag and lot"
    assert not room.page.start_key.isEnabled()


def test_a_patient_is_recorded_and_the_next_open_step_comes(room):
    fill_patient(room)
    room.page.next_step()
    assert room.sent() == [cmd.IdentifyPatient("4", "u1", identifiers=("name", "born"), patient="p-1", how="spoken")]
    assert room.page.status().startswith("Recorded")
    assert room.page.present() == PRODUCT


def test_one_identifier_is_not_enough(room):
    form = fill_patient(room)
    form.identifiers.set_values(("name",))
    room.page.next_step()
    assert room.bedside.submitted == []
    assert "two identifiers" in form.problem.text()
    assert room.page.present() == PATIENT


def test_a_refused_save_keeps_everything_that_was_typed(room):
    form = fill_patient(room)
    room.bedside.refusal = "The record cannot be written"
    room.page.next_step()
    room.sent()
    assert room.page.status() == "Not recorded: The record cannot be written"
    assert form.identifiers.values() == ("name", "born")
    assert room.page.present() == PATIENT
    room.show(replace(made_sessions.prepared(), last_seq=9))
    assert form.identifiers.values() == ("name", "born")


def test_recorded_is_said_only_after_the_receipt(room):
    fill_patient(room)
    room.bedside.hold = True
    room.page.next_step()
    assert room.page.status() == "Recording ..."
    room.page.next_step()
    assert len(room.bedside.submitted) == 1
    room.bedside.settle()
    room.wait(lambda: room.page.status().startswith("Recorded"))


def test_a_bag_is_recorded_as_it_is_labelled(room):
    room.page.open_step(PRODUCT)
    form = room.page.forms[PRODUCT]
    assert isinstance(form, ProductForm)
    form.cell.set_value("MSC")
    type_into(form.lot, "EXO-A12")
    type_into(form.expiry, "2027-06-30")
    room.page.next_step()
    assert room.sent() == [cmd.EnterProduct("4", "u1", SourceCell.MSC, "EXO-A12", "2027-06-30")]


def test_an_expired_bag_is_warned_of(room):
    form = room.page.forms[PRODUCT]
    assert isinstance(form, ProductForm)
    type_into(form.expiry, "2020-01-31")
    assert "expired" in form.problem.text()


def test_an_order_is_shown_while_it_is_typed_and_then_recorded(room):
    room.page.open_step(ORDER)
    fill_order(room)
    assert ("Full rate", "165.5 mL/h") in room.page.order.view.meaning
    room.page.next_step()
    (order,) = room.sent()
    assert isinstance(order, cmd.EnterOrder)
    assert (order.dose_billion, order.volume_ml, order.minutes) == (Decimal("5.0"), Decimal(100), Decimal(45))
    assert order.first_dose
    assert len(order.ramp) == 2


def test_a_repeat_dose_is_proposed_at_a_constant_rate(room):
    room.page.open_step(ORDER)
    fill_order(room)
    room.page.order.course.set_value("repeat")
    room.page.order.course.chosen.emit("repeat")
    room.page.next_step()
    (order,) = room.sent()
    assert isinstance(order, cmd.EnterOrder)
    assert order.ramp == ()
    assert not order.first_dose


def test_a_slip_by_powers_of_ten_is_not_sent(room):
    room.page.open_step(ORDER)
    fill_order(room, dose="5000000000")
    room.page.next_step()
    assert room.bedside.submitted == []
    assert "type billions" in room.page.order.problem.text()
    assert "type billions" in room.page.order.dose.error()


def test_an_unusual_dose_needs_its_reason(room):
    room.page.open_step(ORDER)
    fill_order(room, dose="0.5")
    room.page.next_step()
    assert room.bedside.submitted == []
    type_into(room.page.order.override, "paediatric dose, confirmed by Dr Lindqvist")
    room.page.next_step()
    (order,) = room.sent()
    assert isinstance(order, cmd.EnterOrder)
    assert order.override_reason.startswith("paediatric")


def test_a_cuff_on_the_arm_of_the_line_is_warned_of(room):
    room.page.open_step(LINE)
    form = room.page.forms[LINE]
    for choice, value in ((form.side, "left"), (form.site, "forearm"), (form.gauge, "22 G"), (form.cuff, "left arm")):
        choice.set_value(value)
    form._warn()
    assert "stops the infusion" in form.warning.text()
    form.touched()
    room.page.next_step()
    sent = cmd.EnterLine("4", "u1", "forearm", "left", "22 G", "left arm", "")
    assert room.sent() == [replace(sent, device="peripheral cannula", dedicated=True, filter="none")]


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
    room.page.gates._accept()
    assert room.sent() == [cmd.OverrideGate("4", "u1", BASELINE, "monitor broken, patient stable")]


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


def test_what_is_recorded_stands_in_the_forms_and_goes_with_another_patient(room):
    room.show(made_sessions.filled())
    form = room.page.forms[PATIENT]
    assert isinstance(form, PatientForm)
    assert form.identifiers.values() == ("name", "born")
    assert room.page.order.dose.text() == "5"
    room.show(replace(made_sessions.prepared(), id="s2"))
    assert form.identifiers.values() == ()
    assert room.page.order.dose.text() == ""
    assert room.page.present() == PATIENT


def test_an_untouched_page_keeps_to_the_first_open_step_and_a_touched_one_stays(room):
    room.show(replace(made_sessions.prepared(), patient=made_sessions.filled().patient))
    assert room.page.present() == PRODUCT
    room.page.steps.key(ORDER).click()
    room.show(made_sessions.filled())
    assert room.page.present() == ORDER


def test_enter_in_a_line_of_text_records_once(room, qtbot):
    form = fill_patient(room)
    form.which.setVisible(True)
    qtbot.keyClick(form.which.line, Qt.Key.Key_Return)
    assert len(room.sent()) == 1
    assert room.page.present() == PRODUCT


def test_a_step_that_is_done_and_unchanged_is_not_recorded_again(room):
    room.show(made_sessions.filled())
    room.page.steps.key(PATIENT).click()
    room.page.next_step()
    assert room.bedside.submitted == []
    assert room.page.present() == DEVICES


def test_every_key_is_large_enough_to_touch(room):
    for step in room.page.forms:
        room.page.open_step(step)
        for key in room.page.findChildren(QAbstractButton):
            if key.isVisibleTo(room.page):
                assert key.height() >= 44, step


def test_a_step_begins_with_the_first_thing_that_is_not_answered(qtbot):
    form = ProductForm(DARK, "4")
    qtbot.addWidget(form)
    assert form.first_field() is form.cell.first()
    form.cell.set_value("MSC")
    assert form.first_field() is form.lot
    form.lot.set_text("L1")
    form.expiry.set_text("2030-01-01")
    assert form.first_field() is form.cell.key("MSC")  # all answered: the first thing on the sheet


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
