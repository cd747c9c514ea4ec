"""The views of the Devices page: another device confirmed, a port identified, the bytes of a line, ports and chairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from devices.scenes import Scene
from devices.simulation.scenarios import load_scenario
from devices.trainer import tricks_of
from exomonitor.engine.ports import Binding, FoundDevice, PortInfo, Trick, WireRow
from exomonitor.engine.snapshot import LinkView, Snapshot
from exomonitor.errors import CommandRefused
from exomonitor.session.parts.device_check import ConfirmDevice
from exomonitor.signals.links import LinkChange, LinkCounters, LinkState
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.fake_devices import FakeDevices
from ui.bridge import Bridge
from ui.pages.device_trainer import TrainerPanel
from ui.pages.devices import DevicesPage, support_folder
from ui.presenters import devices as words
from ui.scan_burst import WRISTBAND
from ui.theme import DARK

OTHER = LinkChange("pump", LinkState.WRONG_DEVICE, "", scenes.NOW, "COM4", "99999", "Space", LinkCounters(requests=7))
MASIMO = FoundDevice("masimo", "Masimo oximeter (ASCII 1)", "monitor", 0, "", "70986", "Masimo oximeter at 9600 8N1")
ROW = WireRow(scenes.NOW, False, bytes(range(20)), ("hr: 72 /min", "spo2: 97 %", "BAD FRAME: checksum"))


@dataclass
class Room:
    """A devices page with a device side without devices."""

    page: DevicesPage
    bedside: FakeBedside
    devices: FakeDevices
    bridge: Bridge
    wait: Callable[[Callable[[], bool]], None]


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    devices = FakeDevices()
    devices.bind(Binding("4", "pump", "bbraun-space", "/dev/ttyUSB0", 0, "A50285BI", "1-1.2", "80213"))
    bedside = FakeBedside(scenes.normal(), devices=devices)
    bridge = Bridge(bedside)
    page = DevicesPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1290, 610)
    page.show()
    page.show_snapshot(scenes.normal())
    qtbot.waitUntil(lambda: bool(page.panels["pump"]._catalogue))
    yield Room(page, bedside, devices, bridge, qtbot.waitUntil)
    bridge.close()


def changed(snapshot: Snapshot | None = None) -> Snapshot:
    return replace(snapshot or scenes.normal(), links=(LinkView("pump", "bbraun-space", "Space", OTHER, 0.4),))


# --- another device


def test_another_pump_is_confirmed_by_wristband_and_number_and_heard_then(room):
    card = room.page.confirms["pump"]
    assert card.isHidden()
    room.page.show_snapshot(changed())
    assert card.isVisible()
    assert "says it is Space number 99999. It was number 80213 before" in card.question.text()
    assert not card.key.isEnabled()
    card.patient.click()
    assert not card.key.isEnabled()
    card.device.click()
    card.key.click()
    room.wait(lambda: bool(room.devices.accepted))
    assert room.bedside.submitted == [
        ConfirmDevice("4", "u1", "pump", "99999", "80213", "Space", read=True, looked=True)
    ]
    assert room.devices.accepted == [("4", "pump", "99999")]
    room.page.show_snapshot(scenes.normal())
    assert card.isHidden()


def test_a_pump_that_tells_no_number_any_more_is_confirmed_by_wristband_and_by_looking(room):
    silent = replace(OTHER, serial="", model="")
    room.page.show_snapshot(replace(scenes.normal(), links=(LinkView("pump", "bbraun-space", "Space", silent, 0.4),)))
    card = room.page.confirms["pump"]
    assert card.question.text() == "The pump on the cable does not tell its number. It was number 80213 before."
    card.patient.click()
    card.device.click()
    card.key.click()
    room.wait(lambda: bool(room.devices.accepted))
    assert room.bedside.submitted == [
        ConfirmDevice("4", "u1", "pump", "", "80213", "", read=True, looked=True, untold=True)
    ]
    assert room.devices.accepted == [("4", "pump", "")]


def test_a_scanned_wristband_stands_for_the_first_tick(room):
    room.page.show_snapshot(changed())
    card = room.page.confirms["pump"]
    room.bridge.scanned.emit(WRISTBAND, "W-4")
    assert card.patient.isChecked()
    card.device.click()
    card.confirm()
    room.wait(lambda: bool(room.devices.accepted))
    (wanted,) = room.bedside.submitted
    assert (wanted.scanned, wanted.read) == ("W-4", False)


def test_what_is_refused_is_said_and_the_device_is_not_heard(room):
    room.bedside.refusal = "This wristband belongs to another patient"
    room.page.show_snapshot(changed())
    card = room.page.confirms["pump"]
    card.patient.click()
    card.device.click()
    card.confirm()
    room.wait(lambda: "another patient" in card.said.text())
    assert room.devices.accepted == []


def test_without_a_session_the_number_alone_is_compared(room):
    room.page.show_snapshot(changed(scenes.empty_chair()))
    card = room.page.confirms["pump"]
    assert not card.patient.isVisible()
    card.device.click()
    card.confirm()
    room.wait(lambda: room.devices.accepted == [("4", "pump", "99999")])
    assert room.bedside.submitted == []


def test_nothing_else_is_bound_before_the_device_is_confirmed(room):
    room.page.show_snapshot(changed())
    room.page.bind("pump")
    assert "confirm patient and pump" in room.page.status()


# --- what is on a port


def test_what_answers_on_a_port_can_be_read_at_once(room):
    room.devices.found = (MASIMO,)
    finder = room.page.finder
    finder.port.set_text("/dev/ttyUSB1")
    finder.begin()
    room.wait(lambda: "Masimo" in finder.said.text())
    assert room.devices.tried == [("", "/dev/ttyUSB1", 0)]
    finder.read.key("masimo").click()
    room.wait(lambda: any(one.key == "masimo" for one in room.devices.bindings()))
    assert room.page.view.value() == "connect"


def test_nobody_answering_and_a_port_in_use_are_said(room):
    finder = room.page.finder
    finder.port.set_text("COM9")
    finder.begin()
    room.wait(lambda: "Nothing answered" in finder.said.text())
    room.devices.fault = "Another program uses COM9"
    finder.begin()
    room.wait(lambda: finder.said.text() == "Another program uses COM9")


def test_a_device_is_tried_at_its_usual_speeds_and_the_right_one_is_chosen(room):
    panel = room.page.panels["pump"]
    panel.put("bbraun-space", "/dev/ttyUSB0", 0)
    room.devices.found = (FoundDevice("bbraun-space", "Space", "pump", 115200, "", "", "Space at 115200 8N1"),)
    panel.speeds.click()
    room.wait(lambda: panel.bauds.value() == "115200")
    assert panel.heard.text() == "Space at 115200 8N1"
    assert room.devices.tried == [("bbraun-space", "/dev/ttyUSB0", 0)]


def test_a_pump_on_a_shared_line_has_a_network_address(room):
    panel = room.page.panels["pump"]
    panel.put("new-era@3", "/dev/ttyUSB1", 0)
    assert panel.address.isVisibleTo(panel)
    bound = panel.binding("4")
    assert bound is not None
    assert bound.key == "new-era@3"
    panel.address.set_text("")
    assert panel.binding("4").key == "new-era"
    panel.address.set_text("x")
    assert "from 0 to 99" in panel.problem()
    panel.put("bbraun-space", "/dev/ttyUSB1", 0)
    assert not panel.address.isVisibleTo(panel)


def test_grade_and_what_is_not_known_stand_there_before_anything_is_read(room):
    panel = room.page.panels["pump"]
    panel.put("new-era", "/dev/ttyUSB1", 0)
    assert "Laboratory grade · never reports occlusion, air in line" in panel.brief.text()
    assert "not on this model" in panel.brief.text()


# --- bytes, ports, chairs


def test_the_bytes_of_a_line_stand_beside_their_meaning(room):
    room.devices.rows = (ROW,)
    room.page.show_view("wire")
    room.wait(lambda: bool(room.page.wire.view.lines()))
    first, second, third = room.page.wire.view.lines()
    assert (first.way, first.data, first.said) == ("<", bytes(range(16)), "hr: 72 /min")
    assert (second.time, second.way, second.data, second.said) == ("", "", bytes(range(16, 20)), "spo2: 97 %")
    assert (third.data, third.said) == (b"", "BAD FRAME: checksum")


def test_held_bytes_stand_still(room):
    room.page.show_view("wire")
    room.wait(lambda: not room.page.wire._asked)
    room.page.wire.hold.setChecked(True)
    room.devices.rows = (ROW,)
    room.page.show_snapshot(scenes.normal())
    assert not room.page.wire._asked


def test_the_raw_bytes_are_saved_for_support(room):
    room.page.wire.save_now()
    room.wait(lambda: "pump.excap" in room.page.wire.said.text())
    assert "may hold names" in room.page.wire.said.text()
    room.devices.fault = "The disk is full"
    room.page.wire.save_now()
    room.wait(lambda: room.page.wire.said.text() == "The disk is full")
    assert support_folder(room.bedside).name == "support"


def test_only_as_many_lines_as_there_is_room_for_the_newest_last():
    rows = tuple(WireRow(scenes.NOW.plus(n), n % 2 == 0, bytes([n]), ()) for n in range(50))
    lines = words.wire_lines(rows, 3)
    assert [line.data for line in lines] == [b"\x2f", b"\x30", b"\x31"]
    assert [line.way for line in lines] == ["<", ">", "<"]
    assert words.wire_lines(rows, 0) == ()


def test_ports_and_chairs_say_who_is_read_where(room):
    assert room.page.finder.ports.words()[0][-1] == "pump of chair 4"
    assert room.page.finder.ports.words()[1][-1] == "free"
    (row,) = room.page.finder.chairs.words()
    assert row == ("4", "pump", "B. Braun Space", "/dev/ttyUSB0", "80213", "adapter A50285BI, own number")


def test_an_adapter_that_is_plugged_in_now_is_seen_when_somebody_looks_again(room):
    room.devices.bind(Binding("4", "monitor", "ge-dri", "/dev/ttyUSB1"))
    room.page.finder.again.click()
    room.wait(lambda: room.page.finder.ports.words()[1][-1] == "monitor of chair 4")


@pytest.mark.parametrize(
    ("port", "said"),
    [
        (PortInfo("COM3", "USB Serial Port (COM3)", "", "", "FTDI", "FT232R"), "FTDI · FT232R"),
        (PortInfo("COM3", "USB Serial Port (COM3)", "", ""), "USB Serial Port (COM3)"),
        (PortInfo("COM3", "", "", ""), "--"),
    ],
)
def test_an_adapter_is_named_as_it_names_itself(port, said):
    assert words.adapter_words(port) == said


@pytest.mark.parametrize(
    ("offset", "said"),
    [
        (None, "it tells no time"),
        (0.4, "as ours"),
        (-75.0, "75 s behind ours"),
        (600.0, "10 min ahead of ours"),
        (3 * 3600.0, "3 h ahead of ours"),
        (-2e8, "2315 days behind ours"),
    ],
)
def test_how_far_a_clock_is_off(offset, said):
    assert words.clock_words(offset).startswith(said)


def test_how_a_device_is_known_again():
    bound = Binding("4", "pump", "new-era", "COM3")
    assert words.known_by(bound) == "the port's name alone"
    assert words.known_by(replace(bound, location="1-1")) == "USB socket 1-1"


# --- the trainer


TRICKS = (
    Trick("pump.out.5", "Pump cable", "Cable out, 5 s", "Nothing yet", "", 5.0),
    Trick("pump.out.20", "Pump cable", "Cable out, 20 s", "PUMP DATA OLD", "pump.stale", 20.0),
    Trick("pump.heal", "Pump cable", "Cable in order again", "All of it is over"),
    Trick("patient.fast", "Patient", "Heart rate rises to 150", "HR HIGH", "hr"),
)


class Trainable(FakeBedside):
    """A bedside of a demo."""

    def __init__(self, control: Control) -> None:
        super().__init__(scenes.normal(), devices=FakeDevices())
        self._control = control

    @property
    def simulation(self) -> Control:
        return self._control


class Control:
    """Takes what a trainer wishes."""

    def __init__(self, tricks: tuple[Trick, ...] = TRICKS) -> None:
        self.played: list[tuple[str, str]] = []
        self._tricks = tricks

    def tricks(self, chair: str) -> tuple[Trick, ...]:
        return self._tricks

    def play(self, chair: str, key: str) -> None:
        if key == "patient.fast":
            raise CommandRefused("There is no patient")
        self.played.append((chair, key))


def test_a_trainer_lets_things_happen_and_is_told_what_the_nurse_sees(qtbot):
    control = Control()
    bedside = Trainable(control)
    bridge = Bridge(bedside)
    page = DevicesPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.show_view("trainer")
    panel = page.findChild(TrainerPanel)
    assert panel is not None
    panel.last("Pump cable", "20")
    panel.keys["pump.out"].click()
    qtbot.waitUntil(lambda: control.played == [("4", "pump.out.20")])
    qtbot.waitUntil(lambda: panel.said.text() == "Cable out, 20 s. The nurse will see: PUMP DATA OLD")
    panel.lengths["Pump cable"].chosen.emit("5")
    assert panel.keys["pump.out"].accessibleDescription() == "Nothing yet"
    panel.keys["pump.out"].click()
    qtbot.waitUntil(lambda: control.played[1:] == [("4", "pump.out.5")])
    panel.turn("Patient")
    panel.keys["patient.fast"].click()
    qtbot.waitUntil(lambda: panel.said.text() == "There is no patient")
    bridge.close()


def test_every_page_of_the_trainer_fits_beneath_the_bars(qtbot):
    scene = Scene(load_scenario("smooth"))
    bedside = Trainable(Control(tricks_of(scene)))
    bridge = Bridge(bedside)
    page = DevicesPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.resize(1290, 610)
    page.show()
    page.show_view("trainer")
    panel = page.findChild(TrainerPanel)
    assert panel is not None
    assert panel.tabs.value() == "Pump cable"
    for trick in tricks_of(scene):
        panel.turn(trick.group)
        key = panel.keys[trick.stem]
        assert key.isVisible()
        assert page.rect().contains(key.mapTo(page, key.rect().bottomRight())), trick.key
    scene.close()
    bridge.close()


def test_outside_a_demo_there_is_no_trainer(room):
    assert list(room.page.view._keys) == ["links", "connect", "ports", "wire"]
