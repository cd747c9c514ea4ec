"""A session that is told to end (Ctrl+C, a shutdown, a terminal that goes away): what was recorded stays, the record
says that nothing was watched from here on, and the session goes on where it stood."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from exomonitor.computer import ending
from exomonitor.records.queries import open_archive
from exomonitor.records.verify import verify_database
from exomonitor.rehearsal import TOLD_TO_END
from exomonitor.session.machine_events import MonitoringEnded
from exomonitor.session.parts.trust import EndMonitoring
from tests.commands.program import REFUSED, first_line, of, running
from tests.scenario.killed import done_by_people, ended_well, resume
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from ui.app import run_window
from ui.main_window import MainWindow

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
LINES = 60
"""By then the product runs."""


@pytest.fixture(autouse=True)
def heard_by_all():
    """These tests are right also where they were started to outlive their terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def told_to_end(out, which):
    """A headless session that gets a signal in its middle: what it had printed as recorded, and what it said."""
    words = ("demo", "--headless", "--scenario", "short", "--speed", 60, "--print-commits", "--out", out)
    with running(*words) as process:
        lines = [first_line(process), *(of(process.stdout).readline() for _ in range(LINES))]
        process.send_signal(which)
        out_left, err = process.communicate(timeout=60)
    printed = [json.loads(line) for line in [*lines, *out_left.splitlines()]]
    return process.returncode, err, {line["seq"]: line["hash"] for line in printed if line.get("kind") == "recorded"}


@pytest.mark.parametrize("which", SIGNALS, ids=lambda one: one.name)
def test_what_was_recorded_stays_and_the_end_is_told_in_one_sentence(tmp_path, which, played):
    code, err, printed = told_to_end(tmp_path, which)
    assert (code, err) == (REFUSED, f"exomonitor: {TOLD_TO_END}\n")
    database = tmp_path / "data" / "demo.sqlite3"
    assert verify_database(database) == []
    archive = open_archive(database)
    (row,) = archive.sessions()
    entries = archive.entries(row.session)
    assert MonitoringEnded("asked") in [entry.event for entry in entries[-8:]]
    stored = {entry.seq: entry.hash for entry in (*archive.entries(""), *entries)}
    assert printed.items() <= stored.items()
    if which is signal.SIGTERM:  # resuming takes its time, and is the same for all
        again = ended_well(resume(tmp_path), tmp_path)
        assert again is not None
        assert again.line["phase"] == "signed"
        assert len(again.bodies("MonitoringResumed")) == 1
        assert done_by_people(again) - done_by_people(played("short")) == {"MonitoringEnded": 1}


@contextmanager
def once_it_stands(do):
    """Do it once, as soon as a window is on the screen and hears signals, however long that takes."""
    unheard = signal.getsignal(signal.SIGTERM)

    def look() -> None:
        shown = any(isinstance(one, MainWindow) and one.isVisible() for one in QApplication.topLevelWidgets())
        if shown and signal.getsignal(signal.SIGTERM) != unheard:
            looking.stop()
            do()

    looking = QTimer(interval=50)
    looking.timeout.connect(look)
    looking.start()
    yield
    looking.stop()


@pytest.fixture
def nohup():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


def test_started_to_outlive_its_terminal_it_does(qapp, nohup):
    bedside, seen = FakeBedside(scenes.normal()), []

    def told() -> None:
        signal.raise_signal(signal.SIGHUP)
        seen.append((signal.getsignal(signal.SIGHUP), len(bedside.submitted)))
        signal.raise_signal(signal.SIGTERM)

    with once_it_stands(told):
        assert run_window(bedside, sound=False) == 0
    assert seen == [(signal.SIG_IGN, 0)]
    assert [c.why for c in bedside.submitted if isinstance(c, EndMonitoring)] == ["asked"]
    assert ending() == (signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize("which", SIGNALS, ids=lambda one: one.name)
def test_the_window_of_a_running_session_closes_unasked_and_it_is_recorded(qapp, which):
    bedside = FakeBedside(scenes.normal())
    before = [signal.getsignal(one) for one in SIGNALS]
    with once_it_stands(lambda: signal.raise_signal(which)):
        assert run_window(bedside, sound=False) == 0
    assert [c.why for c in bedside.submitted if isinstance(c, EndMonitoring)] == ["asked"]
    assert [signal.getsignal(one) for one in SIGNALS] == before
