"""The Devices page's requests: binding, releasing, refusing, trying a port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.discovery import FoundPort, is_same
from devices.scenes import Scene
from devices.service import LiveDevices
from devices.simulation.scenarios import load_scenario
from devices.spec import PortSettings, Role, Transport, TransportLost
from devices.transport.memory import pair
from exomonitor.clock import SystemClock, pause, stopwatch
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.ports import Binding, DeviceService
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import VitalReading

PUMP = Binding("chair 1", "pump", "bbraun-space", "P1")
MONITOR = Binding("chair 1", "monitor", "ge-dri", "P2")


class Ward:
    """A service whose ports P1 and P2 lead to simulated devices that really run."""

    def __init__(self) -> None:
        self.facts: list[tuple[str, DeviceFact]] = []
        self.bound: list[SourceInfo] = []
        self.released: list[tuple[str, str]] = []
        self.settings: list[PortSettings] = []
        self.scene = Scene(load_scenario("short"))
        self.service = LiveDevices(
            SystemClock(),
            lambda chair, *facts: self.facts.extend((chair, fact) for fact in facts),
            lambda chair, info: self.bound.append(info),
            lambda chair, source: self.released.append((chair, source)),
            find=lambda: (FoundPort("P1", "adapter", "A1", "1-1", 0x0403, 0x6001),),
            transport=self.transport,
        )
        self._done = threading.Event()
        self._world = threading.Thread(target=self._run, name="world")
        self._world.start()

    def transport(self, port: str, settings: PortSettings) -> Transport:
        self.settings.append(settings)
        ports = {"P1": Role.PUMP, "P2": Role.MONITOR}
        return self.scene.transports[ports[port]] if port in ports else Missing(port)

    def wait_for(self, kind: type) -> None:
        limit = stopwatch() + 10
        while not any(isinstance(fact, kind) for _, fact in list(self.facts)):
            assert stopwatch() < limit, f"no {kind.__name__} came"
            pause(0.01)

    def close(self) -> None:
        self.service.close()
        self._done.set()
        self._world.join()
        self.scene.close()

    def _run(self) -> None:
        began = stopwatch()
        while not self._done.wait(0.005):
            self.scene.step(stopwatch() - began)


class Missing:
    """A port that is not there."""

    def __init__(self, port: str) -> None:
        self.name = port

    def open(self) -> None:
        raise TransportLost(f"{self.name} does not exist")

    def read(self, timeout_s: float) -> bytes:
        return b""

    def write(self, data: bytes) -> None:
        """Nowhere."""

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def ward() -> Iterator[Ward]:
    ward = Ward()
    yield ward
    ward.close()


def test_it_is_the_service_that_the_window_asks_for(ward: Ward) -> None:
    service: DeviceService = ward.service
    assert {choice.key for choice in service.catalogue()} >= {"bbraun-space", "new-era", "ge-dri"}
    assert [port.name for port in service.ports()] == ["P1"]
    assert service.bindings() == ()


def test_a_bound_device_is_read_under_its_role_and_chair(ward: Ward) -> None:
    ward.service.bind(PUMP)
    ward.service.bind(MONITOR)
    ward.wait_for(PumpReading)
    ward.wait_for(VitalReading)
    assert {(chair, fact.source) for chair, fact in ward.facts} == {("chair 1", "pump"), ("chair 1", "monitor")}
    assert [info.key for info in ward.bound] == ["bbraun-space", "ge-dri"]
    assert ward.service.bindings() == (PUMP, MONITOR)


def test_a_released_device_says_nothing_more(ward: Ward) -> None:
    ward.service.bind(PUMP)
    ward.wait_for(PumpReading)
    ward.service.release("chair 1", "pump")
    count = len(ward.facts)
    pause(0.1)
    assert len(ward.facts) == count
    assert ward.released == [("chair 1", "pump")]
    assert ward.service.bindings() == ()
    ward.service.release("chair 1", "pump")


def test_a_second_binding_takes_the_place_of_the_first(ward: Ward) -> None:
    ward.service.bind(PUMP)
    again = Binding("chair 1", "pump", "bbraun-space", "P1", 19200)
    ward.service.bind(again)
    assert ward.service.bindings() == (again,)
    assert [settings.baud for settings in ward.settings] == [9600, 19200]
    assert ward.released == [("chair 1", "pump")]


@pytest.mark.parametrize(
    ("binding", "line"),
    [
        (Binding("chair 1", "monitor", "ge-dri", "P1"), "19200 8E1 RTS/CTS"),
        (Binding("chair 1", "monitor", "ge-dri", "P1", line="8E1"), "19200 8E1"),
        (Binding("chair 1", "monitor", "ge-dri", "P1", 115200, line="8E1"), "115200 8E1"),
        (Binding("chair 1", "pump", "harvard-ultra", "P1", 9600, line="8N2"), "9600 8N2"),
    ],
)
def test_a_line_is_opened_with_the_setting_of_its_binding(ward: Ward, binding: Binding, line: str) -> None:
    ward.service.bind(binding)
    assert [settings.text() for settings in ward.settings] == [line]
    assert ward.service.bindings() == (binding,)


@pytest.mark.parametrize(
    ("binding", "complaint"),
    [
        (Binding("chair 1", "pump", "no-such", "P1"), "no device 'no-such'"),
        (Binding("chair 1", "monitor", "bbraun-space", "P1"), "is no monitor"),
        (Binding("chair 1", "pump", "bbraun-space", "P1", 300), "does not speak at 300 baud"),
        (Binding("chair 1", "pump", "bbraun-space", "P1", line="7E1"), "does not speak with 7E1, but with 8N1$"),
        (Binding("chair 1", "monitor", "ge-dri", "P1", line="8N2"), "but with 8E1 RTS/CTS or 8E1$"),
        (Binding("chair 2", "pump", "bbraun-space", "P1"), "already read as the pump of chair 1"),
    ],
)
def test_nonsense_is_refused_and_leaves_everything_as_it_was(ward: Ward, binding: Binding, complaint: str) -> None:
    ward.service.bind(PUMP)
    with pytest.raises(CommandRefused, match=complaint):
        ward.service.bind(binding)
    assert ward.service.bindings() == (PUMP,)


def test_a_test_reading_tells_what_it_heard(ward: Ward) -> None:
    lines = ward.service.test_reading("bbraun-space", "P1", 0, 1.5)
    assert lines[0] == "P1 opened with 9600 8N1"
    assert "good frames, 0 bad" in lines[1]
    assert any(line.startswith("pump ") for line in lines)


def test_a_test_reading_of_the_wrong_device_says_what_to_check(ward: Ward) -> None:
    client, device = pair("quiet")
    device.open()
    service = LiveDevices(
        SystemClock(), lambda *_: None, lambda *_: None, lambda *_: None, transport=lambda port, settings: client
    )
    lines = service.test_reading("ge-dri", "quiet", 0, 0.2)
    assert lines[-1] == "nothing was understood: check cable, device type, baud rate and parity"
    over_the_network = service.test_reading("hl7-pcd01", "listen://127.0.0.1:2575", 0, 0.05)
    assert over_the_network[0] == "listen://127.0.0.1:2575 opened"


def test_a_test_reading_needs_a_port_that_opens_and_is_free(ward: Ward) -> None:
    with pytest.raises(EnvironmentFault, match=r"^P9 does not exist$"):
        ward.service.test_reading("ge-dri", "P9", 0, 1.0)
    ward.service.bind(PUMP)
    with pytest.raises(CommandRefused, match="already read as the pump"):
        ward.service.test_reading("bbraun-space", "P1", 0, 1.0)


def test_a_port_that_is_read_is_not_searched_and_the_sentence_names_the_chair(ward: Ward, tmp_path: Path) -> None:
    ward.service.bind(PUMP)
    with pytest.raises(CommandRefused, match=r"^P1 is already read as the pump of chair 1$"):
        ward.service.identify("P1", "", lambda _: None, lambda: False)


def test_another_name_of_a_port_is_the_same_port(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "by-id").symlink_to(tmp_path / "ttyUSB0")
    assert is_same(str(tmp_path / "by-id"), str(tmp_path / "ttyUSB0"))
    assert not is_same("COM3", "COM4")
    assert not is_same("socket://127.0.0.1:1", "socket://127.0.0.1:2")


def test_a_device_without_a_checksum_says_so(ward: Ward) -> None:
    said = {
        choice.key: any("no checksum" in effect for effect in choice.side_effects)
        for choice in ward.service.catalogue()
    }
    assert said.items() >= {"bbraun-space": False, "new-era": True, "ge-dri": False}.items()


def test_a_capture_of_a_bound_device(ward: Ward, tmp_path: Path) -> None:
    ward.service.bind(PUMP)
    ward.service.capture_anew("chair 1", "pump", tmp_path / "c")
    ward.wait_for(PumpReading)
    ward.service.release("chair 1", "pump")
    assert (tmp_path / "c").stat().st_size > 100
    with pytest.raises(CommandRefused, match="No monitor is read at chair 1"):
        ward.service.capture_anew("chair 1", "monitor", tmp_path / "d")
