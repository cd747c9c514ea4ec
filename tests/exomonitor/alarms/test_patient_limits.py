"""The clinic's limits at one patient: every boundary, the baseline, limits of their own, a cuff on the probe's arm."""

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.alarms.tailored import Basis, offered, tailored, usual
from exomonitor.clinical.alarm_rows import BOUNDS, PATIENT_BOUNDS
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import HIGH, LIMITS, LOW, MEDIUM, Bedside

ACTIVE = AlarmState.ACTIVE
BASELINE = {Sign.HR: 72.0, Sign.SPO2: 98.0, Sign.NIBP_SYS: 120.0, Sign.TEMP: 36.6}


def level(bed, key):
    found = bed.standing(key)
    return found[1] if found else None


# --- boundaries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "value", "key", "priority"),
    [
        (Sign.HR, 40.0, "hr_low", HIGH),
        (Sign.HR, 41.0, "hr_low", MEDIUM),
        (Sign.HR, 44.0, "hr_low", MEDIUM),
        (Sign.HR, 45.0, "hr_low", None),
        (Sign.HR, 120.0, "hr_high", None),
        (Sign.HR, 121.0, "hr_high", MEDIUM),
        (Sign.HR, 130.0, "hr_high", MEDIUM),
        (Sign.HR, 131.0, "hr_high", HIGH),
        (Sign.SPO2, 84.9, "spo2_low", HIGH),
        (Sign.SPO2, 85.0, "spo2_low", MEDIUM),
        (Sign.SPO2, 89.9, "spo2_low", MEDIUM),
        (Sign.SPO2, 90.0, "spo2_low", None),
        (Sign.RR, 8.0, "rr_low", MEDIUM),
        (Sign.RR, 9.0, "rr_low", None),
        (Sign.RR, 24.0, "rr_high", None),
        (Sign.RR, 25.0, "rr_high", MEDIUM),
        (Sign.RR, 31.0, "rr_high", MEDIUM),
        (Sign.NIBP_SYS, 79.0, "nibp_sys_low", HIGH),
        (Sign.NIBP_SYS, 80.0, "nibp_sys_low", MEDIUM),
        (Sign.NIBP_SYS, 89.0, "nibp_sys_low", MEDIUM),
        (Sign.NIBP_SYS, 90.0, "nibp_sys_low", None),
        (Sign.NIBP_SYS, 160.0, "nibp_sys_high", None),
        (Sign.NIBP_SYS, 161.0, "nibp_sys_high", LOW),
        (Sign.NIBP_SYS, 179.0, "nibp_sys_high", LOW),
        (Sign.NIBP_SYS, 180.0, "nibp_sys_high", MEDIUM),
        (Sign.NIBP_DIA, 49.0, "nibp_dia_low", MEDIUM),
        (Sign.NIBP_DIA, 50.0, "nibp_dia_low", None),
        (Sign.NIBP_DIA, 100.0, "nibp_dia_high", None),
        (Sign.NIBP_DIA, 101.0, "nibp_dia_high", LOW),
        (Sign.NIBP_DIA, 119.0, "nibp_dia_high", LOW),
        (Sign.NIBP_DIA, 120.0, "nibp_dia_high", MEDIUM),
        (Sign.NIBP_MAP, 40.0, "nibp_map_low", None),
        (Sign.TEMP, 34.9, "temp_low", MEDIUM),
        (Sign.TEMP, 35.0, "temp_low", LOW),
        (Sign.TEMP, 35.9, "temp_low", LOW),
        (Sign.TEMP, 36.0, "temp_low", None),
        (Sign.TEMP, 37.9, "temp_high", None),
        (Sign.TEMP, 38.0, "temp_high", MEDIUM),
        (Sign.TEMP, 40.0, "temp_high", MEDIUM),
        (Sign.TEMP, 40.1, "temp_high", HIGH),
    ],
)
def test_each_boundary_of_the_shipped_limits(sign, value, key, priority):
    bed = Bedside()
    measured = bed.now
    for _ in range(61):
        bed.tell(sign, value, measured_at=measured)
        bed.clock.advance(1.0)
    assert level(bed, key) is priority
    assert bed.seen == [] or priority is not None


