"""What is lost of open sessions is counted beside watching: each by itself, and nobody's yes to less covers more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest

from exomonitor.alarms.policy import AlarmState
from exomonitor.alarms.views import AlarmView
from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.engine import lounge
from exomonitor.engine.ports import Readable
from exomonitor.errors import EnvironmentFault
from exomonitor.records.queries import SqlArchive
from exomonitor.session.commands import Acknowledge
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.settings import Seat
from exomonitor.station import Station
from tests.exomonitor.records.record_samples import reading
from tests.exomonitor.station_bench import do
from tests.exomonitor.test_damaged_start import station_at
from tests.exomonitor.test_forged_in_several_chairs import chairs_at, opened
from tests.exomonitor.test_forged_open_session import LAST, folder, forge, open_in

__all__ = ["folder"]
ONE_ENTRY, UNCOUNTED = "1 entry (", "its readings and waves could not be counted"
AN_ENTRY_IS_LOST = f"UPDATE journal SET actor = 'x' WHERE {LAST}"


def lose_an_entry_and_readings(folder: Path, clock: ManualClock) -> None:
    """An entry of the open session was changed, and of fifty readings none is left."""
    with station_at(folder, clock) as station:
        session = open_in(station).id
        station._recorder.submit([], [reading(clock.now(), "hr", 70.0, session) for _ in range(50)]).result(60)
    forge(folder, "DELETE FROM readings")
    forge(folder, AN_ENTRY_IS_LOST)


@contextmanager
def started(folder: Path, clock: ManualClock, chairs: tuple[Seat, ...] = (Seat("1"),)) -> Iterator[Station]:
    """A station that has taken up what is open, whether its losses are counted or not."""
    made = assemble(clock, folder / "clinic.sqlite3", "test", simulated=True, chair=chairs, watched=False)
    try:
        made.resume()
        pass_time(made, clock)
        yield made
    finally:
        made.close()


def pass_time(station: Station, clock: ManualClock) -> None:
    clock.advance(2)
    station.runtime.settle()


def counted(station: Station, clock: ManualClock) -> None:
    assert station.counting is not None
    station.counting.result(60)
    pass_time(station, clock)


def alarm(station: Station, chair: str = "1") -> AlarmView:
    (found,) = (view for view in station.at(chair).latest().alarms if view.key == "registry")
    return found


def rises(folder: Path) -> list[str]:
    """The texts with which the alarm was raised, as the record has them."""
    archive = SqlArchive(folder / "clinic.sqlite3")
    (session,) = archive.open_sessions()
    changes = [entry.event for entry in archive.proved(session)[0] if isinstance(entry.event, AlarmChanged)]
    return [one.text for one in changes if (one.key, one.to_state) == ("registry", "active")]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Nothing is counted until this is set."""
    go_on, good = threading.Event(), SqlArchive.readable

    def read(archive: SqlArchive, session: str) -> Readable:
        go_on.wait(60)
        return good(archive, session)

    monkeypatch.setattr(SqlArchive, "readable", read)
    yield go_on
    go_on.set()


@pytest.mark.expects_log("an open session|the readings of an open session could not be counted: made up")
def test_where_one_cannot_be_counted_the_next_one_is_and_its_own_chair_says_so(tmp_path, clock, monkeypatch):
    own = opened(tmp_path, clock, "1", "2")
    with chairs_at(tmp_path, clock) as station:
        for session in own.values():
            station._recorder.submit([], [reading(clock.now(), "hr", 70.0, session)]).result(60)
    forge(tmp_path, "UPDATE journal SET actor = 'x' WHERE type = 'NoteAdded'")
    forge(tmp_path, "DELETE FROM readings")
    good = SqlArchive.readable

    def read(archive: SqlArchive, session: str) -> Readable:
        if session == own["1"]:
            raise EnvironmentFault("made up: the disk is gone")
        return good(archive, session)

    monkeypatch.setattr(SqlArchive, "readable", read)
    with started(tmp_path, clock, (Seat("1"), Seat("2"))) as station:
        counted(station, clock)
        first, second = alarm(station, "1").text, alarm(station, "2").text
    assert ONE_ENTRY in first
    assert first.endswith(f"lost; {UNCOUNTED}.")
    assert "1 reading of session" in second
    assert UNCOUNTED not in second


@pytest.mark.expects_log("an open session")
def test_what_the_count_adds_is_alarmed_about_anew_and_recorded_also_where_less_was_acknowledged(folder, clock, slow):
    lose_an_entry_and_readings(folder, clock)
    with started(folder, clock) as station:
        assert "reading" not in alarm(station).text
        do(station, Acknowledge("1", "", "registry"))
        assert alarm(station).state is AlarmState.ACKED
        slow.set()
        counted(station, clock)
        assert alarm(station).state is AlarmState.ACTIVE
        assert "50 readings of session" in alarm(station).text
    assert ["50 readings" in text for text in rises(folder)] == [False, True]


@pytest.mark.expects_log("an open session")
def test_what_was_acknowledged_as_a_whole_is_not_raised_again_at_the_next_start(folder, clock, slow):
    lose_an_entry_and_readings(folder, clock)
    slow.set()
    with started(folder, clock) as station:
        counted(station, clock)
        do(station, Acknowledge("1", "", "registry"))
    known = rises(folder)
    slow.clear()
    with started(folder, clock) as station:
        assert (alarm(station).state, "reading" in alarm(station).text) == (AlarmState.ACKED, False)
        slow.set()
        counted(station, clock)
        assert (alarm(station).state, "50 readings" in alarm(station).text) == (AlarmState.ACKED, True)
    assert rises(folder) == known


