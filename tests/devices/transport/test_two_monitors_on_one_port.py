"""Two monitors that dial one port are two patients: one is read, the other is turned away and told of."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from devices.link import Link
from devices.transport.tcp import STAYS_S, TcpListener
from exomonitor.clock import ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkFault
from exomonitor.signals.vitals import VitalReading
from tests.devices.toy_device import toy_spec

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="only 127.0.0.1 is a loopback address there")
OURS, OTHER = "127.0.0.1", "127.0.0.2"


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def listener(seconds: Seconds) -> Iterator[TcpListener]:
    listener = TcpListener("127.0.0.1", 0, seconds)
    listener.open()
    yield listener
    listener.close()


def call(listener: TcpListener, host: str, said: bytes) -> socket.socket:
    device = socket.create_connection(("127.0.0.1", listener.bound_port), 2.0, source_address=(host, 0))
    device.sendall(said)
    return device


def is_hung_up(device: socket.socket) -> bool:
    device.settimeout(2.0)
    try:
        return device.recv(1) == b""
    except ConnectionResetError:
        return True


def test_while_one_host_speaks_another_is_turned_away(listener: TcpListener, seconds: Seconds) -> None:
    with call(listener, OURS, b"first"):
        assert listener.read(2.0) == b"first"
        with call(listener, OTHER, b"stranger") as other:
            assert listener.read(2.0) == b""
            assert is_hung_up(other)
        assert listener.turned_away() == f"{OTHER} dials the port that {OURS} speaks on: it needs a port of its own"
        assert listener.turned_away() == ""
        assert listener.has_client()


def test_it_is_turned_away_between_two_calls_of_the_first_as_well(listener: TcpListener, seconds: Seconds) -> None:
    with call(listener, OURS, b"first"):
        assert listener.read(2.0) == b"first"
    assert listener.read(2.0) == b""
    seconds.now += STAYS_S - 1
    with call(listener, OTHER, b"stranger"):
        assert listener.read(2.0) == b""
    with call(listener, OURS, b"second"):
        assert listener.read(2.0) == b"second"


def test_after_two_silent_minutes_the_port_is_for_whoever_dials(listener: TcpListener, seconds: Seconds) -> None:
    with call(listener, OURS, b"first"):
        assert listener.read(2.0) == b"first"
    assert listener.read(2.0) == b""
    seconds.now += STAYS_S
    with call(listener, OTHER, b"another"):
        assert listener.read(2.0) == b"another"
        assert listener.caller_changed()
        assert listener.turned_away() == ""


def test_the_link_says_so_and_reads_only_the_one(listener: TcpListener, clock: ManualClock) -> None:
    seen: list[DeviceFact] = []
    link = Link(replace(toy_spec()), listener, "monitor", clock, seen.append)
    link.step()
    with call(listener, OURS, b"HR 72\n") as ours:
        link.step(2.0)
        with call(listener, OTHER, b"HR 140\n"):
            link.step(2.0)
        ours.sendall(b"HR 73\n")
        link.step(2.0)
    assert [fact.value for fact in seen if isinstance(fact, VitalReading)] == [72.0, 73.0]
    assert [fact.reason for fact in seen if isinstance(fact, LinkFault)] == [
        f"{OTHER} dials the port that {OURS} speaks on: it needs a port of its own"
    ]
    assert OTHER in [fact.reason for fact in seen if isinstance(fact, LinkChange)][-1]
    link.close()
