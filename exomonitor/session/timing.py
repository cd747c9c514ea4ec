"""The clocks and volumes of a running session, as pure functions of its state, the present instant and the
pump's last words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from exomonitor.clinical import dosing
from exomonitor.clinical.rates import RatePlan
from exomonitor.clock import Instant
from exomonitor.session.contents import contents, up_to_the_bag
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.session.state import SessionState, Stretch
from exomonitor.signals.pump import PumpReading, PumpStatus

# A pump counts to 0.1 mL and its end may be reported up to a step before or after the programmed volume.
WHOLE_SHARE = 0.99
PRODUCT_PRIMED = "product"
"""FlushDone.primed where the line was filled with product before the pump began to count."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Infusing, paused and elapsed seconds apart; volumes in mL; rates in mL/h. None = not known, never zero.

    The wait between the record's start and the first product is part of `elapsed_s` alone: nothing was paused yet.
    """

    infusing_s: float
    paused_s: float
    elapsed_s: float
    delivered_ml: float | None
    delivered_by: str
    """`pump`, `typed`, or `estimated` from rate and time."""
    by_now_ml: float | None
    """What the record would hold if the product ended now: a pump that is silent may have gone on."""
    by_now_by: str
    integral_ml: float
    remaining_ml: float | None
    remaining_s: float | None
    remaining_by: str
    """`pump`, `plan` (the ramp has steps to come), `rate`, or "" when nothing is known."""
    ends_at: datetime | None
    rate_ml_h: float | None
    planned_rate_ml_h: float | None
    step: int
    steps: int
    dose_given_billion: Decimal | None
    """Estimated, less what still stands in the line until it is flushed."""
    particles_per_min: Decimal | None
    running: bool
    rate_differs: bool


def spans(state: SessionState, until: Instant, since: Instant | None = None) -> Iterator[tuple[Stretch, float]]:
    """Each stretch with how many of its seconds lie between `since` (None = the beginning) and `until`."""
    ends = [s.began for s in state.stretches[1:]] + [until]
    for stretch, end in zip(state.stretches, ends, strict=False):
        last = end if until.since(end) > 0 else until
        first = stretch.began if since is None or stretch.began.since(since) > 0 else since
        yield stretch, max(0.0, last.since(first))


def infusing_seconds(state: SessionState, now: Instant) -> float:
    """Seconds during which product ran, at most to its end."""
    return sum(s for stretch, s in spans(state, _product_until(state, now)) if stretch.runs_product)


def integral_ml(state: SessionState, now: Instant, since: Instant | None = None) -> float:
    """Product volume from rates and times: the cross-check on the pump's counter."""
    parts = spans(state, _product_until(state, now), since)
    return sum(stretch.rate_ml_h * seconds / 3600 for stretch, seconds in parts if stretch.runs_product)


def _product_until(state: SessionState, now: Instant) -> Instant:
    return now if state.product_end is None else state.product_end.when


def elapsed_seconds(state: SessionState, now: Instant) -> float:
    """Seconds from the start to the end of product, or to now."""
    if state.started is None:
        return 0.0
    end = state.product_end.when if state.product_end is not None else now
    return max(0.0, end.since(state.started))


def waited_seconds(state: SessionState, now: Instant) -> float:
    """Seconds from the start until product ran for the first time; all that have elapsed while it has not."""
    elapsed = elapsed_seconds(state, now)
    began = next((stretch.began for stretch in state.stretches if stretch.runs_product), None)
    if state.started is None or began is None:
        return elapsed
    return min(elapsed, max(0.0, began.since(state.started)))


def since_start(state: SessionState, at: Instant) -> float | None:
    """Seconds from the session's start to `at` (negative before it), None when not started."""
    return None if state.started is None else at.since(state.started)


def counted_ml(state: SessionState, counter_ml: float | None) -> float | None:
    """Product given by the pump's own counter: what stood at the last change plus what it has counted since.
    None where the counter does not say."""
    stretch = state.delivery
    if stretch is None or stretch.delivered_ml is None:
        return None
    if stretch.fluid is not Fluid.PRODUCT:
        return stretch.delivered_ml
    if counter_ml is None or stretch.counter_ml is None:
        return None
    return stretch.delivered_ml + max(0.0, counter_ml - stretch.counter_ml)


def reckoned(state: SessionState, now: Instant) -> tuple[float, str]:
    """Product given in mL without a counter: the newest volume that somebody told, plus rate times time since then, as
    far as the bag holds it; and who says so."""
    since, volume, who = _newest_volume(state)
    ran = integral_ml(state, now, since)
    if ran <= 0:
        return volume, who
    return volume + up_to_the_bag(state, volume, ran), DeliverySource.ESTIMATED.value


