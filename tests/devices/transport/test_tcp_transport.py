"""TCP in both directions, and each way in which it fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devices.spec import TransportLost
from devices.transport.tcp import TcpClient, TcpListener


@pytest.fixture
def listener() -> Iterator[TcpListener]:
    listener = TcpListener("127.0.0.1", 0)
    listener.open()
    yield listener
    listener.close()


@pytest.fixture
def client(listener: TcpListener) -> Iterator[TcpClient]:
    client = TcpClient("127.0.0.1", listener.bound_port)
    client.open()
    yield client
    client.close()


def test_bytes_pass_both_ways(listener: TcpListener, client: TcpClient) -> None:
    client.write(b"ask")
    assert listener.read(2.0) == b"ask"
    listener.write(b"answer")
    assert client.read(2.0) == b"answer"
    assert client.read(0) == b""


def test_nobody_there_is_silence_not_an_error(listener: TcpListener) -> None:
    assert listener.read(0) == b""
    listener.write(b"nobody hears")
    assert not listener.has_client()


def test_a_listener_that_closes_is_lost_for_who_dialled_it(listener: TcpListener, client: TcpClient) -> None:
    listener.read(2.0)
    listener.close()
    with pytest.raises(TransportLost, match=r"closed the connection|broke"):
        client.read(2.0)


def test_a_refused_connection_is_named() -> None:
    free = TcpListener("127.0.0.1", 0)
    free.open()
    port = free.bound_port
    free.close()
    with pytest.raises(TransportLost) as caught:
        TcpClient("127.0.0.1", port).open()
    assert str(caught.value) == f"nothing listens at 127.0.0.1:{port}"


def test_an_unknown_host_is_named() -> None:
    with pytest.raises(TransportLost, match=r"host of no-such-host\.invalid:4001 is not known|cannot be reached"):
        TcpClient("no-such-host.invalid", 4001).open()


def test_a_taken_port_cannot_be_listened_on(listener: TcpListener) -> None:
    with pytest.raises(TransportLost, match="cannot listen on"):
        TcpListener("127.0.0.1", listener.bound_port).open()


def test_closed_ends_say_so(listener: TcpListener) -> None:
    listener.close()
    for end in (listener, TcpClient("127.0.0.1", 1)):
        with pytest.raises(TransportLost, match="is closed"):
            end.read(0)
        with pytest.raises(TransportLost, match="is closed"):
            end.write(b"x")
