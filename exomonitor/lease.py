"""One program for one database: a locked file beside it that names who records there. The system lets go of it when
that program ends, however it ends."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from exomonitor.errors import EnvironmentFault
from exomonitor.folders import make_private

ENDING = ".lease"
_MOST_CHARACTERS = 2000


class LeaseTaken(Exception):
    """Another program records into this database; the text says who, in one sentence."""


class Lease:
    """Held from `take_lease` until `close`, or until the process ends."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def close(self) -> None:
        """Let go; the file stays, and says who was here last."""
        if not self._file.closed:
            self._file.close()


def take_lease(database: Path, station: str, since: str) -> Lease:
    """Be the one program that records into `database`. `since`: UTC, for whoever comes second.

    Raises LeaseTaken; EnvironmentFault where no file can be made.
    """
    path = database.with_name(database.name + ENDING)
    try:
        make_private(path.parent)
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")
    except OSError as cause:
        raise EnvironmentFault(f"{path} cannot be made: {cause.strerror or cause}") from cause
    try:
        _lock(file)
    except OSError:
        told = _owner(file)
        file.close()
        raise LeaseTaken(told) from None
    file.seek(0)
    file.truncate()
    json.dump({"station": station, "process": os.getpid(), "since": since}, file)
    file.write("\n")
    file.flush()
    return Lease(file)


def _owner(file: IO[str]) -> str:
    with suppress(OSError, ValueError, TypeError, KeyError):
        file.seek(0)  # a lock that was refused may have left it elsewhere
        told = json.loads(file.read(_MOST_CHARACTERS))
        return f"{told['station']} records here since {told['since']} (process {int(told['process'])})"
    return "Another program records here"


if sys.platform == "win32":
    import msvcrt

    _FAR = 1_000_000
    """A byte beyond the text, which must stay readable for others."""

    def _lock(file: IO[str]) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)
else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
