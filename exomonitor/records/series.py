"""The numbers of a session as columns: what a trend of a day is drawn from, without an object for each reading."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import or_, select
from sqlalchemy.engine import Connection

from exomonitor.clock import NS, Instant
from exomonitor.engine.ports import Series
from exomonitor.records.connections import driven
from exomonitor.records.mapping import DamagedRow, reading_of
from exomonitor.records.schema import READINGS

log = logging.getLogger(__name__)
_PLAIN = np.dtype([("name", "u1"), ("mono_ns", "i8"), ("value", "f8")])


def series_of(connection: Connection, session: str, since: Instant, names: Sequence[str]) -> dict[str, Series]:
    """Name -> (minutes after `since`, values), by time. A value counts at the time at which it was taken."""
    plain, others = _plain(connection, session, since, names), _others(connection, session, since, names)
    found = {}
    for number, name in enumerate(names):
        here = plain[plain["name"] == number]
        minutes = np.concatenate([(here["mono_ns"] - since.mono_ns) / NS / 60, [m for m, _ in others[name]]])
        values = np.concatenate([here["value"], [value for _, value in others[name]]])
        order = np.argsort(minutes, kind="stable")
        found[name] = (minutes[order], values[order])
    return found


def _plain(connection: Connection, session: str, since: Instant, names: Sequence[str]) -> npt.NDArray[np.void]:
    """What was measured as it came, since the computer was started for `since`: almost everything."""
    marks = ", ".join("?" * len(names))
    cases = " ".join(f"WHEN ? THEN {number}" for number in range(len(names)))
    statement = (
        f"SELECT CASE name {cases} END, mono_ns, value FROM readings WHERE session = ? AND name IN ({marks})"  # noqa: S608 - only marks
        " AND abs(value) < 9e999 AND boot_id = ? AND measured_utc IS NULL ORDER BY id"
    )
    with driven(connection) as cursor:
        return np.fromiter(cursor.execute(statement, (*names, session, *names, since.boot_id)), _PLAIN)


def _others(
    connection: Connection, session: str, since: Instant, names: Sequence[str]
) -> dict[str, list[tuple[float, float]]]:
    """What was measured earlier than it came (a cuff), and what came before or after a restart of the computer."""
    there = READINGS.c
    statement = select(READINGS).where(
        there.session == session,
        there.name.in_(names),
        there.value.is_not(None),
        or_(there.boot_id != since.boot_id, there.measured_utc.is_not(None)),
    )
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for row in connection.execute(statement.order_by(there.id)).mappings():
        try:
            reading = reading_of(row)
        except DamagedRow as why:
            log.warning("%s A trend is drawn without it.", why)
            continue
        taken = reading.measured_at or reading.at
        found[reading.name].append((taken.since(since) / 60, float(row["value"])))
    return found
