"""Made-up material for tests of the record: drafts, readings, wave seconds, and a database that holds some of each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import numpy as np

from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.ports import Draft, ReadingRow, WaveSecond
from exomonitor.records.database import Database, open_database
from exomonitor.records.writer import OnCommit, RecorderThread
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.entry import Event
from exomonitor.session.plan import SourceCell

SESSION = "s-1"
NURSE = "staff-1"


def make_database(path: Path, clock: ManualClock, *, simulated: bool = False) -> Database:
    """A database opened by the program of these tests."""
    return open_database(path, "ExoMonitor test", simulated, clock, station="chair-1")


@contextmanager
def recording(database: Database, on_commit: OnCommit | None = None) -> Iterator[RecorderThread]:
    """A recorder that is closed at the end."""
    recorder = RecorderThread(database, on_commit)
    try:
        yield recorder
    finally:
        recorder.close()


def draft(event: Event, at: Instant, session: str = SESSION) -> Draft:
    """An event by the nurse."""
    return Draft(session, at, NURSE, event)


def opened(at: Instant, session: str = SESSION, study_id: str = "EX-0001") -> Draft:
    """The first entry of a session."""
    return draft(
        ev.SessionOpened(study_id, "chair-1", False, "exosome", "1", "ab" * 32, "ExoMonitor test"), at, session
    )


def patient(at: Instant, session: str = SESSION) -> Draft:
    """A made-up patient, with four private texts."""
    event = ev.PatientIdentified(("name", "born"), "Testperson, Ada", "1970-01-01", "MRN-000", "none known")
    return draft(event, at, session)


def order(at: Instant, session: str = SESSION) -> Draft:
    """Product and dose in one."""
    return draft(ev.OrderEntered(Decimal("5.0"), Decimal(100), Decimal(45)), at, session)


def product(at: Instant, session: str = SESSION) -> Draft:
    """The bag."""
    return draft(ev.ProductEntered(SourceCell.MSC, "LOT-TEST", "2027-01-01"), at, session)


def staff_named(at: Instant, name: str = "Nurse Example") -> Draft:
    """A person at work; belongs to the database."""
    return draft(mv.StaffNamed(NURSE, "nurse", name), at, "")


def reading(at: Instant, name: str = "hr", value: float | None = 72.0, session: str = SESSION) -> ReadingRow:
    """One number of the monitor; without a value its validity says why."""
    validity = "valid" if value is not None else "sensor_off"
    return ReadingRow(session, at, "monitor", "", name, value, "/min", validity, "simulator")


def wave_second(at: Instant, wave: str = "ecg_ii", rate_hz: int = 100, session: str = SESSION) -> WaveSecond:
    """One second of a sine whose phase depends on the time."""
    phase = at.mono_ns / 1e9 + np.arange(rate_hz) / rate_hz
    samples = (800 * np.sin(2 * np.pi * 1.23 * phase)).astype(np.int16)
    return WaveSecond(session, "monitor", wave, at, float(rate_hz), 0.001, "mV", "simulator", samples)


def fill(recorder: RecorderThread, clock: ManualClock, seconds: int, session: str = SESSION) -> None:
    """Open a session and keep its first seconds: two readings and two waves each."""
    now = clock.now()
    recorder.submit([opened(now, session), patient(now, session), product(now, session), order(now, session)]).result()
    for _ in range(seconds):
        now = clock.advance(1)
        numbers = [reading(now, "hr", 72.0, session), reading(now, "spo2", None, session)]
        waves = [wave_second(now, "ecg_ii", 100, session), wave_second(now, "pleth", 50, session)]
        recorder.submit([], numbers, waves).result()


def ask(path: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    """Rows of a question put to the file with plain sqlite3."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement, values).fetchall()