def _newest_volume(state: SessionState) -> tuple[Instant | None, float, str]:
    """The newest volume (mL) that is on record: when it was told, and by whom."""
    known, volume, who = state.started, 0.0, DeliverySource.ESTIMATED.value
    for stretch in state.stretches:
        if stretch.delivered_ml is not None:
            known, volume = stretch.began, stretch.delivered_ml
            who = who if _is_carried(stretch) else stretch.source.value
    typed_at = state.typed_volume_at
    if state.typed_volume_ml is not None and typed_at is not None and (known is None or typed_at.since(known) >= 0):
        known, volume, who = typed_at, state.typed_volume_ml, DeliverySource.TYPED.value
    return known, volume, who


def _is_carried(stretch: Stretch) -> bool:
    """Whether another pump was chosen there, which has told nothing yet: the volume is what was known before."""
    return stretch.status == PumpStatus.UNKNOWN.value and stretch.counter_ml is None


def rests_on_estimate(state: SessionState) -> bool:
    """Whether the counter goes on from a volume that rate and time gave: what it showed then was not believed."""
    return any(s.source is DeliverySource.ESTIMATED and s.counter_ml is not None for s in state.stretches)


def is_whole(state: SessionState, given_ml: float | None) -> bool:
    """Whether the ordered volume is in, as far as a pump's counter can say."""
    return state.order is not None and given_ml is not None and given_ml >= float(state.order.volume_ml) * WHOLE_SHARE


def delivered(state: SessionState, now: Instant, counter_ml: float | None) -> tuple[float | None, str]:
    """Product given in mL and who says so; the pump's counter is authoritative, then what was typed, then rate
    times time."""
    if state.started is None:
        return None, ""
    if state.product_end is not None and state.product_end.delivered_ml is not None:
        return state.product_end.delivered_ml, state.product_end.source.value
    counted = counted_ml(state, counter_ml)
    if counted is None:
        return reckoned(state, now)
    return counted, (DeliverySource.ESTIMATED if rests_on_estimate(state) else DeliverySource.PUMP).value


def given_by_now(
    state: SessionState, now: Instant, told: PumpReading | None, *, fresh: bool
) -> tuple[float | None, str]:
    """What the record holds of the product given (mL) if it ends now, and who says so. Of a pump that is not `fresh`:
    what its last counter (`told`) said, and rate times time since then, which makes it an estimate."""
    counter = told.volume_infused_ml if told is not None else None
    given, who = delivered(state, now, counter)
    if given is None or state.product_end is not None:
        return given, who
    if not fresh and counted_ml(state, counter) is not None:
        more = unheard_ml(state, now, told)
        given, who = given + up_to_the_bag(state, given, more), DeliverySource.ESTIMATED.value if more > 0 else who
    return round(given, 3), who


def unheard_ml(state: SessionState, now: Instant, told: PumpReading | None) -> float:
    """Product (mL) that rate and time alone tell of: since the last counter, or else the newest volume on record, or
    the first of the pumps that were chosen one after the other and never told."""
    if told is None or state.delivery is None or counted_ml(state, told.volume_infused_ml) is None:
        since, typed_at = _newest_volume(state)[0], state.typed_volume_at
        for stretch in reversed(state.stretches):
            if not _is_carried(stretch) or (typed_at is not None and typed_at.since(stretch.began) >= 0):
                break
            since = stretch.began
        return integral_ml(state, now, since)
    began = state.delivery.began
    return integral_ml(state, now, told.at if told.at.since(began) >= 0 else began)


def progress(state: SessionState, now: Instant, pump: PumpReading | None, *, fresh: bool = True) -> Progress:
    """All figures of the timer and the pump card at `now`. A pump that is not `fresh` still tells what it had counted,
    but nothing about the present rate or the time that remains; nor does one that has not been heard yet (None)."""
    infusing = infusing_seconds(state, now)
    elapsed = elapsed_seconds(state, now)
    given, given_by = delivered(state, now, pump.volume_infused_ml if pump else None)
    by_now, by_now_by = given_by_now(state, now, pump, fresh=fresh)
    # A pump that is read but does not speak is no pump that stands, nor one that goes on as before.
    silent = state.reads_pump and (pump is None or not fresh)
    pump = pump if fresh else None
    plan = state.order.rate_plan() if state.order is not None else None
    stretch = state.delivery
    running = _runs_product(state)
    rate = None if silent else _rate(stretch, pump)
    planned = planned_rate(state, infusing)
    left_ml, left_s, left_by = _remaining(state, plan, infusing, given, pump, running and not silent)
    step, steps = (plan.step_number_at(infusing / 60), len(plan.steps)) if plan is not None else (0, 0)
    return Progress(
        infusing_s=infusing,
        paused_s=max(0.0, elapsed - waited_seconds(state, now) - infusing),
        elapsed_s=elapsed,
        delivered_ml=given,
        delivered_by=given_by,
        by_now_ml=by_now,
        by_now_by=by_now_by,
        integral_ml=integral_ml(state, now),
        remaining_ml=left_ml,
        remaining_s=left_s,
        remaining_by=left_by,
        ends_at=now.utc + timedelta(seconds=left_s) if left_s is not None else None,
        rate_ml_h=rate,
        planned_rate_ml_h=planned,
        step=step,
        steps=steps,
        dose_given_billion=_dose(state, given),
        particles_per_min=_particles(state, rate if running else None),
        running=running,
        rate_differs=running and rate_differs(rate, planned),
    )


