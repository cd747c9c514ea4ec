"""Alarm conditions under a clock moved by hand: exact delays, boundaries, acknowledging, latching, missing values."""

from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exomonitor.alarms import policy
from exomonitor.alarms.policy import AlarmState
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import HIGH, LOW, MEDIUM, Bedside

# --- delays ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "value", "key", "delay_s", "priority"),
    [
        (Sign.SPO2, 89.0, "spo2_low", 15, MEDIUM),
        (Sign.SPO2, 84.0, "spo2_low", 10, HIGH),
        (Sign.HR, 44.0, "hr_low", 10, MEDIUM),
        (Sign.HR, 40.0, "hr_low", 5, HIGH),
        (Sign.HR, 121.0, "hr_high", 20, MEDIUM),
        (Sign.HR, 131.0, "hr_high", 15, HIGH),
        (Sign.RR, 8.0, "rr_low", 30, MEDIUM),
        (Sign.RR, 25.0, "rr_high", 60, MEDIUM),
        (Sign.TEMP, 35.9, "temp_low", 30, LOW),
        (Sign.TEMP, 34.9, "temp_low", 30, MEDIUM),
        (Sign.TEMP, 38.0, "temp_high", 30, MEDIUM),
        (Sign.TEMP, 40.1, "temp_high", 30, HIGH),
    ],
)
def test_a_condition_signals_after_exactly_its_delay(bed, sign, value, key, delay_s, priority):
    bed.stream(sign, value, delay_s - 1)
    assert bed.manager.views() == ()
    bed.wait(0.999)
    assert bed.manager.views() == ()
    bed.wait(0.001)
    assert bed.standing(key) == (AlarmState.ACTIVE, priority)
    assert bed.now.since(bed.view(key).since) == delay_s


def test_a_delay_also_needs_three_fresh_samples(bed):
    bed.tell(Sign.SPO2, 84.0)
    bed.wait(10)
    bed.tell(Sign.SPO2, 84.0)
    bed.wait(10)
    assert bed.manager.views() == ()
    bed.tell(Sign.SPO2, 84.0)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, HIGH)


def test_a_value_that_comes_back_before_the_delay_is_over_is_suppressed_and_logged(bed):
    bed.stream(Sign.SPO2, 89.0, 14)
    bed.tell(Sign.SPO2, 90.0)
    bed.wait(60)
    assert bed.path("spo2_low") == ["pending", "normal"]


@pytest.mark.parametrize(
    ("sign", "value"),
    [
        (Sign.SPO2, 90.0),
        (Sign.HR, 45.0),
        (Sign.HR, 120.0),
        (Sign.RR, 9.0),
        (Sign.RR, 24.0),
        (Sign.NIBP_SYS, 90.0),
        (Sign.NIBP_SYS, 160.0),
        (Sign.TEMP, 36.0),
        (Sign.TEMP, 37.9),
    ],
)
def test_the_value_of_the_limit_itself_does_not_alarm(bed, sign, value):
    bed.stream(sign, value, 70)
    assert bed.seen == []


@pytest.mark.parametrize(
    ("sign", "value", "key", "priority"),
    [
        (Sign.SPO2, 84.9, "spo2_low", HIGH),
        (Sign.SPO2, 85.0, "spo2_low", MEDIUM),
        (Sign.SPO2, 89.9, "spo2_low", MEDIUM),
        (Sign.HR, 41.0, "hr_low", MEDIUM),
        (Sign.HR, 130.0, "hr_high", MEDIUM),
        (Sign.RR, 31.0, "rr_high", MEDIUM),
        (Sign.NIBP_SYS, 80.0, "nibp_sys_low", MEDIUM),
        (Sign.NIBP_SYS, 79.0, "nibp_sys_low", HIGH),
        (Sign.NIBP_SYS, 161.0, "nibp_sys_high", LOW),
        (Sign.NIBP_SYS, 180.0, "nibp_sys_high", MEDIUM),
        (Sign.TEMP, 40.0, "temp_high", MEDIUM),
    ],
)
def test_the_priority_changes_at_its_boundary(bed, sign, value, key, priority):
    at = bed.now
    for _ in range(61):
        bed.tell(sign, value, measured_at=at)
        bed.clock.advance(1.0)
    assert bed.standing(key) == (AlarmState.ACTIVE, priority)


