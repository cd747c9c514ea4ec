"""Each transition of the state machine, the audio pause, escalation and one event as one line, by the clock's hand."""

import pytest

from exomonitor.alarms.policy import AlarmState
from exomonitor.alarms.views import cause_lines, gathered
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import HIGH, LOW, MEDIUM, Bedside

ACTIVE, ACKED, LATCHED = AlarmState.ACTIVE, AlarmState.ACKED, AlarmState.LATCHED


def monitor_alarm(bed, text="HR HIGH", priority="medium", active=True, physiological=True):
    alarm = RelayedAlarm(
        "monitor", "", "1", AlarmKind.OTHER, text, priority, active, bed.now, physiological=physiological
    )
    bed.seen += bed.manager.on_relayed(alarm, bed.now)


# --- the states ------------------------------------------------------------------------------------


def test_normal_becomes_pending_without_any_signal(bed):
    bed.tell(Sign.SPO2, 89.0)
    assert bed.path("spo2_low") == ["pending"]
    assert (bed.manager.views(), bed.sound()) == ((), None)


def test_pending_ends_at_the_limit_itself_and_is_marked_as_suppressed(bed):
    bed.tell(Sign.HR, 121.0)
    bed.wait(5)
    (change,) = bed.tell(Sign.HR, 120.0)  # the limit, not the hysteresis
    assert change.suppressed
    assert not [t for t in bed.seen if t.to_state is ACTIVE]


def test_pending_becomes_active_with_the_time_of_the_crossing_and_of_the_signal(bed):
    bed.tell(Sign.SPO2, 89.0)
    crossed = bed.now
    bed.stream(Sign.SPO2, 89.0, 15)
    view = bed.view("spo2_low")
    assert (view.since, view.raised_at, view.state) == (crossed, crossed.plus(15), ACTIVE)
    assert bed.seen[-1].delay_s == 15


def test_active_becomes_acknowledged_silent_and_keeps_who_and_when(bed):
    bed.technical("pump.lost", True)
    bed.wait(3)
    bed.acknowledge("pump.lost", by="u-1")
    view = bed.view("pump.lost")
    assert (view.state, view.acked_by, view.acked_at, bed.sound()) == (ACKED, "u-1", bed.now, None)


def test_acknowledged_that_clears_is_normal_and_one_that_worsens_is_active_again(bed):
    bed.technical("a", True)
    bed.acknowledge()
    bed.technical("a", True, HIGH)
    assert bed.standing("a") == (ACTIVE, HIGH)
    bed.acknowledge()
    bed.technical("a", False)
    assert bed.standing("a") is None


def test_an_acknowledged_medium_alarm_stays_silent(bed):
    bed.technical("a", True)
    bed.acknowledge()
    bed.wait(3600)
    assert (bed.standing("a"), bed.sound()) == ((ACKED, MEDIUM), None)


def test_something_that_happened_once_stands_until_it_is_acknowledged(bed):
    bed.manager.note("clock", MEDIUM, "CLOCK CHANGED by +60 s", bed.now)
    bed.wait(100)
    assert bed.sound() is MEDIUM
    bed.manager.note("clock", MEDIUM, "CLOCK CHANGED by -60 s", bed.now)
    assert bed.view("clock").text == "CLOCK CHANGED by -60 s"
    bed.acknowledge()
    bed.wait(1)
    assert bed.manager.views() == ()


# --- audio pause -----------------------------------------------------------------------------------------------------


def test_the_pause_belongs_to_whoever_pressed_it_and_the_screen_goes_on(bed):
    bed.technical("a", True)
    bed.manager.pause_audio(bed.now, "u-1")
    assert bed.manager.picture(bed.now).pause.by == "u-1"
    assert bed.standing("a") == (ACTIVE, MEDIUM)


@pytest.mark.parametrize(
    ("paused", "new", "sounds", "is_over"),
    [
        (MEDIUM, HIGH, HIGH, True),
        (HIGH, HIGH, HIGH, True),
        (LOW, MEDIUM, MEDIUM, True),
        (MEDIUM, MEDIUM, None, False),
        (HIGH, MEDIUM, None, False),
        (HIGH, LOW, None, False),
    ],
)
def test_only_a_more_urgent_or_a_new_high_alarm_breaks_the_pause(bed, paused, new, sounds, is_over):
    bed.technical("a", True, paused)
    bed.manager.pause_audio(bed.now)
    bed.wait(10)
    bed.technical("b", True, new)
    assert bed.sound() is new  # what does not break through gives one burst
    bed.wait(3)
    assert bed.sound() is sounds
    assert (bed.manager.audio_paused_until is None) is is_over


def test_a_pause_in_silence_lets_every_new_alarm_through(bed):
    bed.manager.pause_audio(bed.now)
    bed.wait(5)
    bed.technical("a", True, LOW)
    assert (bed.sound(), bed.manager.audio_paused_until) == (LOW, None)


