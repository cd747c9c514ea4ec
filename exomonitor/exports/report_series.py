"""What a report draws: vital signs and rates over seconds since the start, with the times that nothing is known of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from exomonitor.clock import Instant
from exomonitor.exports.material import Material
from exomonitor.session.phases import Fluid
from exomonitor.session.state import SessionState
from exomonitor.session.timing import spans

DRAWN = ("hr", "pulse", "spo2", "rr", "nibp_sys", "nibp_dia", "temp")
BREAK_S = 15.0
"""A line is not drawn across more than this: what lies between was not measured."""
REACTION_WATCH_S = 3600.0
"""How long after its onset a reaction that nobody closed collects its worst values."""

_AFTER_S, _AFTER_LOST_S = 60.0, 86_400.0
"""How long after the last entry readings are drawn: each batch has its entry, unless entries are lost."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value (canonical unit) at `s` seconds since the start; None = the source said that it has none."""

    s: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Span:
    """From `began` to `ended`, seconds since the start, with a word for it."""

    began: float
    ended: float
    word: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that a trend shows; seconds count from the start (or, where there was none, from the opening)."""

    first_s: float
    last_s: float
    lines: dict[str, list[list[Point]]] = field(default_factory=dict)
    """Per sign one line for each source."""
    dots: dict[str, list[Point]] = field(default_factory=dict)
    """Per sign the values of observation sets that no monitor told."""
    rate: list[Point] = field(default_factory=list)
    planned: list[Point] = field(default_factory=list)
    pauses: list[Span] = field(default_factory=list)
    gaps: list[Span] = field(default_factory=list)
    reactions: list[Span] = field(default_factory=list)
    sets: list[float] = field(default_factory=list)


def picture(material: Material) -> Picture:
    """Read the session's series once."""
    state = material.state
    origin = state.started or state.opened
    end = material.summary.as_of
    reach_s = end.since(origin) + (_AFTER_LOST_S if material.damage.entries else _AFTER_S)
    lines = _lines(material, origin, reach_s)
    known = [point.s for per_source in lines.values() for line in per_source for point in line]
    dots, sets = _observed(state, origin)
    first = min([0.0, *known, *sets])
    return Picture(
        first_s=max(first, -600.0),
        last_s=max([60.0, end.since(origin), *known]),
        lines=lines,
        dots=dots,
        rate=_rate(state, origin, end),
        planned=_planned(state, origin, end),
        pauses=_pauses(state, origin, end),
        gaps=[Span(g.began.since(origin), g.ended.since(origin), g.source) for g in state.gaps],
        reactions=[_reaction_span(r.when, r.closed, origin, n) for n, r in enumerate(state.reactions, 1)],
        sets=sets,
    )


def worst(picture_: Picture, span: Span) -> dict[str, float]:
    """Worst values within a span: lowest SpO2 and systolic pressure, highest heart rate, breathing rate and heat."""
    found: dict[str, float] = {}
    for name, pick in (("hr", max), ("spo2", min), ("nibp_sys", min), ("rr", max), ("temp", max)):
        points: Iterable[Point] = [p for line in picture_.lines.get(name, []) for p in line]
        values = [
            p.value
            for p in (*points, *picture_.dots.get(name, []))
            if p.value is not None and span.began <= p.s <= span.ended
        ]
        if values:
            found[name] = pick(values)
    return found


def _reaction_span(when: Instant, resolved: Instant | None, origin: Instant, number: int) -> Span:
    began = when.since(origin)
    return Span(began, resolved.since(origin) if resolved is not None else began + REACTION_WATCH_S, f"R{number}")


def _lines(material: Material, origin: Instant, reach_s: float) -> dict[str, list[list[Point]]]:
    """What was measured up to `reach_s`; later is only what a damaged date says."""
    found: dict[str, dict[tuple[str, str], list[Point]]] = {name: {} for name in DRAWN}
    told: dict[tuple[str, str, str], str] = {}
    for _, reading in material.readings():
        if reading.name not in found:
            continue
        at = reading.at
        if reading.measured_at is not None:
            # A monitor repeats its last cuff pressure: one measurement is one point, at the time of the measurement.
            signal, measured = (reading.source, reading.channel, reading.name), reading.measured_at.iso()
            if told.get(signal) == measured:
                continue
            told[signal], at = measured, reading.measured_at
        point = Point(at.since(origin), reading.value)
        if point.s <= reach_s:
            found[reading.name].setdefault((reading.source, reading.channel), []).append(point)
    return {
        name: [sorted(line, key=lambda p: p.s) for line in per_source.values()] for name, per_source in found.items()
    }


def _observed(state: SessionState, origin: Instant) -> tuple[dict[str, list[Point]], list[float]]:
    dots: dict[str, list[Point]] = {}
    sets = []
    for done in state.observations.values():
        at = done.event.observed.since(origin)
        sets.append(at)
        for name, value in done.event.values.items():
            if value.source != "monitor":
                dots.setdefault(name, []).append(Point(at, float(value.value)))
    return dots, sorted(sets)


def _rate(state: SessionState, origin: Instant, end: Instant) -> list[Point]:
    """The actual rate as steps."""
    found = []
    for stretch, seconds in spans(state, end):
        began = stretch.began.since(origin)
        found += [Point(began, stretch.rate_ml_h), Point(began + seconds, stretch.rate_ml_h)]
    return found


def _planned(state: SessionState, origin: Instant, end: Instant) -> list[Point]:
    """The planned rate as steps; the plan counts infusing time, so it stands still while the pump does."""
    if state.order is None or state.started is None:
        return []
    steps = state.order.rate_plan().steps
    found: list[Point] = []
    infused = 0.0
    until = min(end, state.product_end.when, key=lambda at: at.utc) if state.product_end is not None else end
    for stretch, seconds in spans(state, until):
        began = stretch.began.since(origin)
        if stretch.fluid is not Fluid.PRODUCT or seconds <= 0:
            continue
        if not stretch.runs:
            found += [Point(began, p.value) for p in found[-1:]] + [Point(began + seconds, p.value) for p in found[-1:]]
            continue
        for step in steps:
            lo = max(infused, _seconds(step.start_min))
            hi = infused + seconds if step is steps[-1] else min(infused + seconds, _seconds(step.end_min))
            if hi > lo:
                rate = float(step.rate_ml_h)
                found += [Point(began + lo - infused, rate), Point(began + hi - infused, rate)]
        infused += seconds
    return found


def _seconds(minutes: Decimal) -> float:
    return float(minutes) * 60


def _pauses(state: SessionState, origin: Instant, end: Instant) -> list[Span]:
    until = state.product_end.when if state.product_end is not None else end
    return [
        Span(stretch.began.since(origin), stretch.began.since(origin) + seconds, "paused")
        for stretch, seconds in spans(state, until)
        if stretch.fluid is Fluid.PRODUCT and not stretch.runs and seconds > 0
    ]
