"""Several pumps on one line: one port, one of them asked at a time, each a device of its own for its chair."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest

from devices.catalogue import CATALOGUE, spec_of
from devices.discovery import FoundPort
from devices.link import Link
from devices.scenes import Scene
from devices.service import LiveDevices
from devices.simulation.faults import Fault, FaultKind, FaultPlan
from devices.simulation.one_wire import OneWire
from devices.simulation.patient import PatientWorld
from devices.simulation.scenarios import load_scenario
from devices.simulation.server import SimServer
from devices.spec import PortSettings, Role, Transport, TransportLost
from devices.transport.memory import pair
from devices.transport.shared_line import SharedLine
from exomonitor.clock import NS, ManualClock, SystemClock, pause, stopwatch
from exomonitor.engine.ports import Binding
from exomonitor.errors import CommandRefused
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault, LinkState
from exomonitor.signals.pump import PumpReading

with_addresses = pytest.mark.parametrize("key", [key for key, spec in CATALOGUE.items() if spec.addresses])


class Listening:
    """The line's port; writes down what was asked, and when."""

    def __init__(self, inner: Transport, clock: ManualClock) -> None:
        self.inner, self.clock, self.name = inner, clock, inner.name
        self.asked: list[tuple[int, bytes]] = []
        self.openings = 0
        self.is_open = False

    def open(self) -> None:
        self.inner.open()
        self.openings, self.is_open = self.openings + 1, True

    def read(self, timeout_s: float) -> bytes:
        return self.inner.read(0.0)

    def write(self, data: bytes) -> None:
        self.asked.append((self.clock.now().mono_ns, data))
        self.inner.write(data)

    def close(self) -> None:
        self.is_open = False
        self.inner.close()


class Ward:
    """Pumps at the addresses `present` on one wire, and links to those `read` at seats of its line."""

    def __init__(
        self, key: str, clock: ManualClock, present: Sequence[int], read: Sequence[int], *faults: Fault
    ) -> None:
        self.clock = clock
        family = spec_of(key)
        client, device = pair("line")
        device.open()
        self.port = Listening(client, clock)
        self.line = SharedLine(self.port, family.request_budget_per_s)
        self.facts: dict[int, list[DeviceFact]] = {n: [] for n in read}
        self.links = {
            n: Link(family.at_address(n), self.line.seat(), f"pump {n}", clock, self.facts[n].append) for n in read
        }
        pumps = [
            family.at_address(n).make_simulator(PatientWorld(), running=True, rate_ml_h=10.0 + n, vtbi_ml=50.0)
            for n in present
        ]
        self.server = SimServer(OneWire(pumps), device, FaultPlan(faults, 1))
        self._t = 0.0

    def run(self, seconds: float, step_s: float = 0.02) -> Ward:
        for _ in range(round(seconds / step_s)):
            for link in self.links.values():
                link.step()
            self.server.step(self._t)
            self._t += step_s
            self.clock.advance(step_s)
        return self

    def readings(self, address: int) -> list[PumpReading]:
        return [fact for fact in self.facts[address] if isinstance(fact, PumpReading)]

    def faults(self, address: int) -> list[LinkFault]:
        return [fact for fact in self.facts[address] if isinstance(fact, LinkFault)]


class HeldBack(Listening):
    """A line that takes nothing while `why` says so: writing to it all the same would lose the port."""

    why = "the device does not allow sending (CTS)"

    def opened_without(self) -> str:
        return ""

    def held_back(self) -> str:
        return self.why

    def write(self, data: bytes) -> None:
        if self.why:
            raise TransportLost(self.why)
        super().write(data)


@with_addresses
def test_a_line_that_takes_nothing_is_waited_for_by_all_who_sit_at_it(key: str, clock: ManualClock) -> None:
    ward = Ward(key, clock, (0, 3), (0, 3))
    ward.port = HeldBack(ward.port.inner, clock)
    ward.line.inner = ward.port
    ward.run(3.0)
    assert (ward.port.openings, ward.port.asked) == (1, [])
    assert all(link.is_open for link in ward.links.values())
    ward.port.why = ""
    ward.run(10.0)
    assert all(len(ward.readings(address)) >= 5 for address in (0, 3))
    assert ward.port.openings == 1


