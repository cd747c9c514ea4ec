"""The writing connection and what it remembers: the ends of the chains, the batch counter, the waves that wait."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Insert, Table, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.clock import Instant
from exomonitor.engine.ports import STATION_ACTOR, Draft, ReadingRow, WaveSecond
from exomonitor.errors import EnvironmentFault
from exomonitor.integrity import JOURNAL_COLUMNS, batch_sha256
from exomonitor.records.batch_numbers import next_batch
from exomonitor.records.batches import reading_columns, sample_bytes, second_digest, waves_sha256
from exomonitor.records.connections import driven
from exomonitor.records.database import Database
from exomonitor.records.doubt import Attempt, Doubt, Submit
from exomonitor.records.faults import FileGuard, FilesGone, passes_by_itself
from exomonitor.records.journal import Chain, Tip, Written
from exomonitor.records.mapping import staged_row, whole_ms
from exomonitor.records.schema import CHAIN_HEAD, JOURNAL, READINGS, SEALED, WAVE_STAGING
from exomonitor.records.signed_mark import EndMark
from exomonitor.records.staging import Staging
from exomonitor.records.wave_codec import Placed, WaveKey, key_of
from exomonitor.session.entry import Entry
from exomonitor.session.events import SessionAbandoned, SessionSigned
from exomonitor.session.machine_events import ExportMade, ReadingsStored, RefusedKept, WavesStored
from exomonitor.session.parts.corrections import AddendumAdded
from exomonitor.session.parts.handover import SessionReviewed
from exomonitor.session.trust_events import HeadSigned, KeyTaken, PeopleTakenOver, RecordDoubted, RecordRestored
from exomonitor.signing import StationKey, head_statement

R = TypeVar("R", ReadingRow, WaveSecond)
log = logging.getLogger(__name__)
SIGNED_AFTER = (
    *(SessionSigned, SessionReviewed, AddendumAdded, ExportMade),
    *(KeyTaken, RecordRestored, RecordDoubted, PeopleTakenOver),
)
"""After these the workstation signs the ends of the chains, in the same transaction."""


@dataclass(slots=True)
class _Memory:
    """What the database said when we last looked, and what we have written since."""

    chain: Chain
    next_batch: int
    staging: Staging


@dataclass(slots=True)
class _Rows:
    """The rows of one transaction."""

    journal: list[dict[str, Any]] = field(default_factory=list)
    sealed: list[dict[str, Any]] = field(default_factory=list)
    readings: list[dict[str, Any]] = field(default_factory=list)
    staging: list[dict[str, Any]] = field(default_factory=list)
    staged: list[WaveKey] = field(default_factory=list)


class Store:
    """Saves submits. Belongs to one thread; a failure leaves the database as it was; the next call starts afresh."""

    def __init__(self, database: Database, key: StationKey | None = None) -> None:
        self._database = database
        self._key = key
        self._mark = EndMark(database.path, database.database_id, key)
        self._connection: Connection | None = None
        self._guard = FileGuard(database.path)
        self._memory: _Memory | None = None
        self._ended: set[str] = set()
        self._saved = Tip()
        """The end of the journal after our last commit."""
        self._pending: Tip | None = None
        """The end that the commit under way would give."""
        self._doubtful: set[Tip] = set()
        """Ends whose commit failed: a disk that failed in the middle may hold them all the same."""
        self._doubt = Doubt()
        self._attempts: list[Attempt] = []
        self._kept: tuple[int, int] | None = None

    def save(self, submits: Sequence[Submit]) -> list[tuple[Entry, ...]]:
        """Commit all in one transaction. Raises SQLAlchemyError, EnvironmentFault; bad data: ValueError, TypeError."""
        try:
            return self._save(submits)
        except Exception as cause:
            self._memory = None
            if self._pending is not None:
                self._doubtful.add(self._pending)
                self._doubt.failed(self._pending, self._attempts)
            if isinstance(cause, FilesGone) or (isinstance(cause, SQLAlchemyError) and not passes_by_itself(cause)):
                self._disconnect()
            raise

    def merge_next(self) -> bool:
        """Merge one wave that has a whole chunk staged or whose session has ended; whether there was one. One at a
        time: an alarm that comes meanwhile waits for no more than that."""
        if self._connection is None or self._memory is None:
            return False
        if due := self._memory.staging.due(self._ended):
            self._memory.staging.merge(self._connection, due[:1], self._ended)
            return True
        self._ended.clear()
        self._mark.look()
        return False

    def finish(self) -> None:
        """Merge everything staged, move the log into the database file, and close."""
        try:
            connection = self._connected()
            with connection.begin():
                staging = Staging.found(connection)
            if waves := staging.all():
                staging.merge(connection, waves, None)
            # Not through SQLAlchemy, which would begin a transaction, and no checkpoint can truncate inside one.
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._disconnect()
            self._guard.closed()
        self._mark.keep()

    def _save(self, submits: Sequence[Submit]) -> list[tuple[Entry, ...]]:
        rows, self._pending = _Rows(), None
        connection = self._connected()
        with connection.begin():
            memory = self._current(connection)
            if self._kept is not None:
                _chained(
                    Submit((Draft("", _when(submits), STATION_ACTOR, RefusedKept(*self._kept)),)), memory, rows, None
                )
            rest = [self._doubt.without(submit) for submit in submits]
            new = [_chained(submit, memory, rows, self._key) for submit, _ in rest]
            self._attempts = [Attempt(submit, entries) for (submit, _), entries in zip(rest, new, strict=True)]
            tip = self._pending = memory.chain.tip
            _insert(connection, rows, tip)
        self._saved, self._pending, self._kept = tip, None, None
        self._doubtful.clear()
        self._doubt.settled(submits)
        answers = [(*there, *entries) for (_, there), entries in zip(rest, new, strict=True)]
        self._guard.check()
        self._mark.committed([e for entries in answers for e in entries])
        memory.staging.staged(rows.staged)
        self._ended.update(entry.session for entries in answers for entry in entries if _ends(entry))
        return answers

    def _current(self, connection: Connection) -> _Memory:
        """What we remember, unless somebody else wrote in the meantime."""
        with driven(connection) as cursor:
            found = cursor.execute(_READ_HEAD).fetchone()
        if found is None:
            raise EnvironmentFault("The record could not be saved: the database has lost the end of its journal.")
        tip = Tip(*found)
        if self._memory is None or self._memory.chain.tip != tip:
            self._memory = self._recall(connection, tip)
        return self._memory

    def _recall(self, connection: Connection, tip: Tip) -> _Memory:
        def session_tip(session: str) -> Tip:
            row = connection.exec_driver_sql(_SESSION_TIP, (session,)).first()
            return Tip() if row is None else Tip(*row)

        self._doubt.found(tip)
        if tip in self._doubtful:
            self._kept = (self._saved.seq + 1, tip.seq)
            log.error(
                "entries %d to %d were refused when the disk failed, and are in the record all the same", *self._kept
            )
        first = connection.scalar(select(JOURNAL.c.hash).where(JOURNAL.c.seq == 1))
        if first != self._database.first_hash:
            raise FilesGone("The record could not be saved: another database stands in its place.")
        chain = Chain(self._database.tz, self._database.station, tip, session_tip)
        return _Memory(chain, next_batch(connection), Staging.found(connection))

    def _connected(self) -> Connection:
        if self._connection is None:
            self._guard.before_connecting()
            connection = self._database.writer().connect()
            self._connection = connection
            with connection.begin():  # the log exists from the first transaction on
                connection.exec_driver_sql(_READ_HEAD).close()
            self._guard.connected()
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection, self._memory = self._connection, None, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.close()


def _when(submits: Sequence[Submit]) -> Instant:
    """The time of the first thing that is to be recorded."""
    first = submits[0]
    return next(iter((*(d.at for d in first.drafts), *(r.at for r in first.readings), *(w.began for w in first.waves))))


def _ends(entry: Entry) -> bool:
    return isinstance(entry.event, (SessionSigned, SessionAbandoned))


def _chained(submit: Submit, memory: _Memory, rows: _Rows, key: StationKey | None) -> tuple[Entry, ...]:
    """The entries of one submit: its events, then one batch entry per session for its readings and for its waves."""
    drafts = [*submit.drafts]
    drafts.extend(_readings_batch(part, memory, rows) for part in _by_session(submit.readings))
    drafts.extend(_waves_batch(part, memory, rows) for part in _by_session(submit.waves))
    entries = []
    for draft in drafts:
        wanted = [memory.chain.append(draft)]
        if key is not None and isinstance(draft.event, SIGNED_AFTER):
            wanted.append(_signature(draft, type(draft.event).__name__, memory.chain, key))
        for written in wanted:
            rows.journal.append(written.row)
            rows.sealed.extend(written.sealed)
            entries.append(written.entry)
    return tuple(entries)


def _signature(draft: Draft, why: str, chain: Chain, key: StationKey) -> Written:
    """The workstation's signature over the ends of the chains as they stand now, as one more entry."""
    signature = key.sign(head_statement(chain.place(draft.session, draft.at)))
    return chain.append(Draft(draft.session, draft.at, STATION_ACTOR, HeadSigned(key.public, signature, why)))


