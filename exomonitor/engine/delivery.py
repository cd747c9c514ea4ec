"""Turns what the pump reports into facts of the session by itself: start, running, standing, rate, end of
product, flush."""

from __future__ import annotations

from exomonitor.engine.count import count
from exomonitor.engine.handlers_infuse import running_rate, start_events
from exomonitor.engine.situation import Situation
from exomonitor.session.entry import Event
from exomonitor.session.events import DeliveryChanged, ProductEnded
from exomonitor.session.phases import DeliverySource, Fluid, Phase
from exomonitor.session.state import SessionState
from exomonitor.session.timing import is_whole, rests_on_estimate
from exomonitor.signals.pump import PumpReading, PumpStatus

AUTO_START_S = 30.0
RATE_STEP_ML_H = 0.05
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
    before, flow = state.delivery, _flow(state, pump)
    fluid, rate = flow if flow is not None else (Fluid.PRODUCT, 0.0)
    counted = count(state, pump, judged, runs=rate > 0 and fluid is Fluid.PRODUCT)
    status = pump.status.value
    if flow is None:
        if before is None or not counted.anew:
            return None
        fluid, rate, status = before.fluid, before.rate_ml_h, before.status  # it goes on as far as anybody knows
    same = (
        before is not None
        and before.source is not DeliverySource.TYPED
        and before.fluid is fluid
        and abs(before.rate_ml_h - rate) < RATE_STEP_ML_H
        and (before.runs or before.status == status)
    )
    first_counter = pump.volume_infused_ml is not None and before is not None and before.counter_ml is None
    if same and not counted.anew and not first_counter:
        return None
    given = counted.given_ml
    return DeliveryChanged(
        pump.at,
        fluid,
        rate,
        DeliverySource.ESTIMATED if counted.estimated or rests_on_estimate(state) else DeliverySource.PUMP,
        status,
        counted.counter_ml,
        None if given is None else round(given, 3),
        pump.vtbi_ml,
    )


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


def _ended(state: SessionState, pump: PumpReading, changed: DeliveryChanged) -> ProductEnded | None:
    """The pump's own end of infusion: complete at the programmed volume, or KVO after it."""
    if state.product_end is not None or pump.status not in {PumpStatus.COMPLETE, PumpStatus.KVO}:
        return None
    if changed.source is not DeliverySource.PUMP:
        return None  # an estimate ends nothing by itself: a person is asked
    if not is_whole(state, changed.delivered_ml):
        return None
    return ProductEnded(pump.at, "complete", changed.delivered_ml, DeliverySource.PUMP, "pump reached its volume")