@with_addresses
def test_each_pump_is_read_as_its_own_and_nothing_is_mixed_up(key: str, clock: ManualClock) -> None:
    ward = Ward(key, clock, (0, 3, 12), (0, 3, 12)).run(20.0)
    for address in (0, 3, 12):
        readings = ward.readings(address)
        assert len(readings) >= 12
        assert {(one.source, one.channel, one.rate_ml_h) for one in readings} == {
            (f"pump {address}", str(address), 10.0 + address)
        }
        assert ward.faults(address) == []
    assert ward.port.openings == 1


@with_addresses
def test_all_of_them_together_are_asked_no_more_often_than_one_line_may_be(key: str, clock: ManualClock) -> None:
    ward = Ward(key, clock, range(8), range(8)).run(30.0)
    times = [t for t, _ in ward.port.asked]
    most = max(sum(1 for t in times if begin <= t < begin + NS) for begin in times)
    assert most <= spec_of(key).request_budget_per_s
    assert all(link.state is LinkState.TALKING for link in ward.links.values())
    for address in range(8):
        at = [one.at for one in ward.readings(address)]
        assert max(later.since(earlier) for earlier, later in pairwise(at)) < 10.0


@with_addresses
def test_nobody_is_asked_while_another_one_has_not_answered(key: str, clock: ManualClock) -> None:
    ward = Ward(key, clock, (1, 2), (1, 2))
    asked: list[bytes] = []
    for _ in range(500):
        before = len(ward.port.asked)
        for link in ward.links.values():
            link.step()
        asked = [frame for _, frame in ward.port.asked[before:]]
        assert len(asked) <= 1
        ward.server.step(ward._t)
        ward._t += 0.02
        clock.advance(0.02)
    assert len(ward.port.asked) > 40


@with_addresses
def test_pumps_that_are_switched_off_do_not_make_the_others_stale(key: str, clock: ManualClock) -> None:
    ward = Ward(key, clock, (0, 5), (0, 1, 2, 3, 4, 5)).run(60.0)
    for address in (0, 5):
        at = [one.at for one in ward.readings(address)]
        assert max(later.since(earlier) for earlier, later in pairwise(at)) < 10.0
        assert ward.links[address].state is LinkState.TALKING
    assert {ward.links[n].state for n in (1, 2, 3, 4)} == {LinkState.LOST}
    assert ward.port.openings == 1


@with_addresses
def test_a_port_that_goes_is_lost_to_all_and_comes_back_to_all(key: str, clock: ManualClock) -> None:
    ward = Ward(key, clock, (0, 3), (0, 3), Fault(FaultKind.GONE, 10.0, 5.0, None)).run(12.0)
    assert {link.state for link in ward.links.values()} == {LinkState.LOST}
    ward.run(15.0)
    assert {link.state for link in ward.links.values()} == {LinkState.TALKING}


@with_addresses
def test_a_line_on_which_nobody_speaks_any_more_is_opened_anew(key: str, clock: ManualClock) -> None:
    ward = Ward(key, clock, (0, 3), (0, 3), Fault(FaultKind.OUT, 10.0, 100.0, None)).run(100.0)
    assert ward.port.openings >= 2
    ward.run(30.0)
    assert {link.state for link in ward.links.values()} == {LinkState.TALKING}


@with_addresses
def test_the_port_is_closed_when_the_last_one_leaves(key: str, clock: ManualClock) -> None:
    ward = Ward(key, clock, (0, 3), (0, 3)).run(5.0)
    ward.links[0].close()
    assert ward.port.is_open
    count = len(ward.readings(3))
    del ward.links[0]
    ward.run(5.0)
    assert len(ward.readings(3)) > count
    ward.links[3].close()
    assert not ward.port.is_open


@with_addresses
def test_an_answer_that_comes_in_anothers_turn_is_not_taken_for_his(key: str, clock: ManualClock) -> None:
    ward = Ward(key, clock, (0, 3), (0, 3), Fault(FaultKind.FREEZE, 10.0, 1.5, None)).run(30.0)
    for address in (0, 3):
        assert {one.rate_ml_h for one in ward.readings(address)} - {None} == {10.0 + address}
        assert ward.links[address].state is LinkState.TALKING


@with_addresses
def test_a_simulated_line_has_as_many_pumps_as_are_asked_for(key: str) -> None:
    heard: list[bytes] = []
    scene = Scene(load_scenario("smooth"), keys={Role.PUMP: key})
    for address in (3, 12):
        scene.join(Role.PUMP, address)
    end = scene.transports[Role.PUMP]
    end.open()
    for address in (0, 3, 12, 40):
        driver = spec_of(key).at_address(address).make_driver("pump")
        clock = ManualClock()
        driver.opened(clock.now())
        question = driver.due(clock.now())
        assert question is not None
        end.write(question)
        scene.step(float(address))
        heard.append(end.read(0.0))
    assert [bool(said) for said in heard] == [True, True, True, False]
    scene.close()


