"""NEWS2 (Royal College of Physicians, 2017): parts, total and band of seven observations, never of fewer."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from exomonitor.errors import CommandRefused
from exomonitor.units import rounded

Number = Decimal | float | int
LOWEST_AGE_YEARS = 16
RED_LINE = "3 in one parameter: urgent review"


class Band(StrEnum):
    """The clinical risk that a total stands for."""

    LOW = "low"
    LOW_MEDIUM = "low-medium"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Observations:
    """The seven inputs; None = not observed. rr and hr per minute, spo2 in %, sbp in mmHg, temp in degrees Celsius.

    acvpu: A (alert), C (new confusion), V, P or U.
    """

    rr: Number | None = None
    spo2: Number | None = None
    on_oxygen: bool | None = None
    sbp: Number | None = None
    hr: Number | None = None
    acvpu: str | None = None
    temp: Number | None = None

    def given(self) -> int:
        """How many of the seven are there."""
        values = (self.rr, self.spo2, self.on_oxygen, self.sbp, self.hr, self.acvpu, self.temp)
        return sum(value is not None for value in values)


@dataclass(frozen=True, slots=True)
class News2:
    """The score; total and band are None while it is incomplete or not applicable; at_least sums what is known."""

    parts: Mapping[str, int | None]
    given: int
    at_least: int
    total: int | None = None
    band: Band | None = None
    not_applicable: str = ""

    @property
    def red(self) -> bool:
        """Whether a single parameter scores 3."""
        return 3 in self.parts.values()

    @property
    def text(self) -> str:
        """One line for the screen; the single-parameter rule stands first."""
        if self.not_applicable:
            return f"NEWS2 not applicable: {self.not_applicable}"
        if self.total is None or self.band is None:
            line = f"NEWS2 incomplete ({self.given} of 7), at least {self.at_least}"
        else:
            line = f"NEWS2 {self.total}, {self.band}"
        return f"{RED_LINE} · {line}" if self.red else line


# (highest value of each step, points of each step and of what lies above the last)
_RR = ((8, 11, 20, 24), (3, 1, 0, 2, 3))
_SPO2_SCALE_1 = ((91, 93, 95), (3, 2, 1, 0))
_SPO2_SCALE_2_AIR = ((83, 85, 87), (3, 2, 1, 0))
_SPO2_SCALE_2_OXYGEN = ((83, 85, 87, 92, 94, 96), (3, 2, 1, 0, 1, 2, 3))
_SBP = ((90, 100, 110, 219), (3, 2, 1, 0, 3))
_HR = ((40, 50, 90, 110, 130), (3, 1, 0, 1, 2, 3))
_TEMP_TENTHS = ((350, 360, 380, 390), (3, 1, 0, 1, 2))
_ACVPU = {"A": 0, "C": 3, "V": 3, "P": 3, "U": 3}


def news2(seen: Observations, scale: int = 1, *, age_years: int | None = None, pregnant: bool = False) -> News2:
    """Score one set; scale 2 only where 88-92 % is prescribed. CommandRefused for what cannot be scored."""
    if scale not in {1, 2}:
        raise CommandRefused(f"NEWS2 has the SpO₂ scales 1 and 2, not {scale}")
    parts: dict[str, int | None] = {
        "rr": _points(_whole("RR", seen.rr), _RR),
        "spo2": _spo2(_whole("SpO₂", seen.spo2), seen.on_oxygen, scale),
        "o2": None if seen.on_oxygen is None else 2 * seen.on_oxygen,
        "sbp": _points(_whole("SBP", seen.sbp), _SBP),
        "hr": _points(_whole("HR", seen.hr), _HR),
        "c": _consciousness(seen.acvpu),
        "temp": None if seen.temp is None else _points(int(rounded(_decimal(seen.temp), 1) * 10), _TEMP_TENTHS),
    }
    known = [points for points in parts.values() if points is not None]
    unfit = _not_applicable(age_years, pregnant)
    if unfit:
        return News2(dict.fromkeys(parts), seen.given(), 0, not_applicable=unfit)
    if seen.given() < len(parts):
        return News2(parts, seen.given(), sum(known))
    return News2(parts, seen.given(), sum(known), sum(known), _band(sum(known), 3 in known))


def _not_applicable(age_years: int | None, pregnant: bool) -> str:
    if age_years is not None and age_years < LOWEST_AGE_YEARS:
        return f"under {LOWEST_AGE_YEARS} years"
    return "pregnancy" if pregnant else ""


def _band(total: int, red: bool) -> Band:
    if total >= 7:
        return Band.HIGH
    if total >= 5:
        return Band.MEDIUM
    return Band.LOW_MEDIUM if red else Band.LOW


def _points(value: int | None, table: tuple[tuple[int, ...], tuple[int, ...]]) -> int | None:
    steps, points = table
    return None if value is None else points[bisect_left(steps, value)]


def _spo2(value: int | None, on_oxygen: bool | None, scale: int) -> int | None:
    if scale == 1:
        return _points(value, _SPO2_SCALE_1)
    on_air = _points(value, _SPO2_SCALE_2_AIR)
    on_oxygen_points = _points(value, _SPO2_SCALE_2_OXYGEN)
    if on_oxygen is None:  # up to 92 % both agree; above, only the oxygen tells
        return on_air if on_air == on_oxygen_points else None
    return on_oxygen_points if on_oxygen else on_air


def _consciousness(acvpu: str | None) -> int | None:
    if acvpu is None:
        return None
    if acvpu not in _ACVPU:
        raise CommandRefused(f"Consciousness is A, C, V, P or U, not {acvpu!r}")
    return _ACVPU[acvpu]


def _whole(name: str, value: Number | None) -> int | None:
    if value is None:
        return None
    number = _decimal(value)
    if number != number.to_integral_value():
        raise CommandRefused(f"NEWS2 takes {name} as a whole number, not {number}")
    return int(number)


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
