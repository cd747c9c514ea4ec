"""What the trend's cursor reads: all values of one moment, with their times and units, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from exomonitor.clock import Instant
from exomonitor.signals.vitals import Sign
from ui.presenters.words import UNKNOWN, hm, hms, join, number

Ends = tuple[float, float]
_NOTHING: Mapping[Sign, Ends | None] = MappingProxyType({})
_NAMES = {
    Sign.HR: ("HR", "/min", 0), Sign.PULSE: ("Pulse", "/min", 0), Sign.SPO2: ("SpO₂", "%", 0),
    Sign.RR: ("RR", "/min", 0), Sign.TEMP: ("Temp", "°C", 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One moment. values: lowest and highest of what was said there, None = nothing. pressure: the last one before,
    with its own time. Rates in mL/h; happened: events at that moment."""

    at: Instant
    minute: float
    values: Mapping[Sign, Ends | None] = field(default_factory=lambda: _NOTHING)
    pressure: tuple[Instant, float, float] | None = None
    rate: float | None = None
    planned: float | None = None
    happened: tuple[str, ...] = ()


def reading_words(reading: Reading) -> str:
    """`14:21:44, minute 17.4 · HR 88 /min · SpO₂ 97 % · 118/74 mmHg at 14:19 · 165.5 mL/h, planned 165.5`."""
    said = [f"{hms(reading.at)}, minute {number(reading.minute, 1)}"]
    for sign, ends in reading.values.items():
        name, unit, places = _NAMES[sign]
        if ends is None:
            said.append(f"{name} {UNKNOWN}")
            continue
        lo, hi = (number(end, places) for end in ends)
        said.append(f"{name} {lo if lo == hi else f'{lo}–{hi}'} {unit}")
    if reading.pressure is None:
        said.append(f"NIBP {UNKNOWN}")
    else:
        when, systolic, diastolic = reading.pressure
        said.append(f"{number(systolic)}/{number(diastolic)} mmHg at {hm(when)}")
    rate = f"{number(reading.rate, 1)} mL/h" if reading.rate is not None else f"rate {UNKNOWN}"
    planned = f", planned {number(reading.planned, 1)}" if reading.planned is not None else ""
    return join(*said, rate + planned, *reading.happened)