@with_addresses
def test_after_a_power_cut_every_pump_of_a_simulated_line_comes_back(key: str) -> None:
    scene = Scene(load_scenario("smooth"), keys={Role.PUMP: key})
    for address in (3, 12):
        scene.join(Role.PUMP, address)
    scene.strike(Role.PUMP, FaultKind.REBOOT, 2.0)
    scene.step(1.0)
    scene.step(3.0)
    end = scene.transports[Role.PUMP]
    end.open()
    for t, address in ((4.0, 0), (5.0, 3), (6.0, 12)):
        driver, clock = spec_of(key).at_address(address).make_driver("pump"), ManualClock()
        driver.opened(clock.now())
        question = driver.due(clock.now())
        assert question is not None
        end.write(question)
        scene.step(t)
        assert end.read(0.0), address
    scene.close()


# --- the service, with threads


class Station:
    """A service whose port P1 is a line with pumps at 0 and 3 that really run."""

    def __init__(self) -> None:
        self.facts: list[tuple[str, DeviceFact]] = []
        self.opened: list[PortSettings] = []
        family = spec_of("new-era")
        self.client, device = pair("P1")
        device.open()
        pumps = [family.at_address(n).make_simulator(PatientWorld(), running=True, rate_ml_h=10.0 + n) for n in (0, 3)]
        self.server = SimServer(OneWire(pumps), device)
        self.service = LiveDevices(
            SystemClock(),
            lambda chair, *facts: self.facts.extend((chair, fact) for fact in facts),
            lambda chair, info: None,
            lambda chair, source: None,
            find=lambda: (FoundPort("P1", "adapter", "A1", "1-1", 0x0403, 0x6001),),
            transport=self._transport,
        )
        self._done = threading.Event()
        self._world = threading.Thread(target=self._run, name="world")
        self._world.start()

    def _transport(self, port: str, settings: PortSettings) -> Transport:
        self.opened.append(settings)
        return self.client

    def _run(self) -> None:
        began = stopwatch()
        while not self._done.wait(0.003):
            self.server.step(stopwatch() - began)

    def rates(self, chair: str) -> set[Any]:
        return {fact.rate_ml_h for of, fact in list(self.facts) if of == chair and isinstance(fact, PumpReading)}

    def wait_until(self, so: Callable[[], bool]) -> None:
        limit = stopwatch() + 10
        while not so():
            assert stopwatch() < limit
            pause(0.01)

    def close(self) -> None:
        self.service.close()
        self._done.set()
        self._world.join()


@pytest.fixture
def station() -> Iterator[Station]:
    one = Station()
    yield one
    one.close()


def test_two_chairs_read_two_pumps_of_one_line_at_once(station: Station) -> None:
    station.service.bind(Binding("chair 1", "pump", "new-era", "P1"))
    station.service.bind(Binding("chair 2", "pump", "new-era@3", "P1"))
    station.wait_until(lambda: bool(station.rates("chair 1") and station.rates("chair 2")))
    assert (station.rates("chair 1"), station.rates("chair 2")) == ({10.0}, {13.0})
    station.service.release("chair 1", "pump")
    count = len(station.facts)
    station.wait_until(lambda: any(isinstance(fact, PumpReading) for _, fact in station.facts[count:]))


@pytest.mark.parametrize(
    ("binding", "complaint"),
    [
        (Binding("chair 2", "pump", "new-era", "P1"), "already read as the pump of chair 1"),
        (Binding("chair 2", "pump", "harvard-ultra@3", "P1"), "already read as the pump of chair 1"),
        (Binding("chair 2", "pump", "new-era@3", "P1", 9600), "pumps of one line have one speed"),
    ],
)
def test_what_cannot_share_a_line_is_refused(station: Station, binding: Binding, complaint: str) -> None:
    station.service.bind(Binding("chair 1", "pump", "new-era", "P1"))
    with pytest.raises(CommandRefused, match=complaint):
        station.service.bind(binding)


def test_a_reading_is_tried_at_another_address_of_a_line_that_is_read(station: Station) -> None:
    station.service.bind(Binding("chair 1", "pump", "new-era", "P1"))
    lines = station.service.test_reading("new-era@3", "P1", 0, 0.6)
    assert any(line.startswith("pump") for line in lines)
    assert station.rates("chair 1") <= {10.0}
