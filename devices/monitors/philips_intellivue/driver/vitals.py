"""From observed numbers to vital signs: state bits and special values decide what is missing, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from devices.monitors.philips_intellivue.driver.cuff import CuffTimes, MonitorTime
from devices.monitors.philips_intellivue.wire import codes, values
from devices.monitors.philips_intellivue.wire.fields import Attributes, Special
from devices.monitors.philips_intellivue.wire.values import Number
from exomonitor.clock import Instant
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import PLAUSIBLE, Sign, VitalReading
from exomonitor.units import fahrenheit_to_celsius, kpa_to_mmhg

ABSENT_S = 3.0
"""A sign that no result has named for longer is not measured any more."""

# What may stand for a sign, the best first, with what is said about it.
_SOURCES: dict[Sign, dict[int, str]] = {
    Sign.HR: {codes.HR: ""},
    Sign.PULSE: {codes.PLETH_PULSE: "", codes.PULSE: "the monitor's pulse"},
    Sign.SPO2: {codes.SPO2: ""},
    Sign.PI: {codes.PERFUSION: ""},
    Sign.RR: {codes.RESP_RATE: "", codes.AIRWAY_RATE: "airway", codes.SPONTANEOUS_RATE: "spontaneous"},
    Sign.TEMP: {
        codes.TEMP_CORE: "core",
        codes.TEMP: "",
        codes.TEMP_RECTAL: "rectal",
        codes.TEMP_TYMPANIC: "tympanic",
        codes.TEMP_ORAL: "oral",
        codes.TEMP_AXILLARY: "axillary",
        codes.TEMP_GENERIC_1: "T1",
        codes.TEMP_SKIN: "skin",
    },
}
_CUFF = {Sign.NIBP_SYS: codes.NIBP_SYS, Sign.NIBP_DIA: codes.NIBP_DIA, Sign.NIBP_MAP: codes.NIBP_MEAN}
_ONLY_THE_SURFACE = frozenset({codes.TEMP_SKIN})
# Asystole and apnoea: the two zeros that are a measurement, where the monitor itself alarms about them.
_ZERO_MAY_BE_TRUE = frozenset({Sign.HR, Sign.RR})

_Convert = Callable[[float], float]
_SAME: _Convert = float
_PRESSURE: dict[int, tuple[_Convert, str]] = {
    codes.MMHG: (_SAME, ""),
    codes.KILOPASCAL: (lambda kpa: round(kpa_to_mmhg(kpa), 1), "kPa"),
}
_UNITS: dict[Sign, dict[int, tuple[_Convert, str]]] = {
    Sign.HR: {codes.BEATS_PER_MIN: (_SAME, "")},
    Sign.PULSE: {codes.BEATS_PER_MIN: (_SAME, "")},
    Sign.SPO2: {codes.PERCENT: (_SAME, "")},
    Sign.PI: {codes.PERCENT: (_SAME, ""), codes.DIMENSIONLESS: (_SAME, "")},
    Sign.RR: {codes.BREATHS_PER_MIN: (_SAME, ""), codes.BEATS_PER_MIN: (_SAME, "")},
    Sign.TEMP: {
        codes.CELSIUS: (_SAME, ""),
        codes.FAHRENHEIT: (lambda value: float(fahrenheit_to_celsius(Decimal(str(value)))), "°F"),
    },
    **dict.fromkeys(_CUFF, _PRESSURE),
}
_STATES: tuple[tuple[int, Validity], ...] = (
    (values.DEMO, Validity.DEMO),
    (values.TEST, Validity.TEST),
    (values.UNAVAILABLE, Validity.UNAVAILABLE),
    (values.CALIBRATING, Validity.CALIBRATING),
    (values.INVALID, Validity.INVALID),
)
_SPECIALS = {
    Special.NAN: (Validity.UNAVAILABLE, ""),
    Special.NOT_AT_THIS_RESOLUTION: (Validity.INVALID, "not at this resolution"),
    Special.PLUS_INFINITY: (Validity.INVALID, "above the monitor's range"),
    Special.MINUS_INFINITY: (Validity.INVALID, "below the monitor's range"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A value with what is thought of it; `value` in the sign's unit, None when missing."""

    value: float | None
    validity: Validity
    note: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One number of the monitor with the attributes of its object (time stamps)."""

    number: Number
    attributes: Attributes


class VitalSigns:
    """Turns the numbers of one result into readings, and notices what is no longer among them."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._cuff = CuffTimes()
        self._named: dict[Sign, Instant] = {}
        self._cuff_known = False

    def associated(self) -> None:
        """A new association: nothing has been named in it yet."""
        self._named.clear()
        self._cuff_known = False

    def readings(self, told: Iterable[Told], now: MonitorTime, at: Instant) -> list[VitalReading]:
        """A reading for each sign that is named, and "unavailable" for each that has not been for a while."""
        by_physio = {one.number.physio: one for one in told}
        readings = []
        for sign, sources in _SOURCES.items():
            found = [(physio, note) for physio, note in sources.items() if physio in by_physio]
            judged = [_from_source(sign, by_physio[physio].number, note) for physio, note in found]
            if judged:
                self._named[sign] = at
                readings.append(self._reading(sign, _best(judged), at))
            elif self._absent(sign, at):
                readings.append(self._reading(sign, Judged(None, Validity.UNAVAILABLE), at))
        return readings + self._pressures(by_physio, now, at)

    def _absent(self, sign: Sign, at: Instant) -> bool:
        return at.since(self._named.setdefault(sign, at)) > ABSENT_S

    def _pressures(self, by_physio: dict[int, Told], now: MonitorTime, at: Instant) -> list[VitalReading]:
        """The cuff's pressures, all of one measurement and one age; a result that is no longer sent just grows old."""
        told = {sign: by_physio[physio] for sign, physio in _CUFF.items() if physio in by_physio}
        if not told:
            if self._cuff_known or not self._absent(Sign.NIBP_SYS, at):
                return []
            return [self._reading(sign, Judged(None, Validity.UNAVAILABLE), at) for sign in _CUFF]
        self._cuff_known = True
        judged = {sign: _judge(sign, one.number) for sign, one in told.items()}
        bits = 0
        for one in told.values():
            bits |= one.number.state
        if bits & (values.MEASURING | values.EARLY):
            self._cuff.nothing(at)
            return [self._reading(sign, _while_measuring(told[sign].number, one), at) for sign, one in judged.items()]
        if not any(one.validity.carries_value for one in judged.values()):
            self._cuff.nothing(at)
            return [self._reading(sign, one, at) for sign, one in judged.items()]
        return self._dated(told, judged, now, at)

    def _dated(
        self, told: dict[Sign, Told], judged: dict[Sign, Judged], now: MonitorTime, at: Instant
    ) -> list[VitalReading]:
        pressures = tuple(one.number.value for one in told.values())
        attributes = next(iter(told.values())).attributes
        measured_at = self._cuff.measured_at(pressures, attributes, now, at)
        if measured_at is None:
            old = Judged(None, Validity.HELD, "measured before it was first seen here")
            judged = {sign: old if one.validity.carries_value else one for sign, one in judged.items()}
        sys, dia = (judged.get(sign) for sign in (Sign.NIBP_SYS, Sign.NIBP_DIA))
        if sys and dia and sys.value is not None and dia.value is not None and sys.value <= dia.value:
            judged = {sign: _doubted(one, "systolic not above diastolic") for sign, one in judged.items()}
        return [self._reading(sign, one, at, measured_at) for sign, one in judged.items()]

    def _reading(self, sign: Sign, judged: Judged, at: Instant, measured_at: Instant | None = None) -> VitalReading:
        """The reading; a value that no working monitor shows is kept, but doubted."""
        lowest, highest = PLAUSIBLE[sign]
        if judged.value is not None and not lowest <= judged.value <= highest:
            judged = _doubted(judged, judged.note or "outside the plausible range")
        when = measured_at if judged.value is not None else None
        return VitalReading(self._source, sign, judged.value, judged.validity, at, when, note=judged.note)


