"""What SQLite and the file system complain of, as one sentence for the person."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from exomonitor.errors import EnvironmentFault, RecordDamaged
from exomonitor.records.held import Hold, beginning

_WHY = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk reported an error",
    sqlite3.SQLITE_READONLY: "the database may not be written",
    sqlite3.SQLITE_PERM: "the database may not be written",
    sqlite3.SQLITE_BUSY: "another program keeps the database locked",
    sqlite3.SQLITE_LOCKED: "another program keeps the database locked",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is not a database",
    sqlite3.SQLITE_CANTOPEN: "the database file cannot be opened",
    sqlite3.SQLITE_NOMEM: "the machine is out of memory",
}
_BEGINNING = 16
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PASSING = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class FilesGone(EnvironmentFault):
    """The database's files are no longer those that were opened."""


def primary_code(cause: BaseException) -> int | None:
    """SQLite's primary result code of an error of SQLAlchemy's or sqlite3's, where it has one."""
    inner = cause.orig if isinstance(cause, DBAPIError) else cause
    code = getattr(inner, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def passes_by_itself(cause: BaseException) -> bool:
    """Whether the connection is still good after this error."""
    return primary_code(cause) in _PASSING


def fault(cause: Exception, what: str = "The record could not be saved") -> EnvironmentFault:
    """One sentence: `what`, and why, of an error of SQLAlchemy's, of SQLite's or of the file system."""
    if isinstance(cause, OSError):
        return EnvironmentFault(f"{what}: {(cause.strerror or str(cause)).lower()}.")
    code = primary_code(cause)
    inner = cause.orig if isinstance(cause, DBAPIError) else cause
    kind = RecordDamaged if code in _DAMAGED else EnvironmentFault
    return kind(f"{what}: {_WHY.get(code, str(inner)) if code is not None else inner}.")


class FileGuard:
    """Notices that the database file or its write-ahead log was deleted, moved or replaced under a running program, and
    that the file was emptied, cut off or lost its beginning: SQLite would write on and never look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(path.name + "-wal")
        self._file_seen: tuple[int, int] | None = None
        self._log_seen: tuple[int, int] | None = None
        self._begins, self._size = b"", 0
        self._hold: Hold | None = None

    def before_connecting(self) -> None:
        """Raise FilesGone when another file stands where the first connection found ours.

        SQLite would play our left log into it, whatever it is: only a restart of the program may open it.
        """
        if self._file_seen is not None:
            _same(self._path, self._file_seen)
            self._whole()
        if self._hold is None:
            with suppress(OSError):  # what is not there SQLite will miss as well
                self._hold = Hold(self._path)

    def connected(self) -> None:
        """Remember the files as the new connection found them."""
        self._file_seen, self._log_seen = _identity(self._path), _identity(self._log)
        self._begins, self._size = _beginning(self._path)

    def closed(self) -> None:
        """The last connection is closed, and no other follows."""
        if self._hold is not None:
            self._hold.release()

    def check(self) -> None:
        """Raise FilesGone unless both files are still the ones that were connected to."""
        _same(self._path, self._file_seen)
        _same(self._log, self._log_seen)
        self._whole()

    def _whole(self) -> None:
        """It only ever grows, and its first bytes never change (encrypted they are its salt)."""
        begins, size = _beginning(self._path)
        if begins != self._begins or size < self._size:
            raise FilesGone(f"The record could not be saved: {self._path.name} was destroyed while the program ran.")


def _same(file: Path, seen: tuple[int, int] | None) -> None:
    if _identity(file) != seen:
        raise FilesGone(f"The record could not be saved: {file.name} was deleted or replaced while the program ran.")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _beginning(file: Path) -> tuple[bytes, int]:
    """The first bytes of a file, and how long it is."""
    try:
        return beginning(file, _BEGINNING)
    except OSError:
        return b"", 0
