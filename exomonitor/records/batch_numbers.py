"""The number of the next batch: above every one that an entry or a row has, also of those whose entry is lost."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.records.cipher import sql_errors
from exomonitor.records.mapping import SPOILT, DamagedRow, chunk_of, naming
from exomonitor.records.schema import JOURNAL, READINGS, WAVE_CHUNKS, WAVE_STAGING
from exomonitor.session.machine_events import ReadingsStored, WavesStored

BATCH_TYPES = (ReadingsStored.__name__, WavesStored.__name__)
_ENTRIES, _READINGS, _CHUNKS = 64, 1000, 32
"""So many of the newest are looked at: a damaged one of them hides no number."""
_MOST_TOLD, _MOST_STORED = 2**62, 2**61
"""No number of ours is as large. One that was put there leaves room to count on, and what is counted on from a row is
still believed of its entry."""

log = logging.getLogger(__name__)


def next_batch(connection: Connection) -> int:
    """A recovered record keeps rows whose entries it left out: their numbers are not given a second time."""
    return max(_behind_entries(connection), 1 + max(_in_rows(connection), default=0))


def _behind_entries(connection: Connection) -> int:
    """One more than the newest entry tells, or those before it where it is damaged: numbers rise by one with each."""
    newest = select(JOURNAL.c.seq, JOURNAL.c.body).where(JOURNAL.c.type.in_(BATCH_TYPES)).order_by(JOURNAL.c.seq.desc())
    after, readable = 1, 0
    for behind, row in enumerate(connection.execute(newest), 1):
        after = max(after, behind + 1)
        try:
            with naming(f"Entry {row.seq}"):
                after = max(after, _number(row.body) + behind)
        except DamagedRow as why:
            log.warning("%s", why)
            continue
        readable += 1
        if readable == _ENTRIES:
            break
    return after


def _number(body: str) -> int:
    number = json.loads(body)["batch"]
    if type(number) is not int or not 0 < number < _MOST_TOLD:
        raise ValueError(f"its batch is none: {number!s:.30}")
    return number


def _in_rows(connection: Connection) -> Iterator[int]:
    for table, column, most in ((READINGS, READINGS.c.id, _READINGS), (WAVE_STAGING, WAVE_STAGING.c.batch, 1)):
        possible = select(table.c.batch).where(table.c.batch.between(1, _MOST_STORED))
        with suppress(*sql_errors(SQLAlchemyError)):  # what cannot be read there keeps nobody from recording
            yield from connection.scalars(possible.order_by(column.desc()).limit(most))
    chunks = select(WAVE_CHUNKS).order_by(WAVE_CHUNKS.c.id.desc()).limit(_CHUNKS)
    with suppress(*sql_errors(SQLAlchemyError)):
        for row in connection.execute(chunks).mappings():
            with suppress(DamagedRow, *SPOILT):
                yield from (placed.batch for placed in chunk_of(row) if 0 < placed.batch <= _MOST_STORED)
