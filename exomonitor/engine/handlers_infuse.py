"""Handlers of the infusion itself: start, what was done at the pump, end of product, flush."""

from __future__ import annotations

from decimal import Decimal

from exomonitor.clinical.dosing import flush_too_fast
from exomonitor.clinical.ranges import DEADSPACE_SPAN, FLUSH_SPAN, INFUSED_SPAN, RATE_SPAN
from exomonitor.engine.situation import Decision, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.contents import OVERFILL, bag_ml
from exomonitor.session.entry import Event
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.session.restarts import awaiting_order
from exomonitor.session.state import SessionState
from exomonitor.session.timing import is_whole
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.units import checked, rounded

MEANINGS = {"pause", "stop", "resume", "rate"}
PRIMED = {"product", "diluent"}


def start_session(at: Situation, c: cmd.StartSession) -> Decision:
    """The nurse starts the record; open gates that nobody accepted refuse it, and are listed."""
    state = at.preparing()
    if state.open_reaction is not None:
        raise CommandRefused("A reaction is open: first say what it was, and that it is over")
    if open_gates := at.open_gates():
        raise CommandRefused("Before the start: " + "; ".join(f"{g.label} ({g.why})" for g in open_gates))
    if not at.reads_pump():
        if c.rate_ml_h is None:
            raise CommandRefused("Type the rate on the pump's display")
        first = _typed(at, Fluid.PRODUCT, float(checked(c.rate_ml_h, RATE_SPAN)))
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
    open_gates = tuple(g.key for g in at.open_gates())
    rate = running_rate(since) if since is not None else None
    if pump is not None and pump.status is PumpStatus.INFUSING and since is not None and rate is not None:
        base = since.volume_infused_ml
        begun = ev.DeliveryChanged(
            since.at, Fluid.PRODUCT, rate, DeliverySource.PUMP, since.status.value, base,
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


def running_rate(pump: PumpReading) -> float | None:
    """The rate at which a running pump runs (mL/h): the one it measures, else the one that is set; None = not known."""
    return pump.rate_ml_h if pump.rate_ml_h is not None else pump.rate_set_ml_h


def type_delivery(at: Situation, c: cmd.TypeDelivery) -> Decision:
    """Without pump data the nurse types what the display says."""
    state = at.started()
    if at.reads_pump() and at.pump is not None:
        raise CommandRefused("The pump is read: its own rate counts")
    rate = float(checked(c.rate_ml_h, RATE_SPAN))
    fluid = Fluid.FLUSH if state.product_end is not None else Fluid.PRODUCT
    return Decision((*_typed_volume(at, c.volume_infused_ml), _typed(at, fluid, rate)))


def give_meaning(at: Situation, c: cmd.GiveMeaning) -> Decision:
    """What the stop, pause, restart or rate at the pump was; without pump data a pause or stop also ends the
    typed running."""
    state = at.started()
    if c.meaning not in MEANINGS:
        raise CommandRefused(f"{c.meaning!r} is none of: pause, stop, resume, rate")
    if c.meaning in {"pause", "stop"}:
        need_text(c.why, "The reason")
    if c.meaning == "resume" and awaiting_order(state) is not None:
        raise CommandRefused("After a reaction the restart is confirmed with the prescriber's order: F7, Going on")
    events: list[Event] = [ev.MeaningGiven(c.meaning, c.why, at.now, c.text.strip())]
    stretch = state.delivery
    typed = not at.reads_pump() and stretch is not None and state.product_end is None
    if typed and stretch is not None:
        if c.meaning in {"pause", "stop"} and stretch.runs:
            status = PumpStatus.PAUSED if c.meaning == "pause" else PumpStatus.STOPPED
            events.append(_typed(at, stretch.fluid, 0.0, status))
        elif c.meaning == "resume" and not stretch.runs:
            rate = next((s.rate_ml_h for s in reversed(state.stretches) if s.runs), 0.0)
            events.append(_typed(at, stretch.fluid, rate))
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
    refuse_while_infusing(at)
    typed: tuple[ev.VolumeTyped, ...] = ()
    given, source = _given_now(at, state)
    counts = at.reads_pump() and at.pump is not None and source is DeliverySource.PUMP
    if c.volume_infused_ml is not None and not counts:
        typed = _typed_volume(at, c.volume_infused_ml)
        _refuse_more_than_hung(state, float(c.volume_infused_ml), c.text)
        given, source = float(c.volume_infused_ml), DeliverySource.TYPED
    left = float(checked(c.left_in_bag_ml, INFUSED_SPAN)) if c.left_in_bag_ml is not None else None
    return Decision((*typed, ev.ProductEnded(at.now, c.outcome, given, source, c.why, c.text.strip(), left)))


def _refuse_more_than_hung(state: SessionState, given_ml: float, words: str) -> None:
    bag = bag_ml(state)
    if bag is not None and given_ml > bag * OVERFILL and not words.strip():
        raise CommandRefused(
            f"{rounded(given_ml, 1)} mL is more than the {rounded(bag, 1)} mL that hung: say why in words"
        )


def refuse_while_infusing(at: Situation) -> None:
    """What would contradict a running pump is refused, in the words of the pump card."""
    if at.pump is not None and at.pump.status is PumpStatus.INFUSING:
        rate = running_rate(at.pump)
        shown = "" if rate is None else f" {rounded(rate, 1)} mL/h"
        raise CommandRefused(f"PUMP STILL INFUSING{shown}: stop it at the pump first")


def record_flush(at: Situation, c: cmd.RecordFlush) -> Decision:
    """The flush ends the dose; without one the record says what may have stayed in the line."""
    state = at.started()
    if state.flush is not None:
        raise CommandRefused("The flush is already recorded")
    if state.product_end is None:
        refuse_while_infusing(at)
    if c.primed and c.primed not in PRIMED:
        raise CommandRefused("The line was primed with product or with diluent")
    line = float(checked(c.line_ml, DEADSPACE_SPAN)) if c.line_ml is not None else None
    if not c.done:
        why = need_text(c.text, "The reason")
        return _with_end(at, state, ev.FlushRecorded(at.now, False, text=why, line_ml=line, primed=c.primed))
    volume = float(checked(c.volume_ml, FLUSH_SPAN)) if c.volume_ml is not None else flushed_ml(state, at.pump)
    if volume is None or volume <= 0:
        raise CommandRefused("Type the volume of the flush")
    rate = float(checked(c.rate_ml_h, RATE_SPAN)) if c.rate_ml_h is not None else _flush_rate(state)
    source = DeliverySource.TYPED if c.volume_ml is not None else DeliverySource.PUMP
    product = product_rate(state)
    flush = ev.FlushRecorded(
        at.now, True, volume, rate, source, c.text.strip(), line, c.primed, product, is_too_fast(rate, product)
    )
    return _with_end(at, state, flush)


def product_rate(state: SessionState) -> float | None:
    """The last rate (mL/h) at which product ran; None when it never did."""
    return next((s.rate_ml_h for s in reversed(state.stretches) if s.runs_product), None)


def is_too_fast(flush_ml_h: float | None, product_ml_h: float | None) -> bool:
    """Whether the flush pushes the rest of the product faster than the product ran; never when one is not known."""
    if flush_ml_h is None or product_ml_h is None:
        return False
    return flush_too_fast(Decimal(str(flush_ml_h)), Decimal(str(product_ml_h)))


def flushed_ml(state: SessionState, pump: PumpReading | None) -> float | None:
    """Millilitres that the pump's counter moved as flush after the end of product, None where no pump told."""
    if state.product_end is None:
        return None
    ended = state.product_end.when
    counters = [s.counter_ml for s in state.stretches[1:]] + [pump.volume_infused_ml if pump is not None else None]
    total = 0.0
    for stretch, after in zip(state.stretches, counters, strict=True):
        if stretch.fluid is not Fluid.FLUSH or stretch.began.since(ended) < 0:
            continue
        if stretch.counter_ml is not None and after is not None:
            # A counter below where the stretch began was set back to 0 in between.
            total += after - stretch.counter_ml if after >= stretch.counter_ml else after
    return round(total, 2) if total > 0 else None


def _flush_rate(state: SessionState) -> float | None:
    return next((s.rate_ml_h for s in reversed(state.stretches) if s.fluid is Fluid.FLUSH and s.runs), None)


def _with_end(at: Situation, state: SessionState, flush: ev.FlushRecorded) -> Decision:
    """A flush without a recorded end of product records that end too, so that the two never contradict."""
    if state.product_end is not None:
        return Decision((flush,))
    given, source = _given_now(at, state)
    end = ev.ProductEnded(at.now, "complete" if is_whole(state, given) else "stopped", given, source, "flush")
    return Decision((end, flush))


def _given_now(at: Situation, state: SessionState) -> tuple[float | None, DeliverySource]:
    given, said_by = at.given_by_now(state)
    return given, DeliverySource(said_by) if said_by else DeliverySource.ESTIMATED


def _typed(at: Situation, fluid: Fluid, rate: float, status: PumpStatus | None = None) -> ev.DeliveryChanged:
    said = status or (PumpStatus.INFUSING if rate > 0 else PumpStatus.STOPPED)
    return ev.DeliveryChanged(at.now, fluid, rate, DeliverySource.TYPED, said.value)


def _typed_volume(at: Situation, volume_ml: Decimal | None) -> tuple[ev.VolumeTyped, ...]:
    if volume_ml is None:
        return ()
    return (ev.VolumeTyped(at.now, checked(volume_ml, INFUSED_SPAN)),)
