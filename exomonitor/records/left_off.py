"""Up to which moment a session's record holds everything of each source: where a gap begins when the program died.

Only a reading of a batch that proves itself tells it. What nothing proves begins a gap where nothing else does, and
makes none shorter; no clock takes its time from here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Table, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.clock import Instant
from exomonitor.engine.ports import ReadingRow
from exomonitor.records.batches_told import BatchesTold
from exomonitor.records.cipher import sql_errors
from exomonitor.records.mapping import Columns, DamagedRow, chunk_of, reading_of, staged_of
from exomonitor.records.schema import READINGS, WAVE_CHUNKS, WAVE_STAGING
from exomonitor.records.wave_codec import Placed
from exomonitor.signals.quality import Origin
from exomonitor.signals.vitals import Sign

TOGETHER_S = 3.0
"""A wave that ended longer before the last reading had ended of itself."""
_LONGEST_S = 60.0
"""No piece of a wave that is stored at once is longer."""
_BY_HAND = (Origin.TYPED.value, Origin.COUNTED.value)
_TRIED = 20
"""Batches or rows that are looked at from the end of one source or wave when the newest are damaged."""
_END = 2000
"""Readings that are looked at where not every page of them can be read: some minutes."""

log = logging.getLogger(__name__)


def left_off(
    connection: Connection, session: str, anew: Mapping[str, Instant] = MappingProxyType({})
) -> dict[str, Instant]:
    """Source -> its last stored reading, or the end of a wave of it that was cut off a little before that. `anew`:
    source -> where it was heard again after the program had been away; a wave of which nothing is stored since then, a
    little before the last reading, was cut off there. A damaged row is named in the log, and the one before it counts:
    the gap only becomes longer."""
    told = BatchesTold(connection, session)
    found = {reading.source: reading.at for reading in _last_readings(connection, session, told)}
    for placed in _last_seconds(connection, session):
        second = placed.second
        ended, known = second.began.plus(len(second.samples) / second.rate_hz), found.get(second.source)
        again = anew.get(second.source)
        if again is not None and again.since(ended) >= 0:
            ended = again
        if told.may_be(placed.batch) if known is None else 0 < known.since(ended) <= TOGETHER_S:
            found[second.source] = ended
    return found


def measured(connection: Connection, session: str) -> frozenset[Sign]:
    """The signs that a device has given a value of. Asked one by one: each is found among the first rows, or never."""
    here = (READINGS.c.session == session, READINGS.c.value.is_not(None), READINGS.c.origin.not_in(_BY_HAND))
    try:
        return frozenset(
            sign
            for sign in Sign
            if connection.execute(select(READINGS.c.id).where(*here, READINGS.c.name == sign.value).limit(1)).first()
        )
    except sql_errors(SQLAlchemyError):
        last = _at_the_end(connection, session)
        names = {row["name"] for row in last if row["value"] is not None and row["origin"] not in _BY_HAND}
        return frozenset(sign for sign in Sign if sign.value in names)


def _last_readings(connection: Connection, session: str, told: BatchesTold) -> list[ReadingRow]:
    here = READINGS.c.session == session
    found: list[ReadingRow] = []
    newest = select(READINGS).where(here).order_by(READINGS.c.id.desc())
    try:
        for source in connection.scalars(select(READINGS.c.source).where(here).distinct()).all():
            with closing(connection.execute(newest.where(READINGS.c.source == source)).mappings()) as walk:
                found.extend(_last_of(walk, told))
        return found
    except sql_errors(SQLAlchemyError) as why:
        rows = _at_the_end(connection, session)
        log.warning("Not all readings can be read (%s): the last ones tell where the gap begins.", _first_line(why))
    by_source = [[row for row in rows if row["source"] == name] for name in {row["source"] for row in rows}]
    return [reading for walk in by_source for reading in _last_of(walk, told)]


def _last_of(newest_first: Iterable[RowMapping], told: BatchesTold) -> Iterator[ReadingRow]:
    """The last reading of a source that is of a batch which proves itself. Where there is none, the earliest of those
    that were looked at, if they can be the session's: a gap that begins too early is better than none."""
    unproved: list[ReadingRow] = []
    batch, tried, possible = None, 0, False
    for row in newest_first:
        if row["batch"] == batch:
            continue
        batch = row["batch"]
        try:
            reading = reading_of(row)
            if batch in told:
                tried += 1
                if told.proves(row):
                    yield reading
                    return
            possible = possible or told.may_be(row["batch"])
            if len(unproved) < _TRIED:
                unproved.append(reading)
                raise DamagedRow(
                    f"Reading {row['id']} is of a batch that the journal does not know as it stands there."
                )
        except DamagedRow as why:
            log.warning("%s What came before it tells where the gap begins.", why)
        if tried == _TRIED:
            break
    if possible:
        yield from unproved[-1:]


