"""In a flood of alarms the one that matters is first, is heard, and stays first."""

from __future__ import annotations

from exomonitor.alarms.policy import AlarmState
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import HIGH, LOW, MEDIUM

MANY = 20


def test_in_a_flood_the_high_alarm_stays_first_and_is_what_is_heard(bed):
    for number in range(MANY):
        bed.technical(f"low {number}", True, LOW)
        bed.technical(f"medium {number}", True, MEDIUM)
    bed.tell(Sign.NIBP_SYS, 86.0)
    bed.wait(60)
    bed.tell(Sign.NIBP_SYS, 84.0)
    assert bed.standing("nibp_sys_low") == (AlarmState.ACTIVE, HIGH)
    for number in range(MANY):  # and the flood goes on
        bed.technical(f"later {number}", True, MEDIUM)
    views = bed.manager.views()
    assert len(views) == 3 * MANY + 1
    assert views[0].key == "nibp_sys_low"
    assert bed.manager.sound(bed.now) is HIGH
    for number in range(MANY):
        bed.acknowledge(f"later {number}")
    assert bed.manager.views()[0].key == "nibp_sys_low"
    assert bed.manager.sound(bed.now) is HIGH
