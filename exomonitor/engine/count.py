"""What the pump's counter proves of the dose: it goes on from where it was, it began anew, or it is not the same count.

A counter is believed across a silence of the same pump, by its number, or of a short one. Else (a pump that was out, or
one without a number after a restart, a new binding or a long silence) it is believed as far as the rate can have moved
it in that time, or the dose goes on by rate and time, and the count begins anew."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.clinical.ranges import RATE_SPAN
from exomonitor.clock import Instant
from exomonitor.engine.handlers_infuse import product_rate
from exomonitor.engine.ran_on import COUNTER_STEP_ML, SLACK_S
from exomonitor.session.contents import OVERFILL, bag_ml, up_to_the_bag
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.session.state import SessionState, Stretch
from exomonitor.session.timing import integral_ml, reckoned
from exomonitor.signals.pump import PumpReading, PumpStatus

RESET_ML = 0.2
COUNTER_HOLDS_S = 10.0
"""A report without a counter is taken to stand where the counter stood so long before; an older one has run on."""
SHORT_S = 60.0
"""A silence in which nobody puts another pump in its place; a counter may also move in steps as far apart."""
SHARE = 0.05
"""A counter may run so much faster than its rate. It bounds from above alone: what stood is found elsewhere."""
STEP_ML = 1.0
"""The coarsest step in which a pump counts."""
FASTEST_ML_H = float(RATE_SPAN.hi)
"""No pump gives more, not as a bolus either."""


@dataclass(frozen=True, slots=True)
class Count:
    """The pump's counter and the product given by now, both None where nobody says. `anew`: it counts from another
    base; `estimated`: rate and time, and not its counter, say what was given before it."""

    counter_ml: float | None
    given_ml: float | None
    anew: bool = False
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class _Mark:
    """Up to where the dose is known: what was given by then and what the counter showed; None = it told nothing."""

    at: Instant
    given_ml: float
    counter_ml: float | None
    bridges: bool
    """Whether product alone ran since: what the counter has added is dose."""
    is_product: bool


def count(state: SessionState, pump: PumpReading, judged: PumpReading | None, *, runs: bool) -> Count:
    """What this reading shows. `judged`: the last one with a counter; `runs`: whether it moves product now."""
    before, counter = state.delivery, pump.volume_infused_ml
    if before is None:
        return Count(counter, None)
    another, mark = _is_another(state, pump, judged), _mark(state, judged)
    if counter is None:
        return _untold(before, pump, judged, mark, another=another)
    if mark is None:
        unheard = integral_ml(state, pump.at)
        return Count(counter, reckoned(state, pump.at)[0], estimated=unheard > _slack(state, pump))
    more = integral_ml(state, pump.at, mark.at)
    if another or mark.counter_ml is None:
        return _by_rate(state, pump, mark, certain=more <= _slack(state, pump))
    if counter < mark.counter_ml - RESET_ML:
        return _set_back(state, pump, judged, mark, runs=runs)
    if _is_too_much(state, pump, judged, mark, counter - mark.counter_ml):
        return _by_rate(state, pump, mark)
    return _goes_on(mark, counter, more, _slack(state, pump))


def _is_too_much(state: SessionState, pump: PumpReading, judged: PumpReading | None, mark: _Mark, rise: float) -> bool:
    """Whether the counter cannot have moved so far by product of this bag: across a silence by more than was in it; of
    a pump that is not for certain the same by more than the rate gives; of the same one by more than any pump gives."""
    gap = pump.at.since(mark.at)
    hangs = mark.is_product and state.product_end is None and gap > COUNTER_HOLDS_S
    bag = bag_ml(state) if hangs else None
    if bag is not None and mark.given_ml + rise > max(mark.given_ml, bag * OVERFILL) + STEP_ML:
        return True
    if not _is_the_same(state, pump, judged, mark):
        return rise > _most(state, pump, gap)
    if not mark.is_product or gap < 0:
        return False
    if gap > COUNTER_HOLDS_S:
        return rise > FASTEST_ML_H * (gap + SHORT_S) / 3600
    return rise > max(_most(state, pump, gap), FASTEST_ML_H * gap / 3600 + STEP_ML)


def _goes_on(mark: _Mark, counter: float, more: float, slack: float) -> Count:
    """The same count: what it has added is dose where product alone ran. Where something else ran too, it shows what
    product gave as far as nothing else gave much."""
    rise = max(0.0, counter - (mark.counter_ml or 0.0))
    if not mark.is_product:
        return Count(counter, mark.given_ml)
    if not mark.bridges:
        return Count(counter, mark.given_ml + min(rise, more), estimated=abs(rise - more) > slack)
    return Count(counter, mark.given_ml + rise)


def _untold(
    before: Stretch, pump: PumpReading, judged: PumpReading | None, mark: _Mark | None, *, another: bool
) -> Count:
    """A report without a counter holds what was told just before it, since the last change, which may hold it too."""
    held = judged is not None and judged.at.since(before.began) >= 0
    if another or not held or judged is None or pump.at.since(judged.at) > COUNTER_HOLDS_S:
        return Count(None, None)
    known = mark is not None and before.delivered_ml is not None and before.counter_ml is not None
    return Count(judged.volume_infused_ml, mark.given_ml if known and mark is not None else None)


def _set_back(state: SessionState, pump: PumpReading, judged: PumpReading | None, mark: _Mark, *, runs: bool) -> Count:
    """Somebody has set the counter back to 0: what it shows since then is product where product can have run."""
    before, counter, gap = state.delivery, pump.volume_infused_ml or 0.0, pump.at.since(mark.at)
    if before is None or (gap > COUNTER_HOLDS_S and integral_ml(state, pump.at, mark.at) > 0):
        return _by_rate(state, pump, mark)
    ran = before.runs_product
    if before.status == PumpStatus.REMOVED.value:  # nobody saw it stand: its number says that it is the same one
        ran = runs and before.fluid is Fluid.PRODUCT and judged is not None
        ran = ran and judged is not None and bool(pump.serial) and pump.serial == judged.serial
    if not ran or state.product_end is not None:
        return Count(counter, mark.given_ml, anew=True)
    if counter > _most(state, pump, gap):
        return _by_rate(state, pump, mark)
    return Count(counter, mark.given_ml + counter, anew=True)


def _by_rate(state: SessionState, pump: PumpReading, mark: _Mark, *, certain: bool = False) -> Count:
    """This is not the count that it was: the dose is what was known, and rate times time since. `certain`: so little of
    it is reckoned that the counter may go on as the pump's word."""
    typed_at = state.typed_volume_at
    if typed_at is not None and typed_at.since(mark.at) >= 0:
        return Count(pump.volume_infused_ml, reckoned(state, pump.at)[0], anew=True, estimated=True)
    # A bag gives no more than is in it, however long nobody looked.
    given = mark.given_ml + up_to_the_bag(state, mark.given_ml, integral_ml(state, pump.at, mark.at))
    return Count(pump.volume_infused_ml, given, anew=True, estimated=not certain)


