"""Makes the snapshot of a chair: everything the screen may know at one instant."""

from __future__ import annotations

from types import MappingProxyType

from exomonitor.alarms.limits import Side
from exomonitor.alarms.why_silent import why_all_silent
from exomonitor.clinical.hemodynamics import Indices, PressureReading, RateReading, indices
from exomonitor.clinical.observations import BASELINE, SlotState, next_set
from exomonitor.clock import Instant
from exomonitor.computer import Computer
from exomonitor.engine.alarm_basis import offered_limits, own_limits
from exomonitor.engine.chair import Chair
from exomonitor.engine.health import MISSING_PUMP
from exomonitor.engine.missing_pump import MissingPump, missing_pump, nobody_chose
from exomonitor.engine.next_line import cable_line, next_line, open_questions
from exomonitor.engine.pressure_asked import pressure_asked
from exomonitor.engine.snapshot import AudioView, LinkView, Live, LivePump, RecordView, SlotView, Snapshot
from exomonitor.errors import CommandRefused
from exomonitor.registry.registry import Registry
from exomonitor.registry.shelf import withdrawn_since
from exomonitor.registry.sound_tests import silent_why
from exomonitor.session.checklist import Gate, gates
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import Sign

NOBODY_TOLD = Computer()


def snapshot(
    chair: Chair,
    now: Instant,
    beat: int,
    *,
    simulated: bool,
    audio: AudioView,
    staff: dict[str, tuple[str, str]],
    registry: Registry,
    computer: Computer = NOBODY_TOLD,
) -> Snapshot:
    """One frozen picture."""
    state, progress = chair.expected, chair.progress(now)
    sets = tuple(_slot_view(one, state, now) for one in chair.sets(now))
    wanted = next_set(chair.sets(now)) if state is not None and state.phase.is_open else None
    following = _slot_view(wanted, state, now) if wanted is not None else None
    questions = open_questions(state, progress)
    product = chair.product_pump()
    preparing = state is not None and state.phase is Phase.PREPARE
    picture = chair.alarms.picture(now)
    vitals = _vitals(chair, now)
    asked = pressure_asked(state, vitals, chair.alarms.limits, now, chair.protocol.schedule.nibp_counts_s)
    missing = _missing(chair, now)
    moved = missing is not None and missing.moved
    unchosen = nobody_chose(state, chair.live, now)
    cable = cable_line(_changed(chair), missing.channel if missing is not None else "", moved=moved, unchosen=unchosen)
    open_gates: tuple[Gate, ...] = ()
    if state is not None and preparing:
        withdrawn = withdrawn_since(registry.lots, registry.bags, state)
        silent = silent_why(audio.known_silent, registry.sound_tests, simulated=simulated)
        open_gates = gates(state, now, chair.protocol, withdrawn, silent)
    return Snapshot(
        chair=chair.name,
        now=now,
        beat=beat,
        simulated=simulated,
        session=state,
        progress=progress,
        vitals=MappingProxyType(vitals),
        pump=_pump(chair, product, now) if product is not None else None,
        other_pumps=tuple(
            _pump(chair, reading, now)
            for reading in chair.live.pumps.values()
            if product is None or reading.channel != product.channel
        ),
        links=tuple(_links(chair, now)),
        alarms=chair.alarms.views(),
        slots=sets,
        next_slot=following,
        next_line=next_line(state, following, questions, open_gates, progress, now, cable, asked),
        gates=open_gates,
        log=tuple(chair.log),
        audio=audio,
        record=RecordView(chair.saved_at, chair.outbox.trouble(now)),
        staff=staff.get(chair.staff_id, ("", ""))[0],
        staff_id=chair.staff_id,
        pressure_asked=asked,
        questions=questions,
        resume_offer=chair.resume_offer,
        locked=chair.locked_at is not None,
        registry=registry,
        worst=MappingProxyType(dict(chair.watch.worst)),
        indices=_indices(chair, state),
        limits_changed=own_limits(state, chair.alarms.clinic_limits),
        limits_offered=offered_limits(state, chair.alarms.clinic_limits, chair.protocol.alarm_settings),
        alarm_picture=picture,
        why_silent=why_all_silent(
            picture,
            now,
            who=lambda user: staff.get(user, (user, ""))[0],
            no_sound="" if audio.ok else audio.why,
        ),
        computer=computer,
        schedule=chair.protocol.schedule,
    )


