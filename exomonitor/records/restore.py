"""Putting a backup in the place of a database: proved first, never over one that is in use or knows more, and what
stood there is kept beside it.

The order of the steps leaves a file `NAME.restoring` from the moment the old database is touched until the backup is
in its place: a program that starts in between refuses (database.open_database) instead of making an empty record.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from exomonitor.bounded import shown
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records.cipher import sql_errors
from exomonitor.records.connections import connect_immutable, connect_reader, open_raw
from exomonitor.records.database import check_header, make_private_folder, restoring, sync_folder
from exomonitor.records.faults import fault, primary_code
from exomonitor.records.signed_mark import marks_beside
from exomonitor.records.verify import verify_database

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@dataclass(frozen=True, slots=True)
class Held:
    """Which database a file is, whether its sessions are simulated, and where its journal ends."""

    database_id: str
    simulated: bool
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done: the database in place, and where the old one is kept (None = there was none)."""

    database: Path
    entries: int
    aside: Path | None


def held_in(path: Path) -> Held:
    """What a whole backup holds. Raises CommandRefused when it is not intact or no backup of this program."""
    try:
        there = path.is_file()
    except OSError as cause:  # a name that is too long, a medium that does not answer
        raise CommandRefused(f"The backup cannot be looked at: {cause.strerror}.") from cause
    if not there:
        raise CommandRefused(f"There is no backup at {shown(str(path))}.")
    if _something_in(path.with_name(path.name + "-wal")):
        raise CommandRefused(f"{path.name} is a database in use, not a backup.")
    try:
        findings = verify_database(path, trusted="")  # another computer may have signed it
    except EnvironmentFault as why:
        raise CommandRefused(f"This is no backup: {why}") from why
    if findings:
        raise CommandRefused(f"The backup is not intact ({len(findings)} found, first: {findings[0]}).")
    with closing(connect_immutable(path)) as connection:
        held = _held(connection)
    assert held is not None, "an intact database has a beginning and an end"
    return held


def restore(backup: Path, held: Held, database: Path, utc: datetime) -> Restored:
    """Put `backup`, which held_in() proved, in the place of `database`.

    Raises CommandRefused when that is in use, newer, or another record; EnvironmentFault when the disk refuses. In
    both cases nothing has changed.
    """
    make_private_folder(database.parent)
    if database.exists():
        if backup.exists() and backup.samefile(database):
            raise CommandRefused("The backup is the database itself.")
        refuse_in_use(database)
        refuse_more(database, backup, held)
    try:
        ready = _copied(backup, database)
        aside = _set_aside(database, utc)
        os.replace(ready, database)  # noqa: PTH105 - says that it is atomic
        sync_folder(database.parent)
    except OSError as cause:
        raise fault(cause, "The backup could not be restored") from cause
    return Restored(database, held.seq, aside)


def refuse_in_use(database: Path) -> None:
    """An exclusive lock proves that nobody has it open; a file that SQLite cannot read at all is nobody's."""
    try:
        with closing(open_raw(database, "rw", timeout_s=0.5)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE").close()
            connection.execute("BEGIN EXCLUSIVE").close()
            connection.execute("ROLLBACK").close()
    except sql_errors() as cause:
        if primary_code(cause) in _BUSY:
            raise CommandRefused(f"{database.name} is in use: close the program first.") from cause


def refuse_more(database: Path, backup: Path, held: Held) -> bool:
    """An intact database is replaced only by its own equal or later self: anything else would lose entries, or put
    forged ones in their place. Raises CommandRefused; answers whether it is intact."""
    try:
        check_header(database)
        if verify_database(database, trusted=""):
            return False  # damaged: that is what backups are for
        with closing(connect_reader(database)) as connection:
            there = _held(connection)
    except sql_errors(EnvironmentFault):
        return False
    if there is None:
        return False
    if there.database_id != held.database_id:
        raise CommandRefused(
            f"{database.name} is intact and holds another record ({there.database_id}): move it away yourself first."
        )
    if there.seq > held.seq:
        raise CommandRefused(
            f"{database.name} is intact and newer: it holds {there.seq} entries, the backup {held.seq}."
        )
    if _hash_at(backup, there.seq) != there.hash:
        raise CommandRefused(
            f"{database.name} is intact, and the backup holds other entries than it does, as where an older backup was "
            f"restored and went on: neither holds all. Move {database.name} away yourself first: it is not deleted."
        )
    return True


def _hash_at(backup: Path, seq: int) -> str:
    """The hash of one entry of a proved backup, which stands for all that come before it."""
    with closing(connect_immutable(backup)) as connection:
        row = connection.execute("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
    return "" if row is None else str(row[0])


def _held(connection: sqlite3.Connection) -> Held | None:
    first = connection.execute("SELECT body FROM journal WHERE seq = 1").fetchone()
    head = connection.execute("SELECT seq, hash FROM chain_head WHERE id = 1").fetchone()
    if first is None or head is None:
        return None
    body = json.loads(first[0])
    return Held(str(body["database_id"]), bool(body["simulated"]), int(head[0]), str(head[1]))


def _copied(backup: Path, database: Path) -> Path:
    """A synced copy under the name that keeps every program from starting."""
    fresh, ready = database.with_name(f".{database.name}.new"), restoring(database)
    try:
        fresh.unlink(missing_ok=True)
        with (
            backup.open("rb") as source,
            os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as target,
        ):
            shutil.copyfileobj(source, target, 1024 * 1024)
            target.flush()
            os.fsync(target.fileno())
        os.replace(fresh, ready)  # noqa: PTH105
        sync_folder(database.parent)
    except OSError:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    return ready


def _set_aside(database: Path, utc: datetime) -> Path | None:
    """Give the old database and its log a name of their own, in which they still belong together."""
    stamp = f"{utc.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    log = database.with_name(database.name + "-wal")
    aside, number = database.with_name(f"{database.stem}-replaced-{stamp}{database.suffix}"), 1
    while aside.exists() or aside.with_name(aside.name + "-wal").exists():
        number += 1
        aside = database.with_name(f"{database.stem}-replaced-{stamp}-{number}{database.suffix}")
    kept = None
    for old, new in ((database, aside), (log, aside.with_name(aside.name + "-wal"))):
        if _something_in(old) or (old == database and old.exists()):
            old.rename(new)
            kept = kept or new
    for old in marks_beside(database):  # how far that one was signed goes with it
        old.rename(aside.with_name(old.name.replace(database.name, aside.name, 1)))
    log.unlink(missing_ok=True)  # an empty one
    database.with_name(database.name + "-shm").unlink(missing_ok=True)  # only a cache of the log
    return kept


def _something_in(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0
