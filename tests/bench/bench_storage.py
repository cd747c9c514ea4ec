"""What the record costs: bytes of waves on the disk against a .vital file, a day of numbers read against the ORM."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import registry

from devices.simulation.patient import PatientWorld
from exomonitor.clock import Instant, ManualClock, cpu_stopwatch
from exomonitor.engine.ports import WaveSecond
from exomonitor.records.connections import reader_engine
from exomonitor.records.database import open_database
from exomonitor.records.queries import open_archive
from exomonitor.records.schema import READINGS
from exomonitor.records.writer import RecorderThread
from tests.bench.vital_file import Track, write_vital

MINUTES, RATE_HZ, SESSION = 30, 500, "bench"
BYTES_LIMIT, VITAL_LIMIT = 0.6, 0.6
DAY_S, LOADS, LOAD_LIMIT = 24 * 3600, 3, 0.01
NUMBERS = ("hr", "pulse", "spo2", "rr", "temp", "nibp_sys", "nibp_dia", "nibp_map", "pi", "etco2")
COLUMNS = "batch, session, utc, mono_ns, boot_id, source, channel, name, value, unit, validity, origin, measured_utc"
LEADS = (0.005, "mV", 0.006)
PLETH = (12 / 4095, "%", 0.0)
CHEST = (10 / 4000, "Ohm", 0.0)
"""Gain and unit as an IntelliVue scales them, noise in that unit."""
WAVES = (
    ("ecg_i", 0, LEADS), ("ecg_ii", 0, LEADS), ("ecg_iii", 0, LEADS), ("ecg_v", 0, LEADS),
    ("pleth", 0, PLETH), ("resp", 0, CHEST), ("ecg_2", 1, LEADS), ("pleth_2", 1, PLETH),
)  # fmt: skip
SHAPES = {"ecg_2": "ecg_ii", "pleth_2": "pleth"}


def made_up() -> list[Track]:
    """Eight waves of made-up patients; an ECG has noise of its own besides, for the simulated one repeats."""
    worlds, noise = (PatientWorld(1), PatientWorld(2)), np.random.default_rng(3)
    count, tracks = MINUTES * 60 * RATE_HZ, []
    for name, world, (gain, unit, noise_sd) in WAVES:
        wave = worlds[world].wave(SHAPES.get(name, name), 0, count, RATE_HZ) + noise.normal(0.0, noise_sd, count)
        tracks.append(Track(name, unit, RATE_HZ, gain, np.rint(wave / gain).astype(np.int16)))
    return tracks


def record(path: Path, tracks: list[Track]) -> None:
    """Store them as they would come: each second is durable before the next one is given."""
    clock = ManualClock()
    recorder = RecorderThread(open_database(path, "bench", True, clock))
    try:
        for second in _seconds(tracks, clock):
            recorder.submit((), (), second).result(10)
    finally:
        recorder.close()


def _seconds(tracks: list[Track], clock: ManualClock) -> Iterator[list[WaveSecond]]:
    for number in range(MINUTES * 60):
        began = clock.now()
        part = slice(number * RATE_HZ, (number + 1) * RATE_HZ)
        yield [
            WaveSecond(
                SESSION, "monitor", one.name, began, one.rate_hz, one.gain, one.unit, "device", one.samples[part]
            )
            for one in tracks
        ]
        clock.advance(1.0)


def _read_back(path: Path, tracks: list[Track]) -> None:
    found: dict[str, list[npt.NDArray[np.int16]]] = {}
    for _, second in open_archive(path).waves(SESSION):
        found.setdefault(second.wave, []).append(second.samples)
    for one in tracks:
        assert np.array_equal(np.concatenate(found[one.name]), one.samples), f"{one.name} is not what was stored"


def _pages(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE ?", (f"%{table}%",)).fetchone()
        return int(found[0])


def waves() -> list[dict[str, Any]]:
    """Bytes a sample, everything read back and compared."""
    tracks = made_up()
    samples = sum(one.samples.size for one in tracks)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record(folder / "clinic.sqlite3", tracks)
        _read_back(folder / "clinic.sqlite3", tracks)
        write_vital(folder / "same.vital", ManualClock().now().utc.timestamp(), tracks)
        chunks = _pages(folder / "clinic.sqlite3", "wave_chunks") / samples
        whole = (folder / "clinic.sqlite3").stat().st_size / samples
        vital = (folder / "same.vital").stat().st_size / samples
    what = f"waves on disk, {len(WAVES)} x {RATE_HZ}/s x {MINUTES} min, every second durable"
    told = {"name": what, "value": chunks, "unit": "B/sample"}
    return [
        {**told, "target": f"<= {BYTES_LIMIT}", "ok": chunks <= BYTES_LIMIT},
        {
            **told,
            "against": f".vital of the same waves {vital:.3g}",
            "ratio": chunks / vital,
            "target": f"<= {VITAL_LIMIT}",
            "ok": chunks / vital <= VITAL_LIMIT,
        },
        {"name": "the whole file, with the journal's entry for each second", "value": whole, "unit": "B/sample"},
    ]


class OrmReading:
    """A reading as SQLAlchemy's ORM would hold it."""


def a_day(path: Path) -> Instant:
    """Ten numbers a second for 24 hours, put straight into the table; answers when they begin."""
    clock = ManualClock()
    open_database(path, "bench", True, clock)
    began = clock.now()
    marks = ", ".join("?" * 13)
    with closing(sqlite3.connect(path)) as connection, connection:
        for second in range(DAY_S):
            now = began.plus(second)
            rows = [
                (second + 1, SESSION, now.iso(), now.mono_ns, now.boot_id, "monitor", "", name,
                 70.0 + (second + number) % 40, "1", "valid", "device", None)
                for number, name in enumerate(NUMBERS)
            ]  # fmt: skip
            connection.executemany(f"INSERT INTO readings ({COLUMNS}) VALUES ({marks})", rows)
    return began


def loading() -> list[dict[str, Any]]:
    """The whole day into memory: by the ORM, reading for reading, and as the columns that a trend is drawn from."""
    registry().map_imperatively(OrmReading, READINGS)
    took: dict[str, list[float]] = {"orm": [], "rows": [], "columns": []}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "day.sqlite3"
        began = a_day(path)
        archive, engine = open_archive(path), reader_engine(path)

        def by_orm() -> int:
            with OrmSession(engine) as session:
                return len(session.scalars(select(OrmReading).where(READINGS.c.session == SESSION)).all())

        ways: dict[str, Callable[[], int]] = {
            "orm": by_orm,
            "rows": lambda: sum(1 for _ in archive.readings(SESSION)),
            "columns": lambda: sum(one[1].size for one in archive.series(SESSION, began, NUMBERS).values()),
        }
        for _ in range(LOADS):
            for way, load in ways.items():
                begun = cpu_stopwatch()
                assert load() == DAY_S * len(NUMBERS), f"{way} lost something"
                took[way].append(cpu_stopwatch() - begun)
        engine.dispose()
    orm, rows, columns = (statistics.median(took[way]) for way in ways)
    against = f"SQLAlchemy's ORM {orm:.3g} s"
    name = "load 24 h x 10 numbers, one a second each"
    return [
        {
            "name": f"{name}, as columns", "value": columns, "unit": "s", "against": against, "ratio": columns / orm,
            "target": f"<= {LOAD_LIMIT}", "ok": columns / orm <= LOAD_LIMIT,
        },
        {"name": f"{name}, as objects", "value": rows, "unit": "s", "against": against, "ratio": rows / orm},
    ]  # fmt: skip


def run() -> list[dict[str, Any]]:
    """Waves, then numbers."""
    return waves() + loading()
