"""What a session's trend is made of: rates, bars of pressure, events; all in minutes since the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exomonitor.clock import Instant
from exomonitor.session.phases import Fluid
from exomonitor.session.state import SessionState
from exomonitor.session.timing import spans
from exomonitor.signals.vitals import Sign

Point = tuple[float, float]
BY_HAND = frozenset({"typed", "counted"})
"""Sources of a value that a person entered."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One blood pressure, in mmHg, at a minute since the start."""

    minute: float
    systolic: float
    diastolic: float
    source: str = ""
    """`typed` where a person entered it; "" = a device measured it."""


@dataclass(frozen=True, slots=True)
class Entered:
    """One value that a person entered, in its usual unit, at a minute since the start; below 0 = before it."""

    minute: float
    sign: Sign
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class RatePart:
    """From minute to minute at a rate in mL/h."""

    begins: float
    ends: float
    rate_ml_h: float
    product: bool = True


def minute_of(state: SessionState, at: Instant) -> float | None:
    """Minutes since the start of the session, None before there is one."""
    return None if state.started is None else at.since(state.started) / 60


def actual_rates(state: SessionState, now: Instant) -> list[RatePart]:
    """What really ran, up to `now`; product until its end at the latest."""
    if state.started is None:
        return []
    last = state.product_end.when.since(state.started) / 60 if state.product_end is not None else float("inf")
    parts = []
    for stretch, seconds in spans(state, now):
        begins, product = stretch.began.since(state.started) / 60, stretch.fluid is Fluid.PRODUCT
        ends = min(begins + seconds / 60, last) if product else begins + seconds / 60
        if ends > begins:
            parts.append(RatePart(begins, ends, stretch.rate_ml_h, product))
    return parts


def planned_rates(state: SessionState, now: Instant) -> list[RatePart]:
    """The plan on the session's clock: it waits while product does not run, and goes on from now if product runs."""
    if state.order is None:
        return []
    steps = [(float(s.start_min), float(s.end_min), float(s.rate_ml_h)) for s in state.order.rate_plan().steps]
    if state.started is None:
        return [RatePart(*step) for step in steps]
    parts, infused = [], 0.0
    for ran in actual_rates(state, now):
        if ran.product and ran.rate_ml_h > 0:
            length = ran.ends - ran.begins
            parts += _window(steps, infused, infused + length, ran.begins - infused)
            infused += length
    if state.product_end is None:
        now_min = now.since(state.started) / 60
        parts += _window(steps, infused, float("inf"), now_min - infused)
    return _joined(parts)


def _window(steps: Sequence[tuple[float, float, float]], begins: float, ends: float, shift: float) -> list[RatePart]:
    """The steps between two infusing minutes, moved by `shift` onto the session's clock."""
    return [
        RatePart(max(start, begins) + shift, min(end, ends) + shift, rate)
        for start, end, rate in steps
        if end > begins and start < ends
    ]


def _joined(parts: Sequence[RatePart]) -> list[RatePart]:
    found: list[RatePart] = []
    for part in parts:
        last = found[-1] if found else None
        if last is not None and last.rate_ml_h == part.rate_ml_h and abs(last.ends - part.begins) < 1e-6:
            found[-1] = RatePart(last.begins, part.ends, part.rate_ml_h)
        else:
            found.append(part)
    return found


def pressure_bars(state: SessionState) -> list[Bar]:
    """The pressures of the observation sets, monitored and typed alike."""
    found = []
    for done in state.observations.values():
        minute = minute_of(state, done.event.observed)
        systolic, diastolic = done.event.values.get("nibp_sys"), done.event.values.get("nibp_dia")
        if minute is not None and minute >= 0 and systolic is not None and diastolic is not None:
            source = systolic.source if systolic.source in BY_HAND else ""
            found.append(Bar(minute, float(systolic.value), float(diastolic.value), source))
    return found


def entered_values(state: SessionState, signs: Sequence[Sign]) -> list[Entered]:
    """What people entered of these signs with the sets, in order of time; the baseline too."""
    found = []
    for done in state.observations.values():
        minute = minute_of(state, done.event.observed)
        for sign in signs:
            one = done.event.values.get(sign.value)
            if minute is not None and one is not None and one.source in BY_HAND:
                found.append(Entered(minute, sign, float(one.value), one.source))
    return sorted(found, key=lambda one: one.minute)


def merged(bars: Sequence[Bar]) -> list[Bar]:
    """Bars in order of time; the same pressure from the monitor and from a set within two minutes is one bar."""
    found: list[Bar] = []
    for bar in sorted(bars, key=lambda b: b.minute):
        same = found and bar.minute - found[-1].minute < 2 and _pressure(bar) == _pressure(found[-1])
        if not same:
            found.append(bar)
    return found


def _pressure(bar: Bar) -> Point:
    return bar.systolic, bar.diastolic


def nice_ticks(lo: float, hi: float, most: int) -> list[float]:
    """Round numbers from `lo` to `hi`, at most `most` of them (never fewer than 2 where they fit)."""
    span = max(hi - lo, 1e-9)
    for exponent in range(-2, 5):
        for factor in (1, 2, 5):
            step = factor * 10.0**exponent
            if span / step > 100:  # far too fine: thousands of ticks would be made only to be thrown away
                continue
            first = np.ceil(lo / step - 1e-9) * step
            ticks = [float(v) + 0.0 for v in np.arange(first, hi + step * 1e-6, step)]
            if len(ticks) <= max(2, most):
                return ticks
    return [lo, hi]


def steps_to_points(parts: Sequence[RatePart]) -> list[list[Point]]:
    """Staircase lines through the parts; where nothing is known between two parts the line breaks."""
    lines: list[list[Point]] = []
    for part in parts:
        corner = [(part.begins, part.rate_ml_h), (part.ends, part.rate_ml_h)]
        if lines and abs(lines[-1][-1][0] - part.begins) < 1e-6:
            lines[-1] += corner
        else:
            lines.append(corner)
    return lines


_HOUR_MIN = 60.0
_MINUTE_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440)
_LONG_MIN = 240.0


def time_ticks(from_min: float, until_min: float, most: int) -> list[tuple[float, str]]:
    """(minute, words) along the axis: minutes, or hours where the view is long; the last one names the unit."""
    span = until_min - from_min
    step = next((one for one in _MINUTE_STEPS if span / one <= max(1, most - 1)), _MINUTE_STEPS[-1])
    first = -(-from_min // step) * step
    ticks = [float(v) for v in np.arange(first, until_min + step * 1e-6, step)]
    if span < _LONG_MIN:
        return [(t, f"{t:g} min" if t == ticks[-1] else f"{t:g}") for t in ticks]
    words = [f"{int(t // _HOUR_MIN)}:{int(t % _HOUR_MIN):02d}" for t in ticks]
    return [(t, f"{word} h" if t == ticks[-1] else word) for t, word in zip(ticks, words, strict=True)]


def rate_at(parts: Sequence[RatePart], minute: float) -> RatePart | None:
    """The part that holds at a minute."""
    return next((part for part in reversed(parts) if part.begins <= minute <= part.ends), None)
