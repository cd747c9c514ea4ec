"""Devices that dial us, one after another: hang-ups, newer callers, answers to nobody; and the device that dials."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest

from devices.spec import TransportLost
from devices.transport.tcp import LAST_READS, TcpCaller, TcpListener


@pytest.fixture
def listener() -> Iterator[TcpListener]:
    listener = TcpListener("127.0.0.1", 0)
    listener.open()
    yield listener
    listener.close()


def dialled(listener: TcpListener, said: bytes = b"") -> socket.socket:
    """A device that has called and perhaps said something."""
    device = socket.create_connection(("127.0.0.1", listener.bound_port), 2.0)
    device.sendall(said)
    return device


def hang_up_hard(device: socket.socket) -> None:
    """End the connection as a device does that never reads what it was answered."""
    device.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    device.close()


def test_a_caller_who_hangs_up_leaves_silence_and_an_open_line(listener: TcpListener) -> None:
    port = listener.bound_port
    for said in (b"first", b"second", b"third"):
        with dialled(listener, said):
            assert listener.read(2.0) == said
            assert listener.has_client()
        assert listener.read(2.0) == b""
        assert not listener.has_client()
    assert listener.bound_port == port


def test_a_caller_whose_connection_breaks_is_one_who_hung_up(listener: TcpListener) -> None:
    device = dialled(listener, b"message")
    assert listener.read(2.0) == b"message"
    hang_up_hard(device)
    assert listener.read(2.0) == b""
    assert not listener.has_client()
    with dialled(listener, b"next"):
        assert listener.read(2.0) == b"next"


def test_coming_and_going_are_told_once_each(listener: TcpListener) -> None:
    assert not listener.caller_changed()
    with dialled(listener, b"message"):
        listener.read(2.0)
        assert listener.caller_changed()
        assert not listener.caller_changed()
    listener.read(2.0)
    assert listener.caller_changed()
    listener.read(0)
    assert not listener.caller_changed()


def test_a_newer_caller_replaces_an_older_one_whose_connection_is_closed(listener: TcpListener) -> None:
    with dialled(listener, b"old") as old:
        assert listener.read(2.0) == b"old"
        assert listener.caller_changed()
        with dialled(listener, b"new") as new:
            assert listener.read(2.0) == b"new"
            assert listener.caller_changed()
            assert old.recv(10) == b""
            listener.write(b"answer")
            assert new.recv(10) == b"answer"


def test_callers_who_said_something_and_left_before_we_looked_are_all_heard(listener: TcpListener) -> None:
    for said in (b"one", b"two", b"three"):
        dialled(listener, said).close()
    heard = [listener.read(0) for _ in range(8)]
    assert b" ".join(filter(None, heard)) == b"one two three"
    assert not listener.has_client()


def test_bytes_of_two_callers_never_come_in_one_piece_and_a_change_is_told_between_them(listener: TcpListener) -> None:
    dialled(listener, b"half a mess").close()
    with dialled(listener, b"whole"):
        assert listener.read(2.0) == b"half a mess"
        assert listener.caller_changed()
        pieces: list[tuple[bytes, bool]] = []
        while not pieces or not pieces[-1][0]:
            pieces.append((listener.read(2.0), listener.caller_changed()))
    assert pieces[-1][0] == b"whole"
    assert any(changed for _, changed in pieces)


def test_an_older_caller_who_never_stops_talking_cannot_keep_a_newer_one_out(listener: TcpListener) -> None:
    with dialled(listener, b"talk") as old, dialled(listener, b"new"):
        listener.read(2.0)
        for _ in range(LAST_READS + 1):
            old.sendall(b"talk")
            if (heard := listener.read(2.0)) == b"new":
                break
        assert heard == b"new"


def test_an_answer_to_a_caller_who_has_gone_is_lost_without_ado(listener: TcpListener) -> None:
    device = dialled(listener, b"message")
    assert listener.read(2.0) == b"message"
    hang_up_hard(device)
    for _ in range(3):
        listener.write(b"answer")
    assert not listener.has_client()
    with dialled(listener, b"next") as other:
        assert listener.read(2.0) == b"next"
        other.settimeout(0.0)
        with pytest.raises(BlockingIOError):
            other.recv(10)  # what was meant for the one is not told to the other


def test_an_address_that_was_not_given_is_this_machine_alone() -> None:
    listener = TcpListener("", 0)
    listener.open()
    assert listener.name == f"listen://127.0.0.1:{listener.bound_port}"
    listener.close()


class Hand:
    """Seconds that move by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_device_dials_when_it_has_something_to_say_and_hears_its_answer(listener: TcpListener) -> None:
    caller = TcpCaller("127.0.0.1", listener.bound_port)
    caller.open()
    assert caller.name == f"socket://127.0.0.1:{listener.bound_port}"
    assert caller.read(0) == b""
    assert listener.read(0) == b""
    assert not listener.has_client()
    caller.write(b"message")
    assert listener.read(2.0) == b"message"
    listener.write(b"answer")
    assert caller.read(2.0) == b"answer"
    caller.close()
    caller.close()


def test_what_nobody_listened_to_is_said_when_somebody_does_and_only_the_newest(listener: TcpListener) -> None:
    port, hand = listener.bound_port, Hand()
    listener.close()
    caller = TcpCaller("127.0.0.1", port, hand)
    caller.open()
    caller.write(b"old")
    caller.write(b"newest")
    again = TcpListener("127.0.0.1", port)
    again.open()
    caller.read(0)  # a second has not passed
    assert again.read(0) == b""
    hand.now += 1.0
    caller.read(0)
    assert again.read(2.0) == b"newest"
    caller.close()
    again.close()


def test_a_device_that_was_hung_up_on_dials_anew_for_its_next_message(listener: TcpListener) -> None:
    hand = Hand()
    caller = TcpCaller("127.0.0.1", listener.bound_port, hand)
    caller.open()
    caller.write(b"one")
    assert listener.read(2.0) == b"one"
    with dialled(listener, b"other"):
        assert listener.read(2.0) == b"other"
        assert caller.read(2.0) == b""
    hand.now += 1.0
    caller.write(b"two")
    heard = [listener.read(2.0) for _ in range(2)]
    assert b"".join(heard) == b"two"
    caller.close()


def test_a_device_that_was_switched_off_does_not_dial() -> None:
    caller = TcpCaller("127.0.0.1", 1)
    with pytest.raises(TransportLost, match="is closed"):
        caller.read(0)
    with pytest.raises(TransportLost, match="is closed"):
        caller.write(b"x")
