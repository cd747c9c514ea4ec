"""How many of the clinic's entries are gone from the journal, and up to which numbers they can have stood."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, func, literal, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.records.cipher import sql_errors
from exomonitor.records.schema import JOURNAL
from exomonitor.session.machine_events import RecordRecovered
from exomonitor.session.trust_events import HeadSigned, KeyTaken, RecordDoubted, RecordRestored, RecordTaken

_CLINIC = and_(JOURNAL.c.session == "", JOURNAL.c.seq > 0)
_GAPS = """
SELECT before + 1, seq - 1 FROM (
  SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq) AS before FROM journal INDEXED BY ix_journal_type WHERE seq > 0
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
_ALL = "SELECT max(seq), count(*) FROM journal INDEXED BY ix_journal_type WHERE seq > 0"
_IN_SESSIONS = """
SELECT max(0, max(session_seq) - count(*)) FROM journal INDEXED BY uq_journal_session
WHERE session <> '' AND seq > 0 GROUP BY session
"""


class Holes(NamedTuple):
    """`gone`: how many of the clinic's entries are gone; `up_to`: the numbers up to which each of them can have stood;
    `perhaps`: how many are gone that stood at an end and may have been a session's, which nothing tells apart;
    `perhaps_up_to`: the number of the last of those, 0 = none."""

    gone: int = 0
    up_to: frozenset[int] = frozenset()
    perhaps: int = 0
    perhaps_up_to: int = 0

    def besides(self, unreadable: Collection[int]) -> int:
        """How many are gone beside those that stand there and are counted by these numbers already."""
        return max(0, self.gone - sum(number in self.up_to for number in unreadable))


def holes_in(connection: Connection) -> Holes:
    """How many of the clinic's entries are gone from the journal, and where."""
    try:
        newest, there = connection.exec_driver_sql(_ALL).one()
        if there == (newest or 0):
            return Holes()
        clinic = _places(connection)
        gaps = [(first, last) for first, last in connection.exec_driver_sql(_GAPS).all()]
        in_sessions = sum(row[0] for row in connection.exec_driver_sql(_IN_SESSIONS).all())
    except sql_errors(SQLAlchemyError):
        return Holes(1, frozenset({connection.scalar(select(func.max(JOURNAL.c.seq))) or 0}))
    before = [0, *(row.session_seq for row in clinic)]
    gone = max(0, before[-1] - len(clinic))
    up_to = frozenset(row.seq for row, was in zip(clinic, before, strict=False) if row.session_seq != was + 1)
    ends = newest - there - gone - in_sessions
    of_clinic = _may_be_the_clinics(clinic, gaps) if ends > 0 else []
    if not of_clinic:  # they stood at the end of a session
        return Holes(gone, up_to)
    perhaps = min(ends, sum(last - first + 1 for first, last in of_clinic))
    return Holes(gone, up_to, perhaps, of_clinic[-1][1])


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
    numbers, lived_on = [row.seq for row in rows], _lived_on(rows)
    return [gap for gap in gaps if not _spanned(rows, lived_on, bisect_left(numbers, gap[1]))]


def _spanned(rows: Sequence[Row[Any]], lived_on: Sequence[bool], at: int) -> bool:
    """Whether the clinic's row `at` proves that none of its entries stood right before it beyond those it counts."""
    if at == len(rows):
        return False
    was = rows[at - 1].session_seq if at else 0
    if rows[at].session_seq != was + 1:
        return True
    if not rows[at].hash or (at and rows[at].prev_in_session != rows[at - 1].hash):
        return False  # what it is cannot be read, or another one stood there
    return lived_on[at]


def _lived_on(rows: Sequence[Row[Any]]) -> list[bool]:
    """Of each row whether somebody was at work from there on, and no start saw a loss before that."""
    seen = worked = False
    told = []
    for row in reversed(rows):
        seen = row.type in _AT_START and (seen or row.type in _SEEN)
        worked = worked or row.type not in _NOTES
        told.append(worked and not seen)
    return told[::-1]
