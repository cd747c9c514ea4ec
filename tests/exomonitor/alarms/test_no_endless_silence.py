"""Nothing that nobody has acknowledged is silent for good: not as a part of an event, by getting worse or by pauses."""

import pytest

from exomonitor.alarms.manager import PauseRefused, RestoredAlarm
from exomonitor.alarms.policy import AlarmState
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import HIGH, LOW, MEDIUM, Bedside

ACTIVE, ACKED, LATCHED = AlarmState.ACTIVE, AlarmState.ACKED, AlarmState.LATCHED


def hms(instant):
    return f"{instant.utc.astimezone():%H:%M:%S}"


def part(bed, key, active=True, priority=MEDIUM, **more):
    return bed.technical(key, active, priority, key, group="circulation", **more)


# --- part of an event ------------------------------------------------------------------------------------------------


def test_a_high_alarm_is_never_quiet_because_another_of_its_event_was_acknowledged(bed):
    bed.tell(Sign.NIBP_SYS, 78.0)
    bed.acknowledge()
    bed.wait(90)
    part(bed, "anaphylaxis", priority=HIGH, latching=True)
    assert not bed.view("anaphylaxis").quiet
    bed.wait(3)
    assert bed.sound() is HIGH
    bed.wait(27)
    assert bed.view("anaphylaxis").escalated
    assert [one.key for one in bed.manager.unanswered(bed.now, 30)] == ["anaphylaxis"]


def test_a_high_part_of_an_acknowledged_event_breaks_the_pause(bed):
    bed.tell(Sign.NIBP_SYS, 78.0)
    bed.acknowledge()
    bed.manager.pause_audio(bed.now)
    bed.wait(5)
    part(bed, "anaphylaxis", priority=HIGH, latching=True)
    assert (bed.sound(), bed.manager.audio_paused_until) == (HIGH, None)


def test_a_quiet_part_sounds_when_what_covered_it_is_over_and_then_has_its_time(bed):
    part(bed, "a")
    bed.acknowledge()
    bed.wait(60)
    part(bed, "b")
    bed.wait(300)
    assert (bed.view("b").quiet, bed.sound()) == (True, None)
    part(bed, "a", active=False)
    assert (bed.view("b").quiet, bed.view("b").raised_at, bed.sound()) == (False, bed.now, MEDIUM)
    bed.wait(119)
    assert not bed.view("b").escalated
    bed.wait(1)
    assert bed.view("b").escalated
    again = [t for t in bed.seen if t.key == "b" and t.from_state is ACTIVE]
    assert len(again) == 2  # by itself, then escalated: both are in the record


def test_a_quiet_part_sounds_when_what_covered_it_is_a_vital_sign_that_recovers(bed):
    bed.tell(Sign.NIBP_SYS, 84.0)
    bed.acknowledge()
    bed.wait(20)
    part(bed, "news2")
    bed.wait(20)
    assert bed.view("news2").quiet
    bed.tell(Sign.NIBP_SYS, 110.0)
    assert (bed.view("nibp_sys_low"), bed.view("news2").quiet, bed.sound()) == (None, False, MEDIUM)


def test_a_quiet_part_is_its_own_alarm_when_what_covered_it_sounds_again_or_is_less_urgent(bed):
    part(bed, "a", priority=HIGH)
    bed.acknowledge()
    part(bed, "b")
    bed.wait(180)
    assert (bed.standing("a"), bed.view("b").quiet) == ((ACTIVE, HIGH), False)
    bed.acknowledge()
    assert (bed.standing("a"), bed.standing("b")) == ((ACKED, HIGH), (ACKED, MEDIUM))


def test_a_quiet_part_that_is_uncovered_breaks_a_pause_of_something_less_urgent(bed):
    part(bed, "a")
    bed.acknowledge()
    part(bed, "b")
    bed.wait(5)
    bed.technical("c", True, LOW)
    bed.manager.pause_audio(bed.now)
    bed.wait(5)
    part(bed, "a", active=False)
    assert (bed.sound(), bed.manager.audio_paused_until) == (MEDIUM, None)


# --- how long it was on ----------------------------------------------------------------------------------------------