@pytest.mark.expects_log("an open session")
def test_what_is_lost_between_two_starts_is_not_covered_by_what_was_acknowledged_before(folder, clock):
    forge(folder, AN_ENTRY_IS_LOST)
    with started(folder, clock) as station:
        counted(station, clock)
        do(station, Acknowledge("1", "", "registry"))
    forge(folder, "UPDATE journal SET actor = 'x' WHERE type = 'NoteAdded'")
    with started(folder, clock) as station:
        counted(station, clock)
        assert (alarm(station).state, "2 entries (" in alarm(station).text) == (AlarmState.ACTIVE, True)
    assert ["2 entries (" in text for text in rises(folder)] == [False, True]


@pytest.mark.expects_log("an open session|of the clinic's lists")
def test_what_was_acknowledged_of_the_clinics_lists_covers_nothing_of_the_session(folder, clock):
    forge(folder, "DELETE FROM journal WHERE seq = (SELECT min(seq) + 1 FROM journal)")
    for _ in range(2):
        with started(folder, clock) as station:
            assert "1 entry of the clinic's lists" in alarm(station).text
            do(station, Acknowledge("1", "", "registry"))
    forge(folder, "DELETE FROM journal WHERE seq = (SELECT min(seq) FROM journal WHERE type = 'NoteAdded')")
    with started(folder, clock) as station:
        counted(station, clock)
        assert (alarm(station).state, "chair 1: 1 entry" in alarm(station).text) == (AlarmState.ACTIVE, True)
    assert ["chair 1: 1 entry" in text for text in rises(folder)] == [False, True]


@pytest.mark.expects_log("an open session")
def test_what_was_counted_before_is_not_raised_twice_where_an_entry_more_is_lost(folder, clock):
    lose_an_entry_and_readings(folder, clock)
    with started(folder, clock) as station:
        counted(station, clock)
        do(station, Acknowledge("1", "", "registry"))
    known = rises(folder)
    forge(folder, "UPDATE journal SET actor = 'x' WHERE type = 'NoteAdded'")
    with started(folder, clock) as station:
        counted(station, clock)
        assert "50 readings" in alarm(station).text
    assert ["2 entries (" in text for text in rises(folder)[len(known) :]] == [True]


@pytest.mark.expects_log("an open session")
def test_what_is_counted_is_alarmed_about_where_the_patient_has_gone_meanwhile(folder, clock, slow):
    lose_an_entry_and_readings(folder, clock)
    with started(folder, clock) as station:
        engine = station.runtime.engine
        station.runtime.post(lambda now: lounge.move(engine.chair("1"), engine.chair("Lounge 1"), now))
        pass_time(station, clock)
        do(station, Acknowledge("Lounge 1", "", "registry"))
        assert alarm(station, "Lounge 1").state is AlarmState.ACKED
        slow.set()
        counted(station, clock)
        there = alarm(station, "Lounge 1")
        assert (there.state, "50 readings" in there.text) == (AlarmState.ACTIVE, True)
        assert not any(view.key == "registry" for view in station.at("1").latest().alarms)


@pytest.mark.expects_log("an open session")
def test_where_the_count_adds_nothing_the_alarm_is_raised_once(folder, clock, slow):
    forge(folder, AN_ENTRY_IS_LOST)
    with started(folder, clock) as station:
        slow.set()
        counted(station, clock)
        assert alarm(station).state is AlarmState.ACTIVE
    assert len(rises(folder)) == 1


@pytest.mark.expects_log("an open session")
def test_what_waits_is_stored_before_a_closing_program_waits_for_the_count(folder, clock, monkeypatch, slow):
    forge(folder, AN_ENTRY_IS_LOST)
    order = Mock()
    with started(folder, clock) as station:
        close = station._recorder.close
        monkeypatch.setattr(station._recorder, "close", lambda: (close(), order.stored()))
        monkeypatch.setattr("exomonitor.station.wait", lambda *_: (order.waited(), slow.set()))
    assert [name for name, *_ in order.mock_calls] == ["stored", "waited"]
    assert station.counting is not None
    station.counting.result(60)


@pytest.mark.expects_log("an open session")
def test_at_the_end_nothing_is_counted_any_more_nor_told(tmp_path, clock, monkeypatch):
    opened(tmp_path, clock, "1", "2")
    forge(tmp_path, "UPDATE journal SET actor = 'x' WHERE type = 'NoteAdded'")
    good, begun, go_on = SqlArchive.readable, threading.Event(), threading.Event()
    asked: list[str] = []

    def read(archive: SqlArchive, session: str) -> Readable:
        asked.append(session)
        begun.set()
        go_on.wait(60)
        return good(archive, session)

    monkeypatch.setattr(SqlArchive, "readable", read)
    with started(tmp_path, clock, (Seat("1"), Seat("2"))) as station:
        assert begun.wait(60)
        station.runtime.close()
        post = Mock()
        monkeypatch.setattr(station.runtime, "post", post)
        go_on.set()
        assert station.counting is not None
        station.counting.result(60)
        assert not post.called
    assert len(asked) == 1
