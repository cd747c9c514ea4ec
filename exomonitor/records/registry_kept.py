"""The entries of the clinic's lists (people, patients, lots ...) as far as they can be read, and which are lost."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Row, func, literal, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.records.cipher import sql_errors
from exomonitor.records.mapping import DamagedRow, entry_of
from exomonitor.records.readable import LOST, Journal, journal_of
from exomonitor.records.schema import JOURNAL, SEALED
from exomonitor.registry.doubts import Doubts
from exomonitor.registry.users import UserAdded, UserChanged
from exomonitor.session.entry import EVENTS, Entry, Event
from exomonitor.session.machine_events import RecordRecovered
from exomonitor.session.trust_events import (
    HeadSigned,
    KeyTaken,
    PeopleTakenOver,
    RecordDoubted,
    RecordRestored,
    RecordTaken,
)

_PEOPLE = (UserAdded, UserChanged)
_CLINIC = JOURNAL.c.session == ""
_KINDS = """
WITH RECURSIVE kind(name) AS (
  SELECT min(type) FROM journal
  UNION ALL SELECT (SELECT min(type) FROM journal WHERE type > name) FROM kind WHERE name IS NOT NULL
) SELECT name FROM kind WHERE name IS NOT NULL
"""
"""Every type that occurs: one look into the index for each, however many entries there are."""

_GAPS = """
SELECT before + 1, seq - 1 FROM (
  SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq) AS before FROM journal INDEXED BY ix_journal_type
) WHERE seq <> before + 1
"""
"""The first and the last number of each row of entries that are gone, as the index has them: a page of the table may be
one that cannot be read."""
_NOTES = {RecordTaken.__name__, HeadSigned.__name__, KeyTaken.__name__}
"""What a command may record, which looks at no list: it proves nothing of what stood before it."""
_SEEN = {RecordDoubted.__name__, RecordRecovered.__name__}
"""What says that a loss was seen: the next start, or the recovery that left out what is lost and took its number."""
_AT_START = {*_NOTES, *_SEEN, RecordRestored.__name__}
"""What is recorded before anybody is at work: by a command, and at a start."""
_ALL = select(func.count()).select_from(JOURNAL)
_IN_SESSIONS = "SELECT max(session_seq) - count(*) FROM journal WHERE session <> '' GROUP BY session"


@dataclass(frozen=True, slots=True)
class Kept:
    """The entries that can be read, in order, and what of them cannot."""

    entries: tuple[Entry, ...]
    doubts: Doubts


def whole_or_kept(connection: Connection, kinds: Iterable[type[Event]]) -> tuple[list[Entry], list[int]]:
    """The entries of some `kinds`, whatever session they belong to, and the numbers of those that cannot be read."""
    of_them = JOURNAL.c.type.in_([event.__name__ for event in kinds])
    try:
        return _whole(connection, of_them), []
    except sql_errors(DamagedRow, SQLAlchemyError):
        journal = journal_of(connection, of_them)
        return [_without_lost(entry) for entry in journal.entries], journal.unreadable


def registry_kept(connection: Connection, kinds: Iterable[type[Event]]) -> Kept:
    """The same with what is to be doubted. Entries about people are proved one by one, for people sign in by them; the
    others when the record is verified as a whole."""
    entries, unreadable = whole_or_kept(connection, kinds)
    people = journal_of(connection, JOURNAL.c.type.in_([event.__name__ for event in _PEOPLE]))
    good = {entry.seq: _without_lost(entry) for entry in people.entries}
    kept = [good.get(e.seq, e) for e in entries if e.seq in good or not isinstance(e.event, _PEOPLE)]
    strange = _of_no_kind(connection).unreadable
    holes, before = _holes(connection)
    about_people = {*people.unreadable, *strange, *_spoilt(people), *before}
    lost = {*unreadable, *people.unreadable, *strange, *_spoilt(people)}
    missing = max(0, holes - sum(number in before for number in lost))
    came = connection.scalar(select(func.max(JOURNAL.c.seq)).where(JOURNAL.c.type == PeopleTakenOver.__name__)) or 0
    return Kept(tuple(kept), Doubts(tuple(sorted(lost)), missing, max(came, *about_people, 0), taken_over=came > 0))


def _whole(connection: Connection, of_them: ColumnElement[bool]) -> list[Entry]:
    sealed = select(SEALED.c.seq, SEALED.c.field, SEALED.c.value).join(JOURNAL, JOURNAL.c.seq == SEALED.c.seq)
    texts: dict[int, dict[str, str]] = {}
    for seq, field, value in connection.execute(sealed.where(of_them)).all():
        texts.setdefault(seq, {})[field] = value
    rows = connection.execute(select(JOURNAL).where(of_them).order_by(JOURNAL.c.seq)).mappings().all()
    return [entry_of(row, texts.get(row["seq"], {})) for row in rows]


def _of_no_kind(connection: Connection) -> Journal:
    """The clinic's entries of a type that nobody knows: what one was whose type is damaged."""
    try:
        strange = [name for name in connection.exec_driver_sql(_KINDS).scalars().all() if name not in EVENTS]
    except sql_errors(SQLAlchemyError):
        return Journal()  # its pages cannot be read: what stood there is missed
    return journal_of(connection, JOURNAL.c.type.in_(strange), _CLINIC) if strange else Journal()


