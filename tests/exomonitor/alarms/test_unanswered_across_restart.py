"""What nobody had answered when the program stopped: how long that is goes on counting, and so does the absence."""

import pytest

from exomonitor.alarms.manager import RestoredAlarm
from exomonitor.alarms.policy import AlarmState
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import HIGH, LOW, MEDIUM, Bedside

ACTIVE, ACKED, LATCHED = AlarmState.ACTIVE, AlarmState.ACKED, AlarmState.LATCHED


def before(state=ACTIVE, key="spo2_low", priority=HIGH, ago_s=50.0, **more):
    """A bed after a restart: the alarm had been signalled so many seconds before the program is back."""
    at = ManualClock().now().plus(-ago_s)
    more.setdefault("raised", at)
    old = RestoredAlarm(
        key, state, priority, "SpO₂ low 80 % (limit 85)", at, latching=priority is HIGH, begun=at, **more
    )
    return Bedside(restored=(old,))


def unanswered(bed, seconds=60.0):
    return [one.key for one in bed.manager.unanswered(bed.now, seconds)]


def test_a_high_alarm_that_stands_again_escalates_at_once_and_is_told_on_call_in_its_old_time():
    bed = before(ago_s=45.0)
    bed.stream(Sign.SPO2, 80.0, 11)
    assert bed.standing("spo2_low") == (ACTIVE, HIGH)
    assert bed.view("spo2_low").escalated
    assert unanswered(bed) == []
    bed.stream(Sign.SPO2, 80.0, 4)
    assert unanswered(bed) == ["spo2_low"]


def test_a_high_alarm_of_which_nothing_is_known_after_the_restart_is_told_on_call_in_its_old_time():
    bed = before(ago_s=45.0)
    bed.wait(14)
    assert unanswered(bed) == []
    bed.wait(1)
    assert (bed.standing("spo2_low"), unanswered(bed)) == ((LATCHED, HIGH), ["spo2_low"])
    bed.manager.set_away(True, bed.now)
    assert unanswered(bed) == []
    bed.manager.set_away(False, bed.now)
    bed.tell(Sign.SPO2, 97.0)
    assert unanswered(bed) == []


def test_what_is_acknowledged_after_the_restart_is_told_nobody():
    bed = before(ago_s=45.0)
    bed.acknowledge("spo2_low")
    bed.wait(60)
    assert unanswered(bed) == []


def test_the_record_says_since_when_nobody_has_answered():
    bed = before()
    bed.stream(Sign.SPO2, 80.0, 12)
    first, second = [change for change in bed.seen if change.to_state is ACTIVE][-2:]
    assert (first.from_state, first.escalated, second.escalated) == (LATCHED, False, True)
    assert first.raised == second.raised == ManualClock().now().plus(-50)


def test_an_alarm_without_a_restart_says_no_moment_beside_its_own_but_where_it_escalates(bed):
    bed.technical("a", True)
    bed.wait(120)
    assert [(t.escalated, t.raised is not None) for t in bed.seen] == [(False, False), (True, True)]


def test_a_medium_alarm_is_judged_anew_and_goes_on_counting():
    bed = before(key="a", priority=MEDIUM, ago_s=100.0)
    assert bed.manager.views() == ()
    bed.technical("a", True)
    assert not bed.view("a").escalated
    bed.wait(20)
    assert bed.view("a").escalated


def test_what_was_escalated_is_so_at_once():
    bed = before(key="a", priority=MEDIUM, ago_s=10.0, escalated=True)
    bed.technical("a", True)
    assert bed.view("a").escalated


def test_what_is_worse_now_has_its_own_time_and_is_no_quieter():
    bed = before(key="spo2_low", priority=MEDIUM, ago_s=300.0, escalated=True)
    bed.stream(Sign.SPO2, 80.0, 10)
    assert (bed.standing("spo2_low"), bed.view("spo2_low").escalated) == ((ACTIVE, HIGH), True)
    assert unanswered(bed) == []


def test_what_was_seen_normal_begins_anew():
    bed = before(ago_s=300.0)
    bed.tell(Sign.SPO2, 97.0)
    bed.stream(Sign.SPO2, 80.0, 12)
    assert (bed.standing("spo2_low"), bed.view("spo2_low").escalated) == ((ACTIVE, HIGH), False)


def test_what_was_acknowledged_after_the_restart_begins_anew():
    bed = before(ago_s=300.0)
    bed.acknowledge("spo2_low")
    assert bed.manager.views() == ()
    bed.stream(Sign.SPO2, 80.0, 12)
    assert (bed.standing("spo2_low"), bed.view("spo2_low").escalated) == ((ACTIVE, HIGH), False)


def test_an_acknowledged_high_alarm_sounds_again_three_minutes_after_it_was_acknowledged():
    now = ManualClock().now()
    bed = before(ACKED, ago_s=200.0, by="RN-1", acked=now.plus(-100))
    bed.stream(Sign.SPO2, 80.0, 12)
    assert (bed.standing("spo2_low"), bed.view("spo2_low").acked_at) == ((ACKED, HIGH), now.plus(-100))
    bed.stream(Sign.SPO2, 80.0, 68)
    assert bed.standing("spo2_low") == (ACTIVE, HIGH)


def relayed(bed, active=True):
    alarm = RelayedAlarm("monitor", "", "asy", AlarmKind.OTHER, "ASYSTOLE", "high", active, bed.now, physiological=True)
    bed.seen += bed.manager.on_relayed(alarm, bed.now)
    return "relayed:monitor::asy"


@pytest.mark.parametrize("by_device", [True, False], ids=["the device said that it was over", "long after"])
def test_an_acknowledgement_from_before_does_not_cover_what_a_device_announces_later(by_device):
    bed = before(ACKED, key="relayed:monitor::asy", by="RN-1")
    if by_device:
        relayed(bed, active=False)
    else:
        bed.wait(0.25)
        bed.wait(601)
    assert bed.standing(relayed(bed)) == (ACTIVE, HIGH)


def test_what_a_device_announces_again_after_a_restart_stays_acknowledged():
    bed = before(ACKED, key="relayed:monitor::asy", by="RN-1")
    bed.wait(30)
    assert bed.standing(relayed(bed)) == (ACKED, HIGH)


# --- values of this session -------------------------------------------------------------------------------------------


def test_a_sign_that_the_record_has_values_of_is_missed_after_a_restart():
    bed = Bedside(measured=(Sign.SPO2,))
    bed.stream(Sign.SPO2, None, 10)
    assert bed.standing("no_value_spo2") == (ACTIVE, LOW)


def test_a_sensor_that_had_worked_is_off_after_a_restart():
    bed = Bedside(measured=(Sign.SPO2,))
    bed.stream(Sign.SPO2, None, 10, validity=Validity.SENSOR_OFF)
    assert bed.standing("sensor_off_spo2") == (ACTIVE, LOW)


def test_a_sign_without_values_in_the_record_is_not_missed():
    bed = Bedside(measured=(Sign.SPO2,))
    bed.stream(Sign.RR, None, 80)
    assert bed.manager.views() == ()
