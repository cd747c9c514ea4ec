"""Reading the record: every call looks through a read-only connection of its own, from any thread."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.clock import Instant
from exomonitor.engine.ports import Readable, ReadingRow, Series, WaveSecond
from exomonitor.engine.stored import Damage, SessionRow
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.integrity import JOURNAL_COLUMNS
from exomonitor.records.batch_numbers import BATCH_TYPES
from exomonitor.records.cipher import sql_errors
from exomonitor.records.connections import reader_engine
from exomonitor.records.database import check_header
from exomonitor.records.faults import fault
from exomonitor.records.gone import Journals
from exomonitor.records.left_off import left_off, measured
from exomonitor.records.mapping import SPOILT, DamagedRow, chunk_of, entry_of, naming, reading_of, staged_of
from exomonitor.records.readable import damage_of, journal_of, proved, readable
from exomonitor.records.registry_kept import Kept, registry_kept, whole_or_kept
from exomonitor.records.schema import JOURNAL, READINGS, SEALED, WAVE_CHUNKS, WAVE_STAGING
from exomonitor.records.series import series_of
from exomonitor.records.wave_codec import Placed
from exomonitor.registry.registry import WATCHED, load_registry
from exomonitor.registry.users import TABLE as USERS
from exomonitor.registry.users import staff_names
from exomonitor.session.entry import Entry, Event
from exomonitor.session.events import SessionAbandoned, SessionOpened, SessionSigned
from exomonitor.session.fold import SENSELESS, fold
from exomonitor.session.kept import fold_kept
from exomonitor.session.machine_events import StaffNamed
from exomonitor.session.state import SessionState
from exomonitor.signals.vitals import Sign

LAST = "last"
_OPENED = SessionOpened.__name__
_ENDED = (SessionSigned.__name__, SessionAbandoned.__name__)
_WHAT = "The record could not be read"
_PAGE = 2000
_SESSIONS = """
WITH RECURSIVE held(name) AS (
  SELECT min(session) FROM journal WHERE session > ''
  UNION ALL SELECT (SELECT min(session) FROM journal WHERE session > name) FROM held WHERE name IS NOT NULL
) SELECT name FROM held WHERE name IS NOT NULL
"""
"""Every session of which there is an entry, by one look into the index for each."""

P = ParamSpec("P")
T = TypeVar("T")


def _told(call: Callable[P, T]) -> Callable[P, T]:
    """Foreign errors become one sentence."""

    @wraps(call)
    def telling(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except sql_errors(SQLAlchemyError, OSError) as cause:
            raise fault(cause, _WHAT) from cause

    return telling


def open_archive(path: Path) -> SqlArchive:
    """The archive of an existing database, in use or not. Raises CommandRefused or EnvironmentFault."""
    if not path.exists():
        raise CommandRefused(f"There is no record at {path}.")
    check_header(path)
    return SqlArchive(path)


class SqlArchive:
    """Implements the Archive port over one database file."""

    def __init__(self, path: Path) -> None:
        self._engine = reader_engine(path)
        self._damaged: frozenset[str] = frozenset()

    def know_damaged(self, sessions: Iterable[str]) -> None:
        """The background verification found something lost of these: the list marks them too."""
        self._damaged = frozenset(sessions)

    @_told
    def damaged(self) -> list[str]:
        """The sessions of which something is lost. Reads and proves everything: in the background alone."""
        with self._looking() as connection:
            journals = Journals(connection)
            return [session for session in _opened(connection) if damage_of(connection, session, journals).sentence]

    @_told
    def sessions(self) -> list[SessionRow]:
        """All sessions, newest first; of a damaged one what can be read."""
        with self._looking() as connection:
            rows = [self._row(connection, session) for session in reversed(_opened(connection))]
        return [replace(row, damaged=True) if row.session in self._damaged else row for row in rows]

    @_told
    def resolve(self, session: str) -> str:
        """The session of an id, a study id (its newest) or `last`. Raises CommandRefused when there is none."""
        with self._looking() as connection:
            known = _opened(connection)
            first = select(JOURNAL.c.session, JOURNAL.c.body).where(JOURNAL.c.type == _OPENED)
            bodies = {row.session: row.body for row in connection.execute(first).all()}
        for one in reversed(known):
            names = {LAST, one}
            with suppress(*SPOILT):  # a damaged one is known by its id alone, and hides no other
                names.add(json.loads(bodies[one]).get("study_id"))
            if session in names:
                return one
        raise CommandRefused("There is no session yet." if session == LAST else f"There is no session {session}.")

    @_told
    def entries(self, session: str) -> list[Entry]:
        """The session's journal in order, private texts in clear. Session "" = what belongs to the database."""
        with self._looking() as connection:
            return _entries(connection, session, select(JOURNAL))

    @_told
    def journal_rows(self, session: str) -> list[dict[str, object]]:
        """The session's journal rows as hashed: `body` is an object with digests in place of private texts."""
        with self._looking() as connection:
            rows = connection.execute(_of_session(select(JOURNAL), session)).mappings()
            return [_journal_row(row) for row in rows]

    @_told
    def sealed(self, session: str) -> list[dict[str, object]]:
        """Private texts of the session: seq, field, salt, value, digest (as the journal has it)."""
        with self._looking() as connection:
            rows = connection.execute(
                select(SEALED, JOURNAL.c.body)
                .join(JOURNAL, JOURNAL.c.seq == SEALED.c.seq)
                .where(JOURNAL.c.session == session)
                .order_by(SEALED.c.seq, SEALED.c.field)
            ).mappings()
            return [_sealed_row(row) for row in rows]

    @_told
    def proved(self, session: str) -> tuple[list[Entry], Damage]:
        """The entries that are as they were written, private texts in clear, and what of both is lost; readings and
        waves are not looked at."""
        with self._looking() as connection:
            return proved(connection, session)

    @_told
    def seems_opened_in(self, session: str) -> str:
        """The chair that its first entry names as it stands there, proved or not; "" = nothing does."""
        first = select(JOURNAL.c.body).where(JOURNAL.c.session == session, JOURNAL.c.type == _OPENED)
        with self._looking() as connection, suppress(*SPOILT, *sql_errors(SQLAlchemyError)):
            chair = json.loads(connection.scalar(first.order_by(JOURNAL.c.seq)) or "")["chair"]
            return chair if isinstance(chair, str) else ""
        return ""

    @_told
    def readable(self, session: str) -> Readable:
        """All that can be read of a session that may be damaged; reads and proves everything that is stored of it."""
        with self._looking() as connection:
            first = connection.scalar(select(JOURNAL.c.body).where(JOURNAL.c.seq == 1))
            return readable(connection, session, '"simulated":true' in str(first), self._looking_on)

    def readings(self, session: str) -> Iterator[tuple[int, ReadingRow]]:
        """(batch, row) in the order stored; of `measured_at` the UTC is exact."""
        statement = select(READINGS).where(READINGS.c.session == session).order_by(READINGS.c.id)
        with self._looking_on() as connection:
            for row in connection.execute(statement).yield_per(_PAGE).mappings():
                yield row["batch"], reading_of(row)

    @_told
    def series(self, session: str, since: Instant, names: Sequence[str]) -> dict[str, Series]:
        """Name -> (minutes after `since`, values), by time."""
        with self._looking() as connection:
            return series_of(connection, session, since, names)

    def waves(self, session: str) -> Iterator[tuple[int, WaveSecond]]:
        """(batch, second) in the order stored, whether staged or merged."""
        with self._looking_on() as connection:
            streams = [_staged(connection, session)]
            keys = select(*(WAVE_CHUNKS.c[name] for name in ("source", "wave"))).where(WAVE_CHUNKS.c.session == session)
            for source, wave in connection.execute(keys.distinct()).all():
                streams.append(_merged(connection, session, source, wave))
            for placed in heapq.merge(*streams, key=lambda item: (item.batch, item.place)):
                yield placed.batch, placed.second

    @_told
    def left_off(self, session: str, anew: Mapping[str, Instant] = MappingProxyType({})) -> dict[str, Instant]:
        """Source -> the moment up to which everything of it is stored. `anew`: where it was heard again last."""
        with self._looking() as connection:
            return left_off(connection, session, anew)

    @_told
    def measured(self, session: str) -> frozenset[Sign]:
        """The signs that a device of the session has given a value of."""
        with self._looking() as connection:
            return measured(connection, session)

    @_told
    def open_sessions(self) -> list[str]:
        """Sessions that are neither signed nor abandoned, oldest first."""
        with self._looking() as connection:
            ended = set(connection.scalars(select(JOURNAL.c.session).where(JOURNAL.c.type.in_(_ENDED))))
            return [session for session in _opened(connection) if session not in ended]

    @_told
    def staff(self) -> dict[str, tuple[str, str]]:
        """Staff id -> (name, role); the newest entry about a person holds."""
        named = [entry.event for entry in self.registry_entries((StaffNamed,)) if isinstance(entry.event, StaffNamed)]
        users = load_registry(self.registry_entries(USERS.steps), SENSELESS).users
        return {**{event.staff_id: (event.name, event.role) for event in named}, **staff_names(users)}

    @_told
    def registry_entries(self, kinds: Iterable[type[Event]] = WATCHED) -> list[Entry]:
        """The entries of the whole journal that the registry heeds, or those of some `kinds`, in order, as far as they
        can be read."""
        with self._looking() as connection:
            return whole_or_kept(connection, kinds)[0]

    @_told
    def registry_kept(self) -> Kept:
        """The entries that the registry heeds, as far as they can be read, and what of them is lost."""
        with self._looking() as connection:
            return registry_kept(connection, WATCHED)

    @_told
    def database_id(self) -> str:
        """The random id of this database."""
        with self._looking() as connection:
            body = connection.scalar(select(JOURNAL.c.body).where(JOURNAL.c.seq == 1))
        if body is None:
            raise EnvironmentFault(f"{_WHAT}: it has no beginning.")
        with naming("Entry 1"):
            return str(json.loads(body)["database_id"])

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _looking_on(self) -> Iterator[Connection]:
        """For iterators, whose work is done after the call has returned."""
        try:
            with self._looking() as connection:
                yield connection
        except sql_errors(SQLAlchemyError) as cause:
            raise fault(cause, _WHAT) from cause

    @staticmethod
    def _row(connection: Connection, session: str) -> SessionRow:
        shown = JOURNAL.c.type.not_in(BATCH_TYPES)
        try:
            entries = _entries(connection, session, select(JOURNAL).where(shown))
            with naming(f"Session {session}"):
                state = fold(entries) if not _holes(connection, session) else None
        except sql_errors(DamagedRow, SQLAlchemyError):
            state = None
        if state is not None:
            return _session_row(state)
        kept = journal_of(connection, JOURNAL.c.session == session, shown)
        lost = max(1, len(kept.unreadable) + _holes(connection, session))
        return replace(_session_row(fold_kept(session, kept.entries)), damaged=True, lost=lost)


