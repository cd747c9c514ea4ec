"""A value that goes away: its alarm waits for the next one, and then the lack of it is the alarm."""

import pytest

from exomonitor.alarms.manager import RestoredAlarm
from exomonitor.alarms.policy import AlarmState
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import HIGH, LOW, MEDIUM, Bedside

ACTIVE = AlarmState.ACTIVE
SILENT = [Validity.UNAVAILABLE, Validity.INVALID, Validity.CALIBRATING, Validity.DEMO]


def keys(bed):
    return {view.key for view in bed.manager.views()}


@pytest.mark.parametrize("validity", SILENT)
def test_a_low_saturation_that_goes_away_is_followed_by_an_alarm_that_says_so(bed, validity):
    bed.stream(Sign.SPO2, 86.0, 30)
    bed.clock.advance(1)
    bed.stream(Sign.SPO2, None, 9, validity=validity)
    assert keys(bed) == {"spo2_low"}
    bed.stream(Sign.SPO2, None, 1, validity=validity)
    assert keys(bed) == {"no_value_spo2"}
    assert bed.standing("no_value_spo2") == (ACTIVE, LOW)
    assert bed.view("no_value_spo2").text == "SpO₂ NO VALUE - last: SpO₂ low 86 % (limit 90)"
    bed.stream(Sign.SPO2, None, 60, validity=validity)
    assert bed.standing("no_value_spo2") == (ACTIVE, MEDIUM)
    bed.tell(Sign.SPO2, 97.0)
    assert bed.manager.views() == ()


def test_a_value_that_is_held_for_longer_than_a_minute_is_none(bed):
    bed.stream(Sign.SPO2, 86.0, 30)
    bed.clock.advance(1)
    bed.stream(Sign.SPO2, None, 59, validity=Validity.HELD)
    assert keys(bed) == {"spo2_low"}
    bed.stream(Sign.SPO2, None, 1, validity=Validity.HELD)
    assert bed.standing("no_value_spo2") == (ACTIVE, LOW)
    bed.stream(Sign.SPO2, None, 60, validity=Validity.HELD)
    assert bed.standing("no_value_spo2") == (ACTIVE, MEDIUM)


@pytest.mark.parametrize(
    ("sign", "usual", "text", "last"),
    [
        (Sign.SPO2, 97.0, "SpO₂ NO VALUE - look at the patient", MEDIUM),
        (Sign.HR, 72.0, "HR NO VALUE - look at the patient", MEDIUM),
        (Sign.RR, 14.0, "RR NO VALUE - look at the patient", MEDIUM),
        (Sign.TEMP, 36.6, "TEMPERATURE NO VALUE - look at the patient", LOW),
    ],
)
def test_each_sign_that_had_a_value(bed, sign, usual, text, last):
    bed.tell(sign, usual)
    bed.stream(sign, None, 80)
    view = bed.view(f"no_value_{sign}")
    assert (view.text, view.priority) == (text, last)


@pytest.mark.parametrize("sign", [Sign.SPO2, Sign.HR, Sign.RR, Sign.TEMP, Sign.PI])
def test_a_sign_that_never_had_a_value_is_none(bed, sign):
    bed.stream(sign, None, 80)
    assert bed.seen == []


def test_a_sensor_that_is_off_all_the_time_says_it_alone_and_with_what_alarmed(bed):
    bed.stream(Sign.SPO2, 86.0, 30)
    bed.stream(Sign.SPO2, None, 80, validity=Validity.SENSOR_OFF)
    assert keys(bed) == {"sensor_off_spo2"}
    assert bed.view("sensor_off_spo2").text == "SpO₂ SENSOR OFF - last: SpO₂ low 86 % (limit 90)"


def test_a_weak_signal_follows_the_alarm_without_a_gap(bed):
    bed.stream(Sign.SPO2, 86.0, 30)
    for _ in range(40):
        bed.clock.advance(1)
        bed.tell(Sign.SPO2, None, Validity.LOW_PERFUSION)
        assert len(keys(bed)) == 1
    assert bed.view("weak_signal_spo2").text.endswith("last: SpO₂ low 86 % (limit 90)")


