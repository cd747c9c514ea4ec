"""The planned rate of an infusion over time: constant, or a ramp that steps up to the full rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from exomonitor.errors import CommandRefused
from exomonitor.units import rounded

PUMP_STEP_DECIMALS = 1
"""Pumps take rates in steps of 0.1 mL/h."""


@dataclass(frozen=True, slots=True)
class RampStep:
    """A part of the full rate (0 < fraction <= 1), held for some minutes."""

    fraction: Decimal
    minutes: Decimal


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """From `start_min` on, for `minutes`, the pump is meant to run at this rate; minutes of infusing time."""

    start_min: Decimal
    minutes: Decimal
    rate_ml_h: Decimal

    @property
    def end_min(self) -> Decimal:
        """The minute at which this step is over."""
        return self.start_min + self.minutes

    @property
    def volume_ml(self) -> Decimal:
        """What this step delivers, in mL."""
        return self.rate_ml_h * self.minutes / 60


@dataclass(frozen=True, slots=True)
class RatePlan:
    """Steps as the pump takes them; the last ends by volume, so `end_min` is `minutes` but for pump rounding."""

    steps: tuple[PlannedStep, ...]
    full_rate_ml_h: Decimal
    volume_ml: Decimal
    minutes: Decimal

    @property
    def end_min(self) -> Decimal:
        """The minute of infusing time at which the volume is in."""
        return self.steps[-1].end_min

    def planned_rate_at(self, infusing_min: Decimal | float) -> Decimal:
        """The planned rate in mL/h at a minute of infusing time; 0 before the start and after the end."""
        at = as_minutes(infusing_min)
        for step in self.steps:
            if step.start_min <= at < step.end_min:
                return step.rate_ml_h
        return Decimal(0)

    def planned_volume_at(self, infusing_min: Decimal | float) -> Decimal:
        """The planned volume in mL that is in by a minute of infusing time."""
        at = as_minutes(infusing_min)
        if at >= self.end_min:
            return self.volume_ml
        total = Decimal(0)
        for step in self.steps:
            if at > step.start_min:
                total += step.rate_ml_h * (min(at, step.end_min) - step.start_min) / 60
        return total

    def step_number_at(self, infusing_min: Decimal | float) -> int:
        """Which step, counted from 1, the plan is in; the last one from the end on."""
        at = as_minutes(infusing_min)
        return max(1, sum(1 for step in self.steps if step.start_min <= at))


def as_minutes(number: Decimal | float) -> Decimal:
    """A number of minutes as Decimal; floats go through their shortest text."""
    return number if isinstance(number, Decimal) else Decimal(str(number))


def constant_plan(volume_ml: Decimal, minutes: Decimal) -> RatePlan:
    """One rate from beginning to end, rounded to the pump's step."""
    return ramp_plan(volume_ml, minutes, ())


def ramp_plan(volume_ml: Decimal, minutes: Decimal, ramp: Sequence[RampStep]) -> RatePlan:
    """Steps at fractions of the full rate, then the full rate, so that the volume is in after `minutes`.

    Refuses a ramp that does not fit into the time, or whose rates are below what a pump can run.
    """
    full = full_rate_ml_h(volume_ml, minutes, ramp)
    steps: list[PlannedStep] = []
    start = delivered = Decimal(0)
    for part in ramp:
        steps.append(PlannedStep(start, part.minutes, _pump_rate(full * part.fraction)))
        start = steps[-1].end_min
        delivered += steps[-1].volume_ml
    if delivered >= volume_ml:
        raise CommandRefused("The ramp leaves no time at the full rate: shorten it")
    last = _pump_rate(full)
    steps.append(PlannedStep(start, (volume_ml - delivered) * 60 / last, last))
    return RatePlan(tuple(steps), last, volume_ml, minutes)


def full_rate_ml_h(volume_ml: Decimal, minutes: Decimal, ramp: Sequence[RampStep] = ()) -> Decimal:
    """The full rate in mL/h, not yet rounded, that gives `volume_ml` in `minutes` with this ramp before it."""
    if volume_ml <= 0 or minutes <= 0:
        raise CommandRefused("Volume and planned time must be above 0")
    for step in ramp:
        if not 0 < step.fraction <= 1 or step.minutes <= 0:
            raise CommandRefused("A ramp step is above 0 % and at most 100 % of the full rate, and longer than 0 min")
    ramp_min = sum((s.minutes for s in ramp), Decimal(0))
    if ramp_min >= minutes:
        raise CommandRefused(f"The ramp takes {ramp_min} min, the planned time is only {minutes} min")
    weighted_min = sum((s.fraction * s.minutes for s in ramp), Decimal(0)) + (minutes - ramp_min)
    return 60 * volume_ml / weighted_min


def _pump_rate(rate_ml_h: Decimal) -> Decimal:
    pump_rate = rounded(rate_ml_h, PUMP_STEP_DECIMALS)
    if pump_rate <= 0:
        raise CommandRefused(f"A rate of {rounded(rate_ml_h, 3)} mL/h is below what a pump can run")
    return pump_rate