@pytest.mark.parametrize(
    ("value", "key", "priority"),
    [(8.0, "rr_low", HIGH), (9.0, "rr_low", None), (30.0, "rr_high", MEDIUM), (31.0, "rr_high", HIGH)],
)
def test_a_counted_breathing_rate_may_be_high_at_once(bed, value, key, priority):
    bed.tell(Sign.RR, value, origin=Origin.COUNTED)
    assert level(bed, key) is priority


def test_mean_pressure_and_shock_index_have_no_alarm():
    assert not {limit.sign for limit in LIMITS} & {Sign.NIBP_MAP, Sign.PI}


# --- the baseline ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("baseline", "value", "alarms"),
    [(98, 94, False), (98, 93.9, True), (96, 92, True), (96, 93, False), (93, 90, False)],
)
def test_a_fallen_saturation_alarms_below_94_after_thirty_seconds(bed, baseline, value, alarms):
    bed.of(baseline={Sign.SPO2: float(baseline)})
    bed.stream(Sign.SPO2, float(value), 29)
    assert bed.manager.views() == ()
    bed.stream(Sign.SPO2, float(value), 1)
    assert (level(bed, "spo2_low") is MEDIUM) is alarms


def test_a_fallen_saturation_says_the_limit_and_the_baseline(bed):
    bed.of(baseline={Sign.SPO2: 97.0})
    bed.stream(Sign.SPO2, 93.0, 30)
    assert bed.view("spo2_low").text == "SpO₂ fallen to 93 % (limit 93, baseline 97)"
    bed.stream(Sign.SPO2, 88.0, 30)
    assert bed.view("spo2_low").text == "SpO₂ low 88 % (limit 90)"


@pytest.mark.parametrize(
    ("baseline", "value", "priority"),
    [(120, 100, None), (120, 99, MEDIUM), (110, 94, None), (110, 93, MEDIUM), (None, 95, None), (150, 104, MEDIUM)],
)
def test_a_pressure_below_100_alarms_only_where_it_has_fallen(bed, baseline, value, priority):
    bed.of(baseline={} if baseline is None else {Sign.NIBP_SYS: float(baseline)})
    bed.tell(Sign.NIBP_SYS, float(value))
    assert level(bed, "nibp_sys_low") is priority


def test_a_fall_of_more_than_thirty_percent_is_a_low_pressure(bed):
    bed.of(baseline={Sign.NIBP_SYS: 160.0})
    bed.tell(Sign.NIBP_SYS, 112.0)  # exactly 30 %
    assert bed.manager.views() == ()
    bed.wait(60)
    bed.tell(Sign.NIBP_SYS, 111.0)
    assert bed.view("nibp_sys_low").text == "SBP low 111 mmHg (limit 112, baseline 160): REPEAT NOW"
    bed.wait(60)
    bed.tell(Sign.NIBP_SYS, 110.0)
    assert level(bed, "nibp_sys_low") is HIGH


@pytest.mark.parametrize(("sign", "calm", "worse"), [(Sign.HR, 91.0, 92.0), (Sign.SPO2, 95.0, 94.0)])
def test_a_low_pressure_is_high_at_once_with_a_faster_heart_or_a_lower_saturation(bed, sign, calm, worse):
    bed.of(baseline=BASELINE)
    bed.tell(sign, calm)
    bed.tell(Sign.NIBP_SYS, 85.0)
    assert level(bed, "nibp_sys_low") is MEDIUM
    bed.tell(sign, worse)
    assert level(bed, "nibp_sys_low") is HIGH
    assert bed.view("nibp_sys_low").text.endswith("HR or SpO₂ worse")


def test_an_old_heart_rate_makes_nothing_worse(bed):
    bed.of(baseline=BASELINE)
    bed.tell(Sign.HR, 110.0)
    bed.wait(16)
    bed.tell(Sign.NIBP_SYS, 85.0)
    assert level(bed, "nibp_sys_low") is MEDIUM


def test_a_temperature_that_has_risen_by_one_degree_alarms(bed):
    bed.of(baseline=BASELINE)
    bed.stream(Sign.TEMP, 37.5, 40)
    assert bed.manager.views() == ()
    bed.stream(Sign.TEMP, 37.6, 30)
    assert bed.view("temp_high").text == "Temp high 37.6 °C (limit 37.6, baseline 36.6)"


