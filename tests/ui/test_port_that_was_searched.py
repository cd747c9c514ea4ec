"""What answered is read on the port that was searched, whatever stands in the field by then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from exomonitor.engine.ports import FoundDevice
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.fake_devices import FakeDevices
from ui.bridge import Bridge
from ui.pages.devices import DevicesPage
from ui.theme import DARK

SPACE = FoundDevice("bbraun-space", "Space", "pump", 115200, "", "", "Space at 115200 8N1")
WAIT_S = 10.0


class Slow(FakeDevices):
    """Searches until a test lets it answer."""

    def __init__(self) -> None:
        super().__init__()
        self.found = (SPACE,)
        self.answer = threading.Event()

    def identify(
        self, port: str, key: str, tell: Callable[[str], None], stopped: Callable[[], bool]
    ) -> tuple[FoundDevice, ...]:
        assert self.answer.wait(WAIT_S)
        return super().identify(port, key, tell, lambda: False)


@dataclass
class Room:
    """A devices page whose searches end when a test says so."""

    page: DevicesPage
    devices: Slow
    wait: Callable[[Callable[[], bool]], None]


@pytest.fixture
def room(qtbot) -> Iterator[Room]:
    devices = Slow()
    bedside = FakeBedside(scenes.normal(), devices=devices)
    bridge = Bridge(bedside)
    page = DevicesPage(bedside, bridge, DARK)
    qtbot.addWidget(page)
    page.show_snapshot(scenes.normal())
    qtbot.waitUntil(lambda: bool(page.panels["pump"]._catalogue))
    yield Room(page, devices, qtbot.waitUntil)
    devices.answer.set()
    bridge.close()


def test_another_port_chosen_while_one_is_searched_is_not_read_as_what_answered(room):
    finder = room.page.finder
    finder._on_port("/dev/ttyUSB0")
    finder.begin()
    finder._on_port("/dev/ttyUSB1")
    room.devices.answer.set()
    room.wait(lambda: not finder.search.running)
    assert finder.said.text() == "On /dev/ttyUSB0: Space at 115200 8N1"
    finder.read.key("bbraun-space").click()
    room.wait(lambda: bool(room.devices.bindings()))
    assert [one.port for one in room.devices.bindings()] == ["/dev/ttyUSB0"]


def test_what_answered_is_forgotten_when_another_port_is_typed(room):
    finder = room.page.finder
    room.devices.answer.set()
    finder._on_port("/dev/ttyUSB0")
    finder.begin()
    room.wait(lambda: finder.said.text() == "Space at 115200 8N1")
    finder.port.set_text("/dev/ttyUSB1")
    finder.port.edited.emit("/dev/ttyUSB1")
    assert finder.said.text() == ""
    assert finder.read.isHidden()


def test_a_device_or_port_chosen_while_the_speeds_are_tried_stays_chosen(room):
    panel = room.page.panels["pump"]
    panel.put("bbraun-space", "/dev/ttyUSB0", 0)
    panel.try_speeds()
    panel.port.set_text("/dev/ttyUSB1")
    room.devices.answer.set()
    room.wait(lambda: not panel.search.running)
    assert panel.heard.text() == "On /dev/ttyUSB0: Space at 115200 8N1"
    bound = panel.binding("4")
    assert bound is not None
    assert (bound.port, bound.baud) == ("/dev/ttyUSB1", 0)
