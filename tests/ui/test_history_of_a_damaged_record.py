"""The history draws of a damaged session what an export of it gives out, and nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.records.queries import open_archive
from exomonitor.session.events import SessionStarted
from exomonitor.session.phases import DeliverySource
from tests.exomonitor.records.record_samples import SESSION, draft, make_database, opened, reading, recording
from ui.pages.history_view import load_review

FORGED = 200.0
ADD = (
    "INSERT INTO readings (id, batch, session, utc, mono_ns, boot_id, source, channel, name, value, unit, validity,"
    " origin) SELECT id + 1000, 999, session, utc, mono_ns + 500000000, boot_id, source, channel, name, {value}, unit,"
    " validity, origin FROM readings"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A session of ten readings, and nothing that keeps anybody from writing into its record."""
    path, clock = tmp_path / "clinic.sqlite3", ManualClock()
    with recording(make_database(path, clock)) as recorder:
        started = draft(SessionStarted(clock.now(), DeliverySource.TYPED), clock.now())
        recorder.submit([opened(clock.now()), started]).result()
        for beat in range(10):
            clock.advance(1)
            recorder.submit([], [reading(clock.now(), "hr", 70.0 + beat)]).result()
            recorder.submit([], [reading(clock.now(), "nibp_sys", 120.0), reading(clock.now(), "nibp_dia", 80.0)])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}").close()
    return path


def forge(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement).close()


def test_readings_that_nobody_recorded_are_not_drawn(path):
    whole = load_review(open_archive(path), SESSION)
    forge(path, ADD.format(value=FORGED))
    archive = open_archive(path)
    assert any(row.value == FORGED for _, row in archive.readings(SESSION)), "they stand in the record"
    review = load_review(archive, SESSION)
    assert review.damaged
    assert (review.vitals, review.pressures) == (whole.vitals, whole.pressures)


def test_of_a_session_that_has_lost_entries_all_readings_that_are_left_are_drawn(path):
    whole = load_review(open_archive(path), SESSION)
    forge(path, "UPDATE journal SET actor = 'x' WHERE type = 'ReadingsStored' AND seq = (SELECT max(seq) FROM journal)")
    review = load_review(open_archive(path), SESSION)
    assert review.damaged
    assert (review.vitals, review.pressures) == (whole.vitals, whole.pressures)