def _opened(connection: Connection) -> list[str]:
    """All sessions, oldest first; also those whose first entry is lost, if anything else of them can be read."""
    rows = connection.scalars(select(JOURNAL.c.session).where(JOURNAL.c.type == _OPENED).order_by(JOURNAL.c.seq))
    opened = dict.fromkeys(rows)
    headless = {
        connection.scalar(select(func.min(JOURNAL.c.seq)).where(JOURNAL.c.session == session)) or 0: session
        for session in connection.exec_driver_sql(_SESSIONS).scalars().all()
        if session not in opened and journal_of(connection, JOURNAL.c.session == session).entries
    }
    if not headless:
        return list(opened)
    first = select(func.min(JOURNAL.c.seq), JOURNAL.c.session).where(JOURNAL.c.session.in_(opened))
    begun = {row[0]: row[1] for row in connection.execute(first.group_by(JOURNAL.c.session))}
    return [session for _, session in sorted((begun | headless).items())]


def _holes(connection: Connection, session: str) -> int:
    """How many entries are gone between the others of a session."""
    place = JOURNAL.c.session_seq
    last, there = connection.execute(select(func.max(place), func.count()).where(JOURNAL.c.session == session)).one()
    return int(last or 0) - int(there)


def _of_session(statement: Select[Any], session: str) -> Select[Any]:
    return statement.where(JOURNAL.c.session == session).order_by(JOURNAL.c.session_seq)


