"""Up to which moment a session's record holds everything of each source: where a gap begins when the program died."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from exomonitor.clock import Instant
from exomonitor.engine.ports import WaveSecond
from exomonitor.records.mapping import instant_of, staged_of, wave_key
from exomonitor.records.schema import READINGS, WAVE_CHUNKS, WAVE_STAGING
from exomonitor.records.wave_codec import unpack

TOGETHER_S = 3.0
"""A wave that ended longer before the last reading had ended of itself."""


def left_off(connection: Connection, session: str) -> dict[str, Instant]:
    """Source -> its last stored reading, or the end of a wave of it that was cut off a little before that."""
    newest = select(func.max(READINGS.c.id)).where(READINGS.c.session == session).group_by(READINGS.c.source)
    rows = connection.execute(select(READINGS).where(READINGS.c.id.in_(newest))).mappings()
    found = {row["source"]: instant_of(row) for row in rows}
    for second in _last_seconds(connection, session):
        ended = second.began.plus(len(second.samples) / second.rate_hz)
        known = found.get(second.source)
        if known is None or 0 < known.since(ended) <= TOGETHER_S:
            found[second.source] = ended
    return found


def _last_seconds(connection: Connection, session: str) -> list[WaveSecond]:
    """The newest second of each wave, staged or merged."""
    wave = (WAVE_STAGING.c.source, WAVE_STAGING.c.wave)
    staged = select(func.max(WAVE_STAGING.c.id)).where(WAVE_STAGING.c.session == session).group_by(*wave)
    rows = connection.execute(select(WAVE_STAGING).where(WAVE_STAGING.c.id.in_(staged))).mappings()
    found = {(row["source"], row["wave"]): staged_of(row).second for row in rows}
    here = WAVE_CHUNKS.c.session == session
    merged = select(func.max(WAVE_CHUNKS.c.id)).where(here).group_by(WAVE_CHUNKS.c.source, WAVE_CHUNKS.c.wave)
    for row in connection.execute(select(WAVE_CHUNKS).where(WAVE_CHUNKS.c.id.in_(merged))).mappings():
        if (row["source"], row["wave"]) not in found:
            seconds = list(unpack(wave_key(row), row["seconds"], row["samples"], row["crc32"]))
            found[row["source"], row["wave"]] = seconds[-1].second
    return list(found.values())
