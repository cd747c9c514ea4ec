"""Another program that opens and closes the database takes nothing away from the one that records into it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from exomonitor.clock import ManualClock
from exomonitor.records import held
from exomonitor.records.queries import open_archive
from exomonitor.records.verify import verify_database
from exomonitor.session.events import NoteAdded
from tests.exomonitor.records.record_samples import draft, fill, make_database, recording

LOOK = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM journal').fetchall(); c.close()"


def test_the_log_stays_and_the_record_goes_on(tmp_path: Path, clock: ManualClock):
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 2)
        assert open_archive(path).sessions()  # our own readers give no lock away either
        subprocess.run([sys.executable, "-c", LOOK, path], check=True)
        assert path.with_name(path.name + "-wal").exists()
        recorder.submit([draft(NoteAdded("made-up note"), clock.now())]).result(10)
    assert verify_database(path) == []


def test_the_handle_is_given_back_at_the_end(tmp_path: Path, clock: ManualClock):
    path = tmp_path / "clinic.sqlite3"
    before = len(held._held)
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 1)
        assert len(held._held) == before + 1
        first, second = held.Hold(path), held.Hold(path)
        first.release()
        first.release()
        second.release()
        assert len(held._held) == before + 1
        assert held.beginning(path, 6) == (path.read_bytes()[:6], path.stat().st_size)
    assert len(held._held) == before
