"""Switches the recording of a line on and off from any thread; a recording that fails ends, the line goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from devices.transport.capture import CaptureWriter, Kind
from devices.transport.sealed import Seal
from exomonitor.clock import Instant
from exomonitor.errors import EnvironmentFault


class Recorder:
    """Records nothing until start(). `failed` is told once when the disk refuses, and nothing is recorded any more;
    `why_not` says it from then on, until a recording is begun again ("" = all is well)."""

    def __init__(self, key: str, failed: Callable[[OSError], None]) -> None:
        self._key = key
        self._failed = failed
        self.why_not = ""
        self.seal: Seal | None = None
        """With what the files are sealed that are begun from now on."""
        self.path: Path | None = None
        """The file that is being written, replaced as a whole, so that any thread may ask."""
        self._writer: CaptureWriter | None = None
        self._unflushed = False
        self._lock = threading.Lock()

    def start(self, path: Path) -> None:
        """Record into the new file `path` from here on; raises EnvironmentFault when it cannot be made."""
        try:
            writer = CaptureWriter(path, self._key, self.seal)
        except OSError as cause:
            self.why_not = cause.strerror or str(cause)
            raise EnvironmentFault(f"The raw recording {path} cannot be made: {self.why_not}") from cause
        self.why_not = ""
        with self._lock:
            old, self._writer, self.path = self._writer, writer, path
        if old is not None:
            self._guard(old.close)

    def stop(self) -> None:
        """End the recording; may be called twice."""
        with self._lock:
            writer, self._writer, self.path = self._writer, None, None
        if writer is not None:
            self._guard(writer.close)

    def add(self, kind: Kind, data: bytes, at: Instant) -> None:
        """Record one event if switched on."""
        self._unflushed = True
        self._with_writer(lambda writer: writer.add(kind, data, at))

    def flush(self) -> None:
        """Hand what was recorded to the operating system; asked for after every step of a link, mostly for nothing."""
        if self._unflushed:
            self._unflushed = False
            self._with_writer(CaptureWriter.flush)

    def _with_writer(self, action: Callable[[CaptureWriter], None]) -> None:
        failure = None
        with self._lock:
            writer = self._writer
            if writer is not None:
                failure = _attempt(lambda: action(writer))
            if writer is not None and failure is not None:
                _attempt(writer.close)  # what it still holds is lost with it
                self._writer = self.path = None
        self._tell(failure)

    def _guard(self, action: Callable[[], None]) -> None:
        self._tell(_attempt(action))

    def _tell(self, failure: OSError | None) -> None:
        if failure is not None:
            self.why_not = failure.strerror or str(failure)
            self._failed(failure)


def _attempt(action: Callable[[], None]) -> OSError | None:
    try:
        action()
    except OSError as cause:
        return cause
    return None