def _most(state: SessionState, pump: PumpReading, seconds: float) -> float:
    """The most that the rate can have moved a counter in so many seconds (mL), as the pump may count it."""
    return _rate(state, pump) * (seconds * (1 + SHARE) + SHORT_S) / 3600 + STEP_ML


def _slack(state: SessionState, pump: PumpReading) -> float:
    """So little (mL) that it makes no estimate of what the pump says."""
    return _rate(state, pump) * SLACK_S / 3600 + COUNTER_STEP_ML


def _rate(state: SessionState, pump: PumpReading) -> float:
    ran = next((s.rate_ml_h for s in reversed(state.stretches) if s.runs), 0.0)
    return max(pump.rate_ml_h or 0.0, pump.rate_set_ml_h or 0.0, ran, product_rate(state) or 0.0)


def _is_the_same(state: SessionState, pump: PumpReading, judged: PumpReading | None, mark: _Mark) -> bool:
    """Whether this is for certain the pump that counted until now, and it was never out."""
    if state.delivery is not None and state.delivery.status == PumpStatus.REMOVED.value:
        return False
    if pump.serial and pump.serial == _number(state, pump, judged):
        return True
    return judged is not None and judged.at.since(mark.at) >= 0 and pump.at.since(judged.at) <= SHORT_S


def _is_another(state: SessionState, pump: PumpReading, judged: PumpReading | None) -> bool:
    """Whether this is not the pump that counted until now, by its number: another one stands in the same slot."""
    known = _number(state, pump, judged)
    return bool(known and pump.serial) and known != pump.serial


def _number(state: SessionState, pump: PumpReading, judged: PumpReading | None) -> str:
    """The number of the pump that counted until now, as it told it or as it is on record; "" = it has none."""
    bound = state.devices.get("pump")
    on_record = bound.serial if bound is not None and bound.channel in {"", pump.channel} else ""
    return (judged.serial if judged is not None else "") or on_record


def _mark(state: SessionState, judged: PumpReading | None) -> _Mark | None:
    """The newest of what the record and the last reading know."""
    last = next((s for s in reversed(state.stretches) if s.delivered_ml is not None and not _is_stale(s)), None)
    if last is None or last.delivered_ml is None:
        return None
    later = state.stretches[state.stretches.index(last) :]
    product = last.fluid is Fluid.PRODUCT
    bridges = all(s.fluid is Fluid.PRODUCT for s in later)
    given, counter, at = last.delivered_ml, last.counter_ml, last.began
    told = judged.volume_infused_ml if judged is not None and judged.at.since(at) >= 0 else None
    if judged is not None and told is not None and counter is not None:
        given += max(0.0, told - counter) if product else 0.0
        counter, at = told, judged.at
    return _Mark(at, given, counter, bridges, product)


def _is_stale(stretch: Stretch) -> bool:
    """A pump that gave no counter was once recorded with the volume of the change before it."""
    return stretch.source is DeliverySource.PUMP and stretch.counter_ml is None
