"""What a typed order means: its numbers or why they are refused, what needs a reason, and the plan. No widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from exomonitor.clinical import dosing
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
_TYPE_ALL = "Type dose, volume and time: the plan appears here"


@dataclass(frozen=True, slots=True)
class OrderTexts:
    """What stands in the entries."""

    dose: str = ""
    volume: str = ""
    minutes: str = ""
    line: str = ""
    ramp: bool = True


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

    @property
    def complete(self) -> bool:
        """Whether there is an order that could be recorded."""
        return self.plan is not None and self.dose is not None and not self.errors


def read_order(texts: OrderTexts, protocol: ClinicProtocol, now: datetime) -> OrderView:
    """Everything that can be said of the entries as they stand at `now` (UTC)."""
    reader = _Reader()
    ranges = protocol.ranges
    dose = reader.number("dose", texts.dose, DOSE_TYPED, lambda d: dosing.check_dose(d, ranges))
    volume = reader.number("volume", texts.volume, VOLUME_TYPED, lambda v: dosing.check_volume(v, ranges))
    minutes = reader.number("minutes", texts.minutes, MINUTES_TYPED, lambda m: dosing.check_minutes(m, ranges))
    line = reader.number("line", texts.line, DEADSPACE_SPAN, lambda _: Check(DoseVerdict.OK)) or Decimal(0)
    if volume is not None and line >= volume:
        reader.errors["line"] = f"A line of {line} mL does not fit a bag of {volume} mL"
    ramp = protocol.ramp if texts.ramp else ()
    plan, words = _plan(volume, minutes, ramp, now)
    hints = {"dose": _in_full(dose)} if dose is not None else {}
    hints["minutes"] = f"window {protocol.window.shortest_min}–{protocol.window.longest_min} min"
    return OrderView(
        dose,
        volume,
        minutes,
        line,
        ramp,
        reader.errors,
        tuple(reader.warnings),
        hints,
        plan,
        words,
        _meaning(dose, volume, line, plan, now),
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


def _in_full(dose: Decimal) -> str:
    """The whole count, so that a slip by a power of ten is seen."""
    return f"= {int(dose * dosing.PARTICLES_PER_BILLION):,} particles".replace(",", "\u202f")


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


def _millions(particles: Decimal) -> str:
    """Three significant figures: particle counts are known no better."""
    millions = particles / 1_000_000
    return str(rounded(millions, 0 if millions >= 100 else 1 if millions >= 10 else 2))


def ramp_words(ramp: tuple[RampStep, ...]) -> str:
    """`Ramp 25 % × 5 · 50 % × 10`: per cent of the full rate, for minutes."""
    return "Ramp " + " · ".join(f"{rounded(s.fraction * 100, 0)} % × {s.minutes.normalize():f}" for s in ramp)
