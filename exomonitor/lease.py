"""One program for one database: a locked file beside it that names who records there. The system lets go of it when
that program ends, however it ends."""

from __future__ import annotations

import json
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from exomonitor.bounded import shown
from exomonitor.database_lock import DatabaseLock
from exomonitor.errors import EnvironmentFault
from exomonitor.folders import make_private

ENDING = ".lease"
_MOST_CHARACTERS = 2000

log = logging.getLogger(__name__)


class LeaseTaken(Exception):
    """Another program records into this database; the text says who, in one sentence."""


class Lease:
    """Held from `take_lease` until `close`, or until the process ends."""

    def __init__(self, database: Path, path: Path, file: IO[str], said: str) -> None:
        self._path, self._file, self._said = path, file, said
        self._database, self._lock = database, DatabaseLock()

    def hold_database(self) -> None:
        """Lock the database that stands there now as well, where the system can: it is not forgotten when the lease's
        file is removed. Call it while no connection is open: giving up an earlier file's lock gives up SQLite's too.
        Raises LeaseTaken."""
        if not self._lock.take(self._database):
            raise LeaseTaken(f"Another program records here, although its {self._path.name} was removed")

    def look(self) -> str:
        """Whether it is still ours: who has it instead, "" = nobody. A file that was removed is made and locked anew,
        so that whoever comes later is told; call it now and then."""
        if self._file.closed or _is_at(self._file, self._path):
            return ""
        try:
            fresh = _locked(self._path)
        except LeaseTaken as told:
            return str(told)
        except OSError as cause:
            return f"{self._path.name} was removed and cannot be made again: {cause.strerror or cause}"
        self._file.close()
        self._file = fresh
        _say(fresh, self._said)
        log.warning("%s had been removed or exchanged: it is ours again", self._path.name)
        return ""

    def close(self) -> None:
        """Let go; the file stays, and says who was here last."""
        if not self._file.closed:
            self._file.close()
        self._lock.give_up()

    def __del__(self) -> None:
        self.close()  # a start that was refused after it was taken: whoever mends the record must get at it


def take_lease(database: Path, station: str, since: str) -> Lease:
    """Be the one program that records into `database`. `since`: UTC, for whoever comes second.

    Raises LeaseTaken; EnvironmentFault where no file can be made.
    """
    path = database.with_name(database.name + ENDING)
    try:
        make_private(path.parent)
        file = _locked(path)
    except OSError as cause:
        raise EnvironmentFault(f"{path} cannot be made: {cause.strerror or cause}") from cause
    said = json.dumps({"station": station, "process": os.getpid(), "since": since})
    lease = Lease(database, path, file, said)
    try:
        lease.hold_database()
    except LeaseTaken:
        lease.close()
        raise
    _say(file, said)
    return lease


def _locked(path: Path) -> IO[str]:
    """The file that stands at `path`, locked: one that was removed while we waited for its lock proves nothing. Raises
    LeaseTaken, OSError."""
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")
        try:
            _lock(file)
        except OSError:
            told = _owner(file)
            file.close()
            raise LeaseTaken(told) from None
        if _is_at(file, path):
            return file
        file.close()


def _is_at(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def _say(file: IO[str], said: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(f"{said}\n")
    file.flush()


def _owner(file: IO[str]) -> str:
    with suppress(OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        file.seek(0)  # a lock that was refused may have left it elsewhere
        told = json.loads(file.read(_MOST_CHARACTERS))
        return shown(f"{told['station']} records here since {told['since']} (process {int(told['process'])})")
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
