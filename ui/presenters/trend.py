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
_NONE_BY_HAND: Mapping[Sign, ReadByHand] = MappingProxyType({})
_NAMES = {
    Sign.HR: ("HR", "/min", 0), Sign.PULSE: ("Pulse", "/min", 0), Sign.SPO2: ("SpO₂", "%", 0),
    Sign.RR: ("RR", "/min", 0), Sign.TEMP: ("Temp", "°C", 1),
}  # fmt: skip


_MOST_EVENTS = 3


@dataclass(frozen=True, slots=True)
class ReadByHand:
    """A value that a person entered, when, and whether it was typed or counted."""

    at: Instant
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One moment. values: lowest and highest of what was said there, None = nothing. pressure: the last one before,
    with its own time and source ("" = measured). Rates in mL/h; happened: events at that moment. by_hand: what people
    entered last, of signs that no device tells there, and of others that were entered just there."""

    at: Instant
    minute: float
    values: Mapping[Sign, Ends | None] = field(default_factory=lambda: _NOTHING)
    pressure: tuple[Instant, float, float, str] | None = None
    rate: float | None = None
    planned: float | None = None
    happened: tuple[str, ...] = ()
    by_hand: Mapping[Sign, ReadByHand] = field(default_factory=lambda: _NONE_BY_HAND)


def reading_words(reading: Reading) -> str:
    """`14:21:44, minute 17.4 · HR 88 /min · SpO₂ 97 % · Temp 36.7 °C typed 14:19 · NIBP 118/74 mmHg 14:19 · 165.5 mL/h,
    planned 165.5`."""
    said = [f"{hms(reading.at)}, minute {number(reading.minute, 1)}"]
    said += [_sign_words(sign, ends, reading.by_hand.get(sign)) for sign, ends in reading.values.items()]
    if reading.pressure is None:
        said.append(f"NIBP {UNKNOWN}")
    else:
        when, systolic, diastolic, source = reading.pressure
        said.append(f"{number(systolic)}/{number(diastolic)} mmHg {source or 'at'} {hm(when)}")
    rate = f"{number(reading.rate, 1)} mL/h" if reading.rate is not None else f"rate {UNKNOWN}"
    planned = f", planned {number(reading.planned, 1)}" if reading.planned is not None else ""
    rest = len(reading.happened) - _MOST_EVENTS
    more = f"and {rest} more" if rest > 0 else ""
    return join(*said, rate + planned, *reading.happened[:_MOST_EVENTS], more)


def _sign_words(sign: Sign, ends: Ends | None, entered: ReadByHand | None) -> str:
    name, unit, places = _NAMES[sign]
    by_hand = f"{number(entered.value, places)} {unit} {entered.source} {hm(entered.at)}" if entered is not None else ""
    if ends is None:
        return f"{name} {by_hand or UNKNOWN}"
    lo, hi = (number(end, places) for end in ends)
    measured = f"{name} {lo if lo == hi else f'{lo}–{hi}'} {unit}"
    return f"{measured} ({by_hand})" if by_hand else measured
