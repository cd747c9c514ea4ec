"""Conditions beside limits, in a whole engine: score, old pressure, damaged data, disk, mains, clock, typed values."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.alarms.views import cause_lines
from exomonitor.clock import Instant
from exomonitor.computer import Computer
from exomonitor.engine.alarm_watch import pressure_conditions
from exomonitor.engine.live import LiveState
from exomonitor.engine.reaction_watch import ReactionWatch
from exomonitor.session import commands as cmd
from exomonitor.session import machine_events as mv
from exomonitor.session.parts.alarm_limits import AlarmsSuppressed
from exomonitor.signals.links import LinkChange, LinkCounters, LinkState
from exomonitor.signals.pump import PumpStatus
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, PROTOCOL, Bench

LOW, MEDIUM, HIGH = Priority.LOW, Priority.MEDIUM, Priority.HIGH


def priority(bench: Bench, key: str) -> Priority | None:
    found = bench.alarm(key)
    return found.priority if found is not None else None


def text(bench: Bench, key: str) -> str:
    found = bench.alarm(key)
    return found.text if found is not None else ""


def record(bench: Bench, slot: str, **more: Any) -> None:
    changed = {
        name: more.pop(name) for name in tuple(more) if name in {"rr", "hr", "nibp_sys", "nibp_dia", "spo2", "temp"}
    }
    numbers = {"hr": "72", "spo2": "98", "rr": "14", "nibp_sys": "120", "nibp_dia": "70", "temp": "36.6"} | changed
    values = {name: cmd.ValueEntry(Decimal(one), "typed") for name, one in numbers.items() if one}
    bench.do(bench.set_of(slot, values=values, **more))
    bench.wait(1)


# --- the score of a completed set ------------------------------------------------------------------------------------


def test_a_score_alarms_on_a_complete_set_and_until_the_next_one(bench: Bench):
    bench.infusing(60)
    record(bench, "extra1", rr="22", hr="115", temp="38.2")
    assert (priority(bench, "news2"), text(bench, "news2")) == (MEDIUM, "NEWS2 5 (limit 5)")
    bench.wait(5)
    record(bench, "extra2")
    assert bench.alarm("news2") is None


def test_seven_points_are_high_and_latch(bench: Bench):
    bench.infusing(60)
    record(bench, "extra1", rr="25", hr="115", temp="38.2", spo2="95")
    assert (priority(bench, "news2"), text(bench, "news2")) == (
        HIGH, "3 in one parameter (RR 25): urgent review · NEWS2 7 (limit 7)",
    )  # fmt: skip
    bench.wait(5)
    record(bench, "extra2")
    found = bench.alarm("news2")
    assert found is not None
    assert found.state is AlarmState.LATCHED


def test_three_points_in_one_parameter_are_an_alarm(bench: Bench):
    bench.infusing(60)
    record(bench, "extra1", hr="38")
    assert (priority(bench, "news2"), text(bench, "news2")) == (
        MEDIUM, "3 in one parameter (HR 38): urgent review · NEWS2 3",
    )  # fmt: skip


@pytest.mark.parametrize("missing", ["temp", "rr"])
def test_an_incomplete_set_neither_alarms_nor_ends_one(bench: Bench, missing: str):
    bench.infusing(60)
    record(bench, "extra1", hr="38", **{missing: ""})
    assert bench.alarm("news2") is None


def test_a_low_pressure_and_the_score_of_it_are_one_line(bench: Bench):
    bench.infusing(60)
    record(bench, "extra1", nibp_sys="85", nibp_dia="50")
    lines = cause_lines(bench.snapshot.alarms)
    line = next(line for line in lines if line.head.key == "nibp_sys_low")
    assert [part.key for part in line.parts] == ["news2"]


# --- typed and counted values ----------------------------------------------------------------------------------------


def test_a_typed_low_pressure_alarms_like_a_measured_one(bench: Bench):
    bench.infusing(60)
    record(bench, "extra1", nibp_sys="85", nibp_dia="55")
    assert text(bench, "nibp_sys_low") == "SBP low 85 mmHg (limit 90): REPEAT NOW"
    bench.wait(120)
    assert priority(bench, "nibp_sys_low") is HIGH
    record(bench, "extra2")
    assert bench.snapshot.alarms[0].state is AlarmState.LATCHED


def test_a_typed_value_does_not_contradict_a_monitor_that_speaks(bench: Bench):
    bench.infusing(60)
    bench.vital(Sign.SPO2, 97.0)
    record(bench, "extra1", spo2="84")
    assert bench.alarm("spo2_low") is None


def test_a_late_set_says_nothing_of_now(bench: Bench):
    bench.infusing(900)
    record(bench, "extra1", nibp_sys="85", observed=bench.now.plus(-620))
    assert bench.alarm("nibp_sys_low") is None


# --- pressure --------------------------------------------------------------------------------------------------------


def test_an_old_pressure_is_low_and_then_medium_and_shows_its_age(bench: Bench):
    bench.infusing(60)
    bench.vital(Sign.NIBP_SYS, 118.0)
    bench.vital(Sign.NIBP_DIA, 72.0)
    bench.infuse(22.5 * 60, 100.0, step_s=5.0)
    assert bench.alarm("nibp.old") is None
    bench.infuse(10, 100.0, step_s=5.0)
    assert (priority(bench, "nibp.old"), text(bench, "nibp.old")) == (LOW, "BP 118/72, 22 min old - measure again")
    bench.infuse(7.5 * 60, 100.0, step_s=5.0)
    assert priority(bench, "nibp.old") is MEDIUM
    bench.vital(Sign.NIBP_SYS, 119.0)
    bench.wait(1)
    assert bench.alarm("nibp.old") is None


def test_a_typed_pressure_is_a_pressure(bench: Bench):
    bench.infusing(60)
    bench.vital(Sign.NIBP_SYS, 118.0)
    bench.infuse(22.5 * 60, 100.0, step_s=5.0)
    record(bench, "extra1")
    bench.infuse(20, 100.0, step_s=5.0)
    assert bench.alarm("nibp.old") is None


def test_an_old_pressure_is_told_with_what_was_typed_last(bench: Bench):
    bench.infusing(60)
    bench.vital(Sign.NIBP_SYS, 118.0)
    bench.vital(Sign.NIBP_DIA, 72.0)
    bench.infuse(60, 100.0, step_s=5.0)
    record(bench, "extra1")
    bench.infuse(22.5 * 60, 100.0, step_s=5.0)
    assert text(bench, "nibp.old") == "BP 120/70, 22 min old - measure again"


@pytest.mark.parametrize("validity", [Validity.INVALID, Validity.UNAVAILABLE, Validity.SENSOR_OFF])
def test_a_cuff_that_fails_or_is_unplugged_makes_the_last_pressure_no_younger(bench: Bench, validity: Validity):
    """It once ended the alarm: no number any more was taken for nothing to be old."""
    bench.infusing(60)
    bench.vital(Sign.NIBP_SYS, 118.0)
    bench.vital(Sign.NIBP_DIA, 72.0)
    bench.infuse(35 * 60, 100.0, step_s=5.0)
    bench.vital(Sign.NIBP_SYS, None, validity=validity)
    bench.vital(Sign.NIBP_DIA, None, validity=validity)
    bench.wait(5)
    assert priority(bench, "nibp.old") is MEDIUM
    assert text(bench, "nibp.old") == "BP 118/72, 35 min old - measure again"


def test_a_session_that_the_monitor_gave_no_pressure_is_told_as_well(bench: Bench):
    bench.infusing(60)
    bench.infuse(21 * 60, 100.0, step_s=5.0)
    assert bench.alarm("nibp.old") is None
    bench.infuse(60, 100.0, step_s=5.0)
    assert (priority(bench, "nibp.old"), text(bench, "nibp.old")) == (LOW, "BP 120/70, 23 min old - measure again")


@pytest.mark.parametrize(("minutes", "found"), [(22, None), (23, LOW), (60, MEDIUM)])
def test_no_pressure_at_all_is_old_from_the_start_of_the_infusion(bench: Bench, minutes: int, found: Priority | None):
    bench.infusing(1)
    session = bench.snapshot.session
    assert session is not None
    assert session.started is not None
    never = replace(session, observations={})
    old = next(
        one
        for one in pressure_conditions(
            never, LiveState(), ReactionWatch(), PROTOCOL.schedule, PROTOCOL.alarm_settings,
            session.started.plus(minutes * 60),
        )
        if one.key == "nibp.old"
    )  # fmt: skip
    assert (old.active, old.text) == (found is not None, f"NO BP for {minutes} min - measure one")
    assert found is None or old.priority is found


def test_a_pressure_of_before_the_session_is_no_pressure_of_this_patient(bench: Bench):
    bench.bind("monitor")
    bench.vital(Sign.NIBP_SYS, 118.0)
    bench.vital(Sign.NIBP_DIA, 72.0)
    bench.wait(300)
    bench.infusing(60)
    bench.infuse(23 * 60, 100.0, step_s=5.0)
    assert text(bench, "nibp.old").startswith("BP 120/70")


def test_a_cuff_that_failed_is_told(bench: Bench):
    bench.infusing(60)
    bench.vital(Sign.NIBP_SYS, 118.0)
    bench.vital(Sign.NIBP_SYS, None, validity=Validity.INVALID)
    bench.wait(3)
    assert bench.alarm("nibp.failed") is None
    bench.wait(1)
    assert priority(bench, "nibp.failed") is LOW


@pytest.mark.parametrize(
    ("validity", "fails"),
    [(Validity.INVALID, True), (Validity.ARTIFACT, True), (Validity.UNAVAILABLE, False), (Validity.SENSOR_OFF, False)],
)
def test_the_first_measurement_of_a_cuff_may_fail_too(bench: Bench, validity: Validity, fails: bool):
    bench.infusing(60)
    bench.vital(Sign.NIBP_SYS, None, validity=validity)
    bench.wait(1)
    bench.wait(4)
    assert (bench.alarm("nibp.failed") is not None) is fails


# --- damaged data ----------------------------------------------------------------------------------------------------


def counters(bench: Bench, good: int, bad: int, source: str = "monitor") -> None:
    counted = LinkCounters(frames_ok=good, frames_bad={"checksum": bad})
    bench.hear(LinkChange(source, LinkState.TALKING, "receiving", bench.now, counters=counted))


@pytest.mark.parametrize(
    ("good", "bad", "alarms"), [(10, 5, True), (10, 4, False), (60, 5, False), (36, 4, False), (45, 5, True)]
)
def test_many_bad_frames_within_a_minute_are_an_alarm(bench: Bench, good: int, bad: int, alarms: bool):
    bench.infusing(60)
    counters(bench, 100, 3)
    bench.wait(30)
    counters(bench, 100 + good, 3 + bad)
    bench.wait(1)
    assert (bench.alarm("monitor.errors") is not None) is alarms
    if alarms:
        expected = f"MONITOR DATA DAMAGED - {bad} of {good + bad} messages in a minute - look at the patient"
        assert text(bench, "monitor.errors") == expected


def test_bad_frames_of_long_ago_and_of_another_link_do_not_count(bench: Bench):
    bench.infusing(60)
    counters(bench, 100, 0)
    bench.wait(30)
    counters(bench, 110, 9)
    bench.wait(61)
    counters(bench, 200, 9)
    bench.wait(2)
    assert bench.alarm("monitor.errors") is None
    counters(bench, 5, 0)
    counters(bench, 8, 2)
    bench.wait(1)
    assert bench.alarm("monitor.errors") is None


# --- this computer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("free", "found"), [(499, MEDIUM), (500, None), (None, None)])
def test_a_disk_that_is_nearly_full_is_told(bench: Bench, free: int | None, found: Priority | None):
    bench.engine.set_computer(Computer(free_mb=free))
    bench.wait(1)
    assert priority(bench, "disk") is found
    if found:
        assert text(bench, "disk") == "DISK NEARLY FULL 499 MB left (limit 500)"


@pytest.mark.parametrize(
    ("mains", "percent", "found"),
    [
        (True, 5, None),
        (None, 5, None),
        (False, None, LOW),
        (False, 20, LOW),
        (False, 19, MEDIUM),
        (False, 10, MEDIUM),
        (False, 9, HIGH),
    ],
)
def test_mains_and_battery_of_this_computer(
    bench: Bench, mains: bool | None, percent: int | None, found: Priority | None
):
    bench.infusing(60)
    bench.engine.set_computer(Computer(on_mains=mains, battery_percent=percent))
    bench.wait(1)
    assert priority(bench, "computer.mains") is found


def test_a_clock_that_jumps_is_an_alarm_that_somebody_must_see(bench: Bench):
    bench.infusing(60)
    now = bench.now.plus(1)
    bench.engine.tick(Instant(now.utc + timedelta(hours=1), now.mono_ns, now.boot_id))
    assert (priority(bench, "clock"), text(bench, "clock")) == (
        MEDIUM, "CLOCK CHANGED by +1 h - look at the times in the record",
    )  # fmt: skip
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    assert bench.alarm("clock") is None


def test_what_nobody_has_seen_yet_is_not_acknowledged(bench: Bench):
    """The key was pressed for another alarm, or while this one came."""
    bench.infusing(60)
    hold(bench, 84.0, 45)
    bench.do(cmd.Acknowledge(CHAIR, bench.by, seen=("pump.lost",)))
    bench.do(cmd.Acknowledge(CHAIR, bench.by, seen=()))
    assert bench.snapshot.why_silent["spo2_low"] == ""
    bench.do(cmd.Acknowledge(CHAIR, bench.by, seen=("pump.lost", "spo2_low")))
    assert bench.snapshot.why_silent["spo2_low"].startswith("Acknowledged by Nurse Example at ")


# --- the picture and the record --------------------------------------------------------------------------------------


def hold(bench: Bench, value: float, seconds: int) -> None:
    for _ in range(seconds):
        bench.clock.advance(1)
        bench.counter += 100 / 3600
        bench.pump(PumpStatus.INFUSING, 100.0)
        bench.vital(Sign.SPO2, value)
        bench.tick()


def test_the_picture_says_why_each_is_silent_by_whom_and_whether_it_escalates(bench: Bench):
    bench.infusing(60)
    hold(bench, 84.0, 45)
    assert bench.snapshot.audio.escalated
    assert bench.snapshot.why_silent["spo2_low"] == ""
    bench.do(cmd.Acknowledge(CHAIR, bench.by, "spo2_low"))
    assert not bench.snapshot.audio.escalated
    assert bench.snapshot.why_silent["spo2_low"].startswith("Acknowledged by Nurse Example at ")


def test_an_escalation_is_in_the_record_and_counts_as_no_new_alarm(bench: Bench):
    bench.infusing(60)
    hold(bench, 84.0, 45)
    bench.tick()
    told = [e for e in bench.events(mv.AlarmChanged) if e.key == "spo2_low"]
    assert [(e.to_state, e.escalated) for e in told][-1] == ("active", True)
    assert told[0].delay_s == 10
    assert bench.state.alarms_raised["high"] == 1


def test_what_was_suppressed_is_counted_and_told_once_a_minute(bench: Bench):
    bench.infusing(60)
    for _ in range(3):
        hold(bench, 89.0, 5)
        hold(bench, 97.0, 5)
    assert bench.events(AlarmsSuppressed) == []
    hold(bench, 97.0, 60)
    (told,) = bench.events(AlarmsSuppressed)
    assert told.counts == {"spo2_low": 3}
    assert bench.replayed().alarm_limits.suppressed == {"spo2_low": 3}
