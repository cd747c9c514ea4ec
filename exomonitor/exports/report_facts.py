"""How facts are said in the report: clocks, volumes, durations, and what stands for a missing one."""

from __future__ import annotations

from decimal import Decimal

from exomonitor.clock import Instant
from exomonitor.exports.local_time import local_clock
from exomonitor.exports.material import Material
from exomonitor.session.narrative import WITHHELD
from exomonitor.units import clock_text, rounded

Fact = tuple[str, str]
NOT_RECORDED = "not recorded"
HOUR_S = 3600


def clock(material: Material, at: Instant | None) -> str:
    """Local time of day, or `-`."""
    return "-" if at is None else local_clock(at.utc, material.tz)


def ml(volume: float | Decimal | None) -> str:
    """A volume to 0.1 mL, `unknown` where nobody told."""
    return "unknown" if volume is None else f"{rounded(volume, 1)} mL"


def minutes(value: float) -> str:
    """Minutes as the summary has them, and as a clock."""
    return f"{rounded(value, 2)} min ({clock_text(value * 60 + 0.5)})"


def duration(seconds: float) -> str:
    """A length of time that says what its parts are: `02:00 min:s`, `3:30:20 h:min:s`."""
    return f"{clock_text(seconds)} {'h:min:s' if seconds >= HOUR_S else 'min:s'}"


def said(text: str | None) -> str:
    """The text, `withheld` where the export names nobody, `not recorded` where there is none."""
    if not text:
        return NOT_RECORDED
    return "withheld" if text == WITHHELD else text.replace("_", " ")


def yes_no(answer: bool | None) -> str:
    """`yes`, `no`, or `not recorded`."""
    return NOT_RECORDED if answer is None else "yes" if answer else "no"