def _holes(connection: Connection) -> tuple[int, set[int]]:
    """How many of the clinic's entries are gone, and the numbers up to which each of them can have stood."""
    try:
        newest, there = connection.scalar(select(func.max(JOURNAL.c.seq))), connection.scalar(_ALL)
        if there == newest:
            return 0, set()
        clinic = _places(connection)
        gaps = [(first, last) for first, last in connection.exec_driver_sql(_GAPS).all()]
        in_sessions = sum(row[0] for row in connection.exec_driver_sql(_IN_SESSIONS).all())
    except sql_errors(SQLAlchemyError):
        return 1, {connection.scalar(select(func.max(JOURNAL.c.seq))) or 0}
    before = [0, *(row.session_seq for row in clinic)]
    gone = before[-1] - len(clinic)
    up_to = {row.seq for row, was in zip(clinic, before, strict=False) if row.session_seq != was + 1}
    ends = (newest or 0) - (there or 0) - gone - in_sessions
    if ends > 0 and (of_clinic := _may_be_the_clinics(clinic, gaps)):  # else they stood at the end of a session
        gone += min(ends, sum(last - first + 1 for first, last in of_clinic))
        up_to.add(of_clinic[-1][1])
    return gone, up_to


def _places(connection: Connection) -> Sequence[Row[Any]]:
    """Where each of the clinic's entries stands, what it is, and behind which."""
    place, told = JOURNAL.c.session_seq, (JOURNAL.c.type, JOURNAL.c.prev_in_session, JOURNAL.c.hash)
    nothing = [literal("").label(column.name) for column in told]
    try:
        return _in_order(connection, place, JOURNAL.c.seq, *told)
    except sql_errors(SQLAlchemyError):  # a page of the table is gone; the index knows the places and nothing else
        return _in_order(connection, place, JOURNAL.c.seq, *nothing)


def _in_order(connection: Connection, *columns: ColumnElement[Any]) -> Sequence[Row[Any]]:
    return connection.execute(select(*columns).where(_CLINIC).order_by(columns[0])).all()


def _may_be_the_clinics(clinic: Sequence[Row[Any]], gaps: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The gaps in which an entry of the clinic's can have stood that no number of its own entries tells of: behind the
    last of them, and, since the next entry then takes its number, before what was recorded when that was seen."""
    rows = sorted(clinic, key=lambda row: row.seq)
    numbers = [row.seq for row in rows]
    return [gap for gap in gaps if not _spanned(rows, bisect_left(numbers, gap[1]))]


def _spanned(rows: Sequence[Row[Any]], at: int) -> bool:
    """Whether the clinic's row `at` proves that none of its entries stood right before it beyond those it counts."""
    if at == len(rows):
        return False
    was = rows[at - 1].session_seq if at else 0
    if rows[at].session_seq != was + 1:
        return True
    if not rows[at].hash or (at and rows[at].prev_in_session != rows[at - 1].hash):
        return False  # what it is cannot be read, or another one stood there
    behind = range(at, len(rows))
    seen = any(kind in _SEEN for kind in takewhile(_AT_START.__contains__, (rows[n].type for n in behind)))
    return not seen and any(rows[n].type not in _NOTES for n in behind)


def _spoilt(journal: Journal) -> set[int]:
    """The entries of which a private text is lost."""
    return {entry.seq for entry in journal.entries if _lost_fields(entry.event)}


def _without_lost(entry: Entry) -> Entry:
    """What a person proves to be by is no text that says it is lost: without it nobody signs in."""
    if not isinstance(entry.event, _PEOPLE) or not (names := _lost_fields(entry.event)):
        return entry
    empty: dict[str, Any] = {name: "" for name in names if name != "name"}
    return replace(entry, event=replace(entry.event, **empty))


def _lost_fields(event: Event) -> list[str]:
    return [f.name for f in fields(event) if getattr(event, f.name) == LOST]
