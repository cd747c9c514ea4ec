"""Instants: durations by the monotonic clock within a boot, by UTC across boots; zones are never guessed."""

from __future__ import annotations

import errno
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clock import (
    Instant,
    ManualClock,
    SystemClock,
    in_zone,
    iso_utc,
    local_day,
    parse_utc,
    zone,
    zone_name,
    zone_or_fail,
)
from exomonitor.exports.local_time import local_clock

DST = json.loads((Path(__file__).parent / "clinical" / "vectors.json").read_text(encoding="utf-8"))["dst"]
MARCH = datetime(2026, 3, 8, 6, 45, tzinfo=UTC)


def test_within_a_boot_the_wall_clock_does_not_count():
    assert Instant(MARCH - timedelta(hours=3), 5_000_000_000, "a").since(Instant(MARCH, 1_000_000_000, "a")) == 4.0


def test_across_boots_only_utc_counts():
    assert Instant(MARCH + timedelta(seconds=30), 1, "b").since(Instant(MARCH, 9_000_000_000, "a")) == 30.0


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_what_is_added_is_what_has_passed(first: float, second: float):
    start = ManualClock().now()
    assert start.plus(first).plus(second).since(start) == pytest.approx(first + second, abs=1e-6)


@given(st.integers(0, 10**12))
def test_a_written_instant_is_read_back(milliseconds: int):
    moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    assert parse_utc(iso_utc(moment)) == moment


def test_other_zones_are_written_as_utc_and_none_is_refused():
    assert iso_utc(datetime(2026, 3, 8, 1, 45, tzinfo=timezone(timedelta(hours=-5)))) == "2026-03-08T06:45:00.000Z"
    with pytest.raises(ValueError, match="no time zone"):
        parse_utc("2026-03-08T06:45:00")


@given(st.integers(0, 4 * 10**15), st.integers(-14, 14))
def test_a_written_instant_has_its_milliseconds_cut_off_wherever_the_clock_hung(microseconds: int, hours: int):
    moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    here = moment.astimezone(timezone(timedelta(hours=hours)))
    assert iso_utc(here) == moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{microseconds // 1000 % 1000:03d}Z"


def test_a_change_to_summer_time_moves_no_duration():
    """clinical.md 2.7: New York 01:45-05:00 to 03:30-04:00 is 45 minutes, not 1:45."""
    before = parse_utc("2026-03-08T01:45:00-05:00")
    assert parse_utc("2026-03-08T03:30:00-04:00") - before == timedelta(minutes=45)


@pytest.mark.parametrize("change", ["spring", "fall"])
def test_the_reference_changes_of_the_hour(change: str):
    """The same zone on both sides: Python subtracts the wall clocks; UTC does not."""
    told = DST[change]
    start, end = (datetime.fromisoformat(told[name]) for name in ("start", "end"))
    here = [moment.astimezone(zone(DST["tz"])) for moment in (start, end)]
    assert (here[1] - here[0]) == timedelta(minutes=told["naive_same_tzinfo_subtraction_min"])
    first, second = (Instant(parse_utc(told[name]), n, f"boot {n}") for n, name in enumerate(("start", "end")))
    assert second.since(first) == told["true_min"] * 60


@pytest.mark.parametrize("name", ["UTC+99:99", "UTC-24:00", "No/Where", "../x", "Europe", "x" * 300, "\0"])
def test_a_zone_that_is_none_is_utc(name: str):
    assert zone(name) is UTC


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.EIO])
def test_a_zone_that_cannot_be_read_for_a_moment_is_told_and_not_taken_for_utc_from_then_on(
    monkeypatch, caplog, number: int
):
    zone_or_fail.cache_clear()
    with monkeypatch.context() as harm:
        harm.setattr("zoneinfo.ZoneInfo", lambda _: (_ for _ in ()).throw(OSError(number, "not now")))
        with pytest.raises(OSError, match="not now"):
            zone_or_fail("Europe/Berlin")
        with pytest.raises(OSError, match="not now"):
            local_clock(MARCH, "Europe/Berlin")
        assert in_zone(MARCH, "Europe/Berlin").utcoffset() == timedelta(0)
        assert in_zone(MARCH, "Europe/Berlin") == MARCH
        assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert in_zone(MARCH, "Europe/Berlin").utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize(
    ("utc", "name"),
    [
        (datetime.max.replace(tzinfo=UTC), "Pacific/Kiritimati"),
        (datetime.max.replace(tzinfo=UTC), "UTC+01:00"),
        (datetime.min.replace(tzinfo=UTC), "America/Los_Angeles"),
    ],
)
def test_where_a_zone_leads_out_of_the_calendar_the_moment_stays_in_utc(utc: datetime, name: str):
    assert in_zone(utc, name) == utc
    assert local_day(Instant(utc, 0, "a"), name) == utc.date()


def test_simulated_time_stands_until_it_is_moved_and_never_runs_backwards(clock: ManualClock):
    assert clock.now() == clock.now()
    assert clock.advance(1.5).since(ManualClock().now()) == 1.5
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


def test_a_step_of_the_wall_leaves_the_monotonic_clock(clock: ManualClock):
    before = clock.now()
    after = clock.step_wall(-3600)
    assert after.since(before) == 0
    assert after.utc - before.utc == timedelta(hours=-1)


def test_the_machine_s_clock_is_utc_and_goes_on():
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.utc.tzinfo is UTC
    assert second.since(first) >= 0
    assert first.boot_id == SystemClock().now().boot_id or first.boot_id
    assert zone_name()