def test_reasons_that_change_all_the_time_hide_nothing(bed):
    bed.tell(Sign.SPO2, 97.0)
    for _ in range(8):
        bed.stream(Sign.SPO2, None, 4, validity=Validity.UNAVAILABLE)
        bed.stream(Sign.SPO2, None, 4, validity=Validity.SENSOR_OFF)
        bed.stream(Sign.SPO2, None, 4, validity=Validity.HELD)
    assert bed.standing("no_value_spo2") == (ACTIVE, MEDIUM)


def test_one_probe_that_gives_pulse_and_saturation_is_one_line(bed):
    for value in (70.0, *[None] * 80):
        bed.tell(Sign.SPO2, value and 97.0)
        bed.tell(Sign.PULSE, value)
        bed.wait(1)
    assert keys(bed) == {"no_value_spo2"}
    bed.tell(Sign.SPO2, 97.0)
    bed.tell(Sign.PULSE, None)
    assert keys(bed) == {"no_value_hr"}


def test_electrodes_that_are_off_are_one_line(bed):
    bed.tell(Sign.RR, 14.0)
    bed.tell(Sign.HR, 70.0)
    for _ in range(80):
        bed.tell(Sign.RR, None)
        bed.tell(Sign.HR, None, Validity.SENSOR_OFF)
        bed.wait(1)
    assert keys(bed) == {"sensor_off_hr"}


def test_the_pulse_stands_in_for_an_ecg_that_gives_no_rate(bed):
    bed.tell(Sign.HR, 70.0)
    for _ in range(80):
        bed.tell(Sign.PULSE, 70.0)
        bed.tell(Sign.HR, None, Validity.INVALID)
        bed.wait(1)
    assert bed.manager.views() == ()


def test_a_cuff_on_the_arm_of_the_probe_postpones_it(bed):
    bed.of(same_arm=True)
    bed.tell(Sign.SPO2, 97.0)
    bed.tell(Sign.PULSE, 70.0)
    bed.tell(Sign.NIBP_SYS, None, Validity.MEASURING)
    for _ in range(40):
        bed.tell(Sign.SPO2, None)
        bed.tell(Sign.PULSE, None)
        bed.wait(1)
    assert bed.manager.views() == ()


def test_away_and_the_next_patient_end_it(bed):
    for ends in (lambda: bed.manager.set_away(True, bed.now), lambda: bed.manager.begin_anew(bed.now)):
        bed.manager.set_away(False, bed.now)
        bed.tell(Sign.SPO2, 97.0)
        bed.stream(Sign.SPO2, None, 20)
        assert keys(bed) == {"no_value_spo2"}
        ends()
        bed.stream(Sign.SPO2, None, 20)
        assert bed.manager.views() == ()


def test_a_device_that_speaks_of_other_things_only_is_told(bed):
    bed.stream(Sign.SPO2, 86.0, 30)
    for _ in range(10):
        bed.manager.no_value(Sign.SPO2, bed.now, "monitor")
        bed.wait(1)
    assert keys(bed) == {"no_value_spo2"}
    bed.manager.forget_source("monitor", bed.now, released=False)
    assert bed.manager.views() == ()


def test_a_temperature_that_is_measured_now_and_then_is_not_missing(bed):
    bed.tell(Sign.TEMP, 36.6)
    for _ in range(80):
        bed.manager.no_value(Sign.TEMP, bed.now, "monitor")
        bed.wait(1)
    assert bed.manager.views() == ()


def test_what_a_person_measured_is_not_ended_by_a_monitor_that_measures_nothing(bed):
    bed.tell(Sign.SPO2, 84.0, origin=Origin.TYPED)
    bed.stream(Sign.SPO2, None, 80)
    bed.manager.no_value(Sign.SPO2, bed.now)
    assert bed.standing("spo2_low") == (ACTIVE, HIGH)
    bed.tell(Sign.SPO2, 97.0)
    assert bed.view("spo2_low").state is AlarmState.LATCHED


@pytest.mark.parametrize("key", ["no_value_spo2", "spo2_low"])
def test_after_a_restart_a_sign_that_alarmed_had_a_value(key):
    old = RestoredAlarm(key, ACTIVE, LOW, "as it was", Bedside().now)
    bed = Bedside(restored=(old,))
    bed.stream(Sign.SPO2, None, 10)
    assert bed.standing("no_value_spo2") == (ACTIVE, LOW)