def _entries(connection: Connection, session: str, statement: Select[Any]) -> list[Entry]:
    texts: dict[int, dict[str, str]] = {}
    sealed = select(SEALED.c.seq, SEALED.c.field, SEALED.c.value).join(JOURNAL, JOURNAL.c.seq == SEALED.c.seq)
    for seq, field, value in connection.execute(sealed.where(JOURNAL.c.session == session)):
        texts.setdefault(seq, {})[field] = value
    rows = connection.execute(_of_session(statement, session)).mappings().all()  # or it stays half read
    return [entry_of(row, texts.get(row["seq"], {})) for row in rows]


def _journal_row(row: Any) -> dict[str, object]:
    with naming(f"Entry {row['seq']}"):
        return {name: row[name] for name in JOURNAL_COLUMNS} | {"body": json.loads(row["body"])}


def _sealed_row(row: Any) -> dict[str, object]:
    with naming(f"Entry {row['seq']}"):
        seal = json.loads(row["body"]).get(row["field"])
    digest = seal.get("sha256") if isinstance(seal, dict) else None
    return {name: row[name] for name in ("seq", "field", "salt", "value")} | {"digest": digest}


def _staged(connection: Connection, session: str) -> Iterator[Placed]:
    order = (WAVE_STAGING.c.batch, WAVE_STAGING.c.place)
    statement = select(WAVE_STAGING).where(WAVE_STAGING.c.session == session).order_by(*order)
    return (staged_of(row) for row in connection.execute(statement).mappings().all())


def _merged(connection: Connection, session: str, source: str, wave: str) -> Iterator[Placed]:
    """One wave's chunks, one at a time; (batch, place) rises from chunk to chunk."""
    here = (WAVE_CHUNKS.c.session == session, WAVE_CHUNKS.c.source == source, WAVE_CHUNKS.c.wave == wave)
    numbers = connection.scalars(select(WAVE_CHUNKS.c.id).where(*here).order_by(WAVE_CHUNKS.c.id)).all()
    for number in numbers:
        row = connection.execute(select(WAVE_CHUNKS).where(WAVE_CHUNKS.c.id == number)).mappings().one()
        yield from chunk_of(row)


def _session_row(state: SessionState) -> SessionRow:
    # While product runs only the live page knows how much is in: an older figure beside it would contradict it.
    delivered = state.product_end.delivered_ml if state.product_end is not None else None
    return SessionRow(
        session=state.id,
        study_id=state.study_id,
        name="" if state.patient is None else state.patient.name,
        opened_utc=state.opened.iso(),
        phase=str(state.phase),
        simulated=state.simulated,
        dose_billion="" if state.order is None else format(state.order.dose_billion, "f"),
        delivered_ml=delivered,
        reactions=len(state.reactions),
        kind=state.kind,
    )
