"""Handlers of the dose's time: judged from the course, and what a prescriber decides where it is early or held."""

from __future__ import annotations

from datetime import date

from exomonitor.clinical.course import NextDose, Timing
from exomonitor.clock import local_day
from exomonitor.engine.handlers_prepare import MIN_REASON
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.course_of import course_of
from exomonitor.registry.users import PRESCRIBER
from exomonitor.session.commands import Command
from exomonitor.session.entry import Event
from exomonitor.session.parts.course import (
    FIRST,
    SERIES_BEGINS_ANEW,
    SERIES_GOES_ON,
    AcceptTiming,
    DoseHold,
    DoseTimed,
    DoseTimingAccepted,
    JudgeTiming,
)
from exomonitor.session.state import SessionState


def today(at: Situation) -> date:
    """The clinic's calendar day."""
    return local_day(at.now, at.state.tz) if at.state is not None else at.now.utc.astimezone().date()


def timed(at: Situation, state: SessionState, patient: str) -> DoseTimed:
    """This session's dose against the course of that patient as the registry knows it."""
    day = local_day(state.started if state.started is not None else at.now, state.tz)
    rules = at.protocol.rules
    lot = state.product.lot if state.product is not None else None
    course = course_of(
        at.registry, patient, day, rules.course.content, state.tz, lot=lot, but=state.id,
        follow_up=(at.now.utc, rules.follow_up.content),
    )  # fmt: skip
    found = course.next
    return DoseTimed(
        patient=patient,
        verdict=_verdict(found),
        planned=day.isoformat(),
        phase=course.phase.value,
        phase_set=course.phase_set,
        sentence=found.sentence,
        doses=course.doses,
        worst_grade=course.worst_grade,
        last=_iso(course.last),
        earliest=_iso(found.window.earliest if found.window is not None else None),
        latest=_iso(found.window.latest if found.window is not None else None),
        holds=tuple(DoseHold(hold.hold.value, hold.text, hold.clearable) for hold in found.holds),
        ask_restart=found.ask_restart,
    )


def judged_anew(at: Situation, patient: str) -> tuple[Event, ...]:
    """A new judgement, where the open session is that patient's and it comes out differently."""
    state = at.state
    if state is None or not state.phase.is_open or state.patient is None or state.patient.id != patient:
        return ()
    found = timed(at, state, patient)
    return () if found == state.course.timed else (found,)


def judge_timing(at: Situation, c: JudgeTiming) -> Decision:
    """Look again; nothing is recorded where nothing has changed."""
    state = at.session()
    if state.patient is None or not state.patient.id:
        raise CommandRefused("No patient is identified yet")
    return Decision(judged_anew(at, state.patient.id))


def accept_timing(at: Situation, c: AcceptTiming) -> Decision:
    """The prescriber signs for an early dose, a clearance, or the answer about the series; other holds stay."""
    state = at.session()
    if state.patient is None or not state.patient.id:
        raise CommandRefused("No patient is identified yet")
    found = timed(at, state, state.patient.id)
    blocked = found.blocked_by
    if blocked:
        raise CommandRefused(f"{blocked[0].text}: that is settled first")
    if not found.needs_prescriber:
        raise CommandRefused("This dose needs no decision: it is not early, and nothing holds it")
    if found.ask_restart and c.series not in {SERIES_GOES_ON, SERIES_BEGINS_ANEW}:
        raise CommandRefused("Restart series? Answer: continue or restart")
    reason = need_text(c.reason, "The reason", MIN_REASON)
    event = DoseTimingAccepted(at.proven(c.proof, PRESCRIBER), c.series if found.ask_restart else "", reason)
    return Decision((event,) if found == state.course.timed else (found, event))


def _verdict(found: NextDose) -> str:
    return {None: FIRST, Timing.EARLY: "early", Timing.IN: "in", Timing.LATE: "late"}[found.timing]


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()


HANDLERS: dict[type[Command], Handler] = {JudgeTiming: judge_timing, AcceptTiming: accept_timing}
