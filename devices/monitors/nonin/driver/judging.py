"""What a number of an oximeter is worth under the conditions that come with it, and its battery's alarm."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import PLAUSIBLE, Sign, VitalReading


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the oximeter says about its own signal."""

    sensor_alarm: bool = False
    out_of_track: bool = False
    artifact: bool = False
    low_perfusion: bool = False
    marginal_perfusion: bool = False


def vital_readings(
    spo2: int | None, pulse: int | None, conditions: Conditions, source: str, at: Instant, *,
    held: bool = False, note: str = "",
) -> list[VitalReading]:  # fmt: skip
    """Both signs, missing ones too. `held`: the display still shows numbers of before; they never become values."""
    numbers = {Sign.SPO2: spo2, Sign.PULSE: pulse}
    return [_reading(sign, value, conditions, source, at, held=held, note=note) for sign, value in numbers.items()]


def _reading(
    sign: Sign, value: int | None, conditions: Conditions, source: str, at: Instant, *, held: bool, note: str
) -> VitalReading:
    if conditions.sensor_alarm:
        validity = Validity.HELD if held or value is not None else Validity.SENSOR_OFF
        told = "the sensor is off, the oximeter holds its last number" if validity is Validity.HELD else ""
        return VitalReading(source, sign, None, validity, at, note=told)
    if value is None:
        validity, told = _why_missing(conditions, held=held)
        return VitalReading(source, sign, None, validity, at, note=told)
    if value == 0:
        return VitalReading(source, sign, None, Validity.INVALID, at, note="zero is no value")
    doubt = _doubt(sign, value, conditions)
    if doubt:
        return VitalReading(source, sign, float(value), Validity.QUESTIONABLE, at, note=doubt)
    told = note or ("marginal perfusion" if conditions.marginal_perfusion else "")
    return VitalReading(source, sign, float(value), Validity.VALID, at, note=told)


def _why_missing(conditions: Conditions, *, held: bool) -> tuple[Validity, str]:
    if held:
        return Validity.HELD, "the oximeter holds its last number"
    if conditions.out_of_track:
        return Validity.ARTIFACT, "no good pulse for some time"
    if conditions.artifact:
        return Validity.ARTIFACT, ""
    if conditions.low_perfusion:
        return Validity.LOW_PERFUSION, ""
    return Validity.UNAVAILABLE, ""


def _doubt(sign: Sign, value: int, conditions: Conditions) -> str:
    lowest, highest = PLAUSIBLE[sign]
    for is_so, told in (
        (conditions.out_of_track, "no good pulse for some time"),
        (conditions.artifact, "artifact"),
        (conditions.low_perfusion, "low perfusion"),
        (not lowest <= value <= highest, "outside the plausible range"),
    ):
        if is_so:
            return told
    return ""


class Battery:
    """The oximeter's low battery as an alarm that begins and ends once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._low = False

    def forget(self) -> None:
        """The port was reopened: a battery that is still low is told anew."""
        self._low = False

    def told(self, at: Instant, *, low: bool) -> list[RelayedAlarm]:
        """The alarm's beginning or end when `low` has changed."""
        if low == self._low:
            return []
        self._low = low
        text = "Oximeter battery is low"
        return [RelayedAlarm(self._source, "", "BATT", AlarmKind.BATTERY_LOW, text, "low", low, at)]
