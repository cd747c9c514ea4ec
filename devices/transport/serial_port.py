"""A serial port through pyserial: exclusive, never blocking past its time-out, and every way to fail is one."""

from __future__ import annotations

import contextlib
import errno
import os
import select

import serial

from devices.spec import PortSettings, TransportLost

try:
    import termios

    _TERMIOS_ERROR: type[Exception] = termios.error
except ImportError:  # Windows
    _TERMIOS_ERROR = OSError

READ_SIZE = 65536
NOT_CLEAR = "the device does not allow sending (CTS): check the cable, or choose a line without RTS/CTS"
WITHOUT = "opened without RTS/CTS, for before the device did not allow sending (CTS)"
WRITE_TIMEOUT_S = 2.0
# How pyserial says goodbye: its own error, the system's, termios' (no OSError), and a port closed meanwhile.
GONE = (serial.SerialException, OSError, _TERMIOS_ERROR, TypeError, ValueError)
_POSIX = os.name == "posix"
_OPEN_REASONS = {
    errno.ENOENT: "{port} does not exist",
    errno.ENODEV: "{port} does not exist",
    errno.ENXIO: "{port} does not exist",
    errno.EACCES: "no permission to open {port} (on Linux: add the user to the group dialout, then log in again)",
    errno.EPERM: "no permission to open {port}",
    errno.EBUSY: "another program uses {port}",
    errno.EAGAIN: "another program uses {port}",
    errno.EISDIR: "{port} is a folder, not a serial port",
    errno.ENOTTY: "{port} is not a serial port",
    errno.EINVAL: "{port} does not take these settings",
    errno.EIO: "{port} does not answer",
}


class Handshaking:
    """Whether a port is opened with RTS/CTS. A cable without these two wires holds back for ever: where nothing could
    be sent and nothing came, the next opening is tried without, and the one after a vain trial as it was set."""

    def __init__(self, *, wanted: bool) -> None:
        self.on = wanted
        self._wanted = wanted
        self._refused = False  # with it: something was held back, and nothing let through
        self._of_use = True  # something came, or could be sent by it

    def opening(self) -> None:
        """The port is about to be opened anew."""
        if self._wanted and not self._of_use and (self._refused or not self.on):
            self.on = not self.on
        self._refused = self._of_use = False

    def heard(self) -> None:
        """Bytes came."""
        self._of_use = True

    def looked(self, *, clear: bool) -> None:
        """CTS was asked for."""
        self._of_use = self._of_use or clear
        self._refused = self._refused or not clear


class SerialPort:
    """One serial device. A pseudo-terminal has no handshake lines and no parity: neither is asked for there."""

    def __init__(self, port: str, settings: PortSettings) -> None:
        self._port = port
        self._settings = settings
        self._serial: serial.Serial | None = None
        self._handshaking = Handshaking(wanted=settings.rtscts)

    @property
    def name(self) -> str:
        """The device's path or COM name."""
        return self._port

    def open(self) -> None:
        """Open with an exclusive lock, or raise TransportLost saying why not."""
        self.close()
        self._handshaking.opening()
        settings = self._settings
        bare = _is_pseudo_terminal(self._port)
        line = serial.Serial(
            baudrate=settings.baud,
            bytesize=settings.data_bits,
            parity=serial.PARITY_NONE if bare else settings.parity,
            stopbits=settings.stop_bits,
            rtscts=self._handshaking.on and not bare,
            timeout=0,
            write_timeout=WRITE_TIMEOUT_S,
            exclusive=True,
        )
        line.port = self._port
        try:
            line.open()
        except GONE as cause:
            raise TransportLost(_why_not_opened(self._port, cause)) from cause
        self._serial = line

    def read(self, timeout_s: float) -> bytes:
        """What has arrived, waiting at most `timeout_s` for the first byte; raises TransportLost when the port went."""
        line = self._opened()
        try:
            data = _read_posix(line.fileno(), timeout_s) if _POSIX else _read_elsewhere(line, timeout_s)
        except GONE as cause:
            raise TransportLost(f"{self._port} has gone") from cause
        if data:
            self._handshaking.heard()
        return data

    def held_back(self) -> str:
        """Whether the device holds back what we would send; always "" without handshake."""
        line = self._opened()
        try:
            clear = not line.rtscts or line.cts
        except GONE as cause:
            raise TransportLost(f"{self._port} has gone") from cause
        if line.rtscts:
            self._handshaking.looked(clear=clear)
        return "" if clear else NOT_CLEAR

    def opened_without(self) -> str:
        """Whether it is open without RTS/CTS although that was set."""
        return WITHOUT if self._settings.rtscts and not self._handshaking.on else ""

    def write(self, data: bytes) -> None:
        """Send all of `data`, without waiting for a device that allows nothing; raises TransportLost when it does not,
        when the port went or takes no bytes."""
        line = self._opened()
        if why := self.held_back():  # else the bytes would lie in the system until it does, and go out of their time
            raise TransportLost(why)
        try:
            line.write(data)
        except serial.SerialTimeoutException as cause:
            raise TransportLost(f"{self._port} takes no bytes: check cable and handshake") from cause
        except GONE as cause:
            raise TransportLost(f"{self._port} has gone") from cause

    def close(self) -> None:
        """Close without waiting for bytes that the device does not take."""
        line, self._serial = self._serial, None
        if line is None:
            return
        with contextlib.suppress(*GONE):  # the port may have gone; closing is still due
            line.reset_output_buffer()
        with contextlib.suppress(*GONE):
            line.close()

    def _opened(self) -> serial.Serial:
        if self._serial is None:
            raise TransportLost(f"{self._port} is closed")
        return self._serial


def _read_posix(fd: int, timeout_s: float) -> bytes:
    ready, _, _ = select.select([fd], [], [], max(0.0, timeout_s))
    if not ready:
        return b""
    try:
        data = os.read(fd, READ_SIZE)
    except BlockingIOError:
        return b""
    if not data:
        raise OSError(errno.EIO, "ready to read and nothing there: the device hung up")
    return data


def _read_elsewhere(line: serial.Serial, timeout_s: float) -> bytes:
    line.timeout = max(0.0, timeout_s)
    return bytes(line.read(max(1, line.in_waiting)))


def _is_pseudo_terminal(port: str) -> bool:
    return os.path.realpath(port).startswith("/dev/pts/")


def _why_not_opened(port: str, cause: Exception) -> str:
    number = _number(cause)
    template = _OPEN_REASONS.get(number) if number is not None else None
    return template.format(port=port) if template else f"{port} cannot be opened: {cause}"


def _number(cause: BaseException) -> int | None:
    """The errno behind pyserial's words: its own, termios' first argument, or (Windows) what the words mean."""
    number = getattr(cause, "errno", None)
    if isinstance(number, int):
        return number
    if isinstance(cause, _TERMIOS_ERROR) and cause.args and isinstance(cause.args[0], int):
        return cause.args[0]
    if cause.__context__ is not None:  # pyserial hides termios.error behind "Could not configure port"
        return _number(cause.__context__)
    if "FileNotFoundError" in str(cause):
        return errno.ENOENT
    return errno.EBUSY if "PermissionError" in str(cause) else None  # Windows refuses access to what is in use
