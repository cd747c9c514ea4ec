"""Handlers of the infusion itself: start, what was done at the pump, end of product, flush."""

from __future__ import annotations

from itertools import pairwise

from exomonitor.engine.situation import Decision, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.checklist import gates
from exomonitor.session.entry import Event
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.session.state import SessionState
from exomonitor.session.timing import delivered
from exomonitor.signals.pump import PumpReading, PumpStatus

MEANINGS = {"pause", "stop", "resume", "rate"}


def start_session(at: Situation, c: cmd.StartSession) -> Decision:
    """The nurse starts the record; open gates that nobody accepted refuse it, and are listed."""
    state = at.preparing()
    open_gates = tuple(g for g in gates(state, at.now, at.protocol.schedule.baseline_max_age_min) if not g.closed)
    if open_gates:
        raise CommandRefused("Before the start: " + "; ".join(f"{g.label} ({g.why})" for g in open_gates))
    if not at.reads_pump():
        if c.rate_ml_h is None:
            raise CommandRefused("Type the rate on the pump's display")
        first = ev.DeliveryChanged(
            at.now, Fluid.PRODUCT, float(c.rate_ml_h), DeliverySource.TYPED, _typed_status(c.rate_ml_h > 0)
        )
        return Decision((ev.SessionStarted(at.now, DeliverySource.TYPED), first))
    return Decision(start_events(state, at.pump, at.pump_infusing_since, at, DeliverySource.TYPED))


def start_events(
    state: SessionState,
    pump: PumpReading | None,
    since: PumpReading | None,
    at: Situation,
    by: DeliverySource,
) -> tuple[Event, ...]:
    """The events of a start: the clock begins where the pump began, if it runs already, and its counter counts
    from there."""
    open_gates = tuple(g.key for g in gates(state, at.now, at.protocol.schedule.baseline_max_age_min) if not g.closed)
    running = pump is not None and pump.status is PumpStatus.INFUSING and since is not None
    if running and since is not None and pump is not None:
        base = since.volume_infused_ml
        begun = ev.DeliveryChanged(
            since.at, Fluid.PRODUCT, since.rate_ml_h or 0.0, DeliverySource.PUMP, since.status.value, base,
            0.0 if base is not None else None, since.vtbi_ml,
        )  # fmt: skip
        return (ev.SessionStarted(since.at, by, open_gates), begun)
    standing = ev.DeliveryChanged(
        at.now,
        Fluid.PRODUCT,
        0.0,
        DeliverySource.PUMP if pump is not None else DeliverySource.TYPED,
        pump.status.value if pump is not None else PumpStatus.UNKNOWN.value,
        pump.volume_infused_ml if pump is not None else None,
        0.0 if pump is not None and pump.volume_infused_ml is not None else None,
        pump.vtbi_ml if pump is not None else None,
    )
    return (ev.SessionStarted(at.now, by, open_gates), standing)


def type_delivery(at: Situation, c: cmd.TypeDelivery) -> Decision:
    """Without pump data the nurse types what the display says."""
    state = at.started()
    if at.reads_pump() and at.pump is not None:
        raise CommandRefused("The pump is read: its own rate counts")
    fluid = Fluid.FLUSH if state.product_end is not None else Fluid.PRODUCT
    events: list[Event] = []
    if c.volume_infused_ml is not None:
        events.append(ev.VolumeTyped(at.now, c.volume_infused_ml))
    events.append(
        ev.DeliveryChanged(at.now, fluid, float(c.rate_ml_h), DeliverySource.TYPED, _typed_status(c.rate_ml_h > 0))
    )
    return Decision(tuple(events))


def give_meaning(at: Situation, c: cmd.GiveMeaning) -> Decision:
    """What the stop, pause, restart or rate at the pump was; without pump data a pause or stop also ends the
    typed running."""
    state = at.started()
    if c.meaning not in MEANINGS:
        raise CommandRefused(f"{c.meaning!r} is none of: pause, stop, resume, rate")
    if c.meaning in {"pause", "stop"}:
        need_text(c.why, "The reason")
    events: list[Event] = [ev.MeaningGiven(c.meaning, c.why, at.now, c.text.strip())]
    stretch = state.delivery
    typed = not at.reads_pump() and stretch is not None and state.product_end is None
    if typed and stretch is not None:
        if c.meaning in {"pause", "stop"} and stretch.runs:
            events.append(ev.DeliveryChanged(at.now, stretch.fluid, 0.0, DeliverySource.TYPED, PumpStatus.PAUSED.value))
        elif c.meaning == "resume" and not stretch.runs:
            rate = next((s.rate_ml_h for s in reversed(state.stretches) if s.runs), 0.0)
            events.append(
                ev.DeliveryChanged(at.now, stretch.fluid, rate, DeliverySource.TYPED, PumpStatus.INFUSING.value)
            )
    return Decision(tuple(events))


