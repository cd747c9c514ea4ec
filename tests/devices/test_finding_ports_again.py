"""A renumbered port is found by its adapter; a name alone is believed only where nothing else is known."""

from __future__ import annotations

import pytest

from devices.discovery import Adapter, FoundPort, adapter_at, where_now
from devices.moving_port import MovingPort
from devices.spec import TransportLost
from devices.transport.memory import MemoryEnd, pair


def port(name: str, serial: str = "", location: str = "") -> FoundPort:
    return FoundPort(name, "adapter", serial, location, 0x0403, 0x6001)


A0, B1 = port("ttyUSB0", "A", "1-1"), port("ttyUSB1", "B", "1-2")


@pytest.mark.parametrize(
    ("name", "adapter", "ports", "now"),
    [
        ("ttyUSB0", Adapter("A", "1-1"), (A0, B1), "ttyUSB0"),
        ("ttyUSB0", Adapter("A", "1-1"), (port("ttyUSB3", "A", "1-4"), B1), "ttyUSB3"),
        ("COM7", Adapter("A", "1-1"), (port("COM4", "A", "1-1"),), "COM4"),
        ("ttyUSB0", Adapter("A", "1-1"), (port("ttyUSB0", "B", "1-2"), port("ttyUSB1", "A", "1-1")), "ttyUSB1"),
        ("ttyUSB0", Adapter("", "1-1"), (port("ttyUSB2", "", "1-1"), port("ttyUSB0", "", "1-2")), "ttyUSB2"),
        ("ttyUSB0", Adapter("Q", "1-1:1.2"), (port("u1", "Q", "1-1:1.1"), port("u2", "Q", "1-1:1.2")), "u2"),
        ("ttyUSB0", Adapter("Q", "1-1:1.2"), (port("u1", "Q", "3-2:1.1"), port("u2", "Q", "3-2:1.2")), "u2"),
        ("/dev/pts/4", Adapter(), (A0,), "/dev/pts/4"),
        ("socket://10.0.0.2:4001", Adapter(), (), "socket://10.0.0.2:4001"),
    ],
    ids=[
        "same",
        "renumbered",
        "windows",
        "swapped",
        "by its socket",
        "four in one",
        "four in one, moved",
        "pty",
        "tcp",
    ],
)
def test_the_port_of_an_adapter_is_found_whatever_it_is_called(name, adapter, ports, now):
    assert where_now(name, adapter, ports).name == now


@pytest.mark.parametrize(
    ("adapter", "ports", "why"),
    [
        (Adapter("A", "1-1"), (), "the adapter A, last called ttyUSB0, is not plugged in"),
        (Adapter("A", "1-1"), (port("ttyUSB0", "B", "1-1"),), "another one has its name now"),
        (Adapter("", "1-1"), (port("ttyUSB0", "", "1-3"),), "USB socket 1-1, last called ttyUSB0, is not plugged in"),
        (Adapter("", "1-1"), (port("ttyUSB0", "B", "1-1"),), "is not plugged in; another one has its name"),
        (Adapter("A", "9"), (port("x", "A", "1"), port("y", "A", "2")), "several ports of the adapter A: bind"),
    ],
)
def test_another_adapter_under_the_old_name_is_not_taken_for_it(adapter, ports, why):
    found = where_now("ttyUSB0", adapter, ports)
    assert found.name == ""
    assert why in found.why


def test_what_is_known_of_a_port_is_its_adapter_and_its_place():
    assert adapter_at("ttyUSB1", (A0, B1)) == Adapter("B", "1-2")
    assert not adapter_at("/dev/pts/3", (A0, B1))


def test_a_port_that_came_back_under_another_name_is_opened_there():
    plugged = [A0]
    made: dict[str, MemoryEnd] = {}

    def make(name: str) -> MemoryEnd:
        made[name] = pair(name)[0]
        return made[name]

    moving = MovingPort("ttyUSB0", Adapter("A", "1-1"), lambda: tuple(plugged), make)
    moving.open()
    moving.close()
    plugged.clear()
    with pytest.raises(TransportLost, match="is not plugged in"):
        moving.open()
    assert moving.name == "ttyUSB0"
    plugged.append(port("ttyUSB3", "A", "1-1"))
    moving.open()
    assert moving.name == "ttyUSB3"
    assert moving.read(0) == b""
    moving.write(b"x")
    moving.close()
    assert set(made) == {"ttyUSB0", "ttyUSB3"}
