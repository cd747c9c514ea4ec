"""Whether a journal still reaches as far as others saw it: the mark of its newest signature, and its backups.

What they say is read before the database is, so that they can be behind it, and never ahead.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records.cipher import sql_errors
from exomonitor.records.connections import connect_immutable
from exomonitor.records.findings import Finding, rows_text
from exomonitor.records.signed_mark import Mark, mark_beside, marks_beside, read_mark
from exomonitor.records.verify_chain import Ledger
from exomonitor.session.trust_events import RecordRestored
from exomonitor.signing import is_that_key

BACKUPS = "backups"
_HEAD = "SELECT seq, hash FROM chain_head WHERE id = 1"
_HASH = "SELECT hash FROM journal WHERE seq = ?"
_FIRST = "SELECT body FROM journal WHERE seq = 1"


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody who saw entry `seq` with this hash; `made`: when, as the name of a backup says it, "" = a mark."""

    name: str
    seq: int
    hash: str
    made: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What lies beside a database: each mark as it reads (None = unreadable), and its folder of backups."""

    marks: tuple[tuple[str, Mark | None], ...] = ()
    backups: tuple[tuple[str, Witness], ...] = ()
    """The database that a backup is of, and what it holds."""
    own: str = ""


def seen_beside(path: Path) -> Seen:
    """Look, before the database itself is read. A backup that cannot be read is passed over."""
    marks = tuple((file.name, read_mark(file)) for file in marks_beside(path))
    kept = sorted((path.parent / BACKUPS).glob("*Z-*.sqlite3")) if (path.parent / BACKUPS).is_dir() else []
    found = [_backup_of(one) for one in kept if not one.stem.endswith("-not-intact")]
    return Seen(marks, tuple(one for one in found if one is not None), mark_beside(path).name)


def check_end(connection: sqlite3.Connection, ledger: Ledger, seen: Seen, trusted: str) -> Iterator[Finding]:
    """Every mark and every backup against the journal. `trusted`: the key that must have signed the mark, "" = any."""
    if not seen.marks and not seen.backups:
        return
    first = connection.execute(_FIRST).fetchone()
    database_id = _id_of(first[0]) if first is not None else ""
    witnesses = []
    for name, mark in seen.marks:
        if mark is None or not mark.fits:
            yield Finding("signed end", name, "was changed (it is no mark that a workstation signed)")
        elif name == seen.own and trusted and not is_that_key(mark.public_key, trusted):
            yield Finding("signed end", name, "is signed with another key than this workstation's")
        elif mark.database_id != database_id:
            yield Finding("signed end", name, f"is of another record, signed up to row {mark.seq}, which is gone")
        else:
            witnesses.append(Witness(name, mark.seq, mark.hash))
    backups = [one for of, one in seen.backups if of == database_id]
    witnesses.extend(one for one in backups if not _explained(connection, one))
    yield from _unheard(connection, ledger, witnesses)


def _unheard(connection: sqlite3.Connection, ledger: Ledger, witnesses: list[Witness]) -> Iterator[Finding]:
    """What the witnesses saw and the journal does not hold: the farthest that is missing, each that is exchanged."""
    head = connection.execute(_HEAD).fetchone()
    end = max(ledger.last.seq, head[0] if head is not None else 0)
    beyond = max((one for one in witnesses if one.seq > end), key=lambda one: one.seq, default=None)
    if beyond is not None:
        rows = range(end + 1, beyond.seq + 1)
        be = "is" if beyond.seq == end + 1 else "are"
        yield Finding("journal", rows_text(rows), f"{be} missing at the end ({beyond.name} knows of row {beyond.seq})")
    for one in witnesses:
        row = connection.execute(_HASH, (one.seq,)).fetchone()
        if row is not None and row[0] != one.hash:
            yield Finding("journal", f"row {one.seq}", f"is another than {one.name} knows")


def _explained(connection: sqlite3.Connection, backup: Witness) -> bool:
    """Whether an older backup was put in place after this one was made: a restore is an entry, and signed."""
    rows = connection.execute("SELECT utc, body FROM journal WHERE type = ?", (RecordRestored.__name__,))
    return any(_stamp(row[0]) >= backup.made and _entries_of(row[1]) < backup.seq for row in rows)


def _entries_of(body: str) -> float:
    """How many entries a restore put in place; more than there can be where that cannot be read."""
    try:
        return int(json.loads(body)["entries"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return math.inf


def _stamp(utc: str) -> str:
    """`2026-03-02T09:00:00.000Z` as the name of a backup has it."""
    return utc.partition(".")[0].replace("-", "").replace(":", "")


def _backup_of(path: Path) -> tuple[str, Witness] | None:
    try:
        with closing(connect_immutable(path)) as connection:
            first = connection.execute(_FIRST).fetchone()
            head = connection.execute(_HEAD).fetchone()
            name = f"{BACKUPS}/{path.name}"
            return _id_of(first[0]), Witness(name, int(head[0]), str(head[1]), path.name.partition("Z")[0])
    except sql_errors(OSError, TypeError, ValueError, EnvironmentFault, CommandRefused):
        return None


def _id_of(body: str) -> str:
    try:
        return str(json.loads(body)["database_id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
