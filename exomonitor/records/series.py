"""The numbers of a session as columns: what a trend of a day is drawn from, without an object for each reading."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.clock import NS, Instant
from exomonitor.engine.ports import Series
from exomonitor.records.cipher import sql_errors
from exomonitor.records.connections import driven
from exomonitor.records.gone import Journals, place_of
from exomonitor.records.mapping import DamagedRow, reading_of
from exomonitor.records.readable import damage_of
from exomonitor.records.rows import Row, rows_of
from exomonitor.records.schema import JOURNAL, READINGS
from exomonitor.session.machine_events import ReadingsStored

log = logging.getLogger(__name__)
_PLAIN = np.dtype([("name", "u1"), ("mono_ns", "i8"), ("value", "f8"), ("batch", "i8")])
_BATCH = "CASE typeof(batch) WHEN 'integer' THEN batch ELSE 0 END"
_Other = tuple[float, float, int]
"""(minute, value, batch)."""


def series_of(connection: Connection, session: str, since: Instant, names: Sequence[str]) -> dict[str, Series]:
    """Name -> (minutes after `since`, values), by time. A value counts at the time at which it was taken, and none
    that nobody recorded is among them."""
    plain, others = _plain(connection, session, since, names), _others(connection, session, since, names)
    batches = {*np.unique(plain["batch"]).tolist(), *(batch for rows in others.values() for *_, batch in rows)}
    left_out = _left_out(connection, session, batches)
    plain = plain[~np.isin(plain["batch"], list(left_out))] if left_out else plain
    found = {}
    for number, name in enumerate(names):
        here = plain[plain["name"] == number]
        rest = [(minute, value) for minute, value, batch in others[name] if batch not in left_out]
        minutes = np.concatenate([(here["mono_ns"] - since.mono_ns) / NS / 60, [m for m, _ in rest]])
        values = np.concatenate([here["value"], [value for _, value in rest]])
        order = np.argsort(minutes, kind="stable")
        found[name] = (minutes[order], values[order])
    return found


def _left_out(connection: Connection, session: str, batches: set[int]) -> set[int]:
    """Those that no entry can have told of, as they are left out of everything that is read. Where entries tell of all
    of them, as they nearly always do, nothing else is looked at."""
    here = JOURNAL.c.session == session
    try:
        told = _told_of(rows_of(connection, JOURNAL, here))
    except sql_errors(SQLAlchemyError):  # the index by session cannot be read: the other one leads there as well
        told = _told_of(rows_of(connection, JOURNAL, here, JOURNAL.c.type == ReadingsStored.__name__))
    if batches <= told:
        return set()
    return set(damage_of(connection, session, Journals(connection)).added)


def _told_of(rows: Iterable[Row]) -> set[int]:
    """The batches of readings that these entries tell of."""
    places = (place_of(dict(row)) for row in rows if row["type"] == ReadingsStored.__name__)
    return {place.batch for place in places if place is not None}


def _plain(connection: Connection, session: str, since: Instant, names: Sequence[str]) -> npt.NDArray[np.void]:
    """What was measured as it came, since the computer was started for `since`: almost everything."""
    marks = ", ".join("?" * len(names))
    cases = " ".join(f"WHEN ? THEN {number}" for number in range(len(names)))
    statement = (
        f"SELECT CASE name {cases} END, mono_ns, value, {_BATCH} FROM readings WHERE session = ? AND name IN ({marks})"  # noqa: S608 - only marks
        " AND abs(value) < 9e999 AND boot_id = ? AND measured_utc IS NULL ORDER BY id"
    )
    with driven(connection) as cursor:
        return np.fromiter(cursor.execute(statement, (*names, session, *names, since.boot_id)), _PLAIN)


def _others(connection: Connection, session: str, since: Instant, names: Sequence[str]) -> dict[str, list[_Other]]:
    """What was measured earlier than it came (a cuff), and what came before or after a restart of the computer."""
    there = READINGS.c
    statement = select(READINGS).where(
        there.session == session,
        there.name.in_(names),
        there.value.is_not(None),
        or_(there.boot_id != since.boot_id, there.measured_utc.is_not(None)),
    )
    found: dict[str, list[_Other]] = {name: [] for name in names}
    for row in connection.execute(statement.order_by(there.id)).mappings():
        try:
            reading = reading_of(row)
        except DamagedRow as why:
            log.warning("%s A trend is drawn without it.", why)
            continue
        taken = reading.measured_at or reading.at
        found[reading.name].append((taken.since(since) / 60, float(row["value"]), row["batch"]))
    return found