def test_the_text_carries_value_and_limit(bed):
    bed.stream(Sign.SPO2, 89.0, 15)
    view = bed.view("spo2_low")
    assert view.text == "SpO₂ low 89 % (limit 90)"
    assert (view.value, view.limit, view.unit) == (89.0, 90.0, "%")


@given(st.floats(1, 100), st.integers(3, 60))
@settings(max_examples=60)
def test_spo2_of_ninety_or_more_never_alarms_and_less_always_does(value, seconds):
    bed = Bedside()
    bed.stream(Sign.SPO2, value, seconds)
    expected = (value < 90 and seconds >= 15) or (value < 85 and seconds >= 10)
    assert bool(bed.manager.views()) is expected


# --- one cause, one line --------------------------------------------------------------------------------------------


def test_a_worsening_value_is_one_line_that_becomes_more_urgent(bed):
    bed.stream(Sign.SPO2, 88.0, 15)
    bed.stream(Sign.SPO2, 80.0, 10)
    (view,) = bed.manager.views()
    assert (view.priority, view.text) == (HIGH, "SpO₂ low 80 % (limit 85)")
    assert bed.path("spo2_low") == ["pending", "active", "active"]


def test_an_acknowledged_alarm_sounds_again_when_it_worsens(bed):
    bed.stream(Sign.SPO2, 88.0, 15)
    bed.acknowledge()
    assert bed.manager.sound(bed.now) is None
    bed.stream(Sign.SPO2, 80.0, 10)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, HIGH)
    assert bed.manager.sound(bed.now) is HIGH


def test_an_alarm_ends_only_beyond_the_hysteresis(bed):
    bed.stream(Sign.HR, 125.0, 20)
    bed.tell(Sign.HR, 118.0)
    assert bed.standing("hr_high") == (AlarmState.ACTIVE, MEDIUM)
    bed.tell(Sign.HR, 117.0)
    assert bed.standing("hr_high") == (AlarmState.LATCHED, MEDIUM)
    assert bed.view("hr_high").visual_only


# --- latching and acknowledging -------------------------------------------------------------------------------------


def test_a_high_alarm_latches_until_it_is_acknowledged(bed):
    bed.stream(Sign.SPO2, 80.0, 50)
    bed.tell(Sign.SPO2, 97.0)
    assert bed.standing("spo2_low") == (AlarmState.LATCHED, HIGH)
    assert bed.view("spo2_low").text == "SpO₂ low 80 % (limit 85)"
    (change,) = bed.acknowledge(by="RN-1")
    assert (change.from_state, change.to_state, change.by) == (AlarmState.LATCHED, AlarmState.NORMAL, "RN-1")
    assert bed.manager.views() == ()


def test_a_latched_alarm_gives_one_burst_every_thirty_seconds(bed):
    bed.stream(Sign.SPO2, 80.0, 50)
    bed.tell(Sign.SPO2, 97.0)
    heard = []
    for _ in range(70):
        heard.append(bed.manager.sound(bed.now))
        bed.clock.advance(1.0)
    assert [second for second, what in enumerate(heard) if what] == [0, 1, 30, 31, 60, 61]


def test_a_high_alarm_of_less_than_thirty_seconds_leaves_only_a_mark(bed):
    bed.stream(Sign.SPO2, 80.0, 39)
    bed.tell(Sign.SPO2, 97.0)
    assert bed.view("spo2_low").visual_only
    assert bed.manager.sound(bed.now) is None