def test_a_last_pressure_is_judged_again_when_the_baseline_becomes_known(bed):
    bed.tell(Sign.NIBP_SYS, 96.0)
    assert bed.manager.views() == ()
    bed.of(baseline=BASELINE)
    assert level(bed, "nibp_sys_low") is MEDIUM


# --- a prescribed saturation of 88-92 % ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "priority"), [(79.0, HIGH), (80.0, MEDIUM), (85.0, MEDIUM), (86.0, None), (93.0, None)]
)
def test_scale_two_has_limits_of_its_own(bed, value, priority):
    bed.of(scale2=True, baseline={Sign.SPO2: 90.0})
    bed.stream(Sign.SPO2, value, 40)
    assert level(bed, "spo2_low") is priority


def test_too_much_oxygen_is_told_only_where_it_is_given(bed):
    bed.of(scale2=True)
    bed.stream(Sign.SPO2, 95.0, 20)
    assert bed.manager.views() == ()
    bed.of(scale2=True, on_oxygen=True)
    bed.stream(Sign.SPO2, 95.0, 15)
    assert bed.standing("spo2_high") == (ACTIVE, LOW)
    bed.of(scale2=True)
    assert bed.seen[-1].text.endswith("limits changed")
    assert bed.manager.views() == ()


# --- limits of their own ---------------------------------------------------------------------------------------------


def test_an_own_limit_moves_the_level_nearest_to_normal_and_takes_the_graver_one_along():
    own = {"hr_low": 38.0, "spo2_low": 84.0, "nibp_sys_low": 75.0, "hr_high": 150.0}
    found = {(one.key, one.priority, one.threshold) for one in tailored(LIMITS, Basis(own=own))}
    assert {("hr_low", MEDIUM, 38.0), ("hr_low", HIGH, 33.0)} <= found
    assert {("spo2_low", MEDIUM, 84.0), ("spo2_low", HIGH, 79.0)} <= found
    assert {("nibp_sys_low", MEDIUM, 75.0), ("nibp_sys_low", HIGH, 75.0), ("nibp_sys_low", HIGH, 65.0)} <= found
    assert {("hr_high", MEDIUM, 150.0), ("hr_high", HIGH, 161.0)} <= found


def test_a_stricter_own_limit_leaves_the_graver_level_alone():
    found = {(one.key, one.priority, one.threshold) for one in tailored(LIMITS, Basis(own={"hr_high": 100.0}))}
    assert {("hr_high", MEDIUM, 100.0), ("hr_high", HIGH, 131.0)} <= found


@pytest.mark.parametrize("key", ["hr_low", "hr_high", "spo2_low", "nibp_sys_low", "nibp_sys_high"])
def test_no_own_limit_takes_a_high_alarm_away_or_out_of_its_bounds(key):
    lo, hi = PATIENT_BOUNDS[key.rsplit("_", 1)[0]]
    for limit in (lo, hi):
        mine = [one for one in tailored(LIMITS, Basis(own={key: float(limit)})) if one.key == key]
        had_high = any(one.key == key and one.priority is Priority.HIGH for one in LIMITS)
        assert any(one.priority is Priority.HIGH for one in mine) is had_high
        assert all(BOUNDS[one.sign.value][0] <= one.threshold <= BOUNDS[one.sign.value][1] for one in mine)


def test_a_standing_alarm_that_lies_inside_the_new_limit_ends(bed):
    bed.stream(Sign.HR, 43.0, 12)
    assert level(bed, "hr_low") is MEDIUM
    bed.of(own={"hr_low": 40.0})
    assert bed.manager.views() == ()


def test_a_standing_alarm_beyond_the_new_limit_goes_on_without_a_new_delay(bed):
    bed.stream(Sign.SPO2, 85.5, 6)
    bed.of(own={"spo2_low": 86.0})
    bed.stream(Sign.SPO2, 85.5, 9)
    assert level(bed, "spo2_low") is MEDIUM


