"""TCP as a byte pipe: dialling a device or terminal server, and being dialled by one."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Sequence

from devices.spec import TransportLost
from exomonitor.clock import stopwatch

READ_SIZE = 65536
CONNECT_TIMEOUT_S = 3.0
WRITE_TIMEOUT_S = 2.0
DIAL_EVERY_S = 1.0
LOOPBACK = "127.0.0.1"
BACKLOG = 8
STAYS_S = 120.0
"""For so long after it was heard the line belongs to a host: another that dials it is another device."""
LAST_READS = 32
"""So often an older caller is still heard while a newer one waits."""


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
    """`listen://host:port`: the other side dials us. The line stays open whoever comes and goes.

    The newest caller of the host that speaks has it; another host is turned away until that one has been silent for two
    minutes: two monitors on one port would be two patients in one record. Who hangs up, cleanly or not, leaves silence;
    what is written to nobody is lost.
    """

    def __init__(self, host: str, port: int, seconds: Callable[[], float] = stopwatch) -> None:
        """Port 0 takes any free one; `bound_port` tells it. Without a host only this machine can call. `seconds`: a
        real monotonic clock."""
        self._seconds = seconds
        self._peer, self._heard_at = "", 0.0
        self._turned_away = ""
        self._host = host or LOOPBACK
        self._port = port
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None
        self._changed = False
        self._reads_left = LAST_READS

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

    def caller_changed(self) -> bool:
        """Whether a caller came or went, since last asked, before the bytes that read() gave last."""
        changed, self._changed = self._changed, False
        return changed

    def turned_away(self) -> str:
        """One sentence about a caller of another host that was not let in, since last asked; "" = there was none."""
        told, self._turned_away = self._turned_away, ""
        return told

    def open(self) -> None:
        """Listen (if not listening already), or raise TransportLost."""
        if self._listener is not None:
            return
        try:
            family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
            listener = socket.create_server((self._host, self._port), family=family, backlog=BACKLOG)
        except OSError as cause:
            raise TransportLost(f"cannot listen on {self._host}:{self._port}: {cause.strerror or cause}") from cause
        listener.setblocking(False)
        self._listener = listener
        self._changed = False

    def read(self, timeout_s: float) -> bytes:
        """What the caller said, then whoever dialled after that; b"" when a caller left. Never bytes of two at once."""
        listener = self._listening()
        ready = _readable([listener] if self._client is None else [listener, self._client], timeout_s, self.name)
        if self._client in ready and self._may_finish(newer_waits=listener in ready):
            return self._hear(self._client)
        if listener not in ready:
            return b""
        try:
            client, where = listener.accept()
        except OSError:
            return b""  # it hung up again before we answered
        if not self._may_come(str(where[0])):
            client.close()
            return b""
        self._hang_up()
        self._client, self._changed, self._reads_left = client, True, LAST_READS
        _tune(client)
        return self._hear(client)

    def write(self, data: bytes) -> None:
        """Send all of `data` to who is there; to nobody where nobody is, or who is there has gone."""
        self._listening()
        if self._client is None:
            return
        try:
            _send(self._client, data, self.name)
        except TransportLost:
            self._hang_up()

    def close(self) -> None:
        """Hang up and stop listening; may be called twice."""
        self._hang_up()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _listening(self) -> socket.socket:
        if self._listener is None:
            raise TransportLost(f"{self.name} is closed")
        return self._listener

    def _may_come(self, host: str) -> bool:
        if self._peer not in ("", host) and self._seconds() - self._heard_at < STAYS_S:
            self._turned_away = f"{host} dials the port that {self._peer} speaks on: it needs a port of its own"
            return False
        self._peer, self._heard_at = host, self._seconds()
        return True

    def _may_finish(self, *, newer_waits: bool) -> bool:
        """Whether the caller is heard out first: what it said before the newer one dialled must not be lost."""
        self._reads_left -= newer_waits
        return self._reads_left >= 0

    def _hear(self, client: socket.socket | None) -> bytes:
        try:
            data = b"" if client is None else _receive(client, 0.0, self.name)
            self._heard_at = self._seconds() if data else self._heard_at
            return data
        except TransportLost:
            self._hang_up()
            return b""

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
            self._changed = True


class TcpCaller:
    """The end of a device that dials: calls when it has something to say, and again every second until it is heard."""

    def __init__(self, host: str, port: int, seconds: Callable[[], float] = stopwatch) -> None:
        """`seconds`: a real monotonic clock."""
        self._line = TcpClient(host, port)
        self._seconds = seconds
        self._open = self._connected = False
        self._unsaid = b""
        self._dial_at: float | None = None

    @property
    def name(self) -> str:
        """Whom it calls."""
        return self._line.name

    def open(self) -> None:
        """Be ready to call; nobody is called yet."""
        self._open = True

    def read(self, timeout_s: float) -> bytes:
        """What was answered; b"" also when the other side hung up or does not listen."""
        self._say()
        if not self._connected:
            return b""
        try:
            return self._line.read(timeout_s)
        except TransportLost:
            self._hang_up()
            return b""

    def write(self, data: bytes) -> None:
        """Say `data` as soon as somebody listens; what is said later takes the place of what nobody heard."""
        self._unsaid = data
        self._say()

    def close(self) -> None:
        """Hang up and call no more; may be called twice."""
        self._hang_up()
        self._open = False

    def _say(self) -> None:
        if not self._open:
            raise TransportLost(f"{self.name} is closed")
        if not self._unsaid or not (self._connected or self._may_dial()):
            return
        try:
            if not self._connected:
                self._line.open()
                self._connected = True
            self._line.write(self._unsaid)
            self._unsaid = b""
        except TransportLost:
            self._hang_up()

    def _may_dial(self) -> bool:
        now = self._seconds()
        if self._dial_at is not None and now < self._dial_at:
            return False
        self._dial_at = now + DIAL_EVERY_S
        return True

    def _hang_up(self) -> None:
        self._line.close()
        self._connected = False


def _tune(connection: socket.socket) -> None:
    connection.settimeout(WRITE_TIMEOUT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def _readable(sockets: Sequence[socket.socket], timeout_s: float, where: str) -> list[socket.socket]:
    try:
        return select.select(sockets, [], [], max(0.0, timeout_s))[0]
    except (OSError, ValueError) as cause:
        raise TransportLost(f"the connection to {where} broke: {cause}") from cause


def _receive(connection: socket.socket, timeout_s: float, where: str) -> bytes:
    if not _readable([connection], timeout_s, where):
        return b""
    try:
        data = connection.recv(READ_SIZE)
    except OSError as cause:
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
