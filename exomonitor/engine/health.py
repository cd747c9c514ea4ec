"""Technical conditions of one chair: stale and lost data, an unexplained pump, an unsaved record, no sound,
late sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.views import hms
from exomonitor.clinical import dosing
from exomonitor.clinical.observations import SlotState, SlotStatus
from exomonitor.clock import Instant
from exomonitor.engine.handlers_infuse import is_too_fast, product_rate, running_rate
from exomonitor.engine.last_words import LastWords, counted_last, last_words, link_live_until
from exomonitor.engine.live import LiveState
from exomonitor.engine.missing_pump import pump_alarm
from exomonitor.engine.snapshot import AudioView
from exomonitor.registry.lots import Bag, Lot
from exomonitor.registry.shelf import lot_named
from exomonitor.session.narrative import set_words
from exomonitor.session.parts.changes import BAG, ORDER, PATIENT
from exomonitor.session.parts.supply import hanging, in_use_until
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState
from exomonitor.session.stops import runs_after_recorded_stop, runs_through_recorded_stop
from exomonitor.session.timing import Progress, counted_ml, integral_ml, rate_differs, rests_on_estimate
from exomonitor.signals.links import LinkState
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.units import rounded

MISSING_PUMP = "pump.missing"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as it stands now. Its delay and whether it latches stand in the table (alarms/catalogue.py);
    `delay_s` only where it is another one. group: the event that it is part of, where the table names none."""

    key: str
    active: bool
    priority: Priority
    text: str
    delay_s: float | None = None
    group: str = ""
    live_until: Instant | None = None
    """Until when that by which it was judged may look live, None = now: no delay fills after it."""


def conditions(
    state: SessionState | None,
    live: LiveState,
    progress: Progress | None,
    sets: Iterable[SlotState],
    audio: AudioView,
    fault: str,
    now: Instant,
) -> Iterator[Condition]:
    """All conditions, active or not: the alarm manager wants to hear of both."""
    running = state is not None and state.phase.is_open
    yield from _links(state, live, now)
    yield Condition("record", bool(fault) and running, Priority.MEDIUM, f"RECORD NOT SAVED - write on paper ({fault})")
    yield Condition("sound", not audio.ok and running, Priority.MEDIUM, f"NO SOUND - watch the screen ({audio.why})")
    channel = state.devices["pump"].channel if state is not None and "pump" in state.devices else ""
    missing, link_until = pump_alarm(state, live, now), link_live_until(live, "pump")
    yield Condition(MISSING_PUMP, bool(missing), Priority.MEDIUM, missing, live_until=link_until)
    yield from _pump_as_told(state, live, channel, progress, now)
    yield in_use_condition(state, now)
    yield from _sets(state, sets)


def _links(state: SessionState | None, live: LiveState, now: Instant) -> Iterator[Condition]:
    watched = state is not None and state.phase.is_open
    for role in ("pump", "monitor"):
        source = live.sources.get(role)
        wrong = source is not None and source.change is not None and source.change.state is LinkState.WRONG_DEVICE
        lost = source is not None and source.is_lost(now)
        old = source is not None and source.grows_old(now)
        look = f"look at the {'pump' if role == 'pump' else 'patient'}"
        infusing = state is not None and state.delivery is not None and state.delivery.runs
        yield Condition(
            f"{role}.stale", watched and old and not wrong, Priority.LOW, f"{role.upper()} DATA OLD - {look}"
        )
        yield Condition(
            f"{role}.lost",
            watched and lost and not wrong,
            Priority.MEDIUM,
            f"{role.upper()} DATA LOST - {look}",
        )
        yield Condition(
            f"{role}.wrong",
            watched and wrong,
            Priority.HIGH if infusing else Priority.MEDIUM,
            f"{role.upper()} CHANGED - confirm patient",
        )
        unrecorded = source.change.unrecorded if source is not None and source.change is not None else ""
        stopped = f"RAW RECORDING OF {role.upper()} STOPPED - {unrecorded}"
        yield Condition(f"capture.{role}", watched and bool(unrecorded), Priority.LOW, stopped)