def end_product(at: Situation, c: cmd.EndProduct) -> Decision:
    """No more product: complete or stopped early. Refused while the pump says that it still infuses."""
    state = at.started()
    if state.product_end is not None:
        raise CommandRefused("The end of the product is already recorded")
    if c.outcome not in {"complete", "stopped"}:
        raise CommandRefused("The product is either complete or stopped")
    if c.outcome == "stopped":
        need_text(c.why, "The reason")
    if at.pump is not None and at.pump.status is PumpStatus.INFUSING:
        raise CommandRefused(f"PUMP STILL INFUSING {at.pump.rate_ml_h} mL/h: stop it at the pump first")
    events: list[Event] = []
    if c.volume_infused_ml is not None and not at.reads_pump():
        events.append(ev.VolumeTyped(at.now, c.volume_infused_ml))
        given: float | None = float(c.volume_infused_ml)
        source = DeliverySource.TYPED
    else:
        given, said_by = delivered(state, at.now, at.pump.volume_infused_ml if at.pump else None)
        source = DeliverySource.PUMP if said_by == "pump" else DeliverySource.TYPED
    events.append(ev.ProductEnded(at.now, c.outcome, given, source, c.why, c.text.strip()))
    return Decision(tuple(events))


def record_flush(at: Situation, c: cmd.RecordFlush) -> Decision:
    """The flush ends the dose; without one the record says what may have stayed in the line."""
    state = at.started()
    if state.flush is not None:
        raise CommandRefused("The flush is already recorded")
    if not c.done:
        return _with_end(at, state, ev.FlushRecorded(at.now, False, text=need_text(c.text, "The reason")))
    volume = float(c.volume_ml) if c.volume_ml is not None else flushed_ml(state, at.pump)
    if volume is None or volume <= 0:
        raise CommandRefused("Type the volume of the flush")
    rate = float(c.rate_ml_h) if c.rate_ml_h is not None else _flush_rate(state)
    source = DeliverySource.TYPED if c.volume_ml is not None else DeliverySource.PUMP
    return _with_end(at, state, ev.FlushRecorded(at.now, True, volume, rate, source, c.text.strip()))


def flushed_ml(state: SessionState, pump: PumpReading | None) -> float | None:
    """Millilitres that the pump's counter moved as flush, None where no pump told."""
    total = 0.0
    known = False
    flushes = [s for s in state.stretches if s.fluid is Fluid.FLUSH and s.counter_ml is not None]
    for before, after in pairwise(flushes):
        if before.counter_ml is not None and after.counter_ml is not None:
            total += max(0.0, after.counter_ml - before.counter_ml)
            known = True
    last = flushes[-1] if flushes else None
    if last is not None and last.counter_ml is not None and pump is not None and pump.volume_infused_ml is not None:
        total += max(0.0, pump.volume_infused_ml - last.counter_ml)
        known = True
    return round(total, 2) if known and total > 0 else None


def _flush_rate(state: SessionState) -> float | None:
    return next((s.rate_ml_h for s in reversed(state.stretches) if s.fluid is Fluid.FLUSH and s.runs), None)


def _with_end(at: Situation, state: SessionState, flush: ev.FlushRecorded) -> Decision:
    """A flush without a recorded end of product records that end too, so that the two never contradict."""
    if state.product_end is not None:
        return Decision((flush,))
    given, said_by = delivered(state, at.now, at.pump.volume_infused_ml if at.pump else None)
    whole = state.order is not None and given is not None and given >= float(state.order.volume_ml) * 0.995
    source = DeliverySource.PUMP if said_by == "pump" else DeliverySource.TYPED
    end = ev.ProductEnded(at.now, "complete" if whole else "stopped", given, source, "flush")
    return Decision((end, flush))


def _typed_status(runs: bool) -> str:
    return PumpStatus.INFUSING.value if runs else PumpStatus.STOPPED.value