def test_a_medium_alarm_does_not_latch(bed):
    bed.stream(Sign.SPO2, 88.0, 60)
    bed.tell(Sign.SPO2, 97.0)
    assert bed.manager.views() == ()


class Counted(dict[str, object]):
    """Conditions that count how often somebody goes through all of them."""

    walks = 0

    def values(self):
        self.walks += 1
        return super().values()


def test_one_that_is_part_of_no_event_is_compared_with_no_other_however_many_there_are(monkeypatch, bed):
    compared = Mock(return_value=False)
    monkeypatch.setattr(policy, "_covers", compared)
    bed.manager._conditions = counted = Counted()
    for _ in range(2):
        counted.walks = 0
        for number in range(100):
            bed.technical(f"set.+{number}", active=True, priority=LOW)
    assert (len(counted), counted.walks, compared.called) == (100, 0, False)


def test_an_acknowledged_alarm_ends_quietly_when_it_clears(bed):
    bed.stream(Sign.SPO2, 80.0, 50)
    bed.acknowledge()
    assert bed.view("spo2_low").acked_by == "RN"
    bed.tell(Sign.SPO2, 97.0)
    assert bed.manager.views() == ()


def test_a_latched_alarm_that_comes_back_is_active_and_no_less_urgent(bed):
    bed.stream(Sign.SPO2, 80.0, 50)
    bed.tell(Sign.SPO2, 97.0)
    bed.stream(Sign.SPO2, 88.0, 15)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, HIGH)


def test_a_high_alarm_that_is_still_there_sounds_again_after_three_minutes(bed):
    bed.stream(Sign.HR, 38.0, 5)
    bed.acknowledge()
    bed.wait(179.9)
    assert bed.standing("hr_low") == (AlarmState.ACKED, HIGH)
    bed.wait(0.1)
    assert bed.standing("hr_low") == (AlarmState.ACTIVE, HIGH)


def test_acknowledging_one_condition_never_silences_another(bed):
    bed.technical("monitor_stale", True, text="MONITOR DATA LOST")
    bed.stream(Sign.SPO2, 88.0, 15)
    bed.acknowledge("spo2_low")
    assert bed.standing("monitor_stale") == (AlarmState.ACTIVE, MEDIUM)
    assert bed.manager.sound(bed.now) is MEDIUM


def test_acknowledging_twice_or_something_unknown_does_nothing(bed):
    bed.stream(Sign.SPO2, 88.0, 15)
    assert len(bed.acknowledge()) == 1
    assert bed.acknowledge() == []
    assert bed.acknowledge("no_such_condition") == []


def test_a_pending_condition_cannot_be_acknowledged_in_advance(bed):
    bed.tell(Sign.SPO2, 88.0)
    assert bed.acknowledge() == []
    assert bed.manager.sound(bed.now) is None


# --- missing values -------------------------------------------------------------------------------------------------


def test_a_missing_value_ends_the_condition_as_no_value_when_that_is_an_alarm_itself(bed):
    bed.stream(Sign.SPO2, 88.0, 15)
    bed.tell(Sign.SPO2, None)
    bed.wait(9.75)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, MEDIUM)
    change, _ = bed.wait(0.25)
    assert (change.to_state, change.text) == (AlarmState.NORMAL, "SpO₂ low 88 % (limit 90): no value")


def test_stale_data_end_the_condition_and_a_high_one_stays_latched(bed):
    bed.stream(Sign.SPO2, 80.0, 50)
    (change,) = bed.manager.no_value(Sign.SPO2, bed.now)
    assert (change.to_state, change.text) == (AlarmState.LATCHED, "SpO₂ low 80 % (limit 85): no value")


def test_the_delay_stops_while_a_value_is_missing_and_goes_on_with_the_next_one(bed):
    """It began anew once: one missing sample in ten, and a low saturation never alarmed."""
    bed.stream(Sign.SPO2, 88.0, 10)
    bed.tell(Sign.SPO2, None)
    bed.clock.advance(9)
    bed.stream(Sign.SPO2, 88.0, 4)
    assert bed.manager.views() == ()
    bed.stream(Sign.SPO2, 88.0, 1)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, MEDIUM)


