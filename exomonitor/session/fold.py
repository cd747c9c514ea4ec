"""state = fold(apply, entries): the one mechanism for live sessions, resuming, review and replay."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.entry import Entry, Event
from exomonitor.session.one_line import on_one_line
from exomonitor.session.parts.corrections import EntryVoided
from exomonitor.session.parts.emergency_events import EmergencyEntryVoided
from exomonitor.session.parts.emergency_record import AFTERWARDS, EMERGENCY, EmergencyWasOf
from exomonitor.session.parts.every import STEPS as PART_STEPS
from exomonitor.session.parts.leaving_events import SessionMoved
from exomonitor.session.parts.supply import product_of
from exomonitor.session.phases import DeliverySource, Fluid, Phase
from exomonitor.session.plan import BoundDevice, Line, Order, Patient, allergy_state_of
from exomonitor.session.state import (
    ActionDone,
    FlushDone,
    Gap,
    ObservationDone,
    ProductEnd,
    Reaction,
    SessionState,
    Signature,
    Stretch,
)
from exomonitor.session.voiding import UNCOUNTED, left

SENSELESS = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, AssertionError)
"""What Python says of an entry that builds on one which is not there."""


def fold(entries: Iterable[Entry], passed_over: tuple[type[Exception], ...] = ()) -> SessionState | None:
    """The state after `entries` in journal order, or None when they hold no session. `passed_over`: what one may raise
    that builds on a lost one."""
    state: SessionState | None = None
    for entry in on_one_line(tuple(entries)):
        with suppress(*passed_over):
            state = apply(state, entry)
    return state


def apply(state: SessionState | None, entry: Entry) -> SessionState | None:
    """The state after one more entry; entries that say nothing about the state only move its head."""
    if isinstance(entry.event, ev.SessionOpened):
        state = _opened(entry, entry.event)
    if state is None:
        return None
    if isinstance(entry.event, EntryVoided):
        state = _without(state, entry.event.seq)
    step = _STEPS.get(type(entry.event))
    if step is not None:
        state = step(state, entry, entry.event)
    for field, share in PART_STEPS.get(type(entry.event), ()):
        changed: dict[str, Any] = {field: share(getattr(state, field), entry, entry.event)}
        state = replace(state, **changed)
    if getattr(entry.event, "supersedes", None) is not None:
        state = replace(state, amendments=state.amendments + 1)
    # A batch carries the instant of its readings, which may lie before the entry that went ahead of it.
    last_at = entry.at if state.last_at is None or entry.at.since(state.last_at) > 0 else state.last_at
    history = state.history if type(entry.event) in UNCOUNTED else (*state.history, entry)
    if entry.seq < state.last_seq:  # it was refused, is there all the same, and others came before it was tried again
        told = replace(state, history=tuple(sorted(history, key=lambda one: one.seq)))
        again = told if history is state.history else _again(told, tuple(told.corrections.voided))
        return replace(again, head=state.head, last_seq=state.last_seq, last_at=last_at)
    return replace(state, head=entry.hash, last_seq=entry.seq, last_at=last_at, history=history)


def _without(s: SessionState, seq: int) -> SessionState:
    """The state as if the entry had not been made."""
    return _again(s, (*s.corrections.voided, seq))


def _again(s: SessionState, voided: tuple[int, ...]) -> SessionState:
    """The state from what counts of the history, once more in journal order."""
    again = fold(left(s.history, voided), SENSELESS if s.lost else ())
    if again is None:
        return s
    kept: dict[str, Any] = {
        name: getattr(s, name) for name in ("history", "corrections", "readings", "wave_seconds", "amendments", "lost")
    }
    return replace(again, **kept)


def _opened(entry: Entry, e: ev.SessionOpened) -> SessionState:
    return SessionState(
        id=entry.session,
        study_id=e.study_id,
        chair=e.chair,
        simulated=e.simulated,
        protocol=e.protocol,
        protocol_version=e.protocol_version,
        protocol_sha256=e.protocol_sha256,
        program=e.program,
        opened=entry.at,
        tz=entry.tz,
        rules_sha256=e.rules_sha256,
        kind=e.kind,
        late_entry_s=e.late_entry_s,
        phase=Phase.EMERGENCY if e.kind == EMERGENCY else Phase.PREPARE,
    )


def _patient(s: SessionState, _: Entry, e: ev.PatientIdentified) -> SessionState:
    patient = Patient(
        e.name, e.born, e.mrn, e.identifiers, e.allergies, e.patient, e.how,
        e.allergy_state or allergy_state_of(e.allergies), e.weight_kg, e.beta_blocker, e.ace_inhibitor, e.asthma_copd,
        e.anticoagulant, e.pregnant, e.infection_today, e.scale2,
    )  # fmt: skip
    return replace(s, patient=patient)


def _whose_emergency(s: SessionState, _: Entry, e: EmergencyWasOf) -> SessionState:
    if not e.patient:
        return replace(s, patient=None)
    patient = Patient(
        e.name, e.born, e.mrn, (), e.allergies, e.patient, AFTERWARDS, e.allergy_state, e.weight_kg, e.beta_blocker
    )
    return replace(s, patient=patient)


def _patient_facts(s: SessionState, _: Entry, e: ev.PatientFactsTaken) -> SessionState:
    if s.patient is None or s.patient.id != e.patient:
        return s
    known = replace(
        s.patient, name=e.name, born=e.born, mrn=e.mrn, allergies=e.allergies, allergy_state=e.allergy_state,
        weight_kg=e.weight_kg, beta_blocker=e.beta_blocker, ace_inhibitor=e.ace_inhibitor, asthma_copd=e.asthma_copd,
        anticoagulant=e.anticoagulant, pregnant=e.pregnant, scale2=e.scale2,
    )  # fmt: skip
    return replace(s, patient=known)


def _product(s: SessionState, _: Entry, e: ev.ProductEntered) -> SessionState:
    return replace(s, product=product_of(e))


def order_of(e: ev.OrderEntered) -> Order:
    """The order that an event tells of."""
    return Order(
        e.dose_billion, e.volume_ml, e.minutes, e.ramp, e.line_ml, e.first_dose, e.prescriber, e.premedication,
        e.source_cell, e.indication, e.order_date, e.hydration, e.special_limits, e.prescriber_id, e.confirmed_by,
        e.way, e.endotoxin_eu_kg_h, e.endotoxin_by,
    )  # fmt: skip


def _order(s: SessionState, _: Entry, e: ev.OrderEntered) -> SessionState:
    hangs = float(s.order.volume_ml) if s.started is not None and s.order is not None else 0.0
    return replace(
        s,
        order=order_of(e),
        most_ordered_ml=max(s.most_ordered_ml, hangs),
        order_override=e.override_reason,
        order_override_signed=e.prescriber_signed,
    )


def _line(s: SessionState, _: Entry, e: ev.LineEntered) -> SessionState:
    line = Line(
        e.site, e.side, e.gauge, e.cuff_arm, e.spo2_site, e.device, e.patent, e.dedicated, e.filter, e.inserted_by,
        e.inserted, e.attempts, e.phlebitis, e.infiltration, e.placed_outside,
    )  # fmt: skip
    return replace(s, line=line)


def _device(s: SessionState, _: Entry, e: ev.DeviceBound) -> SessionState:
    bound = BoundDevice(e.role, e.key, e.source, e.channel, e.model, e.serial, e.grade)
    return replace(s, devices=MappingProxyType({**s.devices, e.role: bound}))


def _override(s: SessionState, _: Entry, e: ev.GateOverridden) -> SessionState:
    alone = tuple(gate for gate in s.overrides_alone if gate != e.gate)
    signed = tuple(gate for gate in s.overrides_signed if gate != e.gate)
    return replace(
        s,
        overrides=(*s.overrides, e.gate),
        overrides_alone=(*alone, e.gate) if e.alone else alone,
        overrides_signed=(*signed, e.gate) if e.prescriber_signed else signed,
    )


def _started(s: SessionState, _: Entry, e: ev.SessionStarted) -> SessionState:
    return replace(s, phase=Phase.INFUSE, started=e.when, started_by=e.by, gates_open_at_start=e.gates_open)


def _delivery(s: SessionState, _: Entry, e: ev.DeliveryChanged) -> SessionState:
    stretch = Stretch(e.fluid, e.rate_ml_h, e.when, e.source, e.status, e.volume_infused_ml, e.delivered_ml, e.vtbi_ml)
    return replace(s, stretches=(*s.stretches, stretch))


def _typed_volume(s: SessionState, _: Entry, e: ev.VolumeTyped) -> SessionState:
    return replace(s, typed_volume_ml=float(e.volume_infused_ml), typed_volume_at=e.when)


def _meaning(s: SessionState, entry: Entry, e: ev.MeaningGiven) -> SessionState:
    return replace(s, meanings=(*s.meanings, (entry.at, e)))


def _product_ended(s: SessionState, _: Entry, e: ev.ProductEnded) -> SessionState:
    end = ProductEnd(e.when, e.outcome, e.delivered_ml, e.source, e.why, e.left_in_bag_ml)
    closing = s.delivery
    stretches = s.stretches
    if closing is not None and closing.fluid is Fluid.PRODUCT and closing.runs and e.source is not DeliverySource.PUMP:
        # Nobody reads the pump: its stop will not come as a report of its own.
        stood = Stretch(Fluid.PRODUCT, 0.0, e.when, e.source, "stopped")
        stretches = (*stretches, stood)
    return replace(s, product_end=end, stretches=stretches)


def _flush(s: SessionState, _: Entry, e: ev.FlushRecorded) -> SessionState:
    flush = FlushDone(e.when, e.done, e.volume_ml, e.rate_ml_h, e.source, e.line_ml, e.primed, e.too_fast)
    return replace(s, flush=flush, phase=Phase.OBSERVE if s.phase is Phase.INFUSE else s.phase)


def _observed(s: SessionState, entry: Entry, e: ev.ObservationRecorded) -> SessionState:
    before = s.observations.get(e.slot)
    amended = before.amended + 1 if before is not None else 0
    # An amendment corrects what was written, not when the set was done or by whom.
    recorded, by = (before.recorded, before.by) if before is not None else (entry.at, entry.actor)
    done = ObservationDone(entry.seq, recorded, by, e, amended)
    missed = {slot: why for slot, why in s.missed.items() if slot != e.slot}
    return replace(s, observations=MappingProxyType({**s.observations, e.slot: done}), missed=MappingProxyType(missed))


def _missed(s: SessionState, _: Entry, e: ev.ObservationMissed) -> SessionState:
    return replace(s, missed=MappingProxyType({**s.missed, e.slot: e.why}))


def _reaction(s: SessionState, entry: Entry, e: ev.ReactionOpened) -> SessionState:
    reaction = Reaction(
        e.reaction,
        e.when,
        e.kept_from,
        e.minute,
        e.rate_ml_h,
        e.delivered_ml,
        e.pump_status,
        e.vitals,
        entry.actor,
    )
    return replace(s, reactions=(*s.reactions, reaction))


def _reaction_action(s: SessionState, entry: Entry, e: ev.ReactionAction) -> SessionState:
    reaction = s.reaction(e.reaction)
    if reaction is None:
        return s
    done = ActionDone(e.action, e.when, entry.actor, entry.seq)
    return s.with_reaction(replace(reaction, actions=(*reaction.actions, done)))


def _action_voided(s: SessionState, _: Entry, e: EmergencyEntryVoided) -> SessionState:
    reactions = tuple(replace(r, actions=tuple(a for a in r.actions if a.seq != e.seq)) for r in s.reactions)
    return replace(s, reactions=reactions)


def _reaction_details(s: SessionState, entry: Entry, e: ev.ReactionDetailed) -> SessionState:
    reaction = s.reaction(e.reaction)
    if reaction is None:
        return s
    return s.with_reaction(
        replace(reaction, details=e, details_seq=entry.seq, resolved=e.resolved, handed_over=e.handed_over)
    )


def _note(s: SessionState, entry: Entry, e: ev.NoteAdded) -> SessionState:
    notes = s.notes if e.supersedes is not None else s.notes + 1
    return replace(s, notes=notes, note_seqs=(*s.note_seqs, entry.seq))


def _signed(s: SessionState, entry: Entry, e: ev.SessionSigned) -> SessionState:
    signature = Signature(e.name, e.meaning, entry.at, e.signed_hash, e.verdict, e.user, e.role)
    return replace(s, phase=Phase.SIGNED, signature=signature)


def _moved(s: SessionState, _: Entry, e: SessionMoved) -> SessionState:
    """Away from the chair no device is read."""
    typed = {role: BoundDevice(role, "", "") for role in s.devices}
    return replace(s, chair=e.to, devices=MappingProxyType(typed))


def _abandoned(s: SessionState, _: Entry, __: ev.SessionAbandoned) -> SessionState:
    return replace(s, phase=Phase.ABANDONED)


def _alarm(s: SessionState, _: Entry, e: mv.AlarmChanged) -> SessionState:
    if e.to_state != "active" or e.from_state not in {"normal", "pending", "latched"}:
        return s
    counts = {**s.alarms_raised, e.priority: s.alarms_raised.get(e.priority, 0) + 1}
    return replace(s, alarms_raised=MappingProxyType(counts))


def _gap(s: SessionState, _: Entry, e: mv.GapClosed) -> SessionState:
    return replace(s, gaps=(*s.gaps, Gap(e.source, e.began, e.ended, e.seconds)))


def _resumed(s: SessionState, _: Entry, e: mv.MonitoringResumed) -> SessionState:
    return replace(s, resumed_gaps_s=(*s.resumed_gaps_s, e.gap_s))


def _readings(s: SessionState, _: Entry, e: mv.ReadingsStored) -> SessionState:
    return replace(s, readings=s.readings + e.count)


def _waves(s: SessionState, _: Entry, e: mv.WavesStored) -> SessionState:
    return replace(s, wave_seconds=s.wave_seconds + e.count)


_STEPS: dict[type[Event], Callable[[SessionState, Entry, Any], SessionState]] = {
    ev.PatientIdentified: _patient,
    ev.PatientFactsTaken: _patient_facts,
    EmergencyWasOf: _whose_emergency,
    ev.ProductEntered: _product,
    ev.OrderEntered: _order,
    ev.LineEntered: _line,
    ev.DeviceBound: _device,
    ev.GateOverridden: _override,
    ev.SessionStarted: _started,
    ev.DeliveryChanged: _delivery,
    ev.VolumeTyped: _typed_volume,
    ev.MeaningGiven: _meaning,
    ev.ProductEnded: _product_ended,
    ev.FlushRecorded: _flush,
    ev.ObservationRecorded: _observed,
    ev.ObservationMissed: _missed,
    ev.ReactionOpened: _reaction,
    ev.ReactionAction: _reaction_action,
    ev.ReactionDetailed: _reaction_details,
    EmergencyEntryVoided: _action_voided,
    ev.NoteAdded: _note,
    ev.SessionSigned: _signed,
    ev.SessionAbandoned: _abandoned,
    SessionMoved: _moved,
    mv.AlarmChanged: _alarm,
    mv.GapClosed: _gap,
    mv.MonitoringResumed: _resumed,
    mv.ReadingsStored: _readings,
    mv.WavesStored: _waves,
}
