"""Each fault of the disk while a session runs, with the product's own writer: a clear sentence, the alarm, monitoring
that goes on, and a record that is intact or says what is damaged; where the fault passes, nothing is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.engine.live import SourceInfo
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records import connections
from exomonitor.records.queries import open_archive
from exomonitor.records.verify import verify_database
from exomonitor.session.commands import AddNote, OpenSession
from exomonitor.session.events import NoteAdded
from exomonitor.session.machine_events import AlarmChanged, RefusedKept
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.station import Station
from tests.exomonitor.records.disk import FULL, Call, Disk, error_of
from tests.exomonitor.station_bench import CHAIR, do, run, sign_in, station_on

LOGGED = "could not be saved|in the record all the same|saved again|without tidying up|stay staged|was not recorded"
PAGE = 4096
MONITOR = SourceInfo("monitor", "monitor", "demo-monitor", "Demo monitor")


@contextmanager
def session(folder: Path, clock: ManualClock) -> Iterator[tuple[Station, Disk]]:
    """A session that runs on a watched disk, with a monitor that speaks."""
    with Disk(folder) as disk, station_on(folder, clock) as station:
        by = sign_in(station)
        do(station, OpenSession(CHAIR, by))
        station.attach(CHAIR, MONITOR)
        hear(station, clock, 3)
        yield station, disk


def hear(station: Station, clock: ManualClock, seconds: int) -> None:
    """A heart rate each second."""
    for number in range(seconds):
        rate = 70.0 + number % 5
        station.hear(CHAIR, VitalReading("monitor", Sign.HR, rate, Validity.VALID, clock.now()))
        run(station, clock, 1)


def alarm(station: Station) -> str:
    """What the alarm says, "" = there is none that stands."""
    return next((view.text for view in station.latest().alarms if view.key == "record" and view.state.shown), "")


def refused(call: str, code: int = 0) -> Callable[[Path, Disk], None]:
    """Calls of this kind fail from now on."""

    def begin(path: Path, disk: Disk) -> None:
        def refuse(number: int, asked: Call) -> int:
            mine = asked.what == call and asked.path.startswith(str(path))
            return (code or error_of(asked)) if mine else 0

        disk.refuse = refuse

    return begin


PASSING = {
    "full": (refused("write", FULL), "the disk is full"),
    "write error": (refused("write"), "could not be saved"),
    "fsync error": (refused("sync"), "could not be saved"),
}


@pytest.mark.expects_log(LOGGED)
@pytest.mark.parametrize("name", sorted(PASSING))
def test_while_the_disk_refuses_it_is_said_and_afterwards_nothing_is_missing(tmp_path, clock, name):
    begin, sentence = PASSING[name]
    path = tmp_path / "clinic.sqlite3"
    with session(tmp_path, clock) as (station, disk):
        opened = station.latest().session
        assert opened is not None
        before = len(list(station.archive.readings(opened.id)))
        begin(path.resolve(), disk)
        hear(station, clock, 8)
        assert alarm(station).startswith("RECORD NOT SAVED - write on paper (")
        assert sentence in alarm(station)
        assert station.latest().vitals[Sign.HR].reading.value == 72.0  # monitoring goes on
        answer = station.submit(AddNote(CHAIR, station.latest().staff_id, "made-up note"))
        station.runtime.settle()
        assert sentence in str(answer.exception(5))
        disk.refuse = None
        hear(station, clock, 6)
        do(station, AddNote(CHAIR, station.latest().staff_id, "good again"))
    assert verify_database(path) == []
    archive = open_archive(path)
    stored = [reading.at.mono_ns for _, reading in archive.readings(opened.id)]
    assert len(set(stored)) - before == 14
    assert len(stored) == len(set(stored))  # what reached the disk all the same does not stand there twice
    kept = [entry.event for entry in archive.entries("") if isinstance(entry.event, RefusedKept)]
    assert bool(kept) == (name == "fsync error")  # it is named
    alarms = [e.event for e in archive.entries(opened.id) if isinstance(e.event, AlarmChanged)]
    rises = [one for one in alarms if one.key == "record" and one.to_state == "active"]
    assert len(rises) == 1
    notes = [entry.event for entry in archive.entries(opened.id) if isinstance(entry.event, NoteAdded)]
    assert {note.text for note in notes} - {"made-up note"} == {"good again"}
    assert kept or len(notes) == 1


@pytest.mark.expects_log(LOGGED)
def test_a_locked_database_is_said_and_afterwards_nothing_is_missing(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(connections, "BUSY_S", 0.01)
    path = tmp_path / "clinic.sqlite3"
    with session(tmp_path, clock) as (station, _):
        opened = station.latest().session
        assert opened is not None
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            hear(station, clock, 5)
            assert "another program keeps the database locked" in alarm(station)
        hear(station, clock, 6)
    assert verify_database(path) == []
    assert len(list(open_archive(path).readings(opened.id))) == 14


def deleted(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def headless(path: Path) -> None:
    """The header destroyed."""
    with path.open("r+b") as file:
        file.write(bytes(100))


def swapped(path: Path) -> None:
    """Two pages have changed places."""
    content = bytearray(path.read_bytes())
    one, two = slice(PAGE, 2 * PAGE), slice(2 * PAGE, 3 * PAGE)
    content[one], content[two] = content[two], content[one]
    path.write_bytes(bytes(content))


def flipped(path: Path) -> None:
    """One bit is another one, in the text of an entry."""
    content = bytearray(path.read_bytes())
    content[content.index(b"SessionOpened") + 2] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.expects_log(LOGGED)
@pytest.mark.parametrize("harm", [deleted, emptied, headless])
def test_a_destroyed_database_is_an_alarm_and_what_was_heard_is_shown_on(tmp_path, clock, harm):
    path = tmp_path / "clinic.sqlite3"
    with session(tmp_path, clock) as (station, _):
        harm(path)
        hear(station, clock, 8)
        assert alarm(station).startswith("RECORD NOT SAVED - write on paper (")
        assert station.latest().vitals[Sign.HR].reading.value == 72.0


@pytest.mark.parametrize("harm", [emptied, headless, swapped, flipped])
def test_damage_between_two_starts_is_refused_in_a_sentence_or_found(tmp_path, clock, harm):
    path = tmp_path / "clinic.sqlite3"
    with session(tmp_path, clock):
        pass
    harm(path)
    try:
        findings = [str(finding) for finding in verify_database(path)]
    except (CommandRefused, EnvironmentFault) as told:
        findings = [str(told)]
    assert findings
