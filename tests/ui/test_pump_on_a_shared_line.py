"""A pump on a shared line keeps its network address: in the preparation, on trial, and where its link is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from devices.telling import choices
from exomonitor.engine.ports import Binding, FoundDevice, PortInfo
from exomonitor.engine.snapshot import LinkView
from exomonitor.session import commands as cmd
from exomonitor.session.plan import BoundDevice
from exomonitor.signals.links import LinkChange, LinkCounters, LinkState
from tests.ui import made_sessions, scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.fake_devices import FakeDevices
from ui.bridge import Bridge
from ui.pages.device_links import link_rows
from ui.pages.devices import DevicesPage
from ui.pages.prepare.device_step import DeviceForm
from ui.pages.prepare.role_panel import RolePanel
from ui.presenters.devices import device_name, port_rows, read_words
from ui.theme import DARK

PUMP = Binding("4", "pump", "new-era@3", "/dev/ttyUSB0", 9600)
TALKS = LinkChange("pump", LinkState.TALKING, "", scenes.NOW, "/dev/ttyUSB0", "", "NE-1000", LinkCounters(requests=7))


@dataclass
class Room:
    """The step of the devices, and the Devices page, with the pump at address 3 bound."""

    form: DeviceForm
    page: DevicesPage
    devices: FakeDevices
    wait: Callable[[Callable[[], bool]], None]

    @property
    def panel(self) -> RolePanel:
        return self.form.panel("pump")


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    devices = FakeDevices()
    devices.bind(PUMP)
    bedside = FakeBedside(scenes.normal(), devices=devices)
    bridge = Bridge(bedside)
    form, page = DeviceForm(DARK, bedside, bridge), DevicesPage(bedside, bridge, DARK)
    for widget in (form, page):
        qtbot.addWidget(widget)
    page.resize(1290, 610)
    page.show()
    form.open()
    made = Room(form, page, devices, qtbot.waitUntil)
    qtbot.waitUntil(lambda: made.panel.address.text() == "3" and page.links["pump"]._catalogue != ())
    yield made
    bridge.close()


def test_the_session_records_the_address_and_the_step_still_knows_port_and_address(room):
    room.form.panel("monitor").put("typed")
    pinned = room.form.commands()[0]
    assert isinstance(pinned, cmd.PinDevice)
    assert pinned.key == "new-era@3"
    room.form.fill({"pump": BoundDevice("pump", pinned.key, "pump", "3", "", "", "laboratory")})
    assert (room.panel.port.text(), room.panel.address.text()) == ("/dev/ttyUSB0", "3")
    assert room.form.to_bind() == ()


def test_a_pump_that_was_recorded_at_another_address_is_not_shown_on_this_port(room):
    room.form.fill({"pump": BoundDevice("pump", "new-era@5", "pump", "5", "", "", "laboratory")})
    assert (room.panel.port.text(), room.panel.address.text()) == ("", "5")


def test_a_test_reading_asks_the_pump_at_its_address(room):
    room.panel.read_test()
    room.wait(lambda: "12 good frames" in room.panel.heard.text())
    assert room.devices.tried == [("new-era@3", "/dev/ttyUSB0", 9600)]


def test_the_usual_speeds_are_tried_at_its_address(room):
    room.panel.try_speeds()
    room.wait(lambda: "Nothing answered" in room.panel.heard.text())
    assert room.devices.tried == [("new-era@3", "/dev/ttyUSB0", 0)]


FOUND = (
    FoundDevice("new-era@3", "New Era NE-1000 family", "pump", 9600, "NE-1000", "", "at address 3"),
    FoundDevice("new-era@12", "New Era NE-1000 family", "pump", 9600, "NE-1000", "", "at address 12"),
)


def test_the_address_that_was_found_is_taken_with_its_speed(room):
    room.devices.found = FOUND[1:]
    room.panel.put("new-era", "/dev/ttyUSB0")
    room.panel.try_speeds()
    room.wait(lambda: room.panel.address.text() == "12")
    assert room.panel.binding("4") == Binding("4", "pump", "new-era@12", "/dev/ttyUSB0", 9600)


def test_of_several_on_one_line_each_is_offered_with_its_address():
    assert [read_words(one) for one in FOUND] == [
        "Read New Era NE-1000 family (address 3) as the pump",
        "Read New Era NE-1000 family (address 12) as the pump",
    ]


def test_a_port_that_several_chairs_share_names_them_all():
    ports = (PortInfo("/dev/ttyUSB0", "", "", ""), PortInfo("/dev/ttyUSB1", "", "", ""))
    shared = (Binding("5", "pump", "new-era@5", "/dev/ttyUSB0"), PUMP)
    assert [row[-1] for row in port_rows(ports, shared)] == ["pump of chair 4, pump of chair 5", "free"]


def test_flow_control_can_be_switched_off_and_is_off_in_what_is_tried_and_bound(room):
    panel = room.form.panel("monitor")
    panel.put("ge-dri", "/dev/ttyUSB1")
    assert [panel.lines.key(code).text() for code in ("8E1 RTS/CTS", "8E1")] == ["8E1 RTS/CTS", "8E1, no flow control"]
    assert panel.binding("4") == Binding("4", "monitor", "ge-dri", "/dev/ttyUSB1")
    panel.lines.key("8E1").click()
    assert panel.binding("4") == Binding("4", "monitor", "ge-dri", "/dev/ttyUSB1", line="8E1")
    panel.read_test()
    room.wait(lambda: room.devices.tried != [])
    assert room.devices.lines == ["8E1"]
    panel.put("ge-dri", "/dev/ttyUSB1", 115200, "8E1")
    assert panel.binding("4") == Binding("4", "monitor", "ge-dri", "/dev/ttyUSB1", 115200, line="8E1")


@pytest.mark.parametrize("key", ["test", "speeds"])
def test_nothing_is_tried_at_an_address_that_is_none(room, key):
    room.panel.address.set_text("x")
    getattr(room.panel, key).click()
    assert "is a number from 0 to 99" in room.panel.heard.text()
    assert room.devices.tried == []


def test_the_address_does_not_outlive_the_choice(room):
    room.panel.clear()
    assert room.panel.address.text() == ""


def test_the_link_of_a_pump_at_an_address_says_what_is_known_of_it(room):
    link = LinkView("pump", "new-era@3", "New Era", TALKS, 0.4)
    assert dict(link_rows(link, choices()))["Requests"] == "7 sent; at most 20 a second"
    room.page.show_snapshot(replace(scenes.normal(), links=(link,)))
    told = room.page.links["pump"].facts.text()
    assert told.startswith("Laboratory grade\nReports: set rate, volume infused, target volume, status; alarms: ")
    assert "Can never report: occlusion (only a stalled motor); air in line; battery or mains" in told


def test_the_table_of_the_chairs_names_the_pump_and_its_address(room):
    (row,) = room.page.finder.chairs.words()
    assert row[2] == "New Era NE-1000 family, address 3"
    assert device_name((), "somebody-else@3") == "somebody-else@3"


def test_while_another_device_is_on_the_cable_everything_that_was_counted_stays_in_sight(room):
    counted = LinkCounters(5120, 300, 41, {"checksum": 2}, 77, 4)
    wrong = replace(TALKS, state=LinkState.WRONG_DEVICE, serial="99999", counters=counted)
    room.page.show_snapshot(replace(scenes.normal(), links=(LinkView("pump", "new-era@3", "New Era", wrong, 0.4),)))
    told = room.page.links["pump"].facts.text()
    assert "Frames: 41 good, 2 bad (checksum 2)" in told
    assert "Bytes: 5120 in, 300 out, 77 skipped" in told
    assert "Reconnects: 4" in told


def test_a_monitor_that_dials_us_has_no_speed_to_choose_or_to_try(room):
    panel = room.page.panels["monitor"]
    panel.put("hl7-pcd01", "listen://127.0.0.1:2575")
    assert panel.bauds.key("0").text() == "dials us over the network"
    assert not panel.speeds.isVisibleTo(panel)
    panel.put("masimo", "/dev/ttyUSB1")
    assert panel.speeds.isVisibleTo(panel)


def test_before_a_session_the_step_says_what_the_device_reports(room):
    assert room.panel.about.text() == "What it can (never) report ..."
    assert "Reports: set rate, volume infused" in room.panel.facts.text()


def test_what_is_recorded_is_shown_with_its_port_when_the_step_opens(room):
    recorded = BoundDevice("pump", "new-era@3", "pump", "3", "", "", "laboratory")
    state = replace(made_sessions.prepared(), devices={"pump": recorded})
    room.form.show_snapshot(replace(scenes.normal(), session=state))
    assert room.panel.port.text() == "/dev/ttyUSB0"


def test_what_is_known_of_a_device_has_the_room_of_both_and_gives_it_back(room):
    beside = room.form.panel("monitor")
    room.panel.about.click()
    assert not beside.isVisibleTo(room.form)
    room.panel.about.click()
    assert beside.isVisibleTo(room.form)


def test_on_the_devices_page_as_well(room):
    room.page.show_view("connect")
    room.page.panels["pump"].about.click()
    assert not room.page.panels["monitor"].isVisible()
    room.page.panels["pump"].about.click()
    assert room.page.panels["monitor"].isVisible()