def test_a_known_alarm_that_worsens_to_high_breaks_the_pause(bed):
    bed.technical("a", True, MEDIUM)
    bed.manager.pause_audio(bed.now)
    bed.wait(5)
    bed.technical("a", True, HIGH)
    assert (bed.sound(), bed.manager.audio_paused_until) == (HIGH, None)


def test_a_high_alarm_that_comes_back_before_it_was_seen_breaks_the_pause(bed):
    bed.stream(Sign.SPO2, 80.0, 50)
    bed.tell(Sign.SPO2, 97.0)
    bed.manager.pause_audio(bed.now)
    bed.wait(10)
    bed.stream(Sign.SPO2, 80.0, 10)
    assert (bed.sound(), bed.manager.audio_paused_until) == (HIGH, None)


# --- escalation ------------------------------------------------------------------------------------------------------


def test_a_high_alarm_that_nobody_answers_escalates_after_thirty_seconds_and_the_record_knows(bed):
    bed.technical("a", True, HIGH)
    bed.wait(29.9)
    assert not bed.view("a").escalated
    (change,) = bed.wait(0.1)
    assert (change.escalated, change.from_state, change.to_state) == (True, ACTIVE, ACTIVE)
    assert bed.view("a").escalated
    assert bed.manager.is_escalated(bed.now)


def test_a_medium_alarm_that_nobody_answers_is_heard_as_a_high_one_and_stays_a_medium_one(bed):
    bed.technical("a", True)
    bed.wait(119.9)
    assert bed.sound() is MEDIUM
    bed.wait(0.1)
    assert bed.sound() is HIGH
    assert (bed.view("a").priority, bed.view("a").escalated) == (MEDIUM, True)


def test_a_low_alarm_never_escalates(bed):
    bed.technical("a", True, LOW)
    bed.wait(3600)
    assert (bed.view("a").escalated, bed.sound()) == (False, LOW)


def test_acknowledging_ends_the_escalation_and_a_realarm_begins_anew(bed):
    bed.technical("a", True, HIGH)
    bed.wait(30)
    bed.acknowledge()
    assert not bed.view("a").escalated
    bed.wait(180)
    assert (bed.standing("a"), bed.view("a").escalated) == ((ACTIVE, HIGH), False)
    bed.wait(30)
    assert bed.view("a").escalated


def test_what_clears_while_it_is_escalated_is_latched_as_anything_else(bed):
    bed.technical("a", True, HIGH, latching=True)
    bed.wait(30)
    bed.technical("a", False)
    assert (bed.standing("a"), bed.view("a").escalated) == ((LATCHED, HIGH), False)


# --- one cause, one line, one sound ----------------------------------------------------------------------------------


def test_the_parts_of_one_event_stand_below_the_most_urgent_of_them(bed):
    bed.manager.set_reaction_open(True, bed.now)
    bed.tell(Sign.NIBP_DIA, 45.0)
    bed.tell(Sign.NIBP_SYS, 84.0)
    bed.technical("news2", True, MEDIUM, "NEWS2 6", group="circulation")
    bed.technical("sound", True, MEDIUM, "NO SOUND")
    lines = cause_lines(bed.manager.views())
    assert [line.head.key for line in lines] == ["nibp_sys_low", "sound"]
    assert {part.key for part in lines[0].parts} == {"nibp_dia_low", "news2"}
    assert len(bed.manager.views()) == 4  # nothing is left out


def test_acknowledging_the_line_acknowledges_the_event_and_nothing_else(bed):
    bed.tell(Sign.NIBP_DIA, 45.0)
    bed.tell(Sign.NIBP_SYS, 84.0)
    bed.technical("pump.lost", True)
    bed.acknowledge("nibp_sys_low")
    assert bed.standing("nibp_dia_low") == (ACKED, MEDIUM)
    assert bed.standing("pump.lost") == (ACTIVE, MEDIUM)
    assert cause_lines(bed.manager.views())[-1].state is ACKED


def test_what_joins_an_acknowledged_event_gives_one_burst_and_is_seen(bed):
    bed.tell(Sign.NIBP_SYS, 84.0)
    bed.acknowledge()
    bed.wait(20)
    bed.technical("news2", True, MEDIUM, "NEWS2 6", group="circulation")
    assert (bed.standing("news2"), bed.sound()) == ((ACTIVE, MEDIUM), MEDIUM)
    bed.wait(3)
    assert bed.sound() is None
    assert cause_lines(bed.manager.views())[0].state is ACTIVE


def test_a_more_urgent_part_sounds_whatever_was_acknowledged(bed):
    bed.tell(Sign.NIBP_SYS, 84.0)
    bed.acknowledge()
    bed.wait(20)
    bed.technical("anaphylaxis", True, HIGH, "Anaphylaxis criteria may be met", latching=True, group="circulation")
    bed.wait(3)
    assert bed.sound() is HIGH


