"""A sign without a value: what is said of its sensor or of the lack, how long its alarms wait for the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from exomonitor.alarms.detectors import Report
from exomonitor.alarms.limits import Priority
from exomonitor.clock import Instant
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign

HOLD_S = 60.0
"""So long a sign may be held (a monitor says so, or a cuff inflates on the arm of the probe)."""
PATIENCE_S = 10.0
"""So long a limit alarm stands, and a delay only stops, while there is no value: until that is an alarm itself."""
WEAK_PATIENCE_S = 15.0
"""The same where the probe is on and finds no good pulse, which is told that much later."""
WEAK = frozenset({Validity.LOW_PERFUSION, Validity.ARTIFACT})
# A sensor that comes off in mid-session: low after 10 s, medium a minute later; a temperature probe stays low.
_STAGES = ((PATIENCE_S, Priority.LOW), (70.0, Priority.MEDIUM))
OFF = {
    Sign.SPO2: ("SpO₂ SENSOR OFF", _STAGES),
    Sign.HR: ("ECG LEADS OFF", _STAGES),
    Sign.TEMP: ("TEMPERATURE PROBE OFF", _STAGES[:1]),
}
WEAK_KEY, WEAK_TEXT, WEAK_STAGES = "weak_signal_spo2", "SpO₂ WEAK SIGNAL - look at the probe", ((15.0, Priority.LOW),)
NO_VALUE = {
    Sign.SPO2: ("SpO₂ NO VALUE", _STAGES),
    Sign.HR: ("HR NO VALUE", _STAGES),
    Sign.RR: ("RR NO VALUE", _STAGES),
    Sign.TEMP: ("TEMPERATURE NO VALUE", _STAGES[:1]),
}
"""What is told of a sign that had a value, and when: low, then medium; a temperature stays low."""
SPOT = frozenset({Sign.TEMP})
"""May be measured now and then: that the monitor does not speak of it says nothing."""


class Held(StrEnum):
    """Why a sign is not judged for a while."""

    CUFF = "cuff"
    DEVICE = "the monitor holds the value"


@dataclass(frozen=True, slots=True)
class Hold:
    """A sign that is not judged from `since` to `until` at the latest."""

    why: Held
    since: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class Missing:
    """A sign that has no value since then, and for how many seconds its limit alarms wait for one."""

    since: Instant
    patience_s: float

    def is_over(self, now: Instant) -> bool:
        """Whether nobody waits for a value any more."""
        return now.since(self.since) >= self.patience_s


def patience_s(sign: Sign, validity: Validity) -> float:
    """For how many seconds the alarms of the sign wait while the monitor says this instead of a value."""
    return WEAK_PATIENCE_S if sign is Sign.SPO2 and validity in WEAK else PATIENCE_S


def off_key(sign: Sign) -> str:
    """The condition of a sensor that is off."""
    return f"sensor_off_{sign}"


def sensor_rows(sign: Sign, validity: Validity) -> Iterator[tuple[str, bool, str, tuple[tuple[float, Priority], ...]]]:
    """The conditions that the sensor of a sign may have: (key, whether the monitor says so now, text, stages)."""
    if sign in OFF:
        text, stages = OFF[sign]
        yield off_key(sign), validity is Validity.SENSOR_OFF, text, stages
    if sign is Sign.SPO2:
        yield WEAK_KEY, validity in WEAK, WEAK_TEXT, WEAK_STAGES


def no_value_key(sign: Sign) -> str:
    """The condition of a sign that had a value and has none."""
    return f"no_value_{sign}"


def about_sensor(key: str) -> frozenset[Sign]:
    """The sign that a condition of this module is about."""
    if key == WEAK_KEY:
        return frozenset({Sign.SPO2})
    return frozenset(sign for sign in NO_VALUE if key in {off_key(sign), no_value_key(sign)})


def with_last(text: str, last: str) -> str:
    """`SpO₂ NO VALUE - last: SpO₂ low 86 % (limit 90)`: what alarmed when the value went; "" = nothing did."""
    return f"{text} - last: {last}" if last else f"{text} - look at the patient"


def is_said(key: str, reports: Mapping[str, Report], now: Instant, *, rate_by_probe: bool, cuff: bool) -> bool:
    """Whether another report says already why a sign has no value: its sensor is off or weak all the time, or the same
    electrodes or the same probe have lost another sign. rate_by_probe: the heart rate never came from an ECG; cuff: one
    inflates on the arm of the probe."""
    sign = next((one for one in NO_VALUE if key == no_value_key(one)), None)
    own = reports.get(key)
    if sign is None or own is None:
        return False
    for name in (off_key(sign), *((WEAK_KEY,) if sign is Sign.SPO2 else ())):
        other = reports.get(name)
        if other is not None and (other.since.since(own.since) <= 0 or other.finding(now).level is not None):
            return True
    if sign is Sign.RR:
        return off_key(Sign.HR) in reports
    probe = (off_key(Sign.SPO2), WEAK_KEY, no_value_key(Sign.SPO2))
    return sign is Sign.HR and rate_by_probe and (cuff or any(one in reports for one in probe))
