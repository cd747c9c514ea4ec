"""What alarms come from, and what is seen and heard of them: heart, pressure, technical, relayed, the bar, restarts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exomonitor.alarms.manager import RestoredAlarm
from exomonitor.alarms.policy import AlarmState
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import HIGH, LOW, MEDIUM, Bedside

# --- heart rate -----------------------------------------------------------------------------------------------------


def test_a_heart_rate_that_the_pulse_contradicts_is_not_high(bed):
    for _ in range(31):
        bed.tell(Sign.PULSE, 80.0)
        bed.tell(Sign.HR, 140.0)
        bed.clock.advance(1.0)
    assert bed.standing("hr_high") == (AlarmState.ACTIVE, MEDIUM)
    assert bed.view("hr_sources").text == "HR sources differ: ECG 140, pulse 80"


def test_a_heart_rate_that_the_pulse_confirms_is_high(bed):
    for _ in range(16):
        bed.tell(Sign.PULSE, 135.0)
        bed.tell(Sign.HR, 140.0)
        bed.clock.advance(1.0)
    assert bed.standing("hr_high") == (AlarmState.ACTIVE, HIGH)


def test_the_pulse_stands_in_when_the_ecg_is_off(bed):
    for _ in range(11):
        bed.tell(Sign.HR, None, Validity.SENSOR_OFF)
        bed.tell(Sign.PULSE, 38.0)
        bed.clock.advance(1.0)
    assert bed.standing("hr_low") == (AlarmState.ACTIVE, HIGH)


def test_when_both_sources_are_gone_there_is_no_heart_rate(bed):
    bed.stream(Sign.HR, 44.0, 10)
    bed.tell(Sign.PULSE, None)
    assert bed.standing("hr_low") == (AlarmState.ACTIVE, MEDIUM)
    bed.tell(Sign.HR, None)
    assert bed.wait(10)[0].text.endswith("no value")


def test_a_stale_ecg_does_not_end_what_the_pulse_still_says(bed):
    bed.tell(Sign.HR, 44.0)
    bed.stream(Sign.PULSE, 44.0, 20)
    assert bed.manager.no_value(Sign.HR, bed.now) == []
    bed.stream(Sign.PULSE, 44.0, 10)
    assert bed.standing("hr_low") == (AlarmState.ACTIVE, MEDIUM)
    (change,) = bed.manager.no_value(Sign.PULSE, bed.now)
    assert change.text == "HR low 44 (limit 45): no value"
    assert bed.manager.no_value(Sign.PULSE, bed.now) == []


# --- pressure -------------------------------------------------------------------------------------------------------


def test_a_first_low_pressure_asks_for_a_second_which_confirms_it(bed):
    bed.tell(Sign.NIBP_SYS, 86.0)
    assert bed.view("nibp_sys_low").text == "SBP low 86 mmHg (limit 90): REPEAT NOW"
    assert bed.standing("nibp_sys_low") == (AlarmState.ACTIVE, MEDIUM)
    bed.wait(60)
    bed.tell(Sign.NIBP_SYS, 87.0)
    assert bed.view("nibp_sys_low").text == "SBP low 87 mmHg (limit 90), confirmed"
    assert bed.standing("nibp_sys_low") == (AlarmState.ACTIVE, HIGH)


def test_the_same_measurement_shown_again_is_not_a_second_one(bed):
    measured = bed.now
    for _ in range(20):
        bed.tell(Sign.NIBP_SYS, 86.0, measured_at=measured)
        bed.clock.advance(5.0)
    assert bed.standing("nibp_sys_low") == (AlarmState.ACTIVE, MEDIUM)


def test_a_low_pressure_that_is_not_repeated_becomes_high_after_two_minutes(bed):
    bed.tell(Sign.NIBP_SYS, 86.0)
    bed.wait(119.9)
    assert bed.standing("nibp_sys_low") == (AlarmState.ACTIVE, MEDIUM)
    bed.wait(0.1)
    assert bed.view("nibp_sys_low").text == "SBP low 86 mmHg (limit 90), NOT REPEATED"


def test_a_normal_second_pressure_ends_it(bed):
    bed.tell(Sign.NIBP_SYS, 86.0)
    bed.wait(60)
    bed.tell(Sign.NIBP_SYS, 104.0)
    assert bed.manager.views() == ()


def test_a_cuff_that_fails_leaves_the_last_pressure_standing(bed):
    bed.tell(Sign.NIBP_SYS, 86.0)
    bed.tell(Sign.NIBP_SYS, None, Validity.INVALID)
    bed.manager.no_value(Sign.NIBP_SYS, bed.now)
    assert bed.standing("nibp_sys_low") == (AlarmState.ACTIVE, MEDIUM)


def test_in_an_open_reaction_a_low_pressure_is_high_at_once(bed):
    bed.manager.set_reaction_open(True, bed.now)
    bed.tell(Sign.NIBP_SYS, 86.0)
    assert bed.standing("nibp_sys_low") == (AlarmState.ACTIVE, HIGH)


def test_a_typed_pressure_is_judged_like_a_measured_one(bed):
    bed.tell(Sign.NIBP_SYS, 86.0, origin=Origin.TYPED)
    assert bed.standing("nibp_sys_low") == (AlarmState.ACTIVE, MEDIUM)


def test_a_typed_value_needs_no_further_samples(bed):
    bed.tell(Sign.SPO2, 88.0, origin=Origin.TYPED)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, MEDIUM)
    bed.tell(Sign.RR, 26.0, origin=Origin.COUNTED)
    assert bed.standing("rr_high") == (AlarmState.ACTIVE, MEDIUM)


# --- technical and relayed ------------------------------------------------------------------------------------------


def test_a_technical_condition_waits_for_its_delay_and_may_be_repeated(bed):
    bed.technical("rate_differs", True, text="RATE DIFFERS", delay_s=60)
    bed.wait(30)
    bed.technical("rate_differs", True, text="RATE DIFFERS", delay_s=60)
    bed.wait(29.9)
    assert bed.manager.views() == ()
    bed.wait(0.1)
    assert bed.standing("rate_differs") == (AlarmState.ACTIVE, MEDIUM)
    assert bed.technical("rate_differs", True, text="RATE DIFFERS", delay_s=60) == []
    bed.technical("rate_differs", False)
    assert bed.manager.views() == ()
    assert bed.path("rate_differs") == ["pending", "active", "normal"]


def test_no_delay_fills_by_what_is_too_old_to_look_live_and_all_of_it_counts_when_it_is_told_anew(bed):
    until = bed.now.plus(50)
    bed.technical("rate_differs", True, delay_s=60, live_until=until)
    bed.wait(70)
    assert bed.manager.views() == ()
    bed.technical("rate_differs", True, delay_s=60, live_until=until)
    assert bed.manager.views() == ()
    bed.technical("rate_differs", True, delay_s=60, live_until=bed.now.plus(10))
    assert bed.standing("rate_differs") == (AlarmState.ACTIVE, MEDIUM)


def test_what_stands_goes_on_when_it_is_too_old_to_look_live(bed):
    bed.technical("rate_differs", True, delay_s=10, live_until=bed.now.plus(15))
    bed.wait(12)
    bed.wait(30)
    assert bed.standing("rate_differs") == (AlarmState.ACTIVE, MEDIUM)
    assert bed.path("rate_differs") == ["pending", "active"]


def test_a_technical_condition_may_become_more_urgent(bed):
    bed.technical("nibp_old", True, LOW, "NIBP 22 min old")
    bed.acknowledge()
    bed.technical("nibp_old", True, MEDIUM, "NIBP 31 min old")
    assert bed.standing("nibp_old") == (AlarmState.ACTIVE, MEDIUM)


def test_a_technical_condition_latches_when_it_is_said_to(bed):
    bed.technical("wrong_device", True, HIGH, "PUMP CHANGED", latching=True)
    bed.technical("wrong_device", False, HIGH, "PUMP CHANGED", latching=True)
    assert bed.standing("wrong_device") == (AlarmState.LATCHED, HIGH)


def relayed(bed, active, kind=AlarmKind.OCCLUSION_DOWNSTREAM, priority="unknown", **more):
    alarm = RelayedAlarm("pump", "1", "A12", kind, "Pressure high", priority, active, bed.now, **more)
    new = bed.manager.on_relayed(alarm, bed.now)
    bed.seen += new
    return new


@pytest.mark.parametrize(
    ("kind", "ranked", "priority"),
    [
        (AlarmKind.OCCLUSION_DOWNSTREAM, "low", MEDIUM),
        (AlarmKind.AIR_IN_LINE, "high", HIGH),
        (AlarmKind.KVO_ACTIVE, "low", MEDIUM),
        (AlarmKind.BATTERY_LOW, "low", LOW),
        (AlarmKind.OTHER, "unknown", MEDIUM),
        (AlarmKind.OTHER, "nonsense", MEDIUM),
    ],
)
def test_a_relayed_alarm_keeps_its_rank_but_never_below_what_it_means(bed, kind, ranked, priority):
    relayed(bed, True, kind, ranked)
    assert bed.standing("relayed:pump:1:A12") == (AlarmState.ACTIVE, priority)


def test_a_relayed_alarm_is_passed_on_in_its_own_words_and_ends_with_the_device(bed):
    relayed(bed, True)
    assert bed.manager.views()[0].text == "1: Pressure high"
    relayed(bed, False)
    assert bed.manager.views() == ()


def test_an_alarm_that_the_device_says_only_once_stays_until_acknowledged(bed):
    relayed(bed, True, latched=True)
    bed.wait(119)
    assert bed.manager.sound(bed.now) is MEDIUM
    bed.wait(481)
    assert bed.manager.sound(bed.now) is HIGH  # nobody answered: heard as the most urgent there is
    (change,) = bed.acknowledge()
    assert change.to_state is AlarmState.NORMAL
    assert bed.wait(1) == []


def test_a_relayed_asystole_latches(bed):
    relayed(bed, True, AlarmKind.OTHER, "high", physiological=True)
    relayed(bed, False, AlarmKind.OTHER, "high", physiological=True)
    assert bed.standing("relayed:pump:1:A12") == (AlarmState.LATCHED, HIGH)


def test_a_lost_link_takes_along_what_the_device_will_report_anew_and_keeps_what_it_said_only_once(bed):
    relayed(bed, True)
    relayed(bed, True, kind=AlarmKind.STALL, latched=True)
    bed.manager.forget_source("pump", bed.now, released=False)
    assert [view.text for view in bed.manager.views()] != []
    bed.acknowledge()
    bed.wait(1)
    assert bed.manager.views() == ()


def test_a_released_device_takes_its_reports_along(bed):
    relayed(bed, True)
    bed.technical("pump_lost", True)
    bed.manager.forget_source("pump", bed.now)
    assert [view.key for view in bed.manager.views()] == ["pump_lost"]


# --- the bar and the sound ------------------------------------------------------------------------------------------


def test_the_bar_is_sorted_by_urgency_then_by_who_has_not_been_seen_then_by_age(bed):
    bed.technical("a", True, LOW)
    bed.wait(1)
    bed.technical("b", True, MEDIUM)
    bed.wait(1)
    bed.technical("c", True, MEDIUM)
    bed.wait(1)
    bed.technical("d", True, HIGH)
    assert [v.key for v in bed.manager.views()] == ["d", "c", "b", "a"]
    bed.acknowledge("c")
    assert [v.key for v in bed.manager.views()] == ["d", "b", "c", "a"]


def test_only_the_most_urgent_sound_is_heard(bed):
    assert bed.manager.sound(bed.now) is None
    bed.technical("a", True, LOW)
    bed.technical("d", True, HIGH)
    assert bed.manager.sound(bed.now) is HIGH
    bed.acknowledge("d")
    assert bed.manager.sound(bed.now) is LOW


def test_an_audio_pause_lasts_two_minutes_and_cannot_be_prolonged(bed):
    bed.technical("b", True, LOW)
    until = bed.manager.pause_audio(bed.now)
    assert until.since(bed.now) == 120
    assert bed.manager.sound(bed.now) is None
    bed.wait(60)
    assert bed.manager.pause_audio(bed.now) == until
    bed.wait(59.9)
    assert bed.manager.sound(bed.now) is None
    bed.wait(0.1)
    assert bed.manager.audio_paused_until is None
    assert bed.manager.sound(bed.now) is LOW


def test_the_pause_ends_on_time_even_before_the_next_tick(bed):
    bed.technical("b", True, MEDIUM)
    bed.manager.pause_audio(bed.now)
    bed.clock.advance(120)
    assert bed.manager.sound(bed.now) is MEDIUM


def test_a_new_high_alarm_breaks_the_pause(bed):
    bed.technical("d", True, HIGH)
    bed.manager.pause_audio(bed.now)
    bed.wait(10)
    bed.technical("e", True, HIGH)
    assert bed.manager.audio_paused_until is None
    assert bed.manager.sound(bed.now) is HIGH


def test_a_more_urgent_alarm_breaks_the_pause(bed):
    bed.technical("a", True, LOW)
    bed.manager.pause_audio(bed.now)
    bed.wait(10)
    bed.technical("b", True, MEDIUM)
    assert bed.manager.sound(bed.now) is MEDIUM


def test_a_new_alarm_of_equal_priority_gives_one_burst_during_the_pause(bed):
    bed.technical("b", True, MEDIUM)
    bed.manager.pause_audio(bed.now)
    bed.wait(10)
    bed.technical("c", True, MEDIUM)
    assert bed.manager.sound(bed.now) is MEDIUM
    bed.wait(2)
    assert bed.manager.sound(bed.now) is None
    assert bed.manager.audio_paused_until is not None


# --- restart --------------------------------------------------------------------------------------------------------


def restored(state, key="spo2_low", priority=MEDIUM, **more):
    at = ManualClock(boot_id="before").now()
    return RestoredAlarm(key, state, priority, "SpO₂ low 80 % (limit 85)", at, "RN-1", **more)


def test_an_acknowledged_alarm_stays_acknowledged_after_a_restart():
    bed = Bedside([restored(AlarmState.ACKED)])
    bed.stream(Sign.SPO2, 88.0, 15)
    assert bed.standing("spo2_low") == (AlarmState.ACKED, MEDIUM)
    assert bed.view("spo2_low").acked_by == "RN-1"
    bed.stream(Sign.SPO2, 80.0, 10)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, HIGH)


def test_an_old_acknowledgement_does_not_cover_what_comes_after_a_normal_value():
    bed = Bedside([restored(AlarmState.ACKED), restored(AlarmState.ACKED, key="pump_lost")])
    bed.tell(Sign.SPO2, 97.0)
    bed.stream(Sign.SPO2, 88.0, 15)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, MEDIUM)
    bed.technical("pump_lost", False)
    bed.technical("pump_lost", True)
    assert bed.standing("pump_lost") == (AlarmState.ACTIVE, MEDIUM)


def test_a_high_alarm_that_nobody_had_seen_is_latched_after_a_restart():
    bed = Bedside([restored(AlarmState.ACTIVE, priority=HIGH, latching=True)])
    assert bed.standing("spo2_low") == (AlarmState.LATCHED, HIGH)
    bed.tell(Sign.SPO2, 97.0)
    assert bed.standing("spo2_low") == (AlarmState.LATCHED, HIGH)
    bed.acknowledge()
    assert bed.manager.views() == ()


def test_a_medium_alarm_from_before_a_restart_is_judged_anew():
    assert Bedside([restored(AlarmState.ACTIVE)]).manager.views() == ()


# --- limits ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.one_of(st.none(), st.floats(50, 100)), min_size=1, max_size=60))
@settings(max_examples=60)
def test_transitions_always_join_up(values):
    bed = Bedside()
    for value in values:
        bed.tell(Sign.SPO2, value)
        bed.wait(5)
    state = AlarmState.NORMAL
    for change in bed.seen:
        if change.key == "spo2_low":
            assert change.from_state is state
            state = change.to_state
    shown = bed.view("spo2_low")
    assert (shown.state if shown else None) == (state if state.shown else None)


@pytest.mark.parametrize("state", [AlarmState.ACTIVE, AlarmState.ACKED])
def test_a_sensor_that_was_off_when_the_program_stopped_is_an_alarm_again(state):
    old = RestoredAlarm("sensor_off_spo2", state, LOW, "SpO₂ SENSOR OFF", ManualClock().now())
    bed = Bedside(restored=(old,))
    bed.stream(Sign.SPO2, None, 10, validity=Validity.SENSOR_OFF)
    assert bed.standing("sensor_off_spo2") == (state, LOW)
