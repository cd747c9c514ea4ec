"""How late an alarm may be, all in all."""

import pytest

from exomonitor.alarms.delays import total_delay, total_delays
from tests.exomonitor.alarms.alarm_bed import LIMITS


def limit(key, threshold):
    return next(one for one in LIMITS if one.key == key and one.threshold == threshold)


@pytest.mark.parametrize(("interval_s", "total_s"), [(1.0, 16.25), (5.0, 20.25), (30.0, 90.25)])
def test_the_delay_or_three_samples_and_one_report_more(interval_s, total_s):
    assert total_delay(limit("spo2_low", 90), interval_s).total_s == total_s


def test_what_the_device_averages_is_added_and_what_is_not_known_is_said():
    known, unknown = (total_delay(limit("hr_high", 120), 1.0, averaging_s) for averaging_s in (8.0, None))
    assert (known.total_s, unknown.total_s) == (29.25, 21.25)
    assert known.words == "up to 29 s (delay 20 s; averaging 8 s)"
    assert unknown.words == "up to 21 s (delay 20 s; averaging of the device not known)"


def test_a_pressure_is_judged_when_it_is_reported():
    assert total_delay(limit("nibp_sys_low", 80), 5.0).total_s == 5.25


def test_all_limits_of_a_device():
    assert len(total_delays(LIMITS, 1.0)) == len(LIMITS)