def _changed(chair: Chair) -> str:
    """The role in which another device than the bound one is on the cable, the pump first; "" = none."""
    wrong = {
        source.info.role
        for source in chair.live.sources.values()
        if source.change is not None and source.change.state is LinkState.WRONG_DEVICE
    }
    return next((role for role in ("pump", "monitor") if role in wrong), "")


def _missing(chair: Chair, now: Instant) -> MissingPump | None:
    """The product's pump, once its alarm says that it is not on the link."""
    told = any(view.key == MISSING_PUMP for view in chair.alarms.views())
    return missing_pump(chair.expected, chair.live, now) if told else None


def _indices(chair: Chair, state: SessionState | None) -> Indices | None:
    """Mean pressure and shock indices of the newest measured pressure, with the heart rate of that time."""
    upper, lower, mean = (chair.live.vitals.get(s) for s in (Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP))
    if upper is None or lower is None or upper.value is None or lower.value is None:
        return None
    own = mean.value if mean is not None and mean.taken_at == upper.taken_at else None
    rate = chair.live.hr_at_cuff
    rates: tuple[RateReading, ...] = ()
    if rate is not None and rate.value is not None:
        rates = (RateReading(rate.taken_at.since(upper.taken_at), round(rate.value)),)
    patient = state.patient if state is not None else None
    pressure = PressureReading(0.0, round(upper.value), round(lower.value), None if own is None else round(own))
    try:
        table = chair.protocol.rules.hemodynamics.content
        return indices(pressure, rates, table, beta_blocker=bool(patient is not None and patient.beta_blocker))
    except CommandRefused:
        return None  # a pressure that cannot be shows itself on its tile


def _slot_view(one: SlotState, state: SessionState | None, now: Instant) -> SlotView:
    if state is None or state.started is None:
        return SlotView(one.slot, one.status, 0.0, None)
    due_at = state.started.plus(one.slot.due_s)
    return SlotView(one.slot, one.status, due_at.since(now), due_at)


def _vitals(chair: Chair, now: Instant) -> dict[Sign, Live]:
    baseline = chair.state.observations.get(BASELINE) if chair.state is not None else None
    bounds = _bounds(chair)
    found = {}
    for sign, reading in chair.live.vitals.items():
        source = chair.live.sources.get(reading.source)
        judged_as = Sign.HR if sign is Sign.PULSE else sign
        reference = baseline.event.values.get(judged_as.value) if baseline is not None else None
        low, high = bounds.get(judged_as, (None, None))
        found[sign] = Live(
            reading,
            max(0.0, now.since(reading.taken_at)),
            chair.live.vital_is_stale(reading, now),
            source is None or source.is_lost(now),
            high=high,
            low=low,
            baseline=float(reference.value) if reference is not None else None,
        )
    return found


def _bounds(chair: Chair) -> dict[Sign, tuple[float | None, float | None]]:
    """The limits nearest to normal of each sign: what a tile prints beside the number."""
    found: dict[Sign, tuple[float | None, float | None]] = {}
    for limit in chair.alarms.limits:
        if limit.reaction_only or limit.and_from is not None or limit.by_hand:
            continue
        low, high = found.get(limit.sign, (None, None))
        if limit.side is Side.LOW:
            low = limit.threshold if low is None else max(low, limit.threshold)
        else:
            high = limit.threshold if high is None else min(high, limit.threshold)
        found[limit.sign] = (low, high)
    return found


def _pump(chair: Chair, reading: PumpReading, now: Instant) -> LivePump:
    source = chair.live.sources.get(reading.source)
    silent = chair.live.is_silent(reading)
    return LivePump(
        reading,
        max(0.0, now.since(reading.at)),
        source is None or silent or source.is_stale(now),
        source is None or source.is_lost(now),
        source.info.never_reports if source is not None else (),
        source.info.name if source is not None else "",
        silent,
    )


def _links(chair: Chair, now: Instant) -> list[LinkView]:
    return [
        LinkView(
            s.info.role,
            s.info.key,
            s.info.name,
            s.change or LinkChange(s.info.source, LinkState.OPENING, "not opened yet", now),
            now.since(s.last_frame) if s.last_frame is not None else None,
            s.info.interval_s,
            s.info.averaging_s,
        )
        for s in chair.live.sources.values()
    ]
