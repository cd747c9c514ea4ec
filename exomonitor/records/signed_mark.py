"""How far a journal is signed, kept beside its database: an end that is cut off later is missed.

`NAME.signed` holds number and hash of an entry under the signature of the workstation's key: the newest one when it was
last written, which is every half minute. It is written after the commit, so that a crash leaves it behind the journal
and never ahead of it. A mark that does not fit the journal any more is not overwritten: it stays as
`NAME.signed-NUMBER-HASH`, and `verify` goes on naming it.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from exomonitor.bounded import read_bounded
from exomonitor.errors import EnvironmentFault
from exomonitor.integrity import canonical_json
from exomonitor.records.cipher import sql_errors
from exomonitor.records.connections import connect_reader
from exomonitor.records.database import sync_folder
from exomonitor.records.faults import fault
from exomonitor.session.entry import Entry
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.session.trust_events import HeadSigned
from exomonitor.signing import StationKey, fits

ENDING = ".signed"
EVERY_S, ALARM_S = 30.0, 10.0
"""Seconds of the record after which the mark moves on by itself; and after the rise of a high alarm, or of a disk that
refused it."""
WHAT = "exomonitor-signed-end-1"
_MOST_BYTES = 10_000
_MOST_ENTRIES = 2**63 - 1  # what a row's number can be
_HASH = "SELECT hash FROM journal WHERE seq = ?"
_NEWEST = "SELECT seq, hash, body FROM journal WHERE type = 'HeadSigned' ORDER BY seq DESC LIMIT 1"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """The workstation's word that `database_id` held entry `seq` with this hash."""

    database_id: str
    seq: int
    hash: str
    public_key: str
    signature: str

    @property
    def statement(self) -> bytes:
        """What the signature is over."""
        return mark_statement(self.database_id, self.seq, self.hash)

    @property
    def fits(self) -> bool:
        """Whether the key that it names signed it."""
        return fits(self.public_key, self.signature, self.statement)


def mark_statement(database_id: str, seq: int, digest: str) -> bytes:
    """What a mark's signature is over."""
    return canonical_json({"what": WHAT, "database_id": database_id, "seq": seq, "hash": digest})


def mark_beside(database: Path) -> Path:
    """Where the mark of a database is."""
    return database.with_name(database.name + ENDING)


def marks_beside(database: Path) -> list[Path]:
    """The mark of a database and those that were put aside because they did not fit, the mark first."""
    with suppress(OSError):
        return sorted(one for one in database.parent.glob(f"{database.name}{ENDING}*") if one.is_file())
    return []