def _from_source(sign: Sign, number: Number, note: str) -> Judged:
    judged = _judge(sign, number)
    if judged.value is not None and number.physio in _ONLY_THE_SURFACE:
        return _doubted(judged, note)
    return judged if judged.note or judged.value is None else replace(judged, note=note)


def _judge(sign: Sign, number: Number) -> Judged:
    for bit, validity in _STATES:
        if number.state & bit:
            return Judged(None, validity)
    if number.state & values.NOT_VALID & ~values.QUESTIONABLE:
        return Judged(None, Validity.INVALID, f"unknown state {number.state:04X}")
    if isinstance(number.value, Special):
        return Judged(None, *_SPECIALS[number.value])
    convert, raw_unit = _UNITS[sign].get(number.unit, (None, ""))
    if convert is None:
        return Judged(None, Validity.INVALID, f"unknown unit {number.unit:04X}")
    note = f"{number.value:g} {raw_unit} on the monitor" if raw_unit else ""
    if number.value == 0 and raw_unit != "°F":
        if sign in _ZERO_MAY_BE_TRUE and number.state & values.IN_ALARM:
            return Judged(0.0, Validity.QUESTIONABLE, "zero, and the monitor alarms")
        return Judged(None, Validity.INVALID, "zero is no value")
    questionable = number.state & values.QUESTIONABLE
    return Judged(convert(number.value), Validity.QUESTIONABLE if questionable else Validity.VALID, note)


def _while_measuring(number: Number, judged: Judged) -> Judged:
    """While the cuff works there is no result, but the monitor may already tell the first of the three."""
    if judged.value is None and judged.validity in (Validity.DEMO, Validity.TEST, Validity.CALIBRATING):
        return judged
    if number.state & values.EARLY and judged.value is not None:
        return replace(judged, validity=Validity.EARLY)
    return Judged(None, Validity.MEASURING)


def _best(judged: list[Judged]) -> Judged:
    """The first that is surely good, else the first with a value, else the first reason why there is none."""
    with_value = [one for one in judged if one.value is not None]
    good = [one for one in with_value if one.validity is Validity.VALID]
    return [*good, *with_value, *judged][0]


def _doubted(judged: Judged, note: str) -> Judged:
    return judged if judged.value is None else replace(judged, validity=Validity.QUESTIONABLE, note=note)