def test_a_value_that_is_missing_for_long_starts_the_delay_anew(bed):
    bed.tell(Sign.SPO2, 97.0)
    bed.stream(Sign.SPO2, 88.0, 10)
    bed.stream(Sign.SPO2, None, 11)
    bed.stream(Sign.SPO2, 88.0, 14)
    assert bed.manager.views() == ()


def test_a_held_value_neither_starts_nor_ends_an_alarm_for_a_minute(bed):
    bed.stream(Sign.SPO2, 88.0, 15)
    bed.tell(Sign.SPO2, None, Validity.HELD)
    bed.wait(59)
    assert bed.tell(Sign.SPO2, None, Validity.HELD) == []
    bed.wait(1)
    assert bed.tell(Sign.SPO2, None, Validity.HELD)[0].to_state is AlarmState.NORMAL
    other = Bedside()
    other.stream(Sign.SPO2, 88.0, 10)
    other.tell(Sign.SPO2, None, Validity.HELD)
    other.wait(20)
    assert other.manager.views() == ()


def test_a_sensor_that_comes_off_is_low_after_ten_seconds_and_medium_a_minute_later(bed):
    bed.tell(Sign.SPO2, 97.0)
    bed.tell(Sign.SPO2, None, Validity.SENSOR_OFF)
    bed.wait(9.9)
    assert bed.manager.views() == ()
    bed.wait(0.1)
    assert bed.standing("sensor_off_spo2") == (AlarmState.ACTIVE, LOW)
    bed.wait(60)
    assert bed.standing("sensor_off_spo2") == (AlarmState.ACTIVE, MEDIUM)
    bed.tell(Sign.SPO2, 97.0)
    assert bed.manager.views() == ()


def test_a_sensor_that_was_never_on_is_no_alarm(bed):
    bed.stream(Sign.SPO2, None, 120, validity=Validity.SENSOR_OFF)
    assert bed.seen == []


def test_a_questionable_signal_makes_no_high_saturation_alarm(bed):
    bed.stream(Sign.SPO2, 80.0, 20, validity=Validity.QUESTIONABLE)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, MEDIUM)


@pytest.mark.parametrize("doubt", [{"validity": Validity.QUESTIONABLE}, {}])
def test_a_doubtful_value_does_not_keep_the_time_of_a_high_saturation_alarm_running(bed, doubt):
    bed.stream(Sign.SPO2, 80.0, 5)
    bed.clock.advance(1)
    bed.tell(Sign.SPO2, 80.0, **doubt)
    bed.clock.advance(1)
    bed.stream(Sign.SPO2, 80.0, 9)
    expected = MEDIUM if doubt else HIGH
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, expected)
    bed.clock.advance(1)
    bed.tell(Sign.SPO2, 80.0)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, HIGH)


def test_a_doubtful_value_does_not_end_a_high_saturation_alarm(bed):
    bed.stream(Sign.SPO2, 80.0, 10)
    bed.stream(Sign.SPO2, 80.0, 5, validity=Validity.QUESTIONABLE)
    assert bed.standing("spo2_low") == (AlarmState.ACTIVE, HIGH)


def test_a_pulse_that_contradicts_for_a_moment_starts_the_time_of_a_high_heart_rate_anew(bed):
    for second in range(26):
        bed.tell(Sign.PULSE, 80.0 if second == 10 else 140.0)
        bed.tell(Sign.HR, 140.0)
        assert bed.standing("hr_high") in {None, (AlarmState.ACTIVE, MEDIUM)}
        bed.clock.advance(1.0)
    bed.tell(Sign.PULSE, 140.0)
    bed.tell(Sign.HR, 140.0)
    assert bed.standing("hr_high") == (AlarmState.ACTIVE, HIGH)
