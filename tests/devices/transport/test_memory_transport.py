"""The memory cable behaves as a wire does: lost bytes, exclusive ends, unplugging."""

from __future__ import annotations

import threading

import pytest

from devices.spec import TransportLost
from devices.transport.memory import MemoryEnd, pair


def opened() -> tuple[MemoryEnd, MemoryEnd]:
    client, server = pair("cable")
    client.open()
    server.open()
    return client, server


def test_bytes_reach_the_other_end_in_order() -> None:
    client, server = opened()
    client.write(b"ab")
    client.write(b"c")
    assert server.read(0) == b"abc"
    assert server.read(0) == b""


def test_a_second_open_is_refused() -> None:
    client, _ = opened()
    with pytest.raises(TransportLost, match="another program uses cable"):
        client.open()


def test_bytes_for_a_closed_end_are_lost_not_kept() -> None:
    client, server = opened()
    client.close()
    server.write(b"lost")
    client.open()
    assert client.read(0) == b""
    assert server.delivered == 0


def test_an_unplugged_cable_is_lost_for_both_and_cannot_be_opened() -> None:
    client, server = opened()
    server.unplug()
    for end in (client, server):
        with pytest.raises(TransportLost, match="cable has gone"):
            end.read(0)
    client.close()
    with pytest.raises(TransportLost, match="cable does not exist"):
        client.open()


def test_after_replugging_the_client_opens_again_and_talks() -> None:
    client, server = opened()
    server.unplug()
    client.close()
    server.replug()
    client.open()
    server.write(b"back")
    assert client.read(0) == b"back"


def test_a_closed_end_says_so() -> None:
    client, _ = opened()
    client.close()
    client.close()
    with pytest.raises(TransportLost, match="closed"):
        client.read(0)
    with pytest.raises(TransportLost, match="closed"):
        client.write(b"x")


def test_a_waiting_reader_is_woken_by_bytes() -> None:
    client, server = opened()
    seen: list[bytes] = []
    reader = threading.Thread(target=lambda: seen.append(client.read(5.0)))
    reader.start()
    server.write(b"wake")
    reader.join(5.0)
    assert seen == [b"wake"]