def _by_session(rows: Sequence[R]) -> list[list[R]]:
    parts: dict[str, list[R]] = {}
    for row in rows:
        parts.setdefault(row.session, []).append(row)
    return list(parts.values())


def _batch_draft(session: str, moments: Sequence[Instant], event: ReadingsStored | WavesStored) -> Draft:
    # Dated by what it stores, not by when the disk was reached: the same data make the same record.
    return Draft(session, max(moments, key=lambda at: (at.utc, at.mono_ns)), STATION_ACTOR, event)


def _readings_batch(readings: list[ReadingRow], memory: _Memory, rows: _Rows) -> Draft:
    batch, session = memory.next_batch, readings[0].session
    memory.next_batch += 1
    columns = [reading_columns(reading) for reading in readings]
    event = ReadingsStored(batch, len(columns), batch_sha256(columns))
    rows.readings.extend({"batch": batch, "session": session, **column} for column in columns)
    return _batch_draft(session, [reading.at for reading in readings], event)


def _waves_batch(waves: list[WaveSecond], memory: _Memory, rows: _Rows) -> Draft:
    batch, session = memory.next_batch, waves[0].session
    memory.next_batch += 1
    digests = []
    for place, second in enumerate(waves):
        samples = sample_bytes(second.samples)
        digests.append(second_digest(second, samples))
        rows.staging.append(staged_row(Placed(batch, place, second), samples, zlib.crc32(samples)))
        rows.staged.append(key_of(second))
    event = WavesStored(batch, len(digests), waves_sha256(digests))
    return _batch_draft(session, [whole_ms(second.began) for second in waves], event)


