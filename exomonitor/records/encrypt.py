"""Encrypting a database, taking its encryption away, another key for it: written anew, proved, then put in place.

What stood there before is removed once its copy is proved: a copy in the clear beside an encrypted record would make
the encryption worth nothing.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records.backups import check_room
from exomonitor.records.cipher import key_words, sql_errors, sqlcipher, unlock
from exomonitor.records.connections import open_raw, sqlite_uri
from exomonitor.records.database import check_header, restoring, sync_folder
from exomonitor.records.faults import fault
from exomonitor.records.keys import RecordKey, key_of
from exomonitor.records.restore import refuse_in_use
from exomonitor.records.verify import verify_database

_END = "SELECT seq, hash FROM chain_head WHERE id = 1"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What was done: how many entries, and the backups in `backups/` that were made before, in the clear."""

    entries: int
    plain_backups: int


def rewrite(database: Path, key: RecordKey | None, backups: Path) -> Rewritten:
    """Write `database` anew, encrypted with `key` (None = in the clear), in the place of the old file.

    Raises CommandRefused (in use, not intact) or EnvironmentFault (no room, no key, the disk): nothing has changed.
    """
    if restoring(database).exists():
        raise EnvironmentFault(f"Restoring {database.name} from a backup was interrupted: restore it again.")
    check_header(database)
    refuse_in_use(database)
    if found := verify_database(database, trusted=""):
        raise CommandRefused(f"{database.name} is not intact (first: {found[0]}): nothing was changed.")
    check_room(database, database.parent)
    fresh = database.with_name(f".{database.name}.new")
    try:
        _settle_log(database)
        entries, end = _end_of(database)
        fresh.unlink(missing_ok=True)
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(database, fresh, key)
        if verify_database(fresh, trusted="") or _end_of(fresh) != (entries, end) or key_of(fresh) != key:
            raise EnvironmentFault(f"The copy of {database.name} is not the same: nothing was changed.")
        _sync(fresh)
        os.replace(fresh, database)  # noqa: PTH105 - says that it is atomic
        sync_folder(database.parent)
    except sql_errors(OSError) as cause:
        raise fault(cause, f"{database.name} could not be written anew") from cause
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    plain = [one for one in backups.glob("*.sqlite3") if key is not None and key_of(one) is None]
    return Rewritten(entries, len(plain))


def _settle_log(database: Path) -> None:
    """Everything into the one file: no log is left that another key had written."""
    with closing(open_raw(database, "rw")) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").close()
    if database.with_name(database.name + "-wal").exists():
        raise CommandRefused(f"{database.name} is in use: close the program first.")


def _copy(database: Path, fresh: Path, key: RecordKey | None) -> None:
    """All tables, triggers and numbers; SQLCipher alone can write a file with another key than the one it reads."""
    old = key_of(database)
    made = sqlcipher().connect(sqlite_uri(database, "rw"), uri=True, isolation_level=None)
    with closing(cast(sqlite3.Connection, made)) as connection:
        if old is not None:
            unlock(connection, old)
        words = "''" if key is None else key_words(key)
        connection.execute(f"ATTACH DATABASE ? AS fresh KEY {words}", (sqlite_uri(fresh, "rw"),)).close()
        connection.execute("SELECT sqlcipher_export('fresh')").close()
        for name in ("user_version", "application_id"):
            (value,) = connection.execute(f"PRAGMA main.{name}").fetchone()
            connection.execute(f"PRAGMA fresh.{name} = {int(value)}").close()
        connection.execute("DETACH DATABASE fresh").close()


def _end_of(database: Path) -> tuple[int, str]:
    with closing(open_raw(database, "ro")) as connection:
        row = connection.execute(_END).fetchone()
        return int(row[0]), str(row[1])


def _sync(file: Path) -> None:
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
