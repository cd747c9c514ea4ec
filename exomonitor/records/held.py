"""The beginning of a database file, read without giving up the locks of whoever has it open in this process.

POSIX: a process that closes any of its handles on a file loses all its locks on it, SQLite's as well. Another program
that opens and closes the database then takes itself for the last one, and deletes the log that is being written here.
So whoever writes holds one handle from before its first connection to after its last, and all of us read through that.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

_lock = threading.Lock()
_held: dict[tuple[int, int], _Handle] = {}


@dataclass(slots=True)
class _Handle:
    number: int
    holders: int


class Hold:
    """A handle on the file that stands at `path` now, kept until `release`. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._file: tuple[int, int] | None = None
        if os.name != "posix":
            return  # locks belong to a handle there
        with _lock:
            found = path.stat()
            file = found.st_dev, found.st_ino
            if file not in _held:
                number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                found = os.fstat(number)
                file = found.st_dev, found.st_ino
                _held.setdefault(file, _Handle(number, 0))
            _held[file].holders += 1
            self._file = file

    def release(self) -> None:
        """Every connection of this holder is closed. May be called twice."""
        with _lock:
            file, self._file = self._file, None
            if file is None:
                return
            _held[file].holders -= 1
            if not _held[file].holders:
                os.close(_held.pop(file).number)


def beginning(path: Path, most: int) -> tuple[bytes, int]:
    """The first bytes of the file that stands at `path`, and how long it is. Raises OSError."""
    with _lock:
        if _held:
            found = path.stat()
            known = _held.get((found.st_dev, found.st_ino))
            if known is not None:
                return os.pread(known.number, most, 0), os.fstat(known.number).st_size
    with path.open("rb") as file:
        return file.read(most), file.seek(0, os.SEEK_END)