def test_an_event_that_was_acknowledged_long_ago_covers_nothing_new(bed):
    bed.technical("a", True, MEDIUM, group="circulation")
    bed.acknowledge()
    bed.wait(601)
    bed.technical("b", True, MEDIUM, group="circulation")
    bed.wait(3)
    assert bed.sound() is MEDIUM


def test_classes_do_not_share_a_snooze(bed):
    bed.stream(Sign.HR, 125.0, 20)
    bed.acknowledge("hr_high")
    bed.technical("monitor.lost", True, text="MONITOR DATA LOST")
    bed.wait(3)
    assert bed.sound() is MEDIUM


# --- what a device says ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["ASYSTOLE", "Vfib/Vtach", "No pulse", "APNEA", "Apnoea 20 s"])
@pytest.mark.parametrize("priority", ["medium", "unknown"])
def test_an_arrest_is_high_however_the_monitor_ranks_it(bed, text, priority):
    monitor_alarm(bed, text, priority)
    assert bed.standing("relayed:monitor::1") == (ACTIVE, HIGH)
    monitor_alarm(bed, text, priority, active=False)
    assert bed.standing("relayed:monitor::1") == (LATCHED, HIGH)


def test_an_alarm_limit_that_is_off_is_no_arrest(bed):
    monitor_alarm(bed, "Apnea alarm off", "low", physiological=False)
    assert bed.standing("relayed:monitor::1") == (ACTIVE, LOW)


def test_our_sound_waits_for_a_device_that_sounds_for_itself_where_the_clinic_wants_it():
    bed = Bedside(relayed_delay_s=10.0)
    monitor_alarm(bed)
    assert (bed.standing("relayed:monitor::1"), bed.sound()) == ((ACTIVE, MEDIUM), None)
    bed.wait(9.9)
    assert bed.sound() is None
    bed.wait(0.1)
    assert bed.sound() is MEDIUM


def test_a_high_alarm_never_waits_for_the_device():
    bed = Bedside(relayed_delay_s=10.0)
    monitor_alarm(bed, "ASYSTOLE")
    assert bed.sound() is HIGH


def test_by_default_our_sound_does_not_wait(bed):
    monitor_alarm(bed)
    assert bed.sound() is MEDIUM


def test_one_cause_is_one_line_with_its_parts_in_words(bed):
    bed.tell(Sign.NIBP_SYS, 84.0)
    bed.acknowledge()
    bed.wait(5)
    bed.technical("news2", True, MEDIUM, "NEWS2 6 (limit 5)", group="circulation")
    (line,) = gathered(bed.manager.views())
    assert line.text == "SBP low 84 mmHg (limit 90): REPEAT NOW + NEWS2 6 (limit 5)"
    assert (line.key, line.state) == ("nibp_sys_low", ACTIVE)


# --- how urgent a technical one is ----------------------------------------------------------------------------------


def test_another_device_is_high_only_while_it_infuses_seen_or_not(bed):
    bed.technical("pump.wrong", True, HIGH, latching=True)
    bed.wait(31)
    assert bed.manager.is_escalated(bed.now)
    bed.technical("pump.wrong", True, MEDIUM, latching=True)
    assert bed.standing("pump.wrong") == (ACTIVE, MEDIUM)
    assert not bed.manager.is_escalated(bed.now)
    bed.wait(89)
    assert bed.manager.is_escalated(bed.now)
    assert bed.standing("pump.wrong") == (ACTIVE, MEDIUM)


def test_another_device_that_is_gone_again_is_no_more_urgent_than_it_would_be(bed):
    bed.technical("pump.wrong", True, HIGH, latching=True)
    bed.technical("pump.wrong", False, HIGH)
    assert bed.standing("pump.wrong") == (LATCHED, HIGH)
    bed.technical("pump.wrong", False, MEDIUM)
    assert bed.standing("pump.wrong") == (LATCHED, MEDIUM)
    bed.technical("pump.wrong", True, MEDIUM, latching=True)
    assert bed.standing("pump.wrong") == (ACTIVE, MEDIUM)


def test_what_is_about_the_patient_keeps_its_peak_until_somebody_has_seen_it(bed):
    bed.technical("news2", True, HIGH, latching=True)
    bed.technical("news2", True, MEDIUM)
    assert bed.standing("news2") == (ACTIVE, HIGH)


def test_a_pause_between_two_bursts_is_a_pause_of_what_it_silences(bed):
    bed.stream(Sign.SPO2, 80.0, 50)
    bed.tell(Sign.SPO2, 97.0)
    bed.wait(10)
    assert bed.sound() is None
    bed.manager.pause_audio(bed.now)
    bed.wait(1)
    bed.technical("b", True, LOW)
    bed.technical("c", True, MEDIUM)
    assert bed.manager.audio_paused_until is not None
