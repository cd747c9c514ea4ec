"""Between table rows and the frozen data of the core; a row that is none any more is told by its number."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol

import numpy as np

from exomonitor.clock import LONGEST_NS, Instant, parse_utc
from exomonitor.engine.ports import ReadingRow
from exomonitor.errors import RecordDamaged
from exomonitor.records.wave_codec import DamagedChunk, Placed, WaveKey, key_of, second_of, unpack
from exomonitor.session.entry import Entry, event_from

SPOILT = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError)
"""What Python says of content that is not what was written."""
_YEARS = (1900, 9000)
"""Also of a computer whose clock is wrong."""


class DamagedRow(RecordDamaged):
    """A row of the record is not what was written; the sentence names it."""


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Whatever is wrong with a row's content is one sentence that begins with `what`. Raises DamagedRow."""
    try:
        yield
    except (*SPOILT, DamagedChunk) as cause:
        why = "its text is damaged" if isinstance(cause, json.JSONDecodeError) else cause
        raise DamagedRow(f"{what} of the record cannot be read ({why}); verify tells more.") from cause


class Columns(Protocol):
    """A row by column name, whatever library read it."""

    def __getitem__(self, name: str, /) -> Any:
        """The value of a column."""
        ...


def whole_ms(at: Instant) -> Instant:
    """The instant as it will read back from the record: UTC to the millisecond."""
    return Instant(at.utc.replace(microsecond=at.utc.microsecond // 1000 * 1000), at.mono_ns, at.boot_id)


def instant_of(row: Columns) -> Instant:
    """The instant of a row with columns utc, mono_ns and boot_id. Raises ValueError, TypeError or OverflowError."""
    if not isinstance(row["mono_ns"], int):
        raise TypeError("its time is no number")
    at = Instant(parse_utc(row["utc"]), row["mono_ns"], row["boot_id"])
    if abs(at.mono_ns) > LONGEST_NS or not _YEARS[0] <= at.utc.year <= _YEARS[1]:
        raise ValueError("its time is none that a clock tells")
    return at


def entry_of(row: Columns, texts: Mapping[str, str], read: Mapping[str, Any] | None = None) -> Entry:
    """The entry of a journal row (body as JSON text) with its private `texts` in clear. `read`: what that JSON says,
    where it was read before. Raises DamagedRow."""
    with naming(f"Entry {row['seq']}"):
        body = dict(json.loads(row["body"]) if read is None else read)
        for field, value in body.items():
            if is_seal(value):
                body[field] = texts[field]
        event = event_from(row["type"], body)
        at = instant_of(row)
    return Entry(
        seq=row["seq"],
        session=row["session"],
        session_seq=row["session_seq"],
        at=at,
        tz=row["tz"],
        actor=row["actor"],
        station=row["station"],
        event=event,
        hash=row["hash"],
    )


def is_seal(value: Any) -> bool:
    """Whether a body's field holds the digest of a private text."""
    return isinstance(value, dict) and value.keys() == {"sha256"}


def reading_of(row: Columns) -> ReadingRow:
    """The reading of a table row; `measured_at` is kept as UTC, its monotonic time is counted from `at`.

    Raises DamagedRow."""
    measured = None
    with naming(f"Reading {row['id']}"):
        at = instant_of(row)
        if row["value"] is not None and not math.isfinite(row["value"]):
            raise ValueError("its value is no number")
        if row["measured_utc"] is not None:
            measured = _shifted(at, parse_utc(row["measured_utc"]) - at.utc)
    return ReadingRow(
        session=row["session"],
        at=at,
        source=row["source"],
        channel=row["channel"],
        name=row["name"],
        value=row["value"],
        unit=row["unit"],
        validity=row["validity"],
        origin=row["origin"],
        measured_at=measured,
    )


def _shifted(at: Instant, by: timedelta) -> Instant:
    return Instant(at.utc + by, at.mono_ns + by // timedelta(microseconds=1) * 1000, at.boot_id)


def staged_row(placed: Placed, samples: bytes, crc32: int) -> dict[str, Any]:
    """The staging columns of a wave second, its samples given as bytes with their CRC-32."""
    began = placed.second.began
    return {
        "batch": placed.batch,
        "place": placed.place,
        **key_of(placed.second)._asdict(),
        "utc": began.iso(),
        "mono_ns": began.mono_ns,
        "boot_id": began.boot_id,
        "samples": samples,
        "crc32": crc32,
    }


def staged_of(row: Columns) -> Placed:
    """The wave second of a staging row. Raises DamagedRow."""
    with naming(f"Staged wave {row['id']}"):
        samples = np.frombuffer(row["samples"], "<i2").astype(np.int16)
        return Placed(row["batch"], row["place"], second_of(wave_key(row), instant_of(row), samples))


def chunk_of(row: Columns) -> list[Placed]:
    """The wave seconds of a chunk's row. Raises DamagedRow."""
    with naming(f"Wave chunk {row['id']}, which is damaged,"):
        return unpack(wave_key(row), row["seconds"], row["samples"], row["crc32"])


def wave_key(row: Columns) -> WaveKey:
    """The key of a staging or chunk row."""
    return WaveKey(**{name: row[name] for name in WaveKey._fields})