def test_the_usual_limit_is_the_one_nearest_to_normal():
    assert (usual(LIMITS, "hr_low"), usual(LIMITS, "hr_high"), usual(LIMITS, "none")) == (45, 120, None)


@pytest.mark.parametrize(("rate", "limit"), [(48.0, 40), (44.0, 37), (50.0, None), (72.0, None)])
def test_a_slow_heart_at_rest_is_offered_a_limit_of_its_own(rate, limit):
    found = offered({Sign.HR: rate}, 50, 85, LIMITS)
    assert dict(found) == ({} if limit is None else {"hr_low": limit})


# --- a cuff on the arm of the probe ----------------------------------------------------------------------------------


def test_while_a_cuff_inflates_on_the_same_arm_saturation_and_sensor_off_are_held(bed):
    bed.of(same_arm=True)
    bed.tell(Sign.SPO2, 97.0)
    bed.tell(Sign.NIBP_SYS, None, Validity.MEASURING)
    bed.stream(Sign.SPO2, 80.0, 30)
    bed.stream(Sign.SPO2, None, 28, validity=Validity.SENSOR_OFF)
    assert bed.manager.views() == ()
    assert bed.why("spo2_low").startswith("Held: cuff, since ")


def test_the_hold_ends_with_the_measurement_and_the_delay_begins_anew(bed):
    bed.of(same_arm=True)
    bed.tell(Sign.NIBP_SYS, None, Validity.MEASURING)
    bed.stream(Sign.SPO2, 80.0, 30)
    bed.tell(Sign.NIBP_SYS, 120.0)
    bed.stream(Sign.SPO2, 80.0, 9)
    assert bed.manager.views() == ()
    bed.stream(Sign.SPO2, 80.0, 1)
    assert level(bed, "spo2_low") is HIGH


def test_a_cuff_holds_for_a_minute_at_most(bed):
    bed.of(same_arm=True)
    bed.tell(Sign.NIBP_SYS, None, Validity.MEASURING)
    bed.stream(Sign.SPO2, 80.0, 60)
    bed.stream(Sign.SPO2, 80.0, 10)
    assert level(bed, "spo2_low") is HIGH


def test_an_alarm_that_stands_is_not_ended_by_a_cuff(bed):
    bed.of(same_arm=True)
    bed.stream(Sign.SPO2, 88.0, 15)
    bed.tell(Sign.NIBP_SYS, None, Validity.MEASURING)
    bed.stream(Sign.SPO2, 97.0, 10)
    assert level(bed, "spo2_low") is MEDIUM


@pytest.mark.parametrize("reaction", [True, False])
def test_nothing_is_held_in_a_reaction_or_on_the_other_arm(bed, reaction):
    bed.of(same_arm=reaction)
    bed.manager.set_reaction_open(reaction, bed.now)
    bed.tell(Sign.NIBP_SYS, None, Validity.MEASURING)
    bed.stream(Sign.SPO2, 80.0, 10)
    assert level(bed, "spo2_low") is HIGH


# --- sensors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("validity", [Validity.LOW_PERFUSION, Validity.ARTIFACT])
def test_a_weak_signal_is_told_after_fifteen_seconds(bed, validity):
    bed.tell(Sign.SPO2, 97.0)
    bed.stream(Sign.SPO2, None, 14, validity=validity)
    assert bed.manager.views() == ()
    bed.stream(Sign.SPO2, None, 1, validity=validity)
    assert bed.standing("weak_signal_spo2") == (ACTIVE, LOW)
    bed.tell(Sign.SPO2, 97.0)
    assert bed.manager.views() == ()


def test_a_temperature_probe_that_is_off_stays_low(bed):
    bed.tell(Sign.TEMP, 36.6)
    bed.stream(Sign.TEMP, None, 100, validity=Validity.SENSOR_OFF)
    assert bed.standing("sensor_off_temp") == (ACTIVE, LOW)


def test_the_next_patient_begins_without_the_last_ones_values(bed):
    bed.tell(Sign.NIBP_SYS, 86.0)
    bed.seen += bed.manager.begin_anew(bed.now)
    assert bed.manager.views() == ()
    bed.of(baseline=BASELINE)
    assert bed.manager.views() == ()
