"""Canonical units: the only conversion, parsing of typed numbers, rounding and formatting. Codes are UCUM."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from exomonitor.errors import CommandRefused

PER_MIN, PERCENT, MMHG, CELSIUS = "/min", "%", "mm[Hg]", "Cel"
ML_H, ML, SECONDS, MV, OHM = "mL/h", "mL", "s", "mV", "Ohm"

_SHOWN = {CELSIUS: "°C", MMHG: "mmHg", OHM: "Ω"}
_WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
"""Holds every finite float to the last digit: no number that stands in a record is too long to be told."""
_PLAIN_NUMBER = re.compile(r"^[+-]?[0-9]+(?:[.,][0-9]+)?$")
_THOUSANDS_LOOK = re.compile(r"^[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}$")


@dataclass(frozen=True, slots=True)
class Span:
    """An inclusive range of plausible entries in one unit, with the narrower range that needs no second look."""

    name: str
    unit: str
    lo: Decimal
    hi: Decimal
    decimals: int


def shown_unit(code: str) -> str:
    """The unit as the ward writes it: mmHg for mm[Hg], °C for Cel."""
    return _SHOWN.get(code, code)


def parse_typed(text: str, span: Span) -> Decimal:
    """Read a number typed by a person, point or comma as decimal mark; refuses what could mean two things, and
    what is out of range."""
    cleaned = text.strip()
    if not _PLAIN_NUMBER.match(cleaned):
        raise CommandRefused(f"{span.name}: {text.strip()!r} is not a number")
    # "1,000" could be one or one thousand: a hundredfold or thousandfold slip is the hazard, so ask.
    if _THOUSANDS_LOOK.match(cleaned):
        raise CommandRefused(f"{span.name}: {cleaned!r} could mean two numbers; write it without the separator")
    number = Decimal(cleaned.replace(",", "."))
    return checked(number, span)


def checked(number: Decimal, span: Span) -> Decimal:
    """The number itself when it lies in the span; refused, never clipped, when not."""
    if not number.is_finite():
        raise CommandRefused(f"{span.name}: {number} is not a number")
    if not span.lo <= number <= span.hi:
        raise CommandRefused(
            f"{span.name}: {number} {shown_unit(span.unit)} is outside {span.lo}-{span.hi} {shown_unit(span.unit)}"
        )
    if -number.normalize().as_tuple().exponent > span.decimals:  # type: ignore[operator]
        raise CommandRefused(f"{span.name}: at most {span.decimals} decimals")
    return number


def rounded(number: Decimal | float, decimals: int) -> Decimal:
    """Round half up, as people do on paper; floats go through their shortest text so that 0.15 rounds like 0.15."""
    return Decimal(str(number)).quantize(Decimal(1).scaleb(-decimals), context=_WIDE)


def fahrenheit_to_celsius(fahrenheit: Decimal) -> Decimal:
    """Degrees Celsius to 0.1 from degrees Fahrenheit."""
    return rounded((fahrenheit - 32) * 5 / 9, 1)


def kpa_to_mmhg(kpa: float) -> float:
    """Millimetres of mercury from kilopascal."""
    return kpa * 7.500616827


def spell_dose(billions: Decimal) -> str:
    """A dose that cannot be misread: `5.0 billion (5.0 x 10^9 = 5 000 000 000) particles`."""
    short = format(billions.normalize(), "f")
    if "." not in short:
        short += ".0"
    full = f"{int(billions * 1_000_000_000):,}".replace(",", "\u202f")
    return f"{short} billion ({short} × 10⁹ = {full}) particles"


def clock_text(seconds: float) -> str:
    """`27:12`, or `1:05:09` from an hour on; the sign is the caller's to show."""
    whole = int(abs(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes:02d}:{secs:02d}"
