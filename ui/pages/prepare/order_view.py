"""What a typed order means: its numbers or why they are refused, what needs a reason, and the plan. No widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from exomonitor.clinical import dosing
from exomonitor.clinical.product import EndotoxinLoad, endotoxin_load
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clinical.ranges import DEADSPACE_SPAN, Check, DoseVerdict
from exomonitor.clinical.rates import RampStep, RatePlan, constant_plan, ramp_plan
from exomonitor.errors import CommandRefused
from exomonitor.units import ML, Span, parse_typed, rounded
from ui.presenters.words import hm

# Wide enough to read a slip in full: the protocol's own ranges then say in words what is wrong with it.
_WIDE = Decimal(10) ** 13
DOSE_TYPED = Span("Dose", "billion", Decimal(0), _WIDE, 2)
VOLUME_TYPED = Span("Volume", ML, Decimal(0), _WIDE, 1)
MINUTES_TYPED = Span("Planned time", "min", Decimal(0), _WIDE, 1)
OWN_PERCENT = Span("Step", "%", Decimal(1), Decimal(100), 0)
OWN_MINUTES = Span("Step", "min", Decimal(1), Decimal(120), 1)
_TYPE_ALL = "Type dose, volume and time: the plan appears here"


@dataclass(frozen=True, slots=True)
class OrderTexts:
    """What stands in the entries."""

    dose: str = ""
    volume: str = ""
    minutes: str = ""
    line: str = ""
    ramp: bool = True
    own: tuple[tuple[str, str], ...] = ()
    """An own ramp, as typed: (per cent of the full rate, minutes); it takes the place of the protocol's."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the record knows besides the order: body weight (kg), and the lot's endotoxin (EU/mL of what is given)."""

    weight_kg: Decimal | None = None
    endotoxin_eu_ml: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderView:
    """Numbers that were understood, sentences for those that were not, warnings that need a reason, the plan."""

    dose: Decimal | None = None
    volume: Decimal | None = None
    minutes: Decimal | None = None
    line: Decimal = Decimal(0)
    ramp: tuple[RampStep, ...] = ()
    errors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()
    hints: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    plan: RatePlan | None = None
    plan_words: str = _TYPE_ALL
    meaning: tuple[tuple[str, str], ...] = ()
    unusual: bool = False
    """Whether a number lies outside its usual range: a second person confirms it."""
    endotoxin_above: bool = False
    """Whether the load is above the clinic's limit: a prescriber signs for it."""

    @property
    def complete(self) -> bool:
        """Whether there is an order that could be recorded."""
        return self.plan is not None and self.dose is not None and not self.errors


def read_order(texts: OrderTexts, protocol: ClinicProtocol, now: datetime, known: Known | None = None) -> OrderView:
    """Everything that can be said of the entries as they stand at `now` (UTC)."""
    reader = _Reader()
    ranges = protocol.ranges
    dose = reader.number("dose", texts.dose, DOSE_TYPED, lambda d: dosing.check_dose(d, ranges))
    volume = reader.number("volume", texts.volume, VOLUME_TYPED, lambda v: dosing.check_volume(v, ranges))
    minutes = reader.number("minutes", texts.minutes, MINUTES_TYPED, lambda m: dosing.check_minutes(m, ranges))
    line = reader.number("line", texts.line, DEADSPACE_SPAN, lambda _: Check(DoseVerdict.OK)) or Decimal(0)
    if volume is not None and line >= volume:
        reader.errors["line"] = f"A line of {line} mL does not fit a bag of {volume} mL"
    ramp = reader.own_ramp(texts.own) if texts.own else protocol.ramp if texts.ramp else ()
    plan, words = (None, reader.errors["own"]) if "own" in reader.errors else _plan(volume, minutes, ramp, now)
    load = _load(plan, protocol, known or Known())
    above = load is not None and not load.ok
    warnings = (*reader.warnings, *([f"{load.sentence}: the prescriber signs"] if load is not None and above else []))
    hints = {"dose": _in_full(dose)} if dose is not None else {}
    hints["minutes"] = f"window {protocol.window.shortest_min}–{protocol.window.longest_min} min"
    return OrderView(
        dose,
        volume,
        minutes,
        line,
        ramp,
        reader.errors,
        warnings,
        hints,
        plan,
        words,
        _meaning(dose, volume, line, plan, now) + _limits(plan, protocol, known or Known(), load),
        bool(reader.warnings),
        above,
    )


