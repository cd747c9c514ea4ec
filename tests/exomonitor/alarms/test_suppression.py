"""What keeps a condition down is what the table says of it, and nothing else."""

import pytest

from exomonitor.alarms.catalogue import FIXED, Category, catalogue
from exomonitor.alarms.missing import NO_VALUE, OFF, no_value_key
from exomonitor.alarms.suppression import Suppression
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import LIMITS, Bedside

STATES = (Suppression.AWAY, Suppression.LEFT, Suppression.CLOSED)
TOLD = [row for row in FIXED if row.category is not Category.RELAYED and "sensor_off" not in row.key and not row.helper]
TOLD = [row for row in TOLD if row.key not in {"weak_signal_spo2", "hr_sources", *map(no_value_key, NO_VALUE)}]
BEYOND = [
    ("spo2_low", Sign.SPO2, 87.0), ("hr_high", Sign.HR, 125.0),
    ("rr_high", Sign.RR, 28.0), ("temp_high", Sign.TEMP, 39.0)
]  # fmt: skip


def suppress(bed, what, is_so=True):
    if what is Suppression.AWAY:
        bed.manager.set_away(is_so, bed.now)
    elif what is Suppression.LEFT:
        bed.manager.set_deserted(is_so, bed.now)
    else:
        bed.manager.set_closed(is_so)


@pytest.mark.parametrize("row", TOLD, ids=lambda row: row.key)
@pytest.mark.parametrize("what", STATES, ids=lambda what: what.name)
def test_a_told_condition_is_kept_down_by_what_its_row_names(row, what):
    bed, key = Bedside(), row.key.replace("*", "x")
    suppress(bed, what)
    bed.technical(key, True, row.priorities[0])
    bed.wait(1)
    assert (bed.view(key) is None) == (what in row.suppressed_by)
    suppress(bed, what, is_so=False)
    bed.technical(key, True, row.priorities[0])
    assert bed.view(key) is not None


@pytest.mark.parametrize(("key", "sign", "beyond"), BEYOND)
@pytest.mark.parametrize("what", [*STATES, Suppression.NO_VALUE, Suppression.HELD, Suppression.CUFF])
def test_a_limit_is_kept_down_by_what_its_row_names(key, sign, beyond, what):
    bed = Bedside()
    bed.of(same_arm=True)
    (row,) = (one for one in catalogue(bed.manager.limits) if one.key == key)
    bed.stream(sign, beyond, 2)
    told, validity = beyond, Validity.VALID
    if what in {Suppression.AWAY, Suppression.LEFT}:
        bed.manager.set_away(True, bed.now)  # one who has left is away as well
    elif what is Suppression.CUFF:
        bed.tell(Sign.NIBP_SYS, None, Validity.MEASURING)
    elif what is not Suppression.CLOSED:
        told, validity = None, Validity.HELD if what is Suppression.HELD else Validity.UNAVAILABLE
    bed.stream(sign, told, 58.5, 1.5, validity)
    assert (bed.view(key) is None) == (what in row.suppressed_by)


def test_a_measured_pressure_stands_also_without_another_value(bed):
    bed.tell(Sign.NIBP_SYS, 85.0)
    bed.tell(Sign.NIBP_SYS, None, Validity.UNAVAILABLE)
    row = next(one for one in catalogue(LIMITS) if one.key == "nibp_sys_low")
    assert bed.view(row.key) is not None
    assert Suppression.NO_VALUE not in row.suppressed_by


@pytest.mark.parametrize("sign", [*OFF, "weak"])
@pytest.mark.parametrize("what", [Suppression.AWAY, Suppression.CUFF])
def test_a_sensor_is_kept_down_by_what_its_row_names(sign, what):
    bed = Bedside()
    bed.of(same_arm=True)
    key, told = ("weak_signal_spo2", Sign.SPO2) if sign == "weak" else (f"sensor_off_{sign}", sign)
    validity = Validity.LOW_PERFUSION if sign == "weak" else Validity.SENSOR_OFF
    row = next(one for one in FIXED if one.key == key)
    bed.tell(told, 80.0 if told is not Sign.TEMP else 37.0)
    if what is Suppression.AWAY:
        bed.manager.set_away(True, bed.now)
    else:
        bed.tell(Sign.NIBP_SYS, None, Validity.MEASURING)
    bed.stream(told, None, 55, validity=validity)
    assert (bed.view(key) is None) == (what in row.suppressed_by)


@pytest.mark.parametrize("what", STATES, ids=lambda what: what.name)
def test_a_device_that_alarms_is_kept_down_by_what_its_row_names(what):
    bed = Bedside()
    suppress(bed, what)
    alarm = RelayedAlarm("pump", "1", "9", AlarmKind.AIR_IN_LINE, "Air in line", "high", True, bed.now)
    bed.manager.on_relayed(alarm, bed.now)
    row = next(one for one in FIXED if one.key == "relayed:*")
    assert (bed.manager.views() == ()) == (what in row.suppressed_by)
