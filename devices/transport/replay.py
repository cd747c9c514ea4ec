"""Plays a recording as if it were a port: a capture at the pace of its own times, plain bytes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from devices.spec import TransportLost
from devices.transport.capture import Kind, is_capture, read_capture
from devices.transport.sealed import is_sealed
from exomonitor.clock import NS, pause, stopwatch
from exomonitor.errors import CommandRefused, EnvironmentFault

PIECE = 512
"""Bytes that one read gives of a file without times."""

_Step = tuple[Kind, bytes, float]
"""What happens, its bytes, and how many seconds after the recording's first record."""


class Replay:
    """`replay://FILE`. What is written goes nowhere. At the end it is lost for good: open() refuses to play twice."""

    def __init__(
        self,
        path: Path,
        seconds: Callable[[], float] = stopwatch,
        wait: Callable[[float], None] = pause,
    ) -> None:
        self._path = path
        self._seconds = seconds
        self._wait = wait
        self._steps: Iterator[_Step] | None = None
        self._next: _Step | None = None
        self._began = 0.0
        self._open = False
        self._after = Kind.CLOSE
        self._changed = False
        self.ended = False
        """Whether everything has been played."""

    @property
    def name(self) -> str:
        """The port as the person typed it."""
        return f"replay://{self._path}"

    def open(self) -> None:
        """Begin, or go on after a point where the recorded port was closed."""
        if self.ended:
            raise TransportLost(f"{self.name} has ended")
        try:
            if self._steps is None:
                self._steps = _steps(self._path)
                self._advance()
                self._began = self._seconds()
        except (CommandRefused, EnvironmentFault) as cause:
            raise TransportLost(str(cause)) from cause
        self._open = True

    def read(self, timeout_s: float) -> bytes:
        """The next recorded bytes if their time has come, waiting at most `timeout_s`."""
        if not self._open:
            raise TransportLost(f"{self.name} is closed")
        if self._next is None:
            self.ended = True
            raise TransportLost(f"{self.name} has ended")
        kind, data, due_s = self._next
        ahead = self._began + due_s - self._seconds()
        if ahead > 0:
            self._wait(min(ahead, timeout_s))
            if ahead > timeout_s:
                return b""
        self._advance()
        self._changed, self._after = self._changed or (kind is Kind.OPEN and self._after is not Kind.CLOSE), kind
        if kind is Kind.CLOSE and self._next is not None:
            raise TransportLost(f"{self.name}: the port was closed here when it was recorded")
        return data if kind is Kind.RX else b""

    def caller_changed(self) -> bool:
        """Whether a caller came or went here when it was recorded, since last asked: the line stayed open."""
        changed, self._changed = self._changed, False
        return changed

    def has_client(self) -> bool:
        """Whoever was recorded is there."""
        return True

    def write(self, data: bytes) -> None:
        """A recording does not listen."""

    def close(self) -> None:
        """Stop playing; open() goes on from here."""
        self._open = False

    def _advance(self) -> None:
        if self._steps is None:
            return
        try:
            self._next = next(self._steps, None)
        except EnvironmentFault as cause:
            self._next = None
            raise TransportLost(str(cause)) from cause


def _steps(path: Path) -> Iterator[_Step]:
    if is_sealed(path):
        raise CommandRefused(f"{path} is encrypted with the key of the record: `decode` reads it")
    if not is_capture(path):
        content = path.read_bytes()
        yield from ((Kind.RX, content[i : i + PIECE], 0.0) for i in range(0, len(content), PIECE))
        return
    first: int | None = None
    for record in read_capture(path):
        if record.kind is Kind.TX:
            continue
        if first is None:
            first = record.at.mono_ns
        yield record.kind, record.data, (record.at.mono_ns - first) / NS
