"""Handlers of a reaction: moment zero with all that is known, timed taps, and what it was, now or later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from exomonitor.clinical.reaction_report import (
    CAUSALITY,
    CONSENTS,
    NOT_OVER,
    OUTCOMES,
    RECHALLENGES,
    RESPONSES,
    SERIOUS,
    Grading,
    check_codes,
)
from exomonitor.clinical.reactions import check_grade, check_terms
from exomonitor.engine.handlers_prepare import MIN_REASON, new_session_id, session_opened
from exomonitor.engine.live import KEPT_BEFORE_S
from exomonitor.engine.situation import Decision, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.parts.emergency_record import EMERGENCY
from exomonitor.session.state import Reaction, SessionState
from exomonitor.signals.vitals import Sign
from exomonitor.units import rounded

FIRST = "R1"
MORE_ACTIONS = frozenset({"antihistamine", "slowed", "other"})
"""Actions of the details page that are no steps of the emergency page."""
WORST_GRADE = 5


def open_reaction(at: Situation, c: cmd.OpenReaction) -> Decision:
    """Stamp the moment with all that is known; while one is open the key leads to it and stamps nothing new. Where no
    session is open the key opens a record of an emergency: who and whose it was is asked afterwards."""
    state = at.state
    if state is None or not state.phase.is_open:
        events = (session_opened(at, EMERGENCY), *_devices(at), _opened(at, None))
        return Decision(events, FIRST, new_session_id())
    if state.open_reaction is not None:
        return Decision((), state.open_reaction.id)
    opened = _opened(at, state)
    return Decision((opened,), opened.reaction)


def _devices(at: Situation) -> Iterator[ev.DeviceBound]:
    """Whatever is read in the chair is read in the record of an emergency."""
    for one in at.devices:
        channel = at.pump.channel if one.role == "pump" and at.pump is not None else ""
        yield ev.DeviceBound(one.role, one.key, one.source, channel, one.name, grade=one.grade)


def _opened(at: Situation, state: SessionState | None) -> ev.ReactionOpened:
    """Moment zero; `state` None: outside of any session."""
    if state is None:
        return _stamped(at, FIRST, None, at.pump.rate_ml_h if at.pump is not None else None, None)
    minute = at.now.since(state.started) / 60 if state.started is not None else None
    given, _ = at.given_by_now(state)
    reaction = f"R{len(state.reactions) + 1}"
    # What a silent pump did last is not what it does now; what was typed holds until something else is typed.
    typed = state.delivery.rate_ml_h if state.delivery is not None and not state.reads_pump else None
    rate = at.pump.rate_ml_h if at.pump is not None else typed
    return _stamped(at, reaction, minute, rate, None if state.is_emergency else given)


def _stamped(
    at: Situation, reaction: str, minute: float | None, rate: float | None, given: float | None
) -> ev.ReactionOpened:
    return ev.ReactionOpened(
        reaction,
        at.now,
        at.now.plus(-KEPT_BEFORE_S),
        minute,
        rate,
        given,
        at.pump.status.value if at.pump is not None else "",
        _live_values(at),
    )


def do_reaction_action(at: Situation, c: cmd.DoReactionAction) -> Decision:
    """One time-stamped tap."""
    reaction_of(at.session(), c.reaction)
    if c.action not in MORE_ACTIONS | {step.key for step in at.protocol.rules.emergency.content.step}:
        raise CommandRefused(f"{c.action!r} is not an action")
    return Decision((ev.ReactionAction(c.reaction, c.action, at.now, c.text.strip()),))


def detail_reaction(at: Situation, c: cmd.DetailReaction) -> Decision:
    """Describe it, now or later; a term needs a grade that exists for it, and a lower grade a reason."""
    state = at.session()
    reaction = reaction_of(state, c.reaction)
    ctcae = at.protocol.rules.ctcae.content
    _check_gradings(at, state, c)
    _check_codes(c)
    if c.resolved and not (c.term or c.outcome):
        raise CommandRefused("Before it is over: a term and grade, or an outcome")
    c = _worst_first(c)
    not_over = c.outcome in NOT_OVER
    if c.resolved and not_over:
        _may_hand_over(state)
    resolved = (reaction.resolved or at.now) if c.resolved and not not_over else None
    handed_over = (reaction.handed_over or at.now) if c.resolved and not_over else None
    corrects = reaction.closed is not None
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
        reason=c.reason.strip(),
        more=c.more,
        present_grade=0 if resolved and c.present_grade is None and c.term else c.present_grade,
        causality=c.causality,
        serious=c.serious,
        response=c.response,
        rechallenge=c.rechallenge,
        photo_consent=c.photo_consent,
        worst=_worst(at, state, reaction),
        handed_over=handed_over,
    )
    return Decision((_as_correction(detailed, reaction, corrects=corrects),))


def _may_hand_over(state: SessionState) -> None:
    """A reaction that is not over is closed only when the infusion is, or when others have taken the patient over."""
    if not state.may_hand_over:
        raise CommandRefused(
            "It is not over: it can be handed over when the infusion has ended or the patient has left"
        )


def _worst_first(c: cmd.DetailReaction) -> cmd.DetailReaction:
    """The main term is the one with the highest grade, so that nobody takes a lower one for the reaction's."""
    if not c.more or c.grade is None:
        return c
    main, *rest = sorted((Grading(c.term, c.grade), *c.more), key=lambda one: -one.grade)
    return replace(c, term=main.term, grade=main.grade, more=tuple(rest))


