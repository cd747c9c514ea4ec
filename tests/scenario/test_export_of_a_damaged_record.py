"""A session of which something is damaged is exported all the same: without that, with the loss told everywhere."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pypdf import PdfReader

from exomonitor.clinical.protocol import load_protocol
from exomonitor.clock import ManualClock
from exomonitor.exports.bundle import export_session, export_told
from exomonitor.exports.verify import verify_export
from exomonitor.records.queries import open_archive
from exomonitor.session import events as ev
from exomonitor.signing import open_key
from tests.exomonitor.records.record_samples import (
    SESSION,
    draft,
    make_database,
    opened,
    reading,
    recording,
    wave_second,
)

SPOILT = {
    "a reading": (
        "UPDATE readings SET utc = 'x' WHERE id = 2",
        "1 reading of this session is lost; nothing proves 1 of the readings that are left.",
    ),
    "a wave chunk": ("UPDATE wave_chunks SET samples = x'00'", "2 wave seconds of this session are lost."),
    "an entry": ("UPDATE journal SET body = '{' WHERE type = 'NoteAdded'", "1 entry (4) of this session is lost."),
    "the first entry": (
        "UPDATE journal SET body = '{' WHERE type = 'SessionOpened'",
        "1 entry (2) of this session is lost.",
    ),
}


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path, clock = tmp_path / "clinic.sqlite3", ManualClock()
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())]).result()
        for text in ("one", "two", "three"):
            now = clock.advance(1)
            recorder.submit([draft(ev.NoteAdded(text), now)]).result()
        for _ in range(2):
            now = clock.advance(1)
            recorder.submit([], [reading(now), reading(now, "spo2", 97.0)], [wave_second(now)]).result()
    return path


@pytest.mark.parametrize("what", SPOILT)
def test_it_is_made_and_says_what_is_lost(record, tmp_path, what):
    statement, lost = SPOILT[what]
    with closing(sqlite3.connect(record, isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        if "note" in statement.lower():
            statement += " AND seq = 4"
        connection.execute(statement).close()
    key, protocol = open_key(tmp_path), load_protocol()
    folder = export_session(
        open_archive(record),
        SESSION,
        tmp_path / "out",
        protocol=protocol,
        program="T",
        now=ManualClock().now(),
        key=key,
    )
    manifest = json.loads((folder / "manifest.json").read_text())
    told = f"DAMAGED: {lost}"
    assert manifest["lists_lost"] == "", "an entry of the session is told as that, also where the clinic reads it"
    assert manifest["damaged"] == json.loads((folder / "session.json").read_text())["damaged"] == told
    assert export_told(folder) == f"{folder}\n{told}"
    report = " ".join("".join(page.extract_text() for page in PdfReader(folder / "report.pdf").pages).split())
    assert told in report
    assert "RECORD DAMAGED" in report
    found = verify_export(folder, key.public)
    assert lost in found[0].what
    own = subprocess.run(
        [sys.executable, folder / "verify_export.py", folder], capture_output=True, text=True, check=False
    )
    assert own.returncode == 1
    assert lost in own.stdout
