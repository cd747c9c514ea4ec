"""Turns what the pump reports into facts of the session by itself: start, running, standing, rate, end of
product, flush."""

from __future__ import annotations

from exomonitor.clock import Instant
from exomonitor.engine.handlers_infuse import running_rate, start_events
from exomonitor.engine.situation import Situation
from exomonitor.session.entry import Event
from exomonitor.session.events import DeliveryChanged, ProductEnded
from exomonitor.session.phases import DeliverySource, Fluid, Phase
from exomonitor.session.state import SessionState, Stretch
from exomonitor.session.timing import counted_ml, is_whole, reckoned
from exomonitor.signals.pump import PumpReading, PumpStatus

AUTO_START_S = 30.0
RATE_STEP_ML_H = 0.05
RESET_ML = 0.2
COUNTER_HOLDS_S = 30.0
"""A report without a counter is taken to stand where the counter stood so long before; an older one has run on."""
NO_FLOW = frozenset(
    {PumpStatus.PAUSED, PumpStatus.STOPPED, PumpStatus.STANDBY, PumpStatus.COMPLETE, PumpStatus.OFF, PumpStatus.REMOVED}
)


def watch(
    at: Situation, pump: PumpReading, since: PumpReading | None, judged: PumpReading | None = None
) -> tuple[Event, ...]:
    """The events that this reading of the product channel brings; none when nothing changed or nothing is known.

    `since`: the first of its readings that infuse without a break. `judged`: the channel's last reading with a counter
    that was watched before this one; it shows what the record's last change is too old to show: a reset, and what had
    been given by a report that tells no volume.
    """
    state = at.state
    if state is None or not state.phase.is_open or state.is_emergency:
        return ()
    if state.phase is Phase.PREPARE:
        return _auto_start(at, state, pump, since)
    changed = _changed(state, pump, judged)
    if changed is None:
        return ()
    ended = _ended(state, pump, changed)
    return (changed,) if ended is None else (changed, ended)


def _auto_start(at: Situation, state: SessionState, pump: PumpReading, since: PumpReading | None) -> tuple[Event, ...]:
    """W6: the record starts by itself when the product channel has delivered for more than 30 s."""
    bound = state.devices.get("pump")
    if bound is None or not bound.key or since is None or pump.status is not PumpStatus.INFUSING:
        return ()
    if pump.at.since(since.at) <= AUTO_START_S:
        return ()
    return start_events(state, pump, since, at, DeliverySource.PUMP)


def _changed(state: SessionState, pump: PumpReading, judged: PumpReading | None) -> DeliveryChanged | None:
    before = state.delivery
    flow = _flow(state, pump)
    if flow is None:
        return None
    fluid, rate = flow
    reset = _reset_after(before, pump, judged)
    same = (
        before is not None
        and before.source is DeliverySource.PUMP
        and before.fluid is fluid
        and abs(before.rate_ml_h - rate) < RATE_STEP_ML_H
        and (before.runs or before.status == pump.status.value)
    )
    tells = pump.volume_infused_ml is not None
    first_counter = tells and before is not None and before.counter_ml is None
    if same and reset is None and not first_counter and not (tells and _is_another(pump, judged)):
        return None
    counter, given = _given(state, pump, judged, fluid, reset)
    return DeliveryChanged(
        pump.at,
        fluid,
        rate,
        DeliverySource.PUMP,
        pump.status.value,
        counter,
        None if given is None else round(given, 3),
        pump.vtbi_ml,
    )


def _reset_after(before: Stretch | None, pump: PumpReading, judged: PumpReading | None) -> float | None:
    """What the counter had reached when somebody set it back to 0; None when nobody did."""
    counters = [before.counter_ml if before is not None else None, judged.volume_infused_ml if judged else None]
    seen = max((counter for counter in counters if counter is not None), default=None)
    if before is None or before.counter_ml is None or seen is None or pump.volume_infused_ml is None:
        return None
    return seen if pump.volume_infused_ml < seen - RESET_ML else None


