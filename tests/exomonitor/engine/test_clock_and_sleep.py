"""Stepped clocks, changed zones, summer time, a computer that slept: each is said, and no duration changes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.clock_watch import clock_news
from exomonitor.session import machine_events as mv
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

NOON = Instant(datetime(2026, 3, 2, 12, 0, tzinfo=UTC), 10**12, "boot")
SUMMER = Instant(datetime(2026, 3, 29, 0, 59, 59, 900_000, tzinfo=UTC), 10**12, "boot")
"""A tenth of a second before Berlin's clocks go forward."""
needs_zones = pytest.mark.skipif(sys.platform == "win32", reason="a process cannot change its zone there")


@pytest.fixture
def be_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """This process's zone from now on."""

    def change(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield change
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("by_s", "words"),
    [
        (-3600.0, "-1 h"),
        (-2.5, "-2 s"),
        (2.5, "+2 s"),
        (75.0, "+75 s"),
        (310.0, "+5 min 10 s"),
        (600.0, "+10 min"),
        (3720.0, "+1 h 2 min"),
    ],
)
def test_a_step_of_the_clock_is_an_event_with_its_size(by_s, words):
    later = Instant(NOON.utc + timedelta(seconds=0.25 + by_s), NOON.mono_ns + 250_000_000, "boot")
    news = clock_news(NOON, later)
    assert news is not None
    assert news.event == mv.ClockJumped(by_s)
    assert news.text.startswith(f"CLOCK CHANGED by {words} - ")


@pytest.mark.parametrize("by_s", [-1.9, 0.0, 1.9])
def test_what_a_time_server_corrects_little_by_little_is_none(by_s):
    later = Instant(NOON.utc + timedelta(seconds=0.25 + by_s), NOON.mono_ns + 250_000_000, "boot")
    assert clock_news(NOON, later) is None


def test_after_sleep_and_after_a_restart_the_clock_was_not_moved():
    assert clock_news(NOON, NOON.plus(28_800)) is None
    assert clock_news(NOON, Instant(NOON.utc - timedelta(hours=3), 5, "another boot")) is None
    assert clock_news(None, NOON) is None


@needs_zones
def test_another_zone_is_said_once_and_moves_nothing(be_in):
    be_in("Europe/Berlin")
    assert clock_news(SUMMER, SUMMER.plus(0.05)) is None
    news = clock_news(SUMMER, SUMMER.plus(0.25))  # summer time began
    assert news is not None
    assert news.text.startswith("TIME ZONE CHANGED to UTC2:00:00")
    assert news.event is None
    assert clock_news(SUMMER.plus(0.25), SUMMER.plus(0.5)) is None


@needs_zones
def test_when_summer_time_begins_the_alarm_stands_in_the_record_and_no_timer_moves(be_in):
    be_in("Europe/Berlin")
    bench = Bench(ManualClock(SUMMER.utc - timedelta(seconds=120)))
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.wait(200)
    changed = [e for e in bench.events(mv.AlarmChanged) if e.key == "clock"]
    assert [e.to_state for e in changed] == ["active"]
    assert changed[0].text.startswith("TIME ZONE CHANGED")
    assert bench.progress.infusing_s == pytest.approx(200)
    assert not bench.events(mv.ClockJumped)


def test_a_computer_that_slept_goes_on_with_the_right_times_and_says_the_gap():
    bench = Bench(ManualClock())
    bench.infusing(60)
    bench.vital(Sign.HR, 70)
    bench.tick()
    bench.clock.advance(600)  # nothing of the program ran
    bench.counter += 600 / 36
    bench.infuse(1, 100.0)
    bench.vital(Sign.HR, 71)
    bench.tick()
    gaps = {gap.source: gap.seconds for gap in bench.events(mv.GapClosed)}
    assert gaps["pump"] == pytest.approx(601, abs=1.5)
    assert gaps["monitor"] == pytest.approx(601, abs=1.5)
    assert bench.progress.elapsed_s == pytest.approx(661, abs=2)
    assert bench.progress.delivered_ml == pytest.approx(661 / 36, abs=0.2)
    assert not bench.events(mv.ClockJumped)


def test_a_clock_set_back_an_hour_during_a_restart_is_an_event_and_changes_no_gap():
    bench = Bench(ManualClock())
    bench.infusing(60)
    clock = ManualClock(bench.now.plus(30).utc - timedelta(hours=1), bench.now.boot_id, bench.now.plus(30).mono_ns)
    later = Bench(clock, bench.recorder, signed_in=False)
    later.engine.restore(CHAIR, bench.journal(), later.now)
    later.tick()
    (resumed,) = later.events(mv.MonitoringResumed)
    assert resumed.gap_s == pytest.approx(30, abs=2)
    assert resumed.known
    assert later.events(mv.ClockJumped) == [mv.ClockJumped(-3600.0)]
    assert later.progress.elapsed_s == pytest.approx(90, abs=2)