def _pump_as_told(
    state: SessionState | None, live: LiveState, channel: str, progress: Progress | None, now: Instant
) -> Iterator[Condition]:
    """What its own words say of the product's pump. A silence that is not lost yet ends nothing of it and lets nothing
    become an alarm: the next words do; what stands through one says when they were heard."""
    words = last_words(live, channel, now)
    pump, until = (words.reading, words.live_until) if words is not None else (None, None)
    old = f" · last heard {hms(pump.at)}" if pump is not None and until is not None and now.since(until) > 0 else ""
    for one in _pump(state, pump, progress):
        yield replace(one, text=one.text + old, live_until=until) if one.active else one
    yield _volume(state, counted_last(live, channel, now), now)


def _pump(state: SessionState | None, pump: PumpReading | None, progress: Progress | None) -> Iterator[Condition]:
    infusing = pump is not None and pump.status is PumpStatus.INFUSING
    preparing = state is not None and state.phase is Phase.PREPARE and "pump" in state.devices
    yield Condition("pump.unstarted", infusing and preparing, Priority.MEDIUM, "INFUSION RUNNING - CHECKS INCOMPLETE")
    during = state if state is not None and state.phase is Phase.INFUSE else None
    rate = running_rate(pump) if pump is not None else None
    yield Condition(
        "pump.still_runs",
        infusing and during is not None and runs_through_recorded_stop(during),
        Priority.MEDIUM,
        f"PUMP STILL INFUSING {rounded(rate or 0.0, 1)} mL/h - recorded as stopped",
    )
    yield Condition(
        "pump.resumed",
        infusing and during is not None and runs_after_recorded_stop(during),
        Priority.MEDIUM,
        f"PUMP INFUSING AGAIN {rounded(rate or 0.0, 1)} mL/h - recorded as stopped",
    )
    yield _fast_flush(state, pump)
    planned = progress.planned_rate_ml_h if progress is not None else None
    differs = progress is not None and progress.running and rate_differs(_rate_now(state, pump), planned)
    text = f"Pump rate {rounded(rate or 0.0, 1)} mL/h, planned {rounded(planned or 0.0, 1)} mL/h"
    yield Condition("pump.rate", differs and infusing, Priority.MEDIUM, text)


def _rate_now(state: SessionState | None, pump: PumpReading | None) -> float | None:
    """The rate of a pump that tells one, else the recorded one (mL/h)."""
    if pump is not None and pump.rate_ml_h is not None:
        return pump.rate_ml_h
    return state.delivery.rate_ml_h if state is not None and state.delivery is not None else None


def _volume(state: SessionState | None, words: LastWords | None, now: Instant) -> Condition:
    """What a pump had counted stands still while it is not heard or leaves the counter out: it is compared with the
    timer as it was then."""
    by_rate = state is not None and state.product_end is None and rests_on_estimate(state)
    disagree = words is not None and (by_rate or _volumes_disagree(state, words.reading))
    until = words.live_until if words is not None and disagree else None
    old = f" · last counted {hms(words.reading.at)}" if words is not None and until and now.since(until) > 0 else ""
    text = "DOSE IS ESTIMATED - compare with the pump" if by_rate else "Pump volume and timer disagree"
    return Condition("pump.volume", disagree, Priority.MEDIUM, f"{text}{old}", live_until=until)


def _fast_flush(state: SessionState | None, pump: PumpReading | None) -> Condition:
    """A flush that is faster than the product was gives what stands in the line as a bolus."""
    flushing = state is not None and state.product_end is not None and state.flush is None
    rate = running_rate(pump) if pump is not None and pump.status is PumpStatus.INFUSING else None
    product = product_rate(state) if state is not None else None
    shown = f"{rounded(rate or 0.0, 1)} mL/h, product ran at {rounded(product or 0.0, 1)}"
    text = f"FLUSH FASTER THAN PRODUCT {shown}"
    return Condition("flush.fast", flushing and is_too_fast(rate, product), Priority.MEDIUM, text)


