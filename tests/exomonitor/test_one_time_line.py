"""A session of several boots whose last one came back with a wrong clock: its durations are those of the record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from unittest.mock import Mock

import pytest

from exomonitor.clock import Instant, ManualClock
from exomonitor.session import commands as cmd
from exomonitor.session import one_line
from exomonitor.session.entry import Entry, Event
from exomonitor.session.events import NoteAdded
from exomonitor.session.fold import fold
from exomonitor.session.machine_events import AlarmChanged, ClockJumped, MonitoringResumed
from exomonitor.session.one_line import moved, on_one_line, onto
from exomonitor.session.timing import progress
from tests.exomonitor.station_bench import CHAIR, do, run, station_on
from tests.exomonitor.test_forged_open_session import forge_with_hash
from tests.exomonitor.test_station import attach, infuse, prepared

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR_S = 3600.0


def at(seconds: float, boot: str, mono_s: float, wrong_s: float = 0.0) -> Instant:
    return Instant(NOON + timedelta(seconds=seconds + wrong_s), round(mono_s * 1e9), boot)


def journal(*told: tuple[Instant, Event]) -> list[Entry]:
    return [Entry(n, "s", n, when, "UTC", "u", "bay", event, f"{n}") for n, (when, event) in enumerate(told, 1)]


DOUBTED = journal(
    (at(0, "one", 500), NoteAdded("a")),
    (at(100, "one", 600), NoteAdded("b")),
    (at(130, "two", 7), MonitoringResumed(30, same_boot=False)),
    (at(200, "two", 77), NoteAdded("c")),
    (at(200, "two", 77.001, -HOUR_S), ClockJumped(-HOUR_S, at_start=True)),
    (at(200, "two", 77.001, -HOUR_S), MonitoringResumed(0.001, same_boot=False, known=False)),
    (at(260, "two", 137, -HOUR_S), NoteAdded("d")),
)


def test_moments_of_earlier_boots_lie_where_the_record_had_them():
    told = on_one_line(DOUBTED)
    assert [round(told[-1].at.since(entry.at)) for entry in told] == [260, 160, 130, 60, 60, 60, 0]
    assert [entry.at.utc for entry in told] == [entry.at.utc for entry in DOUBTED]
    assert list(on_one_line(told)) == list(told)


@pytest.mark.parametrize(("gap_s", "counted_s"), [(1.7e308, 31 * 86_400.0), (40 * 86_400.0, 31 * 86_400.0), (-9e9, 0)])
def test_no_gap_counts_for_longer_than_a_month_and_none_goes_back(gap_s, counted_s):
    told = on_one_line([*DOUBTED[:2], *journal((at(130, "two", 7), MonitoringResumed(gap_s, False))), *DOUBTED[3:]])
    assert told[-1].at.since(told[0].at) == pytest.approx(100 + counted_s + 130, abs=0.01)


def test_nor_one_that_only_the_wall_clock_tells_of():
    moved_on = [at(4e9, "two", 7), at(4e9 + 70, "two", 77)]
    events = NoteAdded("c"), ClockJumped(-HOUR_S, at_start=True)
    told = on_one_line([*DOUBTED[:2], *journal(*zip(moved_on, events, strict=True))])
    assert told[-1].at.since(told[1].at) == pytest.approx(31 * 86_400 + 70, abs=0.01)


def test_how_far_the_boots_lie_apart_is_counted_once_for_all_entries(monkeypatch):
    count = Mock(return_value={})
    monkeypatch.setattr(one_line, "_ahead", count)
    on_one_line(DOUBTED)
    count.assert_called_once_with(DOUBTED)


def test_where_no_start_was_doubted_nothing_is_touched():
    plain = DOUBTED[:4]
    assert on_one_line(plain) is plain


def test_an_older_session_of_another_boot_lies_by_what_the_newest_ones_record_knows():
    older = journal((at(-900, "zero", 100), NoteAdded("a")), (at(-600, "zero", 400), NoteAdded("b")))
    base = at(200, "two", 77)
    entries, left = onto(older, {"monitor": at(-590, "zero", 410)}, base)
    now = at(230, "two", 107, 730 * 86_400.0)
    assert [round(now.since(entry.at)) for entry in entries] == [1130, 830]
    assert round(now.since(left["monitor"])) == 820


def test_also_what_stands_inside_of_events():
    raised = AlarmChanged("spo2.low", "SpO2 low", "high", "pending", "active", at(50, "one", 550))
    placed = moved((raised, MappingProxyType({"x": [1]})), {"one": 10**9}, "two")
    assert placed[0].since == Instant(raised.since.utc, raised.since.mono_ns + 10**9, "two")
    assert placed[1] == {"x": [1]}


@pytest.mark.parametrize("ahead_s", [-HOUR_S, 2 * 365 * 86_400.0])
def test_a_clean_restart_and_then_one_with_a_wrong_clock(tmp_path: Path, clock: ManualClock, ahead_s: float):
    with station_on(tmp_path, clock) as station:
        attach(station)
        do(station, cmd.StartSession(CHAIR, prepared(station)))
        infuse(station, clock, 30)
    second = ManualClock(clock.now().plus(30).utc, "second boot", 10**9)
    with station_on(tmp_path, second) as station:
        station.resume()
        run(station, second, 2)
        before = station.latest().progress
    third = ManualClock(second.now().plus(ahead_s).utc, "third boot", 10**9)
    with station_on(tmp_path, third) as station:
        session = station.resume()
        run(station, third, 2)
        after = station.latest().progress
        entries = station.archive.entries(session)
    assert before is not None
    assert after is not None
    assert 0 <= after.elapsed_s - before.elapsed_s < 4
    assert 0 <= after.infusing_s - before.infusing_s < 4
    state = fold(entries)  # and so does whoever reads it later
    assert state is not None
    assert state.last_at is not None
    assert progress(state, state.last_at, None).elapsed_s == pytest.approx(after.elapsed_s, abs=2)


@pytest.mark.parametrize("gap_s", ["1e+300", "5184000.0"])
def test_after_a_forged_gap_a_session_that_infuses_is_watched_as_ever(tmp_path: Path, clock: ManualClock, gap_s: str):
    with station_on(tmp_path, clock) as station:
        attach(station)
        do(station, cmd.StartSession(CHAIR, prepared(station)))
        infuse(station, clock, 30)
    second = ManualClock(clock.now().plus(30).utc, "second boot", 10**9)
    with station_on(tmp_path, second) as station:
        station.resume()
        attach(station)
        infuse(station, second, 2)
    forged = f'{{"gap_s":{gap_s},"known":true,"same_boot":false}}'
    forge_with_hash(tmp_path, "MonitoringResumed", forged, "type = 'MonitoringResumed'")
    third = ManualClock(second.now().plus(-HOUR_S).utc, "third boot", 10**9)
    with station_on(tmp_path, third) as station:
        station.resume()
        run(station, third, 2)
        picture = station.latest()
        assert picture.progress is not None
        assert picture.progress.elapsed_s == pytest.approx(31 * 86_400 + 35, abs=5)
        assert {"clock", "set.+5"} <= {view.key for view in picture.alarms}
        assert len(picture.slots) < 1000