def test_a_long_alarm_that_got_worse_at_its_end_is_held_with_sound(bed):
    bed.stream(Sign.SPO2, 88.0, 600)
    bed.stream(Sign.SPO2, 83.0, 25)
    assert bed.standing("spo2_low") == (ACTIVE, HIGH)
    bed.tell(Sign.SPO2, 97.0)
    assert (bed.standing("spo2_low"), bed.view("spo2_low").visual_only) == ((LATCHED, HIGH), False)
    assert "was on" not in bed.view("spo2_low").text
    assert "less than 30 s" not in bed.why("spo2_low")
    assert bed.sound() is HIGH


def test_an_acknowledged_alarm_that_sounded_again_and_clears_at_once_is_held_with_sound(bed):
    bed.stream(Sign.SPO2, 83.0, 15)
    bed.acknowledge()
    bed.stream(Sign.SPO2, 83.0, 190)
    assert bed.standing("spo2_low") == (ACTIVE, HIGH)
    bed.tell(Sign.SPO2, 97.0)
    assert (bed.standing("spo2_low"), bed.view("spo2_low").visual_only) == ((LATCHED, HIGH), False)


def test_a_long_one_that_nobody_saw_is_no_mark_after_it_came_back_for_a_moment(bed):
    bed.stream(Sign.SPO2, 83.0, 300)
    bed.tell(Sign.SPO2, 97.0)
    bed.stream(Sign.SPO2, 83.0, 15)
    assert bed.standing("spo2_low") == (ACTIVE, HIGH)
    bed.tell(Sign.SPO2, 97.0)
    assert not bed.view("spo2_low").visual_only
    assert bed.sound() is HIGH


def test_a_short_one_that_got_worse_is_a_mark_with_all_its_time(bed):
    bed.stream(Sign.SPO2, 88.0, 16)
    begun = bed.view("spo2_low").raised_at
    bed.stream(Sign.SPO2, 83.0, 14)
    assert bed.standing("spo2_low") == (ACTIVE, HIGH)
    bed.tell(Sign.SPO2, 97.0)
    assert bed.view("spo2_low").visual_only
    assert bed.view("spo2_low").text.endswith(f"was on {hms(begun)}-{hms(bed.now)}")
    assert f"(on {hms(begun)}-{hms(bed.now)})" in bed.why("spo2_low")


def test_a_high_one_that_ends_because_the_patient_leaves_the_chair_did_not_clear_by_itself(bed):
    bed.stream(Sign.SPO2, 83.0, 20)
    bed.manager.set_away(True, bed.now)
    assert (bed.standing("spo2_low"), bed.view("spo2_low").visual_only) == ((LATCHED, HIGH), False)


def test_after_a_restart_a_mark_still_says_when_it_was_signalled_and_not_when_the_limit_was_crossed():
    now = Bedside().now
    old = RestoredAlarm(
        "spo2_low", LATCHED, HIGH, "SpO₂ low 83 % (limit 85)", now, visual_only=True, over=now.plus(22),
        begun=now.plus(10),
    )  # fmt: skip
    bed = Bedside(restored=(old,))
    assert bed.view("spo2_low").text.endswith(f"was on {hms(now.plus(10))}-{hms(now.plus(22))}")


def test_after_a_restart_an_acknowledged_alarm_has_been_on_since_it_was_signalled():
    now = Bedside().now
    old = RestoredAlarm("spo2_low", ACKED, HIGH, "SpO₂ low 83 % (limit 85)", now, "RN", begun=now.plus(-170))
    bed = Bedside(restored=(old,))
    bed.stream(Sign.SPO2, 83.0, 12)
    assert bed.standing("spo2_low") == (ACKED, HIGH)
    (condition,) = bed.manager.picture(bed.now).conditions
    assert condition.begun_at == now.plus(-170)


# --- getting worse ---------------------------------------------------------------------------------------------------


def test_an_escalated_alarm_that_gets_worse_stays_escalated(bed):
    bed.technical("a", True)
    bed.wait(120)
    assert bed.manager.is_escalated(bed.now)
    (change,) = bed.technical("a", True, HIGH)
    assert (change.priority, change.escalated) == (HIGH, True)
    assert (bed.view("a").escalated, bed.manager.is_escalated(bed.now)) == (True, True)
    bed.acknowledge()
    assert not bed.view("a").escalated


