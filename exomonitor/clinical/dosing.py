"""Dose, rate and volume arithmetic of an infusion, in Decimal: what was ordered, what follows, what was given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical.ranges import DEFAULT_RANGES, Check, DoseVerdict, OrderRanges
from exomonitor.clinical.rates import PlannedStep, RampStep, RatePlan, constant_plan, full_rate_ml_h, ramp_plan
from exomonitor.errors import CommandRefused
from exomonitor.units import rounded, spell_dose

__all__ = [
    "Check",
    "DoseVerdict",
    "PlannedStep",
    "Progress",
    "RampStep",
    "RatePlan",
    "RateSegment",
    "check_dose",
    "check_minutes",
    "check_prepared",
    "check_rate_volume",
    "check_volume",
    "constant_plan",
    "dose_delivered",
    "flush_too_fast",
    "full_rate_ml_h",
    "integrate",
    "particles_per_minute",
    "product_split",
    "ramp_plan",
    "rate_differs",
    "remaining_minutes",
    "residual_percent",
    "volume_to_draw_ml",
    "volumes_disagree",
]
PARTICLES_PER_BILLION = 1_000_000_000
# R/V in 1/h. 60 and 30 min are 1 and 2; the tolerance is that of a pump's own rounding.
_RATIO_LO, _RATIO_HI = Decimal("0.99"), Decimal("2.03")
_PER_MINUTE_LO, _PER_MINUTE_HI = Decimal("0.95") / 60, Decimal("1.05") * 2 / 60
_TIMES_SIXTY_LO, _TIMES_SIXTY_HI = Decimal(60), Decimal(120)
_OVERRIDE = "needs a reason and a second person"


def check_dose(billions: Decimal, ranges: OrderRanges = DEFAULT_RANGES) -> Check:
    """Judge a dose given in billions of particles."""
    band = ranges.dose_billions
    verdict = band.verdict(billions)
    if verdict is DoseVerdict.OVERRIDE:
        return Check(verdict, f"Dose {spell_dose(billions)} is outside {band.ok_lo}-{band.ok_hi} billion: {_OVERRIDE}")
    if verdict is DoseVerdict.REJECT:
        hint = ""
        if billions >= 1_000_000:  # the whole count typed into the billions field
            hint = f"; {_grouped(billions)} particles are {_plain(billions / PARTICLES_PER_BILLION)} billion"
        return Check(
            verdict, f"Dose {_grouped(billions)} billion is not accepted ({band.lo}-{band.hi}): type billions{hint}"
        )
    return Check(verdict)


def check_minutes(minutes: Decimal, ranges: OrderRanges = DEFAULT_RANGES) -> Check:
    """Judge the planned infusing time in minutes; half a minute of pump rounding is allowed at both ends."""
    band = ranges.minutes
    verdict = band.verdict(minutes)
    if verdict is DoseVerdict.OVERRIDE:
        window = f"{rounded(band.ok_lo, 0)}-{rounded(band.ok_hi - Decimal('0.1'), 0)}"
        return Check(verdict, f"{_plain(minutes)} min is outside the {window} min window: {_OVERRIDE}")
    if verdict is DoseVerdict.REJECT:
        return Check(verdict, f"Planned time {_plain(minutes)} min is not accepted ({band.lo}-{band.hi} min)")
    return Check(verdict)


def check_volume(volume_ml: Decimal, ranges: OrderRanges = DEFAULT_RANGES) -> Check:
    """Judge the volume in the bag in mL."""
    band = ranges.volume_ml
    verdict = band.verdict(volume_ml)
    if verdict is DoseVerdict.OVERRIDE:
        return Check(verdict, f"Volume {_plain(volume_ml)} mL is outside {band.ok_lo}-{band.ok_hi} mL: {_OVERRIDE}")
    if verdict is DoseVerdict.REJECT:
        return Check(verdict, f"Volume {_plain(volume_ml)} mL is not accepted ({band.lo}-{band.hi} mL)")
    return Check(verdict)


def check_rate_volume(rate_ml_h: Decimal, volume_ml: Decimal) -> Check:
    """Judge a constant (or mean) rate in mL/h against the volume in mL, and name the slips between mL/h and mL/min."""
    if rate_ml_h <= 0 or volume_ml <= 0:
        return Check(DoseVerdict.REJECT, "Rate and volume must be above 0")
    ratio = rate_ml_h / volume_ml
    rate = f"{_plain(rate_ml_h)} mL/h for {_plain(volume_ml)} mL"
    if _RATIO_LO <= ratio <= _RATIO_HI:
        return Check(DoseVerdict.OK)
    if _PER_MINUTE_LO <= ratio <= _PER_MINUTE_HI:
        return Check(DoseVerdict.REJECT, f"{rate}: this looks like mL/min typed as mL/h")
    if _TIMES_SIXTY_LO <= ratio <= _TIMES_SIXTY_HI:
        return Check(DoseVerdict.REJECT, f"{rate}: this looks like mL/h multiplied by 60")
    minutes = rounded(60 / ratio, 0)
    return Check(DoseVerdict.OVERRIDE, f"{rate} takes about {minutes} min, outside the window: {_OVERRIDE}")


def check_prepared(ordered_billions: Decimal, prepared_billions: Decimal) -> Check:
    """Judge the prepared dose against the ordered one: 10 % is ordinary, 20 % needs a reason."""
    if ordered_billions <= 0:
        return Check(DoseVerdict.REJECT, "The ordered dose must be above 0")
    off = abs(prepared_billions - ordered_billions) * 100 / ordered_billions
    text = (
        f"Prepared {_plain(prepared_billions)} billion, ordered {_plain(ordered_billions)}: {rounded(off, 1)} % apart"
    )
    if off <= 10:
        return Check(DoseVerdict.OK)
    return Check(DoseVerdict.OVERRIDE, f"{text}, {_OVERRIDE}") if off <= 20 else Check(DoseVerdict.REJECT, text)


def volume_to_draw_ml(dose_billions: Decimal, billions_per_ml: Decimal) -> Decimal:
    """Millilitres of product that hold the dose at the lot's concentration; refuses a concentration of 0."""
    if billions_per_ml <= 0:
        raise CommandRefused("The lot concentration must be above 0")
    return dose_billions / billions_per_ml