def _as_correction(detailed: ev.ReactionDetailed, reaction: Reaction, *, corrects: bool) -> ev.ReactionDetailed:
    """What is over, or was graded higher, is corrected: with a reason, and the entry before superseded."""
    before, after = reaction.worst_grade, detailed.worst_grade
    if not corrects and before is not None and (after is None or after < before):
        if not detailed.reason:
            raise CommandRefused(
                f"It was grade {before}: if it is better now, record the grade at present; "
                "if it never was, give the reason for the correction"
            )
        corrects = True
    if not corrects:
        return detailed
    need_text(detailed.reason, "The reason for the correction", MIN_REASON)
    return replace(detailed, supersedes=reaction.details_seq)


def _check_gradings(at: Situation, state: SessionState, c: cmd.DetailReaction) -> None:
    """Terms and grades that exist, each term once, and never both an infusion related and an allergic reaction."""
    if c.grade is not None and not c.term:
        raise CommandRefused(f"Grade {c.grade}: choose a term")
    if c.term and c.grade is None:
        raise CommandRefused(f"{c.term}: choose a grade")
    if c.more and not c.term:
        raise CommandRefused("Choose the main term first")
    ctcae = at.protocol.rules.ctcae.content
    gradings = [(c.term, c.grade)] if c.term and c.grade is not None else []
    gradings += [(one.term, one.grade) for one in c.more]
    for term, grade in gradings:
        check_grade(term, grade, ctcae)
    terms = [term for term, _ in gradings]
    if twice := sorted({term for term in terms if terms.count(term) > 1}):
        raise CommandRefused(f"{twice[0]} is graded twice")
    others = [
        grading.term
        for other in state.reactions
        if other.id != c.reaction and other.details is not None
        for grading in other.details.gradings
    ]
    check_terms((*terms, *others))
    worst = max((grade for _, grade in gradings), default=None)
    if c.present_grade is not None and not 0 <= c.present_grade <= (worst or WORST_GRADE):
        raise CommandRefused(f"Grade {c.present_grade} at present does not fit: the worst was grade {worst}")


def _worst(at: Situation, state: SessionState, reaction: Reaction) -> Mapping[str, Decimal]:
    """The extremes since moment zero: watched now, or what was recorded when this reaction was watched."""
    if at.worst and reaction.id == state.reactions[-1].id:
        return at.worst
    return reaction.details.worst if reaction.details is not None else {}


def _check_codes(c: cmd.DetailReaction) -> None:
    check_codes("Causality", (c.causality,), CAUSALITY)
    check_codes("Seriousness", c.serious, SERIOUS)
    check_codes("Response", (c.response,), RESPONSES)
    check_codes("Rechallenge", (c.rechallenge,), RECHALLENGES)
    check_codes("Outcome", (c.outcome,), OUTCOMES)
    check_codes("Photo consent", (c.photo_consent,), CONSENTS)


def reaction_of(state: SessionState, reaction_id: str) -> Reaction:
    """The reaction with that id, or a refusal."""
    reaction = state.reaction(reaction_id)
    if reaction is None:
        raise CommandRefused(f"There is no reaction {reaction_id}")
    return reaction


def _live_values(at: Situation) -> dict[str, ev.ObservedValue]:
    found = {}
    for sign, reading in at.vitals.items():
        if reading.value is not None:
            decimals = 1 if sign is Sign.TEMP else 0
            age = round(at.now.since(reading.taken_at), 1)
            source = "typed" if reading.origin.value == "typed" else "monitor"
            found[sign.value] = ev.ObservedValue(rounded(reading.value, decimals), reading.unit, source, max(0.0, age))
    return found
