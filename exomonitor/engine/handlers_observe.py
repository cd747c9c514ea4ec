"""Handlers of observation sets and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from exomonitor.clinical.observations import BASELINE
from exomonitor.clinical.protocol import entry_limit
from exomonitor.clock import Instant
from exomonitor.engine.handlers_prepare import MIN_REASON
from exomonitor.engine.situation import Decision, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.narrative import set_words
from exomonitor.session.schedule import slot_states
from exomonitor.session.scoring import ACVPU, rules_of, score
from exomonitor.session.state import SessionState
from exomonitor.session.timing import since_start
from exomonitor.signals.vitals import PLAUSIBLE, UNIT_OF, Sign
from exomonitor.units import ML, Span, checked, clock_text

NOT_TAKEN = {"refused", "device_fault", "not_indicated"}
MISSED_WHYS = {"patient_away", "patient_refused", "emergency", "device_fault", "not_indicated", "overlooked"}
FURTHEST_BACK_S = 4 * 3600.0
WORST_SITE_SCORE = 4
EXTRA = "extra"
MONITOR = "monitor"
SOURCES = {MONITOR, "typed", "counted"}
NIBP = {"nibp_sys", "nibp_dia", "nibp_map"}
HYDRATION_SPAN = Span("Hydration", ML, Decimal(0), Decimal(5000), 0)


def record_observation(at: Situation, c: cmd.RecordObservation) -> Decision:
    """One set with every value in its entry limits; a second one for the same slot corrects the first and
    needs a reason."""
    state = at.session()
    before = state.observations.get(c.slot)
    # A correction without a time of its own corrects what was written, not when the patient was observed.
    observed = c.observed or (before.event.observed if before is not None else at.now)
    if c.observed is not None and not -1.0 <= at.now.since(observed) <= FURTHEST_BACK_S:
        raise CommandRefused("The time of observation is in the future or too far back")
    _check_slot(at, state, c.slot, observed)
    back_s = at.now.since(observed) if c.observed is not None or before is not None else 0.0
    values = _checked_values(at, c.values, back_s)
    _check_oxygen(at, c)
    if c.consciousness and c.consciousness not in ACVPU:
        raise CommandRefused(f"{c.consciousness!r} is not a level of consciousness")
    not_taken = _not_taken(c, values)
    if not values and not c.consciousness and not c.text.strip() and not c.symptoms_asked and not not_taken:
        raise CommandRefused("The set is empty")
    for grade in (c.site_score, c.infiltration):
        if grade is not None and not 0 <= grade <= WORST_SITE_SCORE:
            raise CommandRefused(f"Site score {grade} is outside 0-{WORST_SITE_SCORE}")
    if c.hydration_ml is not None:
        checked(c.hydration_ml, HYDRATION_SPAN)
    supersedes = None
    if before is not None:
        need_text(c.reason, "The reason for the correction", MIN_REASON)
        supersedes = before.seq
    counts_s = at.protocol.schedule.value_counts_s
    rules = replace(rules_of(state.patient, observed.utc), value_counts_s=counts_s)
    event = ev.ObservationRecorded(
        c.slot,
        observed,
        values,
        c.consciousness,
        c.on_oxygen,
        c.symptoms,
        c.symptoms_asked or bool(c.symptoms),
        c.site_score,
        c.fatigue,
        c.flu_like,
        c.hydration_ml,
        score(values, c.consciousness, c.on_oxygen, rules).total,
        c.text.strip(),
        supersedes,
        c.reason.strip(),
        rules.scale,
        c.oxygen_carried and c.on_oxygen is not None,
        c.infiltration,
        not_taken,
        c.oxygen_l_min,
        counts_s,
    )
    return Decision((event,))


def _check_slot(at: Situation, state: SessionState, key: str, observed: Instant) -> None:
    """The set must be one that the schedule asks for, and its time must have come."""
    if key.startswith(EXTRA):
        return
    slot = next((s.slot for s in slot_states(state, at.now, at.protocol.schedule) if s.slot.key == key), None)
    if slot is None and key not in state.observations:
        raise CommandRefused(f"Set {key} is not on the schedule now")
    observed_s = since_start(state, observed)
    if slot is not None and observed_s is not None and observed_s < slot.opens_s and key != BASELINE:
        wait = clock_text(slot.opens_s - observed_s)
        raise CommandRefused(f"{set_words(key)} is not due yet: it opens in {wait}; record an extra set instead")


def miss_observation(at: Situation, c: cmd.MissObservation) -> Decision:
    """A set that was not done, with a coded reason."""
    state = at.started()
    if c.slot in state.observations:
        raise CommandRefused("That set is recorded")
    slot = next((s.slot for s in slot_states(state, at.now, at.protocol.schedule) if s.slot.key == c.slot), None)
    if slot is None:
        raise CommandRefused(f"Set {c.slot} is not on the schedule now")
    if need_text(c.why, "The reason") not in MISSED_WHYS:
        raise CommandRefused(f"{c.why!r} is no reason for a missed set; words of your own go beside the reason")
    at_s = since_start(state, at.now)
    if at_s is not None and at_s < slot.opens_s and state.leaving.left is None:
        wait = clock_text(slot.opens_s - at_s)
        raise CommandRefused(f"{set_words(c.slot)} cannot be missed yet: it opens in {wait}")
    return Decision((ev.ObservationMissed(c.slot, c.why, c.text.strip()),))


def add_note(at: Situation, c: cmd.AddNote) -> Decision:
    """Free text; correcting an earlier note needs a reason."""
    state = at.session()
    if c.supersedes is not None:
        if c.supersedes not in state.note_seqs:
            raise CommandRefused(f"Entry {c.supersedes} is not a note of this session")
        need_text(c.reason, "The reason for the correction", MIN_REASON)
    return Decision((ev.NoteAdded(need_text(c.text, "The note"), c.supersedes, c.reason.strip()),))


def _check_oxygen(at: Situation, c: cmd.RecordObservation) -> None:
    if c.oxygen_l_min is None:
        return
    if not c.on_oxygen:
        raise CommandRefused("A flow belongs to a patient on oxygen: say that oxygen is given")
    checked(c.oxygen_l_min, entry_limit(at.protocol, "oxygen_l_min").span)


def _checked_values(at: Situation, entries: Mapping[str, cmd.ValueEntry], back_s: float) -> dict[str, ev.ObservedValue]:
    """The values with the age that they had when the patient was observed, `back_s` before now."""
    values: dict[str, ev.ObservedValue] = {}
    for name, entry in entries.items():
        if name not in UNIT_OF:
            raise CommandRefused(f"{name!r} is not a vital sign")
        limit = at.protocol.entry_limits.get(name)
        checked(entry.value, limit.span if limit is not None else _plausible(Sign(name)))
        if entry.source not in SOURCES:
            raise CommandRefused(f"{entry.source!r} is not a source: monitor, typed or counted")
        age_s = max(0.0, entry.age_s - back_s)
        if name in NIBP and entry.source == MONITOR and age_s > at.protocol.schedule.nibp_counts_s:
            raise CommandRefused(f"The blood pressure is {clock_text(age_s)} old: press Start on the monitor")
        values[name] = ev.ObservedValue(entry.value, UNIT_OF[Sign(name)], entry.source, round(age_s, 1))
    systolic, diastolic = values.get("nibp_sys"), values.get("nibp_dia")
    if systolic is not None and diastolic is not None and systolic.value <= diastolic.value:
        raise CommandRefused(f"Blood pressure {systolic.value}/{diastolic.value}: systolic must be above diastolic")
    return values


def _not_taken(c: cmd.RecordObservation, values: Mapping[str, ev.ObservedValue]) -> dict[str, str]:
    """The coded reasons for values that are not there; one for a value that is there is refused."""
    for name, why in c.not_taken.items():
        if name not in UNIT_OF or why not in NOT_TAKEN:
            raise CommandRefused(f"{name!r} not taken, {why!r}: no such sign or reason")
        if name in values:
            raise CommandRefused(f"{name} has a value: it was taken")
    return dict(c.not_taken)


def _plausible(sign: Sign) -> Span:
    low, high = PLAUSIBLE[sign]
    return Span(sign.value.upper(), UNIT_OF[sign], Decimal(str(low)), Decimal(str(high)), 1)
