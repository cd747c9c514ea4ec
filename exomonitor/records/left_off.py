"""Up to which moment a session's record holds everything of each source: where a gap begins when the program died."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Table, func, select
from sqlalchemy.engine import Connection

from exomonitor.clock import Instant
from exomonitor.engine.ports import WaveSecond
from exomonitor.records.mapping import Columns, DamagedRow, chunk_of, reading_of, staged_of
from exomonitor.records.schema import JOURNAL, READINGS, WAVE_CHUNKS, WAVE_STAGING
from exomonitor.session.machine_events import ReadingsStored
from exomonitor.signals.quality import Origin
from exomonitor.signals.vitals import Sign

TOGETHER_S = 3.0
"""A wave that ended longer before the last reading had ended of itself."""
_BY_HAND = (Origin.TYPED.value, Origin.COUNTED.value)
_TRIED = 20
"""Rows that are looked at from the end of one source or wave when the newest are damaged."""

log = logging.getLogger(__name__)
T = TypeVar("T")


def left_off(connection: Connection, session: str) -> dict[str, Instant]:
    """Source -> its last stored reading, or the end of a wave of it that was cut off a little before that. A damaged
    row is named in the log, and the one before it counts: the gap only becomes longer."""
    readings = _newest(connection, READINGS, (READINGS.c.source,), session, reading_of)
    found = {reading.source: reading.at for reading in readings}
    for second in _last_seconds(connection, session):
        ended = second.began.plus(len(second.samples) / second.rate_hz)
        known = found.get(second.source)
        if known is None or 0 < known.since(ended) <= TOGETHER_S:
            found[second.source] = ended
    return found


def measured(connection: Connection, session: str) -> frozenset[Sign]:
    """The signs that a device has given a value of. Asked one by one: each is found among the first rows, or never."""
    here = (READINGS.c.session == session, READINGS.c.value.is_not(None), READINGS.c.origin.not_in(_BY_HAND))
    return frozenset(
        sign
        for sign in Sign
        if connection.execute(select(READINGS.c.id).where(*here, READINGS.c.name == sign.value).limit(1)).first()
    )


def _last_seconds(connection: Connection, session: str) -> list[WaveSecond]:
    """The newest second of each wave, staged or merged."""
    found: dict[tuple[str, str], WaveSecond] = {}
    staged = _newest(connection, WAVE_STAGING, (WAVE_STAGING.c.source, WAVE_STAGING.c.wave), session, _staged_second)
    merged = _newest(connection, WAVE_CHUNKS, (WAVE_CHUNKS.c.source, WAVE_CHUNKS.c.wave), session, _merged_second)
    for second in (*staged, *merged):
        found.setdefault((second.source, str(second.wave)), second)
    return list(found.values())


def _staged_second(row: Columns) -> WaveSecond:
    return _timed(staged_of(row).second, f"Staged wave {row['id']}")


def _merged_second(row: Columns) -> WaveSecond:
    seconds = chunk_of(row)
    if not seconds:
        raise DamagedRow(f"Wave chunk {row['id']} of the record is empty.")
    return _timed(seconds[-1].second, f"Wave chunk {row['id']}")


def _timed(second: WaveSecond, what: str) -> WaveSecond:
    if not second.rate_hz > 0:
        raise DamagedRow(f"{what} of the record has no rate.")
    return second


def _newest(
    connection: Connection,
    table: Table,
    by: tuple[Column[Any], ...],
    session: str,
    read: Callable[[Columns], T],
) -> Iterator[T]:
    """The newest row of each group that can be read."""
    here = table.c.session == session
    last = select(func.max(table.c.id)).where(here).group_by(*by)
    for row in connection.execute(select(table).where(table.c.id.in_(last))).mappings().all():
        same = [column == row[column.name] for column in by]
        yield from _read_or_before(connection, table, row, [here, *same], read)


def _read_or_before(
    connection: Connection, table: Table, newest: Any, same: list[ColumnElement[bool]], read: Callable[[Columns], T]
) -> Iterator[T]:
    """The row, or the nearest one before it that is whole; where the journal knows none of them, the earliest one that
    was looked at: the entries of true readings may be lost, and a gap that begins too early is better than none."""
    row = newest
    unknown: list[T] = []
    for _ in range(_TRIED):
        where = [*same, table.c.id < row["id"]]
        try:
            found = read(row)
            if table is not READINGS or _is_recorded(connection, row):
                yield found
                return
            unknown = [found]
            where.append(READINGS.c.batch != row["batch"])
            raise DamagedRow(f"Reading {row['id']} is of a batch that the journal does not know.")
        except DamagedRow as why:
            log.warning("%s What came before it tells where the gap begins.", why)
        before = select(table).where(*where).order_by(table.c.id.desc()).limit(1)
        row = connection.execute(before).mappings().first()
        if row is None:
            break
    yield from unknown


def _is_recorded(connection: Connection, reading: Columns) -> bool:
    """Whether the session's journal knows the batch of a stored reading; of the newest ones that is soon found."""
    begins = f'{{"batch":{reading["batch"]},'
    of_session = (JOURNAL.c.session == reading["session"], JOURNAL.c.type == ReadingsStored.__name__)
    bodies = select(JOURNAL.c.seq).where(*of_session, func.substr(JOURNAL.c.body, 1, len(begins)) == begins)
    return connection.execute(bodies.order_by(JOURNAL.c.session_seq.desc()).limit(1)).first() is not None
