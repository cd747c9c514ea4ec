"""Wave seconds on their way into chunks: counted as they are staged, merged twenty at a time, in one transaction."""

from __future__ import annotations

import logging
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ClauseElement, RowMapping, bindparam, delete, func, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection

from exomonitor.records.mapping import DamagedRow, staged_of
from exomonitor.records.schema import CHAIN_HEAD, WAVE_CHUNKS, WAVE_STAGING
from exomonitor.records.wave_codec import Placed, WaveKey, pack

SECONDS_PER_CHUNK = 20
"""At 500 samples a second ten would fill little more than half of a page of the database."""

log = logging.getLogger(__name__)
_CHUNK_COLUMNS = (*WaveKey._fields, "seconds", "samples", "crc32")
_KEY_COLUMNS = [WAVE_STAGING.c[name] for name in WaveKey._fields]


class Staging:
    """How many seconds of each wave wait in the staging table. Belongs to the writer's thread."""

    def __init__(self, waiting: Counter[WaveKey]) -> None:
        self._waiting = waiting

    @staticmethod
    def found(connection: Connection) -> Staging:
        """As the database has it, for instance after a crash."""
        rows = connection.execute(select(*_KEY_COLUMNS, func.count()).group_by(*_KEY_COLUMNS))
        return Staging(Counter({WaveKey(*row[:-1]): row[-1] for row in rows}))

    def staged(self, keys: Iterable[WaveKey]) -> None:
        """These seconds were committed."""
        self._waiting.update(keys)

    def due(self, ended: Collection[str]) -> list[WaveKey]:
        """Waves with a whole chunk, and all waves of sessions that have ended."""
        return [key for key, count in self._waiting.items() if count >= SECONDS_PER_CHUNK or key.session in ended]

    def all(self) -> list[WaveKey]:
        """Every wave of which anything waits."""
        return list(self._waiting)

    def merge(self, connection: Connection, keys: Collection[WaveKey], ended: Collection[str] | None) -> None:
        """Move what is due of these waves into chunks; incomplete ones only of `ended` sessions (None = of all)."""
        made = 0
        with connection.begin():
            for key in keys:
                made += _merge_wave(connection, key, partial=ended is None or key.session in ended)
            if made:
                chunks = CHAIN_HEAD.c.chunks + made
                connection.execute(CHAIN_HEAD.update().where(CHAIN_HEAD.c.id == 1).values(chunks=chunks))
        for key in keys:
            left = self._waiting.pop(key) % SECONDS_PER_CHUNK
            if left and ended is not None and key.session not in ended:
                self._waiting[key] = left


def _merge_wave(connection: Connection, key: WaveKey, *, partial: bool) -> int:
    rows = connection.exec_driver_sql(_WAITING, key._asdict()).mappings().all()
    waiting = _understood(rows)
    if waiting is None:
        log.error("staged seconds of wave %s are damaged and stay where they are; verify tells which", key.wave)
        return 0
    made = 0
    for start in range(0, len(rows), SECONDS_PER_CHUNK):
        part = rows[start : start + SECONDS_PER_CHUNK]
        if len(part) < SECONDS_PER_CHUNK and not partial:
            break
        seconds, samples, crc32 = pack(waiting[start : start + SECONDS_PER_CHUNK])
        chunk = {**key._asdict(), "seconds": seconds, "samples": samples, "crc32": crc32}
        connection.exec_driver_sql(_INSERT_CHUNK, chunk)
        connection.exec_driver_sql(_DELETE_STAGED, [{"id": row["id"]} for row in part])
        made += 1
    return made


def _understood(rows: Sequence[RowMapping]) -> list[Placed] | None:
    """The seconds of staged rows, or None where one of them is not what was staged."""
    try:
        whole = all(zlib.crc32(row["samples"]) == row["crc32"] for row in rows)
        return [staged_of(row) for row in rows] if whole else None
    except (DamagedRow, TypeError):
        return None


def _named(statement: ClauseElement) -> str:
    # Compiled once: it runs for every chunk.
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))


_SAME_WAVE = [WAVE_STAGING.c[name] == bindparam(name) for name in WaveKey._fields]
_WAITING = _named(select(WAVE_STAGING).where(*_SAME_WAVE).order_by(WAVE_STAGING.c.id))
_DELETE_STAGED = _named(delete(WAVE_STAGING).where(WAVE_STAGING.c.id == bindparam("id")))
_INSERT_CHUNK = _named(insert(WAVE_CHUNKS).values({c: bindparam(c) for c in _CHUNK_COLUMNS}))
