"""W12: what runs again by itself after the program was killed in mid-infusion, and what never comes back."""

from __future__ import annotations

import pytest

from exomonitor.alarms.policy import AlarmState
from exomonitor.clinical.observations import SlotStatus
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.parts.alarm_limits import SetAlarmLimits
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, Bench

GONE_S = 30.0


def low_saturation(bench: Bench, seconds: int = 20) -> None:
    for _ in range(seconds):
        bench.clock.advance(1)
        bench.vital(Sign.SPO2, 80.0)
        bench.tick()


def spo2_alarm(bench: Bench) -> AlarmState | None:
    return next((one.state for one in bench.snapshot.alarms if one.key.startswith("spo2")), None)


def test_within_ten_seconds_vitals_timer_and_alarms_run_though_nobody_has_signed_in_or_answered(bench: Bench):
    bench.infusing(600)
    elapsed = bench.progress.elapsed_s
    later = bench.after_restart(GONE_S, signed_in=False)
    launched = later.now
    later.bind("pump", "monitor")
    low_saturation(later, 8)
    assert later.now.since(launched) <= 10
    assert later.snapshot.staff_id == ""
    assert later.snapshot.resume_offer != ""
    assert later.snapshot.vitals[Sign.SPO2].reading.value == 80.0
    assert later.progress.elapsed_s == pytest.approx(elapsed + GONE_S + 8, abs=1.5)
    low_saturation(later, 12)
    assert spo2_alarm(later) is AlarmState.ACTIVE
    assert later.snapshot.audio.sounding is not None


def test_the_question_is_no_gate_what_happens_is_recorded_while_it_stands(bench: Bench):
    bench.infusing(600)
    later = bench.after_restart(GONE_S, signed_in=False)
    later.do(cmd.OpenReaction(CHAIR, ""))
    assert later.state.open_reaction is not None
    assert later.snapshot.resume_offer == "Still DEMO-EXAMPLE, Jane in chair 4?"


def test_an_audio_pause_never_survives(bench: Bench):
    bench.infusing(60)
    low_saturation(bench)
    assert spo2_alarm(bench) is AlarmState.ACTIVE
    bench.do(cmd.PauseAudio(CHAIR, bench.by))
    bench.tick()
    assert bench.snapshot.audio.paused_until is not None
    assert bench.snapshot.audio.sounding is None
    later = bench.after_restart(5)
    later.bind("monitor")
    low_saturation(later)
    assert later.snapshot.audio.paused_until is None
    assert later.snapshot.audio.sounding is not None


def test_what_was_acknowledged_is_not_asked_again(bench: Bench):
    bench.infusing(60)
    low_saturation(bench)
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    bench.tick()
    assert spo2_alarm(bench) is AlarmState.ACKED
    later = bench.after_restart(5)
    later.bind("monitor")
    low_saturation(later)
    assert spo2_alarm(later) is AlarmState.ACKED


def test_the_patients_own_limits_stand_again(bench: Bench):
    bench.infusing(60)
    bench.do(SetAlarmLimits(CHAIR, bench.by, {"hr_low": 42}, "DEMO: a runner, always slow", bench.proof(NURSE)))
    bench.tick()
    before = bench.snapshot.limits_changed
    assert [(one.key, one.limit) for one in before] == [("hr_low", 42)]
    later = bench.after_restart(GONE_S)
    later.bind("monitor")
    for _ in range(30):
        later.clock.advance(1)
        later.vital(Sign.HR, 46.0)
        later.tick()
    assert later.snapshot.limits_changed == before
    assert not [one for one in later.snapshot.alarms if one.key == "hr_low"]


def test_the_pumps_own_total_bridges_the_time_without_the_program(bench: Bench):
    bench.infusing(600)
    later = bench.after_restart(300)
    later.bind("pump", "monitor")
    later.counter += 300 / 36
    later.infuse(2, 100.0)
    assert later.progress.delivered_by == "pump"
    assert later.progress.delivered_ml == pytest.approx(902 / 36, abs=0.1)
    assert not later.events(ev.ProductEnded)


def test_sets_that_fell_into_the_time_without_the_program_are_listed(bench: Bench):
    bench.infusing(100)
    later = bench.after_restart(40 * 60)
    lapsed = {one.slot.key for one in later.snapshot.slots if one.status in {SlotStatus.LATE, SlotStatus.MISSED}}
    assert {"+5", "+10", "+15", "+30"} <= lapsed, [(one.slot.key, one.status) for one in later.snapshot.slots]
