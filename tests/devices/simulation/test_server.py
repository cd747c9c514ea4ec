"""A simulated device on a wire: it answers, speaks by itself, survives its client, and its port may vanish."""

from __future__ import annotations

from itertools import pairwise

import pytest

from devices.link import BACKOFF_S, Link
from devices.simulation.faults import Fault, FaultKind, FaultPlan
from devices.simulation.server import SimServer
from devices.spec import TransportLost
from devices.transport.memory import MemoryEnd, pair
from devices.transport.pty import PtyServer
from devices.transport.serial_port import SerialPort
from exomonitor.clock import ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.vitals import VitalReading
from tests.devices.toy_device import ASK, INTERVAL_S, ToySimulator, toy_spec


def served(*faults: Fault, chatty: bool = False) -> tuple[MemoryEnd, SimServer]:
    client, device = pair("toy")
    device.open()
    client.open()
    return client, SimServer(ToySimulator(None, chatty=chatty), device, FaultPlan(faults))


def test_a_question_is_answered_at_the_next_step() -> None:
    client, server = served()
    client.write(ASK)
    server.step(0.0)
    assert client.read(0) == b"HR 72\n"
    assert server.heard == len(ASK)


def test_a_device_speaks_when_its_own_time_has_come() -> None:
    client, server = served(chatty=True)
    assert server.next_due(0.0) == 2.0
    server.step(1.9)
    assert client.read(0) == b""
    server.step(2.0)
    assert client.read(0) == b"HR 1\n"


def test_a_device_outlives_its_client() -> None:
    client, server = served(chatty=True)
    client.close()
    server.step(2.0)
    client.open()
    server.step(4.0)
    assert client.read(0) == b"HR 1\n"


def test_a_vanished_port_comes_back_when_the_fault_ends() -> None:
    client, server = served(Fault(FaultKind.GONE, 1.0, 2.0))
    server.step(1.0)
    with pytest.raises(TransportLost, match="toy has gone"):
        client.read(0)
    client.close()
    server.step(3.0)
    client.open()
    client.write(ASK)
    server.step(3.0)
    assert client.read(0) == b"HR 72\n"


def play(link: Link, server: SimServer, clock: ManualClock, seconds: int) -> None:
    """Half-second steps; the link twice, so that it hears the answer to its question."""
    began = clock.now().mono_ns / 1e9
    for _ in range(seconds * 2):
        clock.advance(0.5)
        t = began + clock.now().mono_ns / 1e9 - began
        link.step()
        server.step(t)
        link.step(0.02)


def test_a_pty_that_vanishes_is_lost_and_found_again_by_the_link(clock: ManualClock) -> None:
    device = PtyServer("toy")
    device.open()
    server = SimServer(ToySimulator(None), device, FaultPlan([Fault(FaultKind.GONE, 3.0, 4.0)]))
    seen: list[DeviceFact] = []
    link = Link(toy_spec(), SerialPort(device.port, toy_spec().settings), "monitor", clock, seen.append)
    play(link, server, clock, 12)
    link.close()
    server.close()
    states = [fact.state for fact in seen if isinstance(fact, LinkChange)]
    order = [a for i, a in enumerate(states) if i == 0 or states[i - 1] is not a]
    talking = [LinkState.SILENT, LinkState.TALKING]
    assert order == [LinkState.OPENING, *talking, LinkState.LOST, *talking, LinkState.CLOSED]
    times = [fact.at for fact in seen if isinstance(fact, VitalReading)]
    gap = max(b.since(a) for a, b in pairwise(times))
    assert 4.0 <= gap <= 4.0 + BACKOFF_S[-1] + INTERVAL_S  # the fault, one step of back-off, one interval


def test_a_pulled_cable_is_silence_on_an_open_port(clock: ManualClock) -> None:
    device = PtyServer("toy")
    device.open()
    server = SimServer(ToySimulator(None), device, FaultPlan([Fault(FaultKind.OUT, 3.0, 12.0)]))
    seen: list[DeviceFact] = []
    link = Link(toy_spec(), SerialPort(device.port, toy_spec().settings), "monitor", clock, seen.append)
    play(link, server, clock, 20)
    states = [fact.state for fact in seen if isinstance(fact, LinkChange)]
    link.close()
    server.close()
    assert LinkState.STALE in states
    assert LinkState.LOST not in states
    assert states[-1] is LinkState.TALKING


def test_a_device_whose_power_came_back_is_a_new_one() -> None:
    client, device = pair("toy")
    device.open()
    client.open()
    plan = FaultPlan([Fault(FaultKind.REBOOT, 3.0, 2.0)])
    server = SimServer(ToySimulator(None, chatty=True), device, plan, switched_on=lambda: ToySimulator(None))
    for t in (2.0, 4.0, 5.0, 6.0, 8.0):
        server.step(t)
    assert client.read(0) == b"HR 1\n"  # what it said before
    assert not server.simulator.due(100.0)  # the new one is not chatty
