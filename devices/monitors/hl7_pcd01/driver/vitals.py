"""From the OBX segments of one message to vital signs: flags, status, syntax, unit and range decide what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from devices.monitors.hl7_pcd01.driver.ages import Ages
from devices.monitors.hl7_pcd01.wire import codes
from devices.monitors.hl7_pcd01.wire.messages import Message, Segment
from exomonitor.clock import Instant
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import PLAUSIBLE, UNIT_OF, Sign, VitalReading
from exomonitor.units import fahrenheit_to_celsius, kpa_to_mmhg

_NUMBER = re.compile(r"[+-]?[0-9]{1,6}(?:\.[0-9]{1,6})?")
_NUMERIC_TYPES = frozenset({"", "NM", "ST", "SN"})
# What OBX-8 says of the measurement (IHE PCD); letters such as L, H, N compare with limits and say nothing here.
_FLAGS: Mapping[str, Validity] = MappingProxyType(
    {
        "DEMO": Validity.DEMO,
        "TEST": Validity.TEST,
        "INV": Validity.INVALID,
        "NAV": Validity.UNAVAILABLE,
        "CAL": Validity.CALIBRATING,
        "BUSY": Validity.MEASURING,
        "QUES": Validity.QUESTIONABLE,
        "EARLY": Validity.EARLY,
    }
)
_GOOD_STATUS = frozenset({"", "R", "F", "P", "C", "S"})
_TRAINING = frozenset({"T", "D"})


@dataclass(frozen=True, slots=True)
class Judged:
    """A value in its sign's unit, or None with the reason."""

    value: float | None
    validity: Validity
    note: str = ""


def vital_readings(message: Message, ages: Ages, source: str, at: Instant) -> list[VitalReading]:
    """One reading for each sign that the message names: of several sources the best that has a number."""
    training = message.header.component(11, 1) in _TRAINING
    best: dict[Sign, tuple[tuple[bool, int], VitalReading]] = {}
    observed = ""
    for segment in message.segments:
        if segment.name == "OBR":
            observed = segment.field(7)
        meaning = codes.meaning_of(segment.components(3)) if segment.name == "OBX" else None
        if meaning is None:
            continue
        sign = Sign(meaning.sign)
        judged = Judged(None, Validity.TEST, "training mode") if training else _judged(segment, sign, meaning)
        measured_at = None
        if judged.value is not None:
            measured_at = ages.measured_at(sign, judged.value, segment.field(14) or observed, at)
        reading = VitalReading(source, sign, judged.value, judged.validity, at, measured_at, note=judged.note)
        order = (reading.value is None, meaning.rank)
        if sign not in best or order < best[sign][0]:
            best[sign] = (order, reading)
    return _doubt_pressures([reading for _, reading in best.values()])


def _judged(segment: Segment, sign: Sign, meaning: codes.Meaning) -> Judged:
    flags = {flag for part in segment.field(8).split("~") for flag in part.upper().split("^")}
    told = [validity for flag, validity in _FLAGS.items() if flag in flags]
    for validity in told:
        if not validity.carries_value:
            return Judged(None, validity)
    status = segment.field(11).upper()
    if status not in _GOOD_STATUS:
        return Judged(None, Validity.UNAVAILABLE, "not measured" if status == "X" else f"result status {status}")
    judged = _in_unit(_number(segment), sign, segment)
    if judged.value is None:
        return judged
    lowest, highest = PLAUSIBLE[sign]
    if not lowest <= judged.value <= highest:
        return replace(judged, validity=Validity.QUESTIONABLE, note=judged.note or "outside the plausible range")
    if judged.validity is not Validity.VALID:
        return judged
    if told or meaning.surface:
        return replace(judged, validity=told[0] if told else Validity.QUESTIONABLE, note=meaning.note)
    return replace(judged, note=meaning.note)


def _number(segment: Segment) -> Judged:
    """OBX-5 as a number in the device's own unit; empty, negative and zero are no values."""
    if segment.field(2) not in _NUMERIC_TYPES:
        return Judged(None, Validity.INVALID, f"not a number but {segment.field(2)}")
    parts = [part.strip() for part in segment.components(5)]
    if segment.field(2) == "SN" and parts[0] in ("", "="):  # a structured number: comparator, then the number
        parts = parts[1:2] or [""]
    text = parts[0]
    if len(parts) > 1 and any(parts[1:]):
        return Judged(None, Validity.INVALID, "several values in one")
    if text.strip('"-?* ') == "":
        return Judged(None, Validity.UNAVAILABLE)
    if _NUMBER.fullmatch(text) is None:
        return Judged(None, Validity.INVALID, "not a number")
    value = float(text)
    if value < 0:
        return Judged(None, Validity.UNAVAILABLE, f"{text} stands for no value")
    return Judged(None, Validity.INVALID, "zero is no value") if value == 0 else Judged(value, Validity.VALID)


def _in_unit(judged: Judged, sign: Sign, segment: Segment) -> Judged:
    """The value in the canonical unit of its sign."""
    if judged.value is None:
        return judged
    unit = codes.unit_of(segment.components(6))
    if unit == "":
        return replace(judged, validity=Validity.QUESTIONABLE, note="the monitor told no unit")
    if unit == UNIT_OF[sign]:
        return judged
    if unit == codes.KPA and UNIT_OF[sign] == codes.MMHG:
        return replace(judged, value=round(kpa_to_mmhg(judged.value), 1))
    if unit == codes.FAHRENHEIT and UNIT_OF[sign] == codes.CELSIUS:
        return replace(judged, value=float(fahrenheit_to_celsius(Decimal(str(judged.value)))))
    return Judged(None, Validity.INVALID, "a unit that does not fit")


def _doubt_pressures(readings: list[VitalReading]) -> list[VitalReading]:
    """A systolic pressure that is not above the diastolic one puts all three in doubt."""
    values = {reading.sign: reading.value for reading in readings}
    sys, dia = values.get(Sign.NIBP_SYS), values.get(Sign.NIBP_DIA)
    if sys is None or dia is None or sys > dia:
        return readings
    return [
        replace(reading, validity=Validity.QUESTIONABLE, note="systolic not above diastolic")
        if reading.sign in (Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP) and reading.value is not None
        else reading
        for reading in readings
    ]