def _statement(table: Table, columns: Sequence[str]) -> str:
    # Compiled once: building and caching it anew for every commit costs more than running it.
    return str(Insert(table).compile(dialect=sqlite.dialect(paramstyle="named"), column_keys=list(columns)))


def _all_but_id(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name != "id"]


_INSERT_JOURNAL = _statement(JOURNAL, JOURNAL_COLUMNS)
_INSERT_SEALED = _statement(SEALED, ("seq", "field", "salt", "value"))
_INSERT_READING = _statement(READINGS, _all_but_id(READINGS))
_INSERT_STAGED = _statement(WAVE_STAGING, _all_but_id(WAVE_STAGING))
_READ_HEAD = str(select(CHAIN_HEAD.c.seq, CHAIN_HEAD.c.hash).compile(dialect=sqlite.dialect()))
_MOVE_HEAD = "UPDATE chain_head SET seq = ?, hash = ? WHERE id = 1"
_SESSION_TIP = "SELECT session_seq, hash FROM journal WHERE session = ? ORDER BY session_seq DESC LIMIT 1"


def _insert(connection: Connection, rows: _Rows, tip: Tip) -> None:
    with driven(connection) as cursor:
        for statement, values in (
            (_INSERT_JOURNAL, rows.journal),
            (_INSERT_SEALED, rows.sealed),
            (_INSERT_READING, rows.readings),
            (_INSERT_STAGED, rows.staging),
        ):
            if values:
                cursor.executemany(statement, values)
        cursor.execute(_MOVE_HEAD, (tip.seq, tip.hash))
