"""The devices page: what a link has counted, binding, releasing, and what goes into the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from exomonitor.engine.ports import Binding, PortInfo
from exomonitor.engine.snapshot import LinkView
from exomonitor.session import commands as cmd
from exomonitor.signals.links import LinkChange, LinkCounters, LinkState
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.fake_devices import FakeDevices
from ui.bridge import Bridge
from ui.pages.device_links import NOT_READ, link_rows, state_words
from ui.pages.devices import DevicesPage
from ui.pages.prepare.device_words import short_port
from ui.theme import DARK

COUNTERS = LinkCounters(5120, 300, 41, {"checksum": 2, "length": 1}, 77, 4)
CHANGE = LinkChange("pump", LinkState.LOST, "the cable is out", scenes.NOW, "/dev/ttyUSB0", "80213", "Space", COUNTERS)


@dataclass
class Room:
    """A devices page with a device side without devices."""

    page: DevicesPage
    bedside: FakeBedside
    devices: FakeDevices
    wait: Callable[[Callable[[], bool]], None]


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    devices = FakeDevices()
    devices.bind(Binding("4", "monitor", "ge-dri", "/dev/ttyUSB1"))
    bedside = FakeBedside(scenes.normal(), devices=devices)
    bridge = Bridge(bedside)
    page = DevicesPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.show()
    page.show_snapshot(scenes.normal())
    qtbot.waitUntil(lambda: bool(page.panels["pump"]._catalogue))
    yield Room(page, bedside, devices, qtbot.waitUntil)
    bridge.close()


def test_a_link_is_told_with_everything_that_was_counted():
    rows = dict(link_rows(LinkView("pump", "bbraun-space", "Space", CHANGE, 31.0)))
    assert rows["Device"] == "Space · 80213"
    assert rows["State"] == "the cable is out"
    assert rows["Frames"] == "41 good, 3 bad (checksum 2, length 1)"
    assert rows["Bytes"] == "5120 in, 300 out, 77 skipped"
    assert rows["Last frame"] == "31 s ago"
    assert rows["Reconnects"] == "4"


@pytest.mark.parametrize("state", list(LinkState))
def test_every_state_has_a_shape_and_a_word(state):
    words = state_words(LinkView("pump", "k", "n", replace(CHANGE, state=state), None))
    assert len(words.split()) >= 2


def test_a_role_that_is_not_read_says_so():
    assert link_rows(None) == (("", NOT_READ),)
    assert "NOT READ" in state_words(None)


def test_what_is_bound_stands_in_its_panel(room):
    assert room.page.panels["monitor"].device.value() == "ge-dri"
    assert room.page.panels["monitor"].port.text() == "/dev/ttyUSB1"


def test_binding_reads_from_now_on_and_is_recorded_in_the_session(room):
    room.page.panels["pump"].put("bbraun-space", "/dev/ttyUSB0", 0)
    room.page.bind("pump")
    room.wait(lambda: room.page.status().startswith("Recorded"))
    assert Binding("4", "pump", "bbraun-space", "/dev/ttyUSB0", 0) in room.devices.bindings()
    assert room.bedside.submitted == [cmd.PinDevice("4", "u1", "pump", "bbraun-space", "pump", grade="clinical")]


def test_releasing_is_recorded_as_values_being_typed(room):
    room.page.release("monitor")
    room.wait(lambda: bool(room.bedside.submitted))
    assert room.devices.bindings() == ()
    assert room.bedside.submitted == [cmd.PinDevice("4", "u1", "monitor", "", "")]


def test_without_a_session_nothing_is_recorded(room):
    room.page.show_snapshot(scenes.empty_chair())
    room.page.release("monitor")
    room.wait(lambda: room.devices.bindings() == ())
    room.wait(lambda: not room.page._busy)
    assert room.bedside.submitted == []


def test_a_port_in_use_is_said_and_the_choice_stays(room):
    room.devices.fault = "/dev/ttyUSB0 is already read as the monitor of 4"
    room.page.panels["pump"].put("bbraun-space", "/dev/ttyUSB0", 0)
    room.page.bind("pump")
    room.wait(lambda: "already read" in room.page.status())
    assert room.page.panels["pump"].port.text() == "/dev/ttyUSB0"


def test_nothing_chosen_is_said(room):
    room.page.panels["pump"].clear()
    room.page.bind("pump")
    assert "choose" in room.page.status()


def test_without_a_device_side_the_page_says_so(qtbot):
    bedside = FakeBedside(scenes.empty_chair())
    bridge = Bridge(bedside)
    page = DevicesPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    assert "No device can be read here" in page.status()
    bridge.close()


def test_a_chosen_device_stands_alone_and_another_can_be_chosen(room):
    panel = room.page.panels["pump"]
    panel.clear()
    everything = len(panel.device._keys)
    assert everything > 2
    panel.device.key("bbraun-space").click()
    assert list(panel.device._keys) == ["bbraun-space"]
    assert panel.device.value() == "bbraun-space"
    panel.another.click()
    assert len(panel.device._keys) == everything
    assert panel.device.value() == "bbraun-space"
    panel.device.key("new-era").click()
    assert list(panel.device._keys) == ["new-era"]


def test_a_port_on_which_another_role_is_read_is_not_offered(room):
    room.wait(room.page.panels["pump"].ports.has_options)
    assert list(room.page.panels["pump"].ports._keys) == ["/dev/ttyUSB0"]
    assert list(room.page.panels["monitor"].ports._keys) == ["/dev/ttyUSB0", "/dev/ttyUSB1"]
    room.devices.bind(Binding("4", "pump", "bbraun-space", "/dev/ttyUSB0"))
    room.page.panels["monitor"].look()
    room.wait(lambda: list(room.page.panels["monitor"].ports._keys) == ["/dev/ttyUSB1"])


@pytest.mark.parametrize(
    ("port", "words"),
    [
        (PortInfo("/dev/ttyUSB0", "FT232R USB UART", "", ""), "ttyUSB0 · FT232R USB UART"),
        (PortInfo("/dev/pts/3", "simulated GE Datex-Ohmeda monitor", "", ""), "pts/3 · simulated GE …"),
        (PortInfo("/dev/ttyUSB1", "Averylongdescriptionwithoutaspace", "", ""), "ttyUSB1"),
        (PortInfo("COM3", "n/a", "", ""), "COM3"),
    ],
)
def test_a_port_is_never_cut_within_a_word(port, words):
    assert short_port(port) == words


def test_the_port_says_every_way_in_which_it_can_be_named(room):
    assert "socket://" in room.page.panels["pump"].port._hint
    assert "listen://address:port" in room.page.panels["pump"].port._hint


def test_nothing_can_be_read_from_now_on_until_a_device_is_chosen(room):
    panel, (_, bind) = room.page.panels["pump"], room.page._keys["pump"]
    assert not bind.isEnabled()
    panel.device.key("bbraun-space").click()
    assert bind.isEnabled()
    panel.another.click()
    panel.device.key("typed").click()
    assert not bind.isEnabled()
