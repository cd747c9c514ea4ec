"""What a line carried last, kept in memory: for the eye beside its meaning, and whole for whoever helps."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devices.transport.capture import CaptureWriter, Kind
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact

ROWS = 160
KEPT_BYTES = 1 << 20
HEAD_BYTES = 1 << 16
"""So much of a dialogue's beginning is kept as long as anything of it is: most devices are understood only by who was
there when it began."""
RECORD_BYTES = 200
"""What a record costs beside its bytes, so that many short ones have an end as well."""


@dataclass(slots=True)
class Row:
    """One piece of bytes, or the opening or closing of the port, and what was understood of it."""

    kind: Kind
    data: bytes
    at: Instant
    facts: Sequence[DeviceFact] = field(default=())


class Tap:
    """The link's thread adds; any thread may look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: deque[Row] = deque(maxlen=ROWS)
        self._raw: deque[tuple[Kind, bytes, Instant]] = deque()
        self._size = 0
        self._head: list[tuple[Kind, bytes, Instant]] = []
        """Of the dialogue in which what is kept begins."""
        self._head_size = 0

    def add(self, kind: Kind, data: bytes, at: Instant, facts: Sequence[DeviceFact] = ()) -> None:
        """One event on the line."""
        with self._lock:
            self._rows.append(Row(kind, data, at, facts))
            if kind is Kind.RX and not data:
                return  # what silence ended: it follows from the bytes before
            self._raw.append((kind, data, at))
            self._size += len(data) + RECORD_BYTES
            while self._size > KEPT_BYTES and len(self._raw) > 1:
                self._forget()

    def _forget(self) -> None:
        oldest = self._raw.popleft()
        size = len(oldest[1]) + RECORD_BYTES
        self._size -= size
        if oldest[0] is Kind.OPEN:
            self._head, self._head_size = [], 0
        self._head_size += size
        if self._head_size <= HEAD_BYTES:
            self._head.append(oldest)

    def rows(self) -> tuple[Row, ...]:
        """The newest events, oldest first."""
        with self._lock:
            return tuple(self._rows)

    def save(self, path: Path, key: str) -> int:
        """Write all that is kept as a capture of the driver `key` into the new file `path`; how many bytes of the line
        it holds. Raises OSError."""
        with self._lock:
            kept = (*self._head, *self._raw)
        writer = CaptureWriter(path, key)
        try:
            for kind, data, at in kept:
                writer.add(kind, data, at)
        finally:
            writer.close()
        return sum(len(data) for _, data, _ in kept)