class _Reader:
    """Reads entries one after the other and keeps what was wrong with them."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}
        self.warnings: list[str] = []

    def number(self, name: str, text: str, span: Span, check: Callable[[Decimal], Check]) -> Decimal | None:
        """The number, or None when the entry is empty or refused."""
        if not text.strip():
            return None
        try:
            value = parse_typed(text, span)
        except CommandRefused as refused:
            self.errors[name] = str(refused)
            return None
        found = check(value)
        if found.verdict is DoseVerdict.REJECT:
            self.errors[name] = found.message
            return None
        if found.verdict is DoseVerdict.OVERRIDE:
            self.warnings.append(found.message)
        return value

    def own_ramp(self, rows: tuple[tuple[str, str], ...]) -> tuple[RampStep, ...]:
        """The steps that were typed; a row that is half empty is an error, an empty one is none."""
        steps = []
        for percent, minutes in rows:
            if not percent.strip() and not minutes.strip():
                continue
            try:
                fraction = parse_typed(percent, OWN_PERCENT) / 100
                steps.append(RampStep(fraction, parse_typed(minutes, OWN_MINUTES)))
            except CommandRefused as refused:
                self.errors["own"] = str(refused) if percent.strip() and minutes.strip() else "A step needs % and min"
                return ()
        return tuple(steps)


def _in_full(dose: Decimal) -> str:
    """The whole count, so that a slip by a power of ten is seen."""
    short = f"{dose.normalize():f}"
    count = f"{int(dose * dosing.PARTICLES_PER_BILLION):,}".replace(",", "\u202f")
    return f"{short if '.' in short else short + '.0'} × 10⁹ = {count} particles"


def _plan(
    volume: Decimal | None, minutes: Decimal | None, ramp: tuple[RampStep, ...], now: datetime
) -> tuple[RatePlan | None, str]:
    if volume is None or minutes is None:
        return None, _TYPE_ALL
    try:
        plan = ramp_plan(volume, minutes, ramp) if ramp else constant_plan(volume, minutes)
    except CommandRefused as refused:
        return None, str(refused)
    return plan, f"ends {hm(_end(plan, now))}"


def _end(plan: RatePlan, now: datetime) -> datetime:
    return now + timedelta(minutes=float(plan.end_min))


def _meaning(
    dose: Decimal | None, volume: Decimal | None, line: Decimal, plan: RatePlan | None, now: datetime
) -> tuple[tuple[str, str], ...]:
    rows = []
    if plan is not None and volume is not None:
        rows.append(("Full rate", f"{plan.full_rate_ml_h} mL/h"))
        if dose is not None:
            particles = dosing.particles_per_minute(dose, volume, plan.full_rate_ml_h)
            rows.append(("Particles at full rate", f"{_millions(particles)} million/min"))
    if volume is not None and line > 0:
        share = rounded(dosing.residual_percent(volume, line), 0)
        rows.append(("Left in the line", f"≈ {rounded(line, 0)} mL ({share} %), flush"))
    if plan is not None:
        rows.append(("Ends if started now", hm(_end(plan, now))))
    return tuple(rows)


def _load(plan: RatePlan | None, protocol: ClinicProtocol, known: Known) -> EndotoxinLoad | None:
    """At the plan's top rate; None where something of it is not known."""
    if plan is None or known.weight_kg is None or known.endotoxin_eu_ml is None:
        return None
    limit = protocol.rules.certificate.content.endotoxin_limit_eu_kg_h
    top = max(step.rate_ml_h for step in plan.steps)
    return endotoxin_load(known.endotoxin_eu_ml, top, known.weight_kg, limit)


def _limits(
    plan: RatePlan | None, protocol: ClinicProtocol, known: Known, load: EndotoxinLoad | None
) -> tuple[tuple[str, str], ...]:
    """Whether the protocol's window holds, and the endotoxin a kilogram gets in an hour at the full rate."""
    if plan is None:
        return ()
    window = protocol.window
    holds = dosing.check_minutes(plan.end_min, protocol.ranges).ok
    rows = [(f"Window {window.shortest_min}–{window.longest_min} min", "inside" if holds else "outside")]
    if load is None:
        rows.append(("Endotoxin", "not recorded" if known.endotoxin_eu_ml is None else "weight not recorded"))
    else:
        words = f"{rounded(load.eu_kg_h, 2)} EU/kg/h"
        rows.append(("Endotoxin", words if load.ok else f"{words}: above {load.limit}"))
    return tuple(rows)


def _millions(particles: Decimal) -> str:
    """Three significant figures: particle counts are known no better."""
    millions = particles / 1_000_000
    return str(rounded(millions, 0 if millions >= 100 else 1 if millions >= 10 else 2))


def ramp_words(ramp: tuple[RampStep, ...]) -> str:
    """`Ramp 25 % × 5 · 50 % × 10 min`: per cent of the full rate, for minutes."""
    steps = " · ".join(f"{rounded(s.fraction * 100, 0)} % × {s.minutes.normalize():f}" for s in ramp)
    return f"Ramp {steps} min"
