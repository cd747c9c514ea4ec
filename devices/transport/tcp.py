"""TCP as a byte pipe: dialling a device or terminal server, and being dialled by one."""

from __future__ import annotations

import select
import socket

from devices.spec import TransportLost

READ_SIZE = 65536
CONNECT_TIMEOUT_S = 3.0
WRITE_TIMEOUT_S = 2.0


class TcpClient:
    """`socket://host:port`: we dial."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._where = f"{host}:{port}"
        self._socket: socket.socket | None = None

    @property
    def name(self) -> str:
        """The port as the person typed it."""
        return f"socket://{self._where}"

    def open(self) -> None:
        """Connect within 3 s, or raise TransportLost."""
        self.close()
        try:
            self._socket = socket.create_connection(self._address, CONNECT_TIMEOUT_S)
        except OSError as cause:
            raise TransportLost(_why_not_connected(self._where, cause)) from cause
        _tune(self._socket)

    def read(self, timeout_s: float) -> bytes:
        """What has arrived; TransportLost when the other side closed."""
        return _receive(self._opened(), timeout_s, self._where)

    def write(self, data: bytes) -> None:
        """Send all of `data` or raise TransportLost."""
        _send(self._opened(), data, self._where)

    def close(self) -> None:
        """Close; may be called twice."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _opened(self) -> socket.socket:
        if self._socket is None:
            raise TransportLost(f"{self.name} is closed")
        return self._socket


class TcpListener:
    """`listen://host:port`: the other side dials us, one at a time. Bytes written while nobody is there are lost."""

    def __init__(self, host: str, port: int) -> None:
        """Port 0 takes any free one; `bound_port` tells it."""
        self._host = host
        self._port = port
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None

    @property
    def name(self) -> str:
        """The port as the person typed it, with the real number once bound."""
        return f"listen://{self._host}:{self.bound_port}"

    @property
    def bound_port(self) -> int:
        """The TCP port in use."""
        if self._listener is None:
            return self._port
        return int(self._listener.getsockname()[1])

    def has_client(self) -> bool:
        """Whether somebody has dialled in."""
        return self._client is not None

    def open(self) -> None:
        """Listen (if not listening already), or raise TransportLost."""
        if self._listener is not None:
            return
        try:
            family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
            listener = socket.create_server((self._host, self._port), family=family, backlog=1)
        except OSError as cause:
            raise TransportLost(f"cannot listen on {self._host}:{self._port}: {cause.strerror or cause}") from cause
        listener.setblocking(False)
        self._listener = listener

    def read(self, timeout_s: float) -> bytes:
        """Accept who dials, and what has arrived from there; TransportLost when that side closed."""
        if self._listener is None:
            raise TransportLost(f"{self.name} is closed")
        if self._client is None:
            if not select.select([self._listener], [], [], max(0.0, timeout_s))[0]:
                return b""
            try:
                self._client, _ = self._listener.accept()
            except OSError:
                return b""  # it hung up again before we answered
            _tune(self._client)
            timeout_s = 0.0
        try:
            return _receive(self._client, timeout_s, self.name)
        except TransportLost:
            self._hang_up()
            raise

    def write(self, data: bytes) -> None:
        """Send all of `data` to who is there."""
        if self._listener is None:
            raise TransportLost(f"{self.name} is closed")
        if self._client is None:
            return
        try:
            _send(self._client, data, self.name)
        except TransportLost:
            self._hang_up()
            raise

    def close(self) -> None:
        """Hang up and stop listening; may be called twice."""
        self._hang_up()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _tune(connection: socket.socket) -> None:
    connection.settimeout(WRITE_TIMEOUT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def _receive(connection: socket.socket, timeout_s: float, where: str) -> bytes:
    try:
        if not select.select([connection], [], [], max(0.0, timeout_s))[0]:
            return b""
        data = connection.recv(READ_SIZE)
    except (OSError, ValueError) as cause:
        raise TransportLost(f"the connection to {where} broke: {cause}") from cause
    if not data:
        raise TransportLost(f"{where} closed the connection")
    return data


def _send(connection: socket.socket, data: bytes, where: str) -> None:
    try:
        connection.sendall(data)
    except OSError as cause:
        raise TransportLost(f"the connection to {where} broke: {cause}") from cause


def _why_not_connected(where: str, cause: OSError) -> str:
    if isinstance(cause, ConnectionRefusedError):
        return f"nothing listens at {where}"
    if isinstance(cause, TimeoutError):
        return f"{where} does not answer"
    if isinstance(cause, socket.gaierror):
        return f"the host of {where} is not known"
    return f"{where} cannot be reached: {cause.strerror or cause}"
