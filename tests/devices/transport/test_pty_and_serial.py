"""A serial port at one end of a pseudo-terminal, its simulator's server at the other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.spec import PortSettings, TransportLost
from devices.transport.pty import PtyServer
from devices.transport.serial_port import SerialPort

LINE = PortSettings(19200, parity="E", rtscts=True)


@pytest.fixture
def server() -> Iterator[PtyServer]:
    server = PtyServer("monitor")
    server.open()
    yield server
    server.close()


@pytest.fixture
def client(server: PtyServer) -> Iterator[SerialPort]:
    client = SerialPort(server.port, LINE)
    client.open()
    yield client
    client.close()


def read_exactly(end: SerialPort | PtyServer, count: int) -> bytes:
    data = b""
    while len(data) < count and (piece := end.read(2.0)):
        data += piece
    return data


def test_every_byte_value_passes_both_ways_unchanged(server: PtyServer, client: SerialPort) -> None:
    everything = bytes(range(256)) * 4
    server.write(everything)
    assert read_exactly(client, len(everything)) == everything
    client.write(everything)
    assert read_exactly(server, len(everything)) == everything


def test_even_parity_and_handshake_do_not_fail_on_a_pseudo_terminal(client: SerialPort) -> None:
    assert client.read(0) == b""


def test_a_port_in_use_is_refused_in_one_sentence(server: PtyServer, client: SerialPort) -> None:
    with pytest.raises(TransportLost) as caught:
        SerialPort(server.port, LINE).open()
    assert str(caught.value) == f"another program uses {server.port}"


def test_a_missing_port_is_named() -> None:
    with pytest.raises(TransportLost) as caught:
        SerialPort("/dev/no-such-port", LINE).open()
    assert str(caught.value) == "/dev/no-such-port does not exist"


def test_a_file_or_a_folder_is_no_serial_port(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(TransportLost, match="is not a serial port"):
        SerialPort(str(tmp_path / "file"), LINE).open()
    with pytest.raises(TransportLost, match="is a folder"):
        SerialPort(str(tmp_path), LINE).open()


def test_a_vanished_port_is_lost_and_comes_back_under_the_same_name(server: PtyServer, client: SerialPort) -> None:
    path = server.port
    server.unplug()
    with pytest.raises(TransportLost, match="has gone"):
        client.read(1.0)
    client.close()
    with pytest.raises(TransportLost, match="does not exist"):
        client.open()
    server.replug()
    assert server.port == path
    client.open()
    server.write(b"back")
    assert read_exactly(client, 4) == b"back"


def test_writing_to_a_vanished_port_is_lost_too(server: PtyServer, client: SerialPort) -> None:
    server.unplug()
    with pytest.raises(TransportLost, match="has gone"):
        client.write(b"x")


class Deaf:
    """What pyserial would be on a cable whose device never sets CTS."""

    def __init__(self, *, rtscts: bool) -> None:
        self.rtscts, self.cts, self.written, self.said = rtscts, False, b"", b""
        self.port = ""

    def open(self) -> None:
        """It is there."""

    def fileno(self) -> int:
        return 0

    def write(self, data: bytes) -> None:
        self.written += data

    def reset_output_buffer(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""


def test_a_device_that_does_not_hold_cts_is_not_written_to_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    port, line = SerialPort("COM3", LINE), Deaf(rtscts=True)
    monkeypatch.setattr(port, "_serial", line)
    assert port.held_back().startswith("the device does not allow sending (CTS)")
    with pytest.raises(TransportLost, match=r"^the device does not allow sending \(CTS\)"):
        port.write(b"?")
    assert line.written == b""
    line.cts = True
    assert port.held_back() == ""
    port.write(b"?")
    assert line.written == b"?"


def test_without_handshake_nothing_is_held_back(client: SerialPort, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.held_back() == ""
    monkeypatch.setattr(client, "_serial", Deaf(rtscts=False))
    assert client.held_back() == ""


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Deaf]:
    """Every opening of a port whose device never sets CTS, in order; its bytes are read from `said`."""
    made: list[Deaf] = []

    def make(**settings: Any) -> Deaf:
        made.append(Deaf(rtscts=settings["rtscts"]))
        return made[-1]

    monkeypatch.setattr("devices.transport.serial_port.serial.Serial", make)
    monkeypatch.setattr("devices.transport.serial_port._read_posix", lambda fd, timeout_s: made[-1].said)
    monkeypatch.setattr("devices.transport.serial_port._read_elsewhere", lambda line, timeout_s: made[-1].said)
    return made


def test_a_cable_without_cts_is_tried_without_it_at_the_next_opening_and_said(opened: list[Deaf]) -> None:
    port = SerialPort("COM3", LINE)
    port.open()
    assert (opened[-1].rtscts, port.opened_without()) == (True, "")
    assert port.held_back()
    port.open()
    assert opened[-1].rtscts is False
    assert port.opened_without().startswith("opened without RTS/CTS")
    assert port.held_back() == ""
    port.write(b"?")
    opened[-1].said = b"!"
    assert port.read(0) == b"!"
    port.open()  # it was of use: so again
    assert opened[-1].rtscts is False
    port.read(0)
    port.open()  # it was not: as it was set
    assert (opened[-1].rtscts, port.opened_without()) == (True, "")


def test_a_device_that_was_heard_or_let_us_send_keeps_its_handshake(opened: list[Deaf]) -> None:
    port = SerialPort("COM3", LINE)
    for heard, clear in ((b"", True), (b"!", False), (b"!", True)):
        port.open()
        opened[-1].said, opened[-1].cts = heard, clear
        port.held_back()
        port.read(0)
    port.open()
    port.read(0)  # nothing was to be sent, nothing came: that is no cable without CTS
    port.open()
    assert [one.rtscts for one in opened] == [True] * 5
    assert port.opened_without() == ""


def test_a_line_without_handshake_is_never_opened_with_it(opened: list[Deaf]) -> None:
    port = SerialPort("COM3", PortSettings(9600))
    for _ in range(4):
        port.open()
        port.held_back()
        port.read(0)
    assert [one.rtscts for one in opened] == [False] * 4
    assert port.opened_without() == ""


def test_a_closed_port_says_so(server: PtyServer) -> None:
    client = SerialPort(server.port, LINE)
    with pytest.raises(TransportLost, match="is closed"):
        client.read(0)
    client.close()


def test_what_is_written_while_no_client_is_there_is_lost(server: PtyServer) -> None:
    server.write(b"into the void")
    client = SerialPort(server.port, LINE)
    client.open()
    server.write(b"heard")
    assert read_exactly(client, 5) == b"heard"
    client.close()
    assert server.delivered == 5


def test_a_client_may_leave_and_another_come(server: PtyServer) -> None:
    for word in (b"one", b"two"):
        client = SerialPort(server.port, LINE)
        client.open()
        client.write(word)
        assert read_exactly(server, 3) == word
        client.close()
        assert server.read(0) == b""


def test_a_client_that_does_not_read_never_blocks_the_server(server: PtyServer, client: SerialPort) -> None:
    flood = os.urandom(40_000)
    server.write(flood)
    assert server.held > 0
    got = b""
    while len(got) < len(flood):
        got += read_exactly(client, 1)
        server.read(0)
    assert got == flood
    assert server.held == 0


def test_closing_the_server_leaves_nothing_behind(server: PtyServer) -> None:
    folder = Path(server.port).parent
    server.close()
    server.close()
    assert not folder.exists()
