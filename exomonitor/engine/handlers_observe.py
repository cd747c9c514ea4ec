"""Handlers of observation sets, reactions, notes and the signature."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from exomonitor.clinical.news2 import Observations, news2
from exomonitor.clinical.observations import BASELINE
from exomonitor.clinical.reactions import check_grade
from exomonitor.clock import Instant
from exomonitor.engine.handlers_infuse import refuse_while_infusing
from exomonitor.engine.handlers_prepare import MIN_REASON
from exomonitor.engine.situation import Decision, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.narrative import slot_words
from exomonitor.session.phases import Phase
from exomonitor.session.schedule import slot_states
from exomonitor.session.state import Reaction, SessionState
from exomonitor.session.timing import delivered, since_start
from exomonitor.session.verdict import verdict_when_signed
from exomonitor.signals.vitals import PLAUSIBLE, UNIT_OF, Sign
from exomonitor.units import ML, Span, checked, clock_text, rounded

KEPT_BEFORE_REACTION_S = 600.0
ACTIONS = {
    "stop",
    "call",
    "airway",
    "epinephrine",
    "oxygen",
    "fluids",
    "antihistamine",
    "slowed",
    "called_ems",
    "other",
}
ACVPU = {"alert": "A", "confused": "C", "voice": "V", "pain": "P", "unresponsive": "U"}
FURTHEST_BACK_S = 4 * 3600.0
WORST_SITE_SCORE = 4
EXTRA = "extra"
SOURCES = {"monitor", "typed", "counted"}
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
    values = _checked_values(at, c.values)
    if c.consciousness and c.consciousness not in ACVPU:
        raise CommandRefused(f"{c.consciousness!r} is not a level of consciousness")
    if not values and not c.consciousness and not c.text.strip() and not c.symptoms_asked:
        raise CommandRefused("The set is empty")
    if c.site_score is not None and not 0 <= c.site_score <= WORST_SITE_SCORE:
        raise CommandRefused(f"Site score {c.site_score} is outside 0-{WORST_SITE_SCORE}")
    if c.hydration_ml is not None:
        checked(c.hydration_ml, HYDRATION_SPAN)
    supersedes = None
    if before is not None:
        need_text(c.reason, "The reason for the correction", MIN_REASON)
        supersedes = before.seq
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
        _news2(values, c),
        c.text.strip(),
        supersedes,
        c.reason.strip(),
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
        raise CommandRefused(f"Set {slot_words(key)} is not due yet: it opens in {wait}; record an extra set instead")


def miss_observation(at: Situation, c: cmd.MissObservation) -> Decision:
    """A set that was not done, with a coded reason."""
    state = at.started()
    if c.slot in state.observations:
        raise CommandRefused("That set is recorded")
    if c.slot not in {s.slot.key for s in slot_states(state, at.now, at.protocol.schedule)}:
        raise CommandRefused(f"Set {c.slot} is not on the schedule now")
    return Decision((ev.ObservationMissed(c.slot, need_text(c.why, "The reason"), c.text.strip()),))


def open_reaction(at: Situation, c: cmd.OpenReaction) -> Decision:
    """Stamp the moment with all that is known; while one is open the key leads to it and stamps nothing new."""
    state = at.session()
    if state.open_reaction is not None:
        return Decision((), state.open_reaction.id)
    if state.phase is Phase.PREPARE and state.patient is None:
        raise CommandRefused("No patient is identified yet")
    minute = at.now.since(state.started) / 60 if state.started is not None else None
    given, _ = delivered(state, at.now, at.pump.volume_infused_ml if at.pump else None)
    reaction = f"R{len(state.reactions) + 1}"
    # What a silent pump did last is not what it does now; what was typed holds until something else is typed.
    typed = state.delivery.rate_ml_h if state.delivery is not None and not state.reads_pump else None
    rate = at.pump.rate_ml_h if at.pump is not None else typed
    opened = ev.ReactionOpened(
        reaction,
        at.now,
        at.now.plus(-KEPT_BEFORE_REACTION_S),
        minute,
        rate,
        given,
        at.pump.status.value if at.pump is not None else "",
        _live_values(at),
    )
    return Decision((opened,), reaction)


def do_reaction_action(at: Situation, c: cmd.DoReactionAction) -> Decision:
    """One time-stamped tap."""
    _reaction(at.session(), c.reaction)
    if c.action not in ACTIONS:
        raise CommandRefused(f"{c.action!r} is not an action")
    return Decision((ev.ReactionAction(c.reaction, c.action, at.now, c.text.strip()),))


def detail_reaction(at: Situation, c: cmd.DetailReaction) -> Decision:
    """Describe it, now or later; a term needs a grade that exists for it."""
    state = at.session()
    reaction = _reaction(state, c.reaction)
    ctcae = at.protocol.rules.ctcae.content
    if c.grade is not None and not c.term:
        raise CommandRefused(f"Grade {c.grade}: choose a term")
    if c.term:
        if c.grade is None:
            raise CommandRefused(f"{c.term}: choose a grade")
        check_grade(c.term, c.grade, ctcae)
    if c.resolved and not (c.term or c.outcome):
        raise CommandRefused("Before it is over: a term and grade, or an outcome")
    resolved = at.now if c.resolved else None
    if reaction.resolved is not None:
        need_text(c.reason, "The reason for the correction", MIN_REASON)
        resolved = reaction.resolved if c.resolved else None
    detailed = ev.ReactionDetailed(
        c.reaction,
        c.symptoms,
        c.term,
        c.grade,
        ctcae.version if c.term else "",
        c.actions,
        c.outcome,
        resolved,
        c.text.strip(),
        reaction.details_seq if reaction.resolved is not None else None,
        c.reason.strip(),
    )
    return Decision((detailed,))


def add_note(at: Situation, c: cmd.AddNote) -> Decision:
    """Free text; correcting an earlier note needs a reason."""
    state = at.session()
    if c.supersedes is not None:
        if c.supersedes not in state.note_seqs:
            raise CommandRefused(f"Entry {c.supersedes} is not a note of this session")
        need_text(c.reason, "The reason for the correction", MIN_REASON)
    return Decision((ev.NoteAdded(need_text(c.text, "The note"), c.supersedes, c.reason.strip()),))


def sign_off(at: Situation, c: cmd.SignOff) -> Decision:
    """Sign what stands at this moment: its chain head, and whether the record is complete."""
    state = at.started()
    if state.product_end is None:
        raise CommandRefused("The end of the product is not recorded")
    if state.flush is None:
        raise CommandRefused("The flush is not recorded (or that none is done)")
    if state.open_reaction is not None:
        raise CommandRefused("A reaction is still open")
    refuse_while_infusing(at)
    name = need_text(c.name, "The name")
    verdict = verdict_when_signed(state, at.now, at.protocol.schedule)
    return Decision((ev.SessionSigned(c.meaning, state.head, verdict, name),))


def _reaction(state: SessionState, reaction_id: str) -> Reaction:
    reaction = state.reaction(reaction_id)
    if reaction is None:
        raise CommandRefused(f"There is no reaction {reaction_id}")
    return reaction


def _checked_values(at: Situation, entries: Mapping[str, cmd.ValueEntry]) -> dict[str, ev.ObservedValue]:
    values: dict[str, ev.ObservedValue] = {}
    for name, entry in entries.items():
        if name not in UNIT_OF:
            raise CommandRefused(f"{name!r} is not a vital sign")
        limit = at.protocol.entry_limits.get(name)
        checked(entry.value, limit.span if limit is not None else _plausible(Sign(name)))
        if entry.source not in SOURCES:
            raise CommandRefused(f"{entry.source!r} is not a source: monitor, typed or counted")
        values[name] = ev.ObservedValue(entry.value, UNIT_OF[Sign(name)], entry.source, entry.age_s)
    systolic, diastolic = values.get("nibp_sys"), values.get("nibp_dia")
    if systolic is not None and diastolic is not None and systolic.value <= diastolic.value:
        raise CommandRefused(f"Blood pressure {systolic.value}/{diastolic.value}: systolic must be above diastolic")
    return values


def _plausible(sign: Sign) -> Span:
    low, high = PLAUSIBLE[sign]
    return Span(sign.value.upper(), UNIT_OF[sign], Decimal(str(low)), Decimal(str(high)), 1)


def _live_values(at: Situation) -> dict[str, ev.ObservedValue]:
    found = {}
    for sign, reading in at.vitals.items():
        if reading.value is not None:
            decimals = 1 if sign is Sign.TEMP else 0
            age = round(at.now.since(reading.taken_at), 1)
            source = "typed" if reading.origin.value == "typed" else "monitor"
            found[sign.value] = ev.ObservedValue(rounded(reading.value, decimals), reading.unit, source, max(0.0, age))
    return found


def _news2(values: Mapping[str, ev.ObservedValue], c: cmd.RecordObservation) -> int | None:
    """The total of a complete set on scale 1; None while one of the seven is missing."""

    def number(name: str) -> Decimal | None:
        return values[name].value if name in values else None

    scored = news2(
        Observations(
            rr=_whole(number("rr")),
            spo2=_whole(number("spo2")),
            on_oxygen=c.on_oxygen,
            sbp=_whole(number("nibp_sys")),
            hr=_whole(number("hr")),
            acvpu=ACVPU.get(c.consciousness),
            temp=number("temp"),
        )
    )
    return scored.total


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(rounded(number, 0))