def particles_per_minute(dose_billions: Decimal, volume_ml: Decimal, rate_ml_h: Decimal) -> Decimal:
    """Whole particles per minute at a rate in mL/h, from the dose in billions evenly in the volume in mL."""
    if volume_ml <= 0:
        raise CommandRefused("The volume must be above 0")
    return rounded(dose_billions * PARTICLES_PER_BILLION / volume_ml * rate_ml_h / 60, 0)


def dose_delivered(
    dose_billions: Decimal, volume_ml: Decimal, infused_ml: Decimal, deadspace_ml: Decimal = Decimal(0)
) -> Decimal:
    """Billions of particles that reached the patient, an estimate: the line's dead space (mL) still holds product.

    Never below 0, and never more than the dose: a pump counter beyond the bag's volume brings no further product.
    """
    if volume_ml <= 0:
        raise CommandRefused("The volume must be above 0")
    given = dose_billions * (infused_ml - deadspace_ml) / volume_ml
    return min(max(given, Decimal(0)), dose_billions)


def product_split(
    pumped_ml: Decimal, line_ml: Decimal, flush_ml: Decimal, *, primed_with_product: bool
) -> tuple[Decimal, Decimal]:
    """Millilitres of product that reached the patient, and that still stand in the line, of `pumped_ml` by the pump.

    A line primed with product took its fill from the bag before the pump counted; one primed with diluent takes it
    from what the pump moves. The flush pushes on as much as it is long.
    """
    pushed = min(max(flush_ml, Decimal(0)), line_ml)
    if primed_with_product:
        return pumped_ml + pushed, line_ml - pushed
    given = min(max(pumped_ml + pushed - line_ml, Decimal(0)), pumped_ml)
    return given, pumped_ml - given


def flush_too_fast(flush_ml_h: Decimal, product_ml_h: Decimal) -> bool:
    """Whether a flush runs faster than the product did: by more than 1 mL/h and more than 5 %, a bolus of product."""
    return flush_ml_h > product_ml_h and rate_differs(flush_ml_h, product_ml_h)


def residual_percent(volume_ml: Decimal, deadspace_ml: Decimal) -> Decimal:
    """How many per cent of the volume stay in the line when it is not flushed."""
    if volume_ml <= 0:
        raise CommandRefused("The volume must be above 0")
    return min(deadspace_ml * 100 / volume_ml, Decimal(100))


def remaining_minutes(remaining_ml: Decimal, rate_ml_h: Decimal | None) -> Decimal | None:
    """Minutes until the rest is in; None when the rate is 0 or unknown, for then nobody can say."""
    if rate_ml_h is None or rate_ml_h <= 0:
        return None
    return max(remaining_ml, Decimal(0)) * 60 / rate_ml_h


@dataclass(frozen=True, slots=True)
class RateSegment:
    """The pump's rate in mL/h from `start_min` (minutes since the first start) on; 0 = paused, None = not known."""

    start_min: Decimal
    rate_ml_h: Decimal | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What rates and times add up to, in mL and minutes; `eta_min` counts from the first start."""

    delivered_ml: Decimal
    remaining_ml: Decimal
    running_min: Decimal
    paused_min: Decimal
    unknown_min: Decimal
    eta_min: Decimal | None


def integrate(segments: Iterable[RateSegment], now_min: Decimal, volume_ml: Decimal) -> Progress:
    """The volume by rate and time: a cross-check of the pump's counter, and an estimate where there is none."""
    delivered = running = paused = unknown = Decimal(0)
    steps = sorted((s for s in segments if s.start_min <= now_min), key=lambda s: s.start_min)
    ends = [s.start_min for s in steps[1:]] + [now_min]
    for step, end in zip(steps, ends, strict=bool(steps)):
        span = end - step.start_min
        if step.rate_ml_h is None:
            unknown += span
        elif step.rate_ml_h > 0:
            running += span
            delivered += step.rate_ml_h * span / 60
        else:
            paused += span
    remaining = max(volume_ml - delivered, Decimal(0))
    left = remaining_minutes(remaining, steps[-1].rate_ml_h if steps else None)
    return Progress(delivered, remaining, running, paused, unknown, None if left is None else now_min + left)


def volumes_disagree(pump_ml: Decimal, integral_ml: Decimal, programmed_ml: Decimal) -> bool:
    """Whether counter and integral differ by more than 2 mL and more than 5 % of the programmed volume."""
    return abs(pump_ml - integral_ml) > max(Decimal(2), programmed_ml * 5 / 100)


def rate_differs(actual_ml_h: Decimal, planned_ml_h: Decimal) -> bool:
    """Whether the pump's rate is off the plan by more than 1 mL/h and more than 5 %."""
    return abs(actual_ml_h - planned_ml_h) > max(Decimal(1), planned_ml_h * 5 / 100)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _grouped(number: Decimal) -> str:
    return f"{number:,f}".replace(",", "\u202f")