def in_use_condition(state: SessionState | None, now: Instant) -> Condition:
    """Product still runs, or may run again, after the time until which the bag may be used."""
    product = hanging(state.product, state.supply) if state is not None else None
    until = in_use_until(product)
    infusing = state is not None and state.phase is Phase.INFUSE and state.product_end is None
    over = infusing and until is not None and now.utc > until
    ended = f" ({until.astimezone():%H:%M})" if over and until is not None else ""
    return Condition("product.in_use", over, Priority.MEDIUM, f"BAG PAST ITS IN-USE TIME{ended} - ask the prescriber")


def withdrawn_condition(
    state: SessionState | None, lots: Mapping[str, Lot], bags: Mapping[str, Bag] = MappingProxyType({})
) -> Condition:
    """A lot or a bag was put in quarantine while this patient is given it, or sits there after it."""
    hung = () if state is None else (state.product, *(one.product for one in state.supply.containers))
    named = dict.fromkeys(product.lot for product in hung if product is not None)
    stopped = [name for name in named if (lot := lot_named(lots, name)) is not None and lot.quarantine]
    single = [product.bag for product in hung if product is not None and _in_quarantine(bags.get(product.bag))]
    running = state is not None and state.phase in {Phase.INFUSE, Phase.OBSERVE}
    what = [f"LOT {', '.join(stopped)}"] if stopped else []
    what += [f"BAG {', '.join(dict.fromkeys(single))}"] if single else []
    text = f"{' and '.join(what)} QUARANTINED - call the prescriber"
    return Condition("product.withdrawn", running and bool(what), Priority.MEDIUM, text)


def _in_quarantine(bag: Bag | None) -> bool:
    return bag is not None and bool(bag.quarantine)


_CHANGED = {
    PATIENT: "PATIENT CHANGED - check the wristband",
    BAG: "BAG CHANGED - check again with a second person",
    ORDER: "ORDER CHANGED - check again with a second person",
}


def changed_conditions(state: SessionState | None) -> Iterator[Condition]:
    """Patient, bag or order is another one than was checked, and no second person has found it to be so."""
    running = state is not None and state.phase in {Phase.INFUSE, Phase.OBSERVE}
    giving = running and state is not None and state.product_end is None
    infusing = giving and state is not None and state.delivery is not None and state.delivery.runs
    unchecked = state.changes.unchecked if state is not None else ()
    for what, text in _CHANGED.items():
        active = what in unchecked and (running if what == PATIENT else giving)
        priority = Priority.HIGH if what == PATIENT and infusing else Priority.MEDIUM
        yield Condition(f"changed.{what}", active, priority, text)


def _volumes_disagree(state: SessionState | None, told: PumpReading) -> bool:
    if state is None or state.order is None or state.started is None or state.product_end is not None:
        return False
    given = counted_ml(state, told.volume_infused_ml)
    if given is None:
        return False
    return dosing.volumes_disagree(rounded(given, 3), rounded(integral_ml(state, told.at), 3), state.order.volume_ml)


def _sets(state: SessionState | None, sets: Iterable[SlotState]) -> Iterator[Condition]:
    watched = state is not None and state.phase in {Phase.INFUSE, Phase.OBSERVE}
    for one in sets:
        words = set_words(one.slot.key)
        late = one.status is SlotStatus.LATE
        overdue = one.status is SlotStatus.OVERDUE
        priority = Priority.MEDIUM if late else Priority.LOW
        yield Condition(f"set.{one.slot.key}", watched and (late or overdue), priority, f"{words} is overdue")