def read_mark(file: Path) -> Mark | None:
    """What a mark says, whether it is true or not; None where it cannot be read as one."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        plain = json.loads(read_bounded(file, _MOST_BYTES))
        names = ("database_id", "hash", "public_key", "signature")
        words = {name: plain[name] for name in names if isinstance(plain[name], str)}
        if len(words) == len(names) and type(plain["seq"]) is int and 0 < plain["seq"] <= _MOST_ENTRIES:
            return Mark(seq=plain["seq"], **words)
    return None


class EndMark:
    """Moves the mark of one database on while it is recorded into: at once where the workstation signed in the journal,
    with the first entry of a start, at its orderly end, and with the first entry that comes EVERY_S after the last mark
    or ALARM_S after the rise of a high alarm. So no more can be cut off unseen than what came since. Never stops the
    record: what the disk refuses is logged, and tried again with the first entry ALARM_S later."""

    def __init__(self, database: Path, database_id: str, key: StationKey | None) -> None:
        self._database, self._id, self._key = database, database_id, key
        self._newest: Entry | None = None
        self._kept: Entry | None = None
        """The newest entry that the mark says: None = the mark that is there is none of ours."""
        self._alarm: Entry | None = None
        """The first rise of a high alarm that came after the mark."""
        self._refused: Entry | None = None
        """The newest entry when the disk refused the mark."""

    def committed(self, entries: Sequence[Entry]) -> None:
        """These stand in the journal now."""
        if not entries:
            return
        newest = max(entries, key=lambda one: one.seq)  # what was refused and is there may come after newer ones
        if self._newest is None or newest.seq > self._newest.seq:
            self._newest = newest
        self._alarm = self._alarm or next(filter(_is_high, entries), None)
        if any(isinstance(one.event, HeadSigned) for one in entries):
            self.keep()

    def look(self) -> None:
        """Nobody waits for an entry: keep the mark if it is time for that."""
        if self._newest is not None and self._due(self._newest):
            self.keep()

    def keep(self) -> None:
        """The mark says the newest entry."""
        newest = self._newest
        if self._key is None or newest is None or newest is self._kept:
            return
        looked = self._kept is not None
        if _write(self._database, self._id, newest.seq, newest.hash, self._key, looked=looked):
            self._kept, self._alarm, self._refused = newest, None, None
        else:
            self._refused = newest

    def _due(self, newest: Entry) -> bool:
        if self._refused is not None:
            return _apart(newest, self._refused, ALARM_S)
        if self._kept is None or (self._alarm is not None and _apart(newest, self._alarm, ALARM_S)):
            return True
        return _apart(newest, self._kept, EVERY_S)


def _apart(newest: Entry, before: Entry, seconds: float) -> bool:
    return abs(newest.at.since(before.at)) >= seconds


def _is_high(entry: Entry) -> bool:
    event = entry.event
    return isinstance(event, AlarmChanged) and event.priority == "high" and event.to_state == "active"


def catch_up(database: Path, database_id: str, key: StationKey) -> str:
    """At a start, before anything is recorded: a mark that a crash left behind moves on. Answers what is wrong with the
    mark in one sentence, "" = nothing; then it stays as it is. Raises EnvironmentFault."""
    with _reading(database) as connection:
        newest = connection.execute(_NEWEST).fetchone()
    ours = newest is not None and json.loads(newest[2]).get("public_key") == key.public
    file = mark_beside(database)
    if not file.exists():
        if not ours:
            return ""
        return f"{file.name}, which says how far the record is signed, is missing (the last one here: {newest[0]})"
    mark = read_mark(file)
    if mark is None or not mark.fits:
        return f"{file.name}, which says how far the record is signed, was changed"
    if mark.database_id != database_id:
        return f"{file.name} is of another record, signed up to entry {mark.seq}"
    if not _holds(database, mark):
        return f"The end of the record was cut off or exchanged: it was signed up to entry {mark.seq}"
    if ours and newest[0] > mark.seq:
        _write(database, database_id, int(newest[0]), str(newest[1]), key)
    return ""


def _write(database: Path, database_id: str, seq: int, digest: str, key: StationKey, *, looked: bool = False) -> bool:
    """Whether the disk took it. `looked`: the mark that is there is our own."""
    signature = key.sign(mark_statement(database_id, seq, digest))
    plain = {"database_id": database_id, "seq": seq, "hash": digest, "public_key": key.public, "signature": signature}
    try:
        if not looked:
            _put_aside(database, database_id)
        _replace(mark_beside(database), canonical_json(plain) + b"\n")
    except (OSError, EnvironmentFault) as cause:
        log.warning("how far the record is signed could not be noted beside it: %s", cause)
        return False
    return True


def _put_aside(database: Path, database_id: str) -> None:
    """A mark that the journal does not bear out is evidence: it gets a name of its own."""
    file = mark_beside(database)
    if not file.exists():
        return
    mark = read_mark(file)
    if mark is not None and mark.fits and mark.database_id == database_id and _holds(database, mark):
        return
    word = "unreadable" if mark is None else f"{mark.seq}-{mark.hash[:8]}"
    names = chain((word,), (f"{word}-{again}" for again in count(2)))
    asides = (file.with_name(f"{file.name}-{name}") for name in names)
    file.rename(next(aside for aside in asides if not aside.exists()))


def _holds(database: Path, mark: Mark) -> bool:
    with _reading(database) as connection:
        row = connection.execute(_HASH, (mark.seq,)).fetchone()
    return row is not None and row[0] == mark.hash


def _replace(file: Path, data: bytes) -> None:
    """The whole new text or the whole old one, durable."""
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())
    fresh.replace(file)
    sync_folder(file.parent)


@contextmanager
def _reading(database: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(connect_reader(database)) as connection:
            yield connection
    except sql_errors() as cause:
        raise fault(cause, f"{database.name} cannot be read") from cause