def planned_rate(state: SessionState, infusing_s: float) -> float | None:
    """The rate in mL/h that is meant after so many seconds of infusing: the one a restart after a reaction was ordered
    with, else the plan's."""
    if state.order is None or state.started is None:
        return None
    if state.emergency.restarts:
        return float(state.emergency.restarts[-1].rate_ml_h)
    return float(state.order.rate_plan().planned_rate_at(Decimal(str(infusing_s / 60))))


def line_ml(state: SessionState) -> Decimal:
    """The volume of the line in mL: as said at the flush, else as ordered."""
    if state.flush is not None and state.flush.line_ml is not None:
        return Decimal(str(state.flush.line_ml))
    return state.order.line_ml if state.order is not None else Decimal(0)


def line_split(state: SessionState, pumped_ml: float | None) -> tuple[Decimal, Decimal] | None:
    """Of the product that the pump moved (mL): what reached the patient, and what still stands in the line."""
    if pumped_ml is None:
        return None
    flush = state.flush
    # A flush whose volume nobody knows is taken as a whole one, as it was meant.
    flushed = line_ml(state) if flush is not None and flush.volume_ml is None else Decimal(0)
    if flush is not None and flush.volume_ml is not None:
        flushed = Decimal(str(flush.volume_ml))
    primed = flush is not None and flush.primed == PRODUCT_PRIMED
    # A set that was taken off went with what stood in it, and what the pump moved until then is settled; where product
    # had filled it before the pump counted, what it held was never part of what the pump moved.
    pumped = Decimal(str(round(pumped_ml, 3)))
    before = min(pumped, state.care.settled_ml)
    settled = before if primed else max(Decimal(0), before - state.care.discarded_ml)
    given, stands = dosing.product_split(
        pumped - before,
        line_ml(state),
        flushed if flush is not None and flush.done else Decimal(0),
        primed_with_product=primed or state.care.primed_with_product,
    )
    return settled + given, stands


def rate_differs(rate: float | None, planned: float | None) -> bool:
    """Whether the pump's rate is off the plan; never when one of the two is not known."""
    return rate is not None and bool(planned) and dosing.rate_differs(Decimal(str(rate)), Decimal(str(planned)))


def _runs_product(state: SessionState) -> bool:
    stretch = state.delivery
    return stretch is not None and stretch.runs_product and state.product_end is None


def _rate(stretch: Stretch | None, pump: PumpReading | None) -> float | None:
    if pump is not None and pump.rate_ml_h is not None:
        return pump.rate_ml_h
    return stretch.rate_ml_h if stretch is not None else None


def _remaining(
    state: SessionState,
    plan: RatePlan | None,
    infusing_s: float,
    given: float | None,
    pump: PumpReading | None,
    running: bool,
) -> tuple[float | None, float | None, str]:
    if state.product_end is not None or state.order is None or given is None or plan is None:
        return None, None, ""
    left_ml = max(0.0, float(state.order.volume_ml) - given)
    if pump is not None and pump.volume_remaining_ml is not None and "volume_remaining" not in pump.inferred:
        left_ml = pump.volume_remaining_ml
    if not running:
        return left_ml, None, ""
    minutes = Decimal(str(infusing_s / 60))
    rate = state.delivery.rate_ml_h if state.delivery is not None else 0.0
    more_to_come = any(step.start_min > minutes for step in plan.steps)
    if more_to_come and not rate_differs(rate, float(plan.planned_rate_at(minutes))):
        return left_ml, _by_plan(plan, float(minutes), left_ml), "plan"
    if pump is not None and pump.time_remaining_s is not None:
        return left_ml, pump.time_remaining_s, "pump"
    return (left_ml, left_ml / rate * 3600, "rate") if rate > 0 else (left_ml, None, "")


def _by_plan(plan: RatePlan, minute: float, left_ml: float) -> float:
    """Seconds until `left_ml` is in when the rest of the plan is kept from `minute` on."""
    seconds = 0.0
    for step in plan.steps:
        start, end, rate = float(step.start_min), float(step.end_min), float(step.rate_ml_h)
        if end <= minute:
            continue
        length_s = (end - max(start, minute)) * 60
        volume = rate * length_s / 3600
        if step is plan.steps[-1] or volume >= left_ml:
            return seconds + left_ml / rate * 3600
        seconds += length_s
        left_ml -= volume
    return seconds


def _dose(state: SessionState, given: float | None) -> Decimal | None:
    split, holds = line_split(state, given), contents(state)
    if holds is None or split is None:
        return None
    return dosing.dose_delivered(holds.dose_billion, holds.volume_ml, split[0])


def _particles(state: SessionState, rate: float | None) -> Decimal | None:
    holds = contents(state)
    if holds is None or rate is None:
        return None
    return dosing.particles_per_minute(holds.dose_billion, holds.volume_ml, Decimal(str(rate)))
