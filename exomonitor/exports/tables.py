"""The CSV files: UTF-8, comma, one heading row, point as decimal mark, empty where there is no value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from exomonitor.clock import Instant
from exomonitor.engine.ports import ReadingRow
from exomonitor.exports.columns import (
    DICTIONARY_COLUMNS,
    EVENT_COLUMNS,
    NAME_COLUMN,
    OTHER_KEYS,
    READING_COLUMNS,
    VITAL_COLUMNS,
    Column,
)
from exomonitor.exports.local_time import local_iso
from exomonitor.exports.material import Material
from exomonitor.session.entry import Entry
from exomonitor.session.late import entry_line
from exomonitor.signals.vitals import Sign

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def events_table(material: Material) -> bytes:
    """events.csv: one row per journal entry of the session."""
    columns = [c for c in EVENT_COLUMNS if c.name != NAME_COLUMN or material.identified]
    return _table(columns, (_event_row(material, entry, row) for entry, row in _paired(material)))


def value_tables(material: Material) -> tuple[tuple[bytes, int], tuple[bytes, int]]:
    """readings.csv in the order stored, and vitals_wide.csv with one row per frame of a source that told vital signs;
    each with its number of rows, and both of one walk through the readings."""
    frames = _Frames(material)
    rows = []
    for batch, reading in material.readings():
        rows.append(_reading_row(material, batch, reading))
        frames.take(reading)
    vitals = frames.rows()
    return (_table(READING_COLUMNS, rows), len(rows)), (_table(VITAL_COLUMNS, vitals), len(vitals))


def dictionary_table(files: Iterable[str]) -> bytes:
    """data_dictionary.csv: what every column of the given files means."""
    held = set(files)
    described = (*EVENT_COLUMNS, *READING_COLUMNS, *VITAL_COLUMNS, *DICTIONARY_COLUMNS, *OTHER_KEYS)
    return _table(
        DICTIONARY_COLUMNS,
        (
            {"file": c.file, "name": c.name, "unit": c.unit, "type": c.type, "meaning": c.meaning}
            for c in described
            if c.file in held
        ),
    )


def number_text(value: float | None) -> str:
    """A number exactly as stored, or nothing."""
    return "" if value is None else repr(float(value))


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _table(columns: Sequence[Column], rows: Iterable[dict[str, Any]]) -> bytes:
    page = io.StringIO(newline="")
    writer = csv.DictWriter(page, [c.name for c in columns], lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return page.getvalue().encode()


def _paired(material: Material) -> Iterator[tuple[Entry, Any]]:
    return zip(material.entries, material.rows, strict=True)


def _minute(material: Material, at: Instant) -> str:
    minute = material.minute(at)
    return "" if minute is None else f"{minute:.3f}"


def _event_row(material: Material, entry: Entry, row: Any) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "session_seq": entry.session_seq,
        "utc": entry.at.iso(),
        "local_time": local_iso(entry.at.utc, entry.tz),
        "minute": _minute(material, entry.at),
        "actor": entry.actor,
        NAME_COLUMN: safe_text(material.staff.get(entry.actor, ("", ""))[0]),
        "station": entry.station,
        "simulated": "true" if material.state.simulated else "false",
        "type": row["type"],
        "sentence": safe_text(entry_line(entry, material.state.corrections.voided, material.state.late_entry_s)),
        "prev_in_session": row["prev_in_session"],
        "hash": entry.hash,
    }


def _reading_row(material: Material, batch: int, reading: ReadingRow) -> dict[str, Any]:
    return {
        "utc": reading.at.iso(),
        "minute": _minute(material, reading.at),
        "mono_ns": reading.at.mono_ns,
        "boot_id": reading.at.boot_id,
        "source": reading.source,
        "channel": reading.channel,
        "name": reading.name,
        "value": number_text(reading.value),
        "unit": reading.unit,
        "validity": str(reading.validity),
        "origin": str(reading.origin),
        "measured_utc": reading.measured_at.iso() if reading.measured_at is not None else "",
        "batch": batch,
    }


_SIGN_HEADINGS = {sign.value: column.name for sign, column in zip(Sign, VITAL_COLUMNS[-len(Sign) :], strict=True)}


class _Frames:
    """Frames in the order of their arrival. A cuff pressure that a monitor repeats stands in its first frame only."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._frames: dict[tuple[str, int, str, str], dict[str, Any]] = {}
        self._told: dict[tuple[str, str, str], str] = {}

    def take(self, reading: ReadingRow) -> None:
        """One more reading, in the order stored."""
        heading = _SIGN_HEADINGS.get(reading.name)
        if heading is None:
            return
        key = (reading.at.boot_id, reading.at.mono_ns, reading.source, reading.channel)
        frame = self._frames.get(key)
        if frame is None:
            frame = self._frames[key] = _frame(self._material, reading)
        if reading.measured_at is not None:
            measured, signal = reading.measured_at.iso(), (reading.source, reading.channel, reading.name)
            if self._told.get(signal) == measured:
                return
            self._told[signal] = measured
        frame[heading] = number_text(reading.value)

    def rows(self) -> list[dict[str, Any]]:
        """All of them, by time."""
        return sorted(self._frames.values(), key=lambda frame: str(frame["utc"]))


def _frame(material: Material, reading: ReadingRow) -> dict[str, Any]:
    return {
        "utc": reading.at.iso(),
        "local_time": local_iso(reading.at.utc, material.tz),
        "minute": _minute(material, reading.at),
        "source": reading.source,
        "channel": reading.channel,
        "origin": str(reading.origin),
    }
