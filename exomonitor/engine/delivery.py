"""Turns what the pump reports into facts of the session by itself: start, running, standing, rate, end of
product, flush."""

from __future__ import annotations

from exomonitor.engine.handlers_infuse import start_events
from exomonitor.engine.situation import Situation
from exomonitor.session.entry import Event
from exomonitor.session.events import DeliveryChanged, ProductEnded
from exomonitor.session.phases import DeliverySource, Fluid, Phase
from exomonitor.session.state import SessionState
from exomonitor.session.timing import counted_ml
from exomonitor.signals.pump import PumpReading, PumpStatus

AUTO_START_S = 30.0
RATE_STEP_ML_H = 0.05
RESET_ML = 0.2
# A pump counts to 0.1 mL and its end may be reported up to a step before or after the programmed volume.
WHOLE_SHARE = 0.99
NO_FLOW = frozenset(
    {PumpStatus.PAUSED, PumpStatus.STOPPED, PumpStatus.STANDBY, PumpStatus.COMPLETE, PumpStatus.OFF, PumpStatus.REMOVED}
)


def watch(at: Situation, pump: PumpReading, since: PumpReading | None) -> tuple[Event, ...]:
    """The events that this reading of the product channel brings; none when nothing changed or nothing is known."""
    state = at.state
    if state is None or not state.phase.is_open:
        return ()
    if state.phase is Phase.PREPARE:
        return _auto_start(at, state, pump, since)
    changed = _changed(state, pump)
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


def _changed(state: SessionState, pump: PumpReading) -> DeliveryChanged | None:
    before = state.delivery
    flow = _flow(state, pump)
    if flow is None:
        return None
    fluid, rate = flow
    reset = (
        before is not None
        and before.counter_ml is not None
        and pump.volume_infused_ml is not None
        and pump.volume_infused_ml < before.counter_ml - RESET_ML
    )
    same = (
        before is not None
        and before.source is DeliverySource.PUMP
        and before.fluid is fluid
        and abs(before.rate_ml_h - rate) < RATE_STEP_ML_H
        and (before.runs or before.status == pump.status.value)
    )
    first_counter = before is not None and before.counter_ml is None and pump.volume_infused_ml is not None
    if same and not reset and not first_counter:
        return None
    given = _given(state, pump, fluid, reset=reset)
    return DeliveryChanged(
        pump.at,
        fluid,
        rate,
        DeliverySource.PUMP,
        pump.status.value,
        pump.volume_infused_ml,
        None if given is None else round(given, 3),
        pump.vtbi_ml,
    )


def _flow(state: SessionState, pump: PumpReading) -> tuple[Fluid, float] | None:
    """Which fluid runs how fast; None while the pump's state or rate is not known."""
    standing = Fluid.PRODUCT if state.product_end is None else Fluid.FLUSH
    if pump.status in NO_FLOW:
        return standing, 0.0
    if pump.rate_ml_h is None:
        return None
    match pump.status:
        case PumpStatus.INFUSING | PumpStatus.BOLUS:
            return standing, pump.rate_ml_h
        case PumpStatus.KVO:
            return Fluid.KVO, pump.rate_ml_h
        case PumpStatus.PURGING:
            return Fluid.FLUSH, pump.rate_ml_h
    return None


def _given(state: SessionState, pump: PumpReading, fluid: Fluid, *, reset: bool) -> float | None:
    """Product given by now: what the counter added since the last change, if product ran; a reset counter
    began at 0."""
    before = state.delivery
    if before is None or pump.volume_infused_ml is None:
        return before.delivered_ml if before is not None else None
    if before.delivered_ml is None:
        # The counter speaks for the first time: what ran before it is known by rate and time at best.
        return pump.volume_infused_ml if fluid is Fluid.PRODUCT else None
    if reset:
        ran = before.fluid is Fluid.PRODUCT and before.runs and state.product_end is None
        return before.delivered_ml + (pump.volume_infused_ml if ran and fluid is Fluid.PRODUCT else 0.0)
    return counted_ml(state, pump.volume_infused_ml)


def _ended(state: SessionState, pump: PumpReading, changed: DeliveryChanged) -> ProductEnded | None:
    """The pump's own end of infusion: complete at the programmed volume, or KVO after it."""
    if state.product_end is not None or state.order is None:
        return None
    if pump.status not in {PumpStatus.COMPLETE, PumpStatus.KVO}:
        return None
    given = changed.delivered_ml
    whole = given is not None and given >= float(state.order.volume_ml) * WHOLE_SHARE
    if not whole:
        return None
    return ProductEnded(pump.at, "complete", given, DeliverySource.PUMP, "pump reached its volume")