# --- pauses ----------------------------------------------------------------------------------------------------------


def test_a_pause_holds_escalation_back_but_is_no_acknowledgement(bed):
    bed.technical("a", True, HIGH)
    bed.wait(10)
    bed.manager.pause_audio(bed.now)
    bed.wait(119.9)
    assert (bed.view("a").escalated, bed.sound()) == (False, None)
    bed.wait(0.1)
    assert (bed.view("a").escalated, bed.sound()) == (True, HIGH)


@pytest.mark.parametrize("priority", [HIGH, MEDIUM])
@pytest.mark.parametrize("late_s", [0.0, 0.25])
def test_what_had_its_pause_and_is_not_acknowledged_cannot_be_paused_again(bed, priority, late_s):
    bed.technical("a", True, priority, "SpO₂ low 83 %")
    bed.wait(1)
    until = bed.manager.pause_audio(bed.now)
    bed.clock.advance(until.since(bed.now) + late_s)  # before anything has looked at the clock
    with pytest.raises(PauseRefused, match="paused for “SpO₂ low 83 %” already: acknowledge it"):
        bed.manager.pause_audio(bed.now)
    assert bed.sound() is priority
    bed.wait(0)
    assert bed.manager.is_escalated(bed.now)
    bed.acknowledge()
    bed.technical("b", True, priority)
    assert bed.manager.pause_audio(bed.now) == bed.now.plus(120)


def test_pressing_the_pause_for_two_hours_leaves_a_high_alarm_silent_for_two_minutes(bed):
    bed.technical("a", True, HIGH)
    silent = 0
    for _ in range(7200):
        try:
            bed.manager.pause_audio(bed.now)
        except PauseRefused:
            assert bed.view("a").escalated
        bed.wait(1)
        silent += bed.sound() is None
    assert silent <= 120
    assert [one.key for one in bed.manager.unanswered(bed.now, 60)] == ["a"]


def test_whoever_comes_late_may_pause_an_escalated_alarm_once(bed):
    bed.technical("a", True, HIGH)
    bed.wait(40)
    bed.manager.pause_audio(bed.now)
    bed.wait(1)
    assert (bed.sound(), bed.manager.is_escalated(bed.now)) == (None, False)
    bed.wait(119)
    assert (bed.sound(), bed.manager.is_escalated(bed.now)) == (HIGH, True)


def test_a_low_alarm_may_be_paused_again(bed):
    bed.technical("a", True, LOW)
    for _ in range(3):
        bed.manager.pause_audio(bed.now)
        bed.wait(120)
    assert bed.sound() is LOW


def test_on_call_goes_by_acknowledgement_and_not_by_a_pause(bed):
    bed.technical("a", True, HIGH)
    bed.manager.pause_audio(bed.now)
    bed.wait(59)
    assert bed.manager.unanswered(bed.now, 60) == ()
    bed.wait(1)
    assert [one.key for one in bed.manager.unanswered(bed.now, 60)] == ["a"]
    bed.acknowledge()
    assert bed.manager.unanswered(bed.now, 60) == ()


# --- the end of a session --------------------------------------------------------------------------------------------


def test_an_acknowledgement_is_of_one_patient_and_what_stands_when_a_session_ends_sounds_for_the_next(bed):
    bed.stream(Sign.SPO2, 83.0, 20)
    bed.technical("a", True)
    bed.acknowledge()
    (change,) = bed.manager.begin_anew(bed.now)
    assert (change.key, change.from_state, change.to_state) == ("spo2_low", ACKED, AlarmState.NORMAL)
    assert change.text.endswith("session over")
    assert bed.standing("a") == (ACKED, MEDIUM)
    bed.stream(Sign.SPO2, 83.0, 12)
    assert bed.standing("spo2_low") == (ACTIVE, HIGH)


def test_what_was_acknowledged_before_a_restart_does_not_cover_the_next_patient():
    old = RestoredAlarm("spo2_low", ACKED, HIGH, "SpO₂ low 83 % (limit 85)", Bedside().now, "RN")
    bed = Bedside(restored=(old,))
    bed.manager.begin_anew(bed.now)
    bed.stream(Sign.SPO2, 83.0, 12)
    assert bed.standing("spo2_low") == (ACTIVE, HIGH)