def _at_the_end(connection: Connection, session: str) -> list[RowMapping]:
    """The last readings of a session that can be read, the newest first. Raises what SQLite says where the very end
    cannot be read: nothing could be stored behind it."""
    newest = select(READINGS.c.id).order_by(READINGS.c.id.desc())
    connection.execute(newest.limit(1)).all()
    numbers: list[int] = []
    try:
        numbers.extend(connection.scalars(newest.where(READINGS.c.session == session).limit(_END)))
    except sql_errors(SQLAlchemyError):
        if not numbers:
            raise
    rows: list[RowMapping] = []
    for number in numbers:
        with suppress(*sql_errors(SQLAlchemyError)):
            rows.extend(connection.execute(select(READINGS).where(READINGS.c.id == number)).mappings().all())
    return rows


def _last_seconds(connection: Connection, session: str) -> list[Placed]:
    """The newest second of each wave, staged or merged."""
    found: dict[tuple[str, str], Placed] = {}
    newest = list(_newest(connection, WAVE_STAGING, session, _staged_second))
    try:
        newest += _newest(connection, WAVE_CHUNKS, session, _merged_second)
    except sql_errors(SQLAlchemyError) as why:
        log.warning("Not all waves can be read (%s): the gap begins at the last readings.", _first_line(why))
    for placed in newest:
        found.setdefault((placed.second.source, str(placed.second.wave)), placed)
    return list(found.values())


def _staged_second(row: Columns) -> Placed:
    return _timed(staged_of(row), f"Staged wave {row['id']}")


def _merged_second(row: Columns) -> Placed:
    seconds = chunk_of(row)
    if not seconds:
        raise DamagedRow(f"Wave chunk {row['id']} of the record is empty.")
    return _timed(seconds[-1], f"Wave chunk {row['id']}")


def _timed(placed: Placed, what: str) -> Placed:
    if not len(placed.second.samples) <= placed.second.rate_hz * _LONGEST_S or not placed.second.rate_hz > 0:
        raise DamagedRow(f"{what} of the record has no rate.")
    return placed


def _newest(connection: Connection, table: Table, session: str, read: Callable[[Columns], Placed]) -> Iterator[Placed]:
    """The newest row of each wave that can be read."""
    here, by = table.c.session == session, (table.c.source, table.c.wave)
    last = select(func.max(table.c.id)).where(here).group_by(*by)
    for row in connection.execute(select(table).where(table.c.id.in_(last))).mappings().all():
        same = [here, *(column == row[column.name] for column in by)]
        yield from _read_or_before(connection, table, row, same, read)


def _read_or_before(
    connection: Connection,
    table: Table,
    newest: Any,
    same: list[ColumnElement[bool]],
    read: Callable[[Columns], Placed],
) -> Iterator[Placed]:
    """The row, or the nearest one before it that is whole."""
    row = newest
    for _ in range(_TRIED):
        try:
            yield read(row)
            return
        except DamagedRow as why:
            log.warning("%s What came before it tells where the gap begins.", why)
        before = select(table).where(*same, table.c.id < row["id"]).order_by(table.c.id.desc()).limit(1)
        row = connection.execute(before).mappings().first()
        if row is None:
            return


def _first_line(cause: Exception) -> str:
    return str(cause).partition("\n")[0]
