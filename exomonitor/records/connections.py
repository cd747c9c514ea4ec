"""SQLite connections of two kinds: the one that writes, and the many that only read; encrypted where the file is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from exomonitor.records.cipher import operational_errors, sql_errors, sqlcipher, unlock
from exomonitor.records.keys import RecordKey, key_of

BUSY_S = 5.0
_WAL_LIMIT = 16 * 1024 * 1024
_WRITER_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    f"PRAGMA journal_size_limit = {_WAL_LIMIT}",
)
_LENIENT = partial(str, encoding="utf-8", errors="replace")
"""A damaged text is found where its row is understood, which can name the row; SQLite's driver would show the text."""
_READER_PRAGMAS = ("PRAGMA query_only = ON", "PRAGMA trusted_schema = OFF")


def sqlite_uri(path: Path, mode: str) -> str:
    """The URI of an existing file; mode `rw`, `ro` or `immutable` (a file that surely nobody writes)."""
    how = "mode=ro&immutable=1" if mode == "immutable" else f"mode={mode}"
    return f"{path.absolute().as_uri()}?{how}"


def open_raw(path: Path, mode: str, key: RecordKey | None = None, timeout_s: float | None = None) -> sqlite3.Connection:
    """A plain connection in a mode of `sqlite_uri`; it waits BUSY_S for a lock, or `timeout_s`. `key`: for an empty
    file that shall be encrypted; what is encrypted already says itself which key it needs. Raises sqlite3.Error or its
    like, EnvironmentFault (no key)."""
    key = key or key_of(path)
    uri, wait_s = sqlite_uri(path, mode), BUSY_S if timeout_s is None else timeout_s
    if key is None:
        plain = sqlite3.connect(uri, uri=True, timeout=wait_s, isolation_level=None, check_same_thread=False)
        plain.text_factory = _LENIENT
        return plain
    made = sqlcipher().connect(uri, uri=True, timeout=wait_s, isolation_level=None, check_same_thread=False)
    raw = cast(sqlite3.Connection, made)
    raw.text_factory = _LENIENT
    unlock(raw, key)
    return raw


def by_name(raw: sqlite3.Connection) -> sqlite3.Connection:
    """The same connection, its rows with names."""
    raw.row_factory = sqlite3.Row if isinstance(raw, sqlite3.Connection) else sqlcipher().Row
    return raw


def writer_engine(path: Path, *, wal: bool, key: RecordKey | None = None) -> Engine:
    """For the one connection that writes; transactions take the write lock at once. The file must exist; `key`: see
    open_raw."""
    key = key or key_of(path)

    def connect() -> sqlite3.Connection:
        raw = open_raw(path, "rw", key)
        _apply(raw, ("PRAGMA journal_mode = WAL",) if wal else (), _WRITER_PRAGMAS)
        return raw

    return _engine(connect, "BEGIN IMMEDIATE", key)


def reader_engine(path: Path) -> Engine:
    """For connections that only read; each sees the record as it stood when it first looked."""

    def connect() -> sqlite3.Connection:
        return connect_reader(path)

    return _engine(connect, "BEGIN", key_of(path))


def connect_reader(path: Path) -> sqlite3.Connection:
    """A read-only sqlite3 connection, also from media that cannot be written (when no write-ahead log waits there)."""
    wal = path.with_name(path.name + "-wal")
    try:
        return _reader(path, "ro")
    except operational_errors():
        if wal.exists() and wal.stat().st_size:
            raise
        return connect_immutable(path)


def connect_immutable(path: Path) -> sqlite3.Connection:
    """A read-only connection to a file that surely nobody has open; it makes no files beside it."""
    return _reader(path, "immutable")


def memory_engine() -> Engine:
    """For one connection to a fresh database in memory."""
    return _engine(lambda: sqlite3.connect(":memory:", isolation_level=None), "BEGIN")


@contextmanager
def driven(connection: Connection) -> Iterator[sqlite3.Cursor]:
    """The driver's own cursor, within the transaction that `connection` has begun: an alarm waits for what SQLAlchemy
    does around each statement. What the driver complains of comes as SQLAlchemy's DBAPIError all the same."""
    cursor = cast(sqlite3.Cursor, connection.connection.cursor())
    try:
        yield cursor
    except sql_errors() as cause:
        raise DBAPIError(None, None, cause) from cause
    finally:
        cursor.close()


def _reader(path: Path, mode: str) -> sqlite3.Connection:
    raw = open_raw(path, mode)
    try:
        _apply(raw, _READER_PRAGMAS, ("SELECT count(*) FROM sqlite_master",))
    except sql_errors():
        raw.close()
        raise
    return raw


def _apply(raw: sqlite3.Connection, *groups: tuple[str, ...]) -> None:
    try:
        for group in groups:
            for statement in group:
                raw.execute(statement).close()
    except UnicodeDecodeError as cause:  # SQLite repeats words of a damaged file, and Python cannot read them
        raise sqlite3.DatabaseError("the database file is damaged") from cause


def _engine(connect: Callable[[], sqlite3.Connection], begin: str, key: RecordKey | None = None) -> Engine:
    module: ModuleType = sqlite3 if key is None else sqlcipher()
    # What goes into a statement is a patient's: no error may repeat it, for errors are logged.
    engine = create_engine("sqlite://", module=module, creator=connect, poolclass=NullPool, hide_parameters=True)

    # sqlite3 itself would begin a transaction only at the first INSERT, and never for a SELECT or for DDL.
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        with driven(connection) as cursor:
            cursor.execute(begin)

    return engine
