"""The link of a device that dials us: callers come and go on real sockets, the cable's state follows what is heard."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devices.link import Link
from devices.transport.capture import Kind, read_capture
from devices.transport.tcp import TcpListener
from exomonitor.clock import ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkFault, LinkState
from exomonitor.signals.vitals import VitalReading
from tests.devices.toy_device import ASK, ToyDriver, toy_spec


class Ward:
    """A link that listens, and devices that call it."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.seen: list[DeviceFact] = []
        self.opened = 0
        self.listener = TcpListener("127.0.0.1", 0)
        spec = replace(toy_spec(), make_driver=self._driver)
        self.link = Link(spec, self.listener, "monitor", clock, self.seen.append)
        self.link.step()

    def _driver(self, source: str) -> ToyDriver:
        ward = self

        class Counted(ToyDriver):
            def opened(self, at: object) -> None:
                ward.opened += 1
                super().opened(at)  # type: ignore[arg-type]

        return Counted(source)

    def call(self, said: bytes) -> socket.socket:
        device = socket.create_connection(("127.0.0.1", self.listener.bound_port), 2.0)
        device.sendall(said)
        return device

    def visit(self, said: bytes) -> None:
        """A device calls, speaks, and hangs up at once."""
        self.call(said).close()
        self.link.step(2.0)

    def step(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.link.step()

    def values(self) -> list[float | None]:
        return [fact.value for fact in self.seen if isinstance(fact, VitalReading)]

    def states(self) -> list[LinkState]:
        states = [fact.state for fact in self.seen if isinstance(fact, LinkChange)]
        return [state for number, state in enumerate(states) if number == 0 or states[number - 1] is not state]

    def faults(self) -> list[str]:
        return [fact.reason for fact in self.seen if isinstance(fact, LinkFault)]


@pytest.fixture
def ward(clock: ManualClock) -> Iterator[Ward]:
    ward = Ward(clock)
    yield ward
    ward.link.close()


def test_a_device_that_hangs_up_after_each_message_is_never_lost(ward: Ward) -> None:
    port = ward.listener.bound_port
    for number in range(5):
        ward.visit(b"HR 7%d\n" % number)
        ward.clock.advance(5.0)
    assert ward.values() == [70.0, 71.0, 72.0, 73.0, 74.0]
    assert ward.states() == [LinkState.OPENING, LinkState.SILENT, LinkState.TALKING]
    assert ward.link.counters().reconnects == 0
    assert ward.listener.bound_port == port


def test_a_caller_without_a_word_changes_no_state(ward: Ward) -> None:
    ward.visit(b"")
    assert ward.states() == [LinkState.OPENING, LinkState.SILENT]
    ward.visit(b"HR 70\n")
    ward.visit(b"")
    assert ward.link.state is LinkState.TALKING


def test_half_a_message_of_one_caller_is_not_glued_to_the_next_ones(ward: Ward) -> None:
    ward.visit(b"HR 7")
    ward.visit(b"0\nHR 80\n")
    assert ward.values() == [80.0]
    assert ward.faults() == ["syntax"]


def test_half_a_message_of_a_replaced_caller_is_forgotten_too(ward: Ward) -> None:
    with ward.call(b"HR 7"):
        ward.link.step(2.0)
        with ward.call(b"HR 80\n"):
            ward.link.step(2.0)
            assert ward.values() == [80.0]
            assert ward.faults() == []


def test_the_dialogue_begins_anew_with_each_caller(ward: Ward) -> None:
    before = ward.opened
    with ward.call(b"") as device:
        ward.link.step(2.0)
        assert device.recv(10) == ASK
    ward.link.step(2.0)
    assert ward.opened - before == 2  # came and went


def test_a_question_to_nobody_is_neither_a_loss_nor_counted_nor_recorded(ward: Ward, tmp_path: Path) -> None:
    ward.link.start_capture(tmp_path / "a.capture")
    for _ in range(5):
        ward.step(1.0)
    assert ward.link.state is LinkState.SILENT
    assert ward.link.counters().bytes_out == 0
    with ward.call(b"HR 70\n"):
        ward.link.step(2.0)
    ward.link.stop_capture()
    kinds = [(record.kind, record.data) for record in read_capture(tmp_path / "a.capture")]
    assert kinds[:3] == [(Kind.OPEN, b""), (Kind.RX, b"HR 70\n"), (Kind.TX, ASK)]
    assert ward.link.counters().bytes_out == len(ASK)


def test_a_line_that_nobody_calls_goes_stale_and_lost_but_stays_open(ward: Ward) -> None:
    ward.visit(b"HR 70\n")
    ward.step(10.0)
    ward.step(20.0)
    assert ward.states()[-2:] == [LinkState.STALE, LinkState.LOST]
    caller = ward.call(b"")  # it waits to be answered
    for _ in range(10):
        ward.step(30.0)
    caller.sendall(b"HR 75\n")  # and nobody hung up on it
    ward.link.step(2.0)
    assert ward.values() == [70.0, 75.0]
    assert ward.link.state is LinkState.TALKING
    assert ward.link.counters().reconnects == 0
    caller.close()


def test_a_lost_line_that_listens_is_not_asked_without_pause(ward: Ward) -> None:
    for _ in range(31):
        ward.step(1.0)
    assert ward.link.state is LinkState.LOST
    assert ward.link.next_due().since(ward.clock.now()) > 0.5
