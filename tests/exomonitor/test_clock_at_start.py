"""A computer that comes back with a wrong clock: it is said, no duration is absurd, the timers keep what they had."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from exomonitor.assembly import assemble
from exomonitor.clock import Instant, ManualClock, SystemClock
from exomonitor.engine.clock_at_start import LeftOff, clock_at_start, clock_doubt
from exomonitor.records.database import open_database
from exomonitor.session import commands as cmd
from exomonitor.session import machine_events as mv
from exomonitor.session.narrative import sentence
from tests.exomonitor.station_bench import CHAIR, do, run, station_on
from tests.exomonitor.test_forged_open_session import forge
from tests.exomonitor.test_station import attach, infuse, prepared

LONGEST_S = 12 * 3600.0
LAST = Instant(datetime(2026, 3, 2, 12, 0, tzinfo=UTC), 10**12, "before")


def started_anew(seconds: float) -> Instant:
    return Instant(LAST.utc + timedelta(seconds=seconds), 5, "after")


def test_a_clock_that_fits_the_record_is_believed():
    assert clock_at_start(LeftOff(LAST, 0.0), started_anew(40), LONGEST_S) is None
    assert clock_at_start(LeftOff(LAST, 0.4), started_anew(LONGEST_S), LONGEST_S) is None
    assert clock_at_start(LeftOff(LAST, -3600.0), LAST.plus(40), LONGEST_S) is None, "the same boot needs no wall clock"


@pytest.mark.parametrize(
    ("now", "ends", "words"),
    [
        ("2026-11-23 12:00", "", ""),
        ("2026-11-23 12:00", "2026-11-23T12:00:59.000Z", ""),
        ("2026-11-23 12:00", "2026-11-23T13:30:00.000Z", "behind the record, which goes on to "),
        ("2024-01-01 00:00", "", "this program knows of 2026-11-22: set the computer's clock"),
        ("2026-11-23 12:00", "not a time", ""),
    ],
)
def test_without_a_session_the_clock_is_held_against_the_record_and_the_program(now, ends, words):
    said = clock_doubt(datetime.fromisoformat(now).replace(tzinfo=UTC), ends, date(2026, 11, 22))
    assert words in said
    assert bool(said) == bool(words)


def test_it_says_the_same_all_day_and_does_not_accuse_a_clock_that_was_set_right():
    first = datetime(2026, 11, 23, 11, tzinfo=UTC)
    said = {clock_doubt(first + timedelta(minutes=n), "2027-11-22T09:00:00.000Z", date(2026, 5, 1)) for n in range(50)}
    assert len(said) == 1
    assert said.pop().endswith(": one of the two is wrong, compare the clock with a watch")
    said = {clock_doubt(first + timedelta(minutes=n), "", date(2027, 5, 1)) for n in range(50)}
    assert said == {"it says 2026-11-23, and this program knows of 2027-05-01: set the computer's clock"}


@pytest.mark.expects_log("the record, clock: on 2027-04-01")
def test_a_wrong_clock_is_told_at_the_start_also_without_a_session(tmp_path: Path):
    open_database(tmp_path / "clinic.sqlite3", "test", False, ManualClock(datetime(2027, 5, 1, tzinfo=UTC)))
    clock = ManualClock(datetime(2027, 4, 1, 12, tzinfo=UTC))
    station = assemble(clock, tmp_path / "clinic.sqlite3", "test", simulated=False, chair=CHAIR)
    try:
        for _ in range(3000):
            clock.advance(0.25)  # what is told after a tick is an alarm at the next
            station.runtime.settle()
            texts = [view.text for view in station.latest().alarms if view.key == "clock.start" and view.state.shown]
            if texts:
                break
            threading.Event().wait(0.01)
    finally:
        station.close()
    assert texts
    assert texts[0].startswith("CHECK THE CLOCK - on 2027-04-01 it is behind the record")


def test_a_moment_behind_is_no_news_and_no_negative_time():
    found = clock_at_start(LeftOff(LAST, 0.0), started_anew(-1.5), LONGEST_S)
    assert found is not None
    assert found.base == LAST.plus(0.001), "no moment is there twice"
    assert found.news is None


@pytest.mark.parametrize(
    ("ahead_s", "jumped_s", "away_s", "step_s", "words"),
    [
        (-3600, 0, 0, -3600, ": 60 min behind the record"),
        (63_072_000, 0, 0, 63_072_000, ": 730 days ahead of the record"),
        (LONGEST_S + 60, 0, 0, LONGEST_S + 60, ": 12 h ahead of the record"),
        (-3560, 3600, 40, -3600, ": 60 min behind the record"),
        (3640, -3600, 40, 3600, ": 60 min ahead of the record"),
        (40, 3600, 40, None, " before the restart"),
    ],
)
def test_one_that_does_not_is_an_alarm_and_the_least_that_fits_is_counted(ahead_s, jumped_s, away_s, step_s, words):
    found = clock_at_start(LeftOff(LAST, jumped_s), started_anew(ahead_s), LONGEST_S)
    assert found is not None
    assert found.away_s == pytest.approx(away_s)
    assert found.base.boot_id == LAST.boot_id
    assert found.news is not None
    assert found.news.text == f"CLOCK CHANGED{words} - set it, read the pump"
    assert found.news.event == (None if step_s is None else mv.ClockJumped(step_s, at_start=True))


def test_a_clock_that_goes_on_from_another_boot_keeps_its_wall_time():
    for clock in (ManualClock(boot_id="after"), SystemClock()):
        before = clock.now()
        clock.go_on_from(LAST)
        now = clock.now()
        assert now.boot_id == "before"
        assert 0 <= now.since(LAST) < 60
        assert 0 <= (now.utc - before.utc).total_seconds() < 60


def test_a_step_that_was_told_when_it_came_is_told_once():
    found = clock_at_start(LeftOff(LAST, -3600.0), started_anew(40), LONGEST_S)
    assert found is not None
    assert found.base == LAST.plus(40)
    assert found.news is None


@pytest.mark.parametrize("ahead_s", [-3600.0, 2 * 365 * 86_400.0])
def test_the_session_goes_on_from_what_was_known(tmp_path: Path, clock: ManualClock, ahead_s: float):
    with station_on(tmp_path, clock) as station:
        attach(station)
        by = prepared(station)
        do(station, cmd.StartSession(CHAIR, by))
        counter = infuse(station, clock, 95)
        run(station, clock, 2)
        before = station.latest().progress
        assert before is not None
    later = ManualClock(clock.now().plus(ahead_s).utc, "another boot", 10**9)
    with station_on(tmp_path, later) as station:
        session = station.resume()
        run(station, later, 1)
        snapshot = station.latest()
        assert snapshot.progress is not None
        assert snapshot.progress.elapsed_s == pytest.approx(before.elapsed_s, abs=2.5)
        assert snapshot.progress.delivered_ml == pytest.approx(before.delivered_ml, abs=0.1)
        (alarm,) = [one.text for one in snapshot.alarms if one.key == "clock"]
        assert alarm.startswith(f"CLOCK CHANGED: {'60 min behind' if ahead_s < 0 else '730 days ahead of'} the record")
        assert snapshot.resume_offer.startswith("Still DEMO-EXAMPLE")
        attach(station)
        infuse(station, later, 3, counter)
        run(station, later, 2)
        told = [entry.event for entry in station.archive.entries(session)]
    (jumped,) = [e for e in told if isinstance(e, mv.ClockJumped)]
    (resumed,) = [e for e in told if isinstance(e, mv.MonitoringResumed)]
    (gap,) = [e for e in told if isinstance(e, mv.GapClosed)]
    assert jumped.at_start
    assert jumped.seconds == pytest.approx(ahead_s, abs=3)
    assert (resumed.known, resumed.same_boot) == (False, False)
    assert 0 <= resumed.gap_s < 3
    assert gap.at_least
    assert gap.began.boot_id == gap.ended.boot_id
    assert 0 <= gap.seconds < 5
    assert sentence(gap).startswith("No pump data for at least ")
    assert sentence(resumed).endswith("how long is not known")
    assert f"{'behind' if ahead_s < 0 else 'ahead of'} the record after a restart" in sentence(jumped)


def test_when_a_time_server_mends_the_clock_the_next_restart_is_an_ordinary_one(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        attach(station)
        do(station, cmd.StartSession(CHAIR, prepared(station)))
        infuse(station, clock, 60)
    second = ManualClock(clock.now().plus(-3600).utc, "second boot", 10**9)
    with station_on(tmp_path, second) as station:
        station.resume()
        run(station, second, 20)
        second.step_wall(3600 + 30)  # it was away for 30 s, as it turns out
        run(station, second, 20)
    third = ManualClock(second.now().plus(25).utc, "third boot")
    with station_on(tmp_path, third) as station:
        session = station.resume()
        run(station, third, 1)
        told = [e.event for e in station.archive.entries(session) if isinstance(e.event, mv.MonitoringResumed)]
        assert [one.known for one in told] == [False, True]
        progress = station.latest().progress
        assert progress is not None
        assert progress.elapsed_s == pytest.approx(60 + 30 + 20 + 20 + 25 + 1, abs=3)


@pytest.mark.expects_log("an open session is taken up without|is of a batch that the journal does not know")
@pytest.mark.parametrize("ahead_s", [-3600.0, 2 * 365 * 86_400.0])
def test_it_is_behind_by_at_least_so_much_where_later_entries_may_be_lost(
    tmp_path: Path, clock: ManualClock, ahead_s: float
):
    with station_on(tmp_path, clock) as station:
        attach(station)
        do(station, cmd.StartSession(CHAIR, prepared(station)))
        infuse(station, clock, 60)
    forge(tmp_path, "UPDATE journal SET actor = 'x' WHERE seq > (SELECT max(seq) FROM journal) - 20")
    later = ManualClock(clock.now().plus(ahead_s).utc, "another boot", 10**9)
    with station_on(tmp_path, later) as station:
        session = station.resume()
        run(station, later, 1)
        told = [entry.event for entry in station.archive.proved(session)[0]]
    (jumped,) = [e for e in told if isinstance(e, mv.ClockJumped)]
    assert jumped.at_least == (ahead_s < 0)
    assert ("at least" in sentence(jumped)) == (ahead_s < 0)


@pytest.mark.expects_log("an open session is taken up without")
def test_it_is_behind_by_just_so_much_where_only_earlier_entries_are_lost(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        attach(station)
        who = prepared(station)
        do(station, cmd.AddNote(CHAIR, who, "an early one"))
        do(station, cmd.StartSession(CHAIR, who))
        infuse(station, clock, 60)
    forge(tmp_path, "UPDATE journal SET actor = 'x' WHERE type = 'NoteAdded'")
    later = ManualClock(clock.now().plus(-3600.0).utc, "another boot", 10**9)
    with station_on(tmp_path, later) as station:
        session = station.resume()
        run(station, later, 1)
        told, damage = station.archive.proved(session)
    (jumped,) = [e.event for e in told if isinstance(e.event, mv.ClockJumped)]
    assert (damage.entries, jumped.at_least) == (1, False)
    assert "at least" not in sentence(jumped)