def _flow(state: SessionState, pump: PumpReading) -> tuple[Fluid, float] | None:
    """Which fluid runs how fast; None while the pump's state or rate is not known."""
    standing = Fluid.PRODUCT if state.product_end is None else Fluid.FLUSH
    if pump.status in NO_FLOW:
        return standing, 0.0
    rate = running_rate(pump)
    if rate is None:
        return None
    match pump.status:
        case PumpStatus.INFUSING | PumpStatus.BOLUS:
            return standing, rate
        case PumpStatus.KVO:
            return Fluid.KVO, rate
        case PumpStatus.PURGING:
            return Fluid.FLUSH, rate
    return None


def _is_another(pump: PumpReading, judged: PumpReading | None) -> bool:
    """Whether this is not the pump that counted until now: another one stands in the same slot."""
    return judged is not None and bool(judged.serial and pump.serial) and judged.serial != pump.serial


def _given(
    state: SessionState, pump: PumpReading, judged: PumpReading | None, fluid: Fluid, reset: float | None
) -> tuple[float | None, float | None]:
    """The pump's counter and the product given by now: what it added since the last change, if product ran; a reset
    counter began at 0. Both None where it does not say."""
    before, counter = state.delivery, pump.volume_infused_ml
    if before is None:
        return counter, None
    held = _held(before, pump, judged)
    if counter is None:
        counter = held if not _is_another(pump, judged) else None
        if counter is None:
            return None, None
    elif _is_another(pump, judged):
        given = counted_ml(state, held)
        return counter, given if given is not None else reckoned(state, pump.at)[0]
    if reset is not None:
        given = counted_ml(state, reset)
        ran = state.product_end is None and fluid is Fluid.PRODUCT and _may_have_run(before, pump, judged)
        return counter, None if given is None else given + (counter if ran else 0.0)
    if before.counter_ml is None:
        return counter, _bridged(state, pump.at, counter, judged)
    return counter, counted_ml(state, counter)


def _may_have_run(before: Stretch, pump: PumpReading, judged: PumpReading | None) -> bool:
    """Whether what the counter shows after it was set back is product: it ran, or the pump was out, where nobody saw it
    stand, and its number says that it is the same one."""
    if before.status != PumpStatus.REMOVED.value:
        return before.runs_product
    return before.fluid is Fluid.PRODUCT and judged is not None and bool(pump.serial) and pump.serial == judged.serial


def _held(before: Stretch, pump: PumpReading, judged: PumpReading | None) -> float | None:
    """Where the counter stood when it was told last, if that was just now: since the last change, which may hold it
    already."""
    if judged is None or judged.at.since(before.began) < 0 or pump.at.since(judged.at) > COUNTER_HOLDS_S:
        return None
    return judged.volume_infused_ml


def _bridged(state: SessionState, at: Instant, counter_ml: float, judged: PumpReading | None) -> float:
    """The counter speaks after a time without it: it bridges a silence of the same pump; what ran before a pump was
    heard for the first time, or before its counter was set back in the silence, is known by rate and time at best."""
    last = next((s for s in reversed(state.stretches) if s.delivered_ml is not None and not _is_stale(s)), None)
    if last is not None and last.delivered_ml is not None and last.counter_ml is not None:
        later = state.stretches[state.stretches.index(last) :]
        reached = max(last.counter_ml, (judged.volume_infused_ml if judged else None) or 0.0)
        if counter_ml >= reached - RESET_ML and all(s.fluid is Fluid.PRODUCT for s in later):
            return last.delivered_ml + max(0.0, counter_ml - last.counter_ml)
    return reckoned(state, at)[0]


def _is_stale(stretch: Stretch) -> bool:
    """A pump that gave no counter was once recorded with the volume of the change before it."""
    return stretch.source is DeliverySource.PUMP and stretch.counter_ml is None


def _ended(state: SessionState, pump: PumpReading, changed: DeliveryChanged) -> ProductEnded | None:
    """The pump's own end of infusion: complete at the programmed volume, or KVO after it."""
    if state.product_end is not None or pump.status not in {PumpStatus.COMPLETE, PumpStatus.KVO}:
        return None
    if not is_whole(state, changed.delivered_ml):
        return None
    return ProductEnded(pump.at, "complete", changed.delivered_ml, DeliverySource.PUMP, "pump reached its volume")
