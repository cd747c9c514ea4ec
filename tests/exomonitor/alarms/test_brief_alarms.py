"""An alarm of SpO2 or heart rate that clears by itself within half a minute leaves a mark to be seen, without sound."""

import pytest

from exomonitor.alarms.manager import RestoredAlarm
from exomonitor.alarms.policy import AlarmState
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import HIGH, MEDIUM, Bedside


def hms(instant):
    return f"{instant.utc.astimezone():%H:%M:%S}"


@pytest.mark.parametrize(
    ("key", "sign", "beyond", "inside", "delay_s"),
    [
        ("spo2_low", Sign.SPO2, 88.0, 97.0, 15),
        ("hr_high", Sign.HR, 125.0, 80.0, 20),
        ("hr_low", Sign.HR, 43.0, 70.0, 10),
    ],
)
def test_a_short_medium_alarm_leaves_a_mark_with_its_times(bed, key, sign, beyond, inside, delay_s):
    bed.stream(sign, beyond, delay_s + 12)
    raised = bed.view(key).raised_at
    text = bed.view(key).text
    bed.tell(sign, inside)
    mark = bed.view(key)
    assert (mark.state, mark.priority, mark.visual_only) == (AlarmState.LATCHED, MEDIUM, True)
    assert mark.text == f"{text} · was on {hms(raised)}-{hms(bed.now)}"
    assert bed.now.since(raised) == 12
    for _ in range(70):
        bed.wait(1)
        assert bed.sound() is None
    bed.acknowledge()
    assert bed.view(key) is None


def test_a_medium_alarm_of_half_a_minute_leaves_none(bed):
    bed.stream(Sign.SPO2, 88.0, 15 + 30)
    bed.tell(Sign.SPO2, 97.0)
    assert bed.view("spo2_low") is None


def test_one_that_was_seen_leaves_none(bed):
    bed.stream(Sign.SPO2, 88.0, 17)
    bed.acknowledge()
    bed.tell(Sign.SPO2, 97.0)
    assert bed.view("spo2_low") is None


def test_other_signs_leave_none(bed):
    bed.stream(Sign.RR, 28.0, 70)
    bed.tell(Sign.RR, 14.0)
    assert bed.view("rr_high") is None


@pytest.mark.parametrize("how", ["sensor off", "away", "limits"])
def test_what_did_not_clear_by_itself_leaves_none(bed, how):
    bed.stream(Sign.SPO2, 88.0, 17)
    if how == "sensor off":
        bed.stream(Sign.SPO2, None, 10, validity=Validity.SENSOR_OFF)
    elif how == "away":
        bed.manager.set_away(True, bed.now)
    else:
        bed.of(own={"spo2_low": 86.0})
    assert bed.view("spo2_low") is None


def test_it_comes_back_over_its_mark_after_its_whole_delay(bed):
    bed.stream(Sign.SPO2, 88.0, 17)
    bed.tell(Sign.SPO2, 97.0)
    bed.stream(Sign.SPO2, 88.0, 14)
    assert bed.view("spo2_low").visual_only
    bed.stream(Sign.SPO2, 88.0, 2)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, MEDIUM)
    assert "was on" not in bed.view("spo2_low").text


def test_the_next_patient_has_no_marks_of_the_last_one(bed):
    bed.stream(Sign.SPO2, 88.0, 17)
    bed.tell(Sign.SPO2, 97.0)
    (change,) = bed.manager.begin_anew(bed.now)
    assert (change.from_state, change.to_state) == (AlarmState.LATCHED, AlarmState.NORMAL)
    assert bed.manager.views() == ()


def test_after_a_restart_it_is_still_only_a_mark():
    now = Bedside().now
    old = RestoredAlarm(
        "spo2_low", AlarmState.LATCHED, HIGH, "SpO₂ low 80 % (limit 85)", now, latching=True, visual_only=True,
        over=now.plus(12),
    )  # fmt: skip
    bed = Bedside(restored=(old,))
    assert bed.view("spo2_low").text.endswith(f"was on {hms(now)}-{hms(now.plus(12))}")
    assert bed.sound() is None


def test_the_record_says_that_it_is_a_mark(bed):
    bed.stream(Sign.SPO2, 88.0, 17)
    (change,) = bed.tell(Sign.SPO2, 97.0)
    assert (change.to_state, change.visual_only, change.latching) == (AlarmState.LATCHED, True, False)
