"""SQLite connections of two kinds: the one that writes, and the many that only read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

BUSY_S = 5.0
_WAL_LIMIT = 16 * 1024 * 1024
_WRITER_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    f"PRAGMA journal_size_limit = {_WAL_LIMIT}",
)
_READER_PRAGMAS = ("PRAGMA query_only = ON", "PRAGMA trusted_schema = OFF")


def sqlite_uri(path: Path, mode: str) -> str:
    """The URI of an existing file; mode `rw`, `ro` or `immutable` (a file that surely nobody writes)."""
    how = "mode=ro&immutable=1" if mode == "immutable" else f"mode={mode}"
    return f"{path.absolute().as_uri()}?{how}"


def writer_engine(path: Path, *, wal: bool) -> Engine:
    """For the one connection that writes; transactions take the write lock at once. The file must exist."""

    def connect() -> sqlite3.Connection:
        raw = sqlite3.connect(
            sqlite_uri(path, "rw"), uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        _apply(raw, ("PRAGMA journal_mode = WAL",) if wal else (), _WRITER_PRAGMAS)
        return raw

    return _engine(connect, "BEGIN IMMEDIATE")


def reader_engine(path: Path) -> Engine:
    """For connections that only read; each sees the record as it stood when it first looked."""

    def connect() -> sqlite3.Connection:
        return connect_reader(path)

    return _engine(connect, "BEGIN")


def connect_reader(path: Path) -> sqlite3.Connection:
    """A read-only sqlite3 connection, also from media that cannot be written (when no write-ahead log waits there)."""
    wal = path.with_name(path.name + "-wal")
    try:
        return _reader(path, "ro")
    except sqlite3.OperationalError:
        if wal.exists() and wal.stat().st_size:
            raise
        return connect_immutable(path)


def connect_immutable(path: Path) -> sqlite3.Connection:
    """A read-only connection to a file that surely nobody has open; it makes no files beside it."""
    return _reader(path, "immutable")


def memory_engine() -> Engine:
    """For one connection to a fresh database in memory."""
    return _engine(lambda: sqlite3.connect(":memory:", isolation_level=None), "BEGIN")


def _reader(path: Path, mode: str) -> sqlite3.Connection:
    raw = sqlite3.connect(
        sqlite_uri(path, mode), uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        _apply(raw, _READER_PRAGMAS, ("SELECT count(*) FROM sqlite_master",))
    except sqlite3.Error:
        raw.close()
        raise
    return raw


def _apply(raw: sqlite3.Connection, *groups: tuple[str, ...]) -> None:
    for group in groups:
        for statement in group:
            raw.execute(statement).close()


def _engine(connect: Callable[[], sqlite3.Connection], begin: str) -> Engine:
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    # sqlite3 itself would begin a transaction only at the first INSERT, and never for a SELECT or for DDL.
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
