"""Handlers of follow-up calls, triage and the next dose."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from exomonitor.clinical.course import HoldReason, Phase, Timing
from exomonitor.clinical.followup import Answer, CallState
from exomonitor.clinical.ranges import ENTRY_LIMITS
from exomonitor.clinical.triage import Report, SymptomAnswer, Triage, triage
from exomonitor.clock import local_day, zone, zone_name
from exomonitor.engine.handlers_prepare import MIN_REASON, random_id
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.aftercare import Aftercare
from exomonitor.registry.course_of import CourseOf, course_of
from exomonitor.registry.users import PRESCRIBER
from exomonitor.session.commands import Command
from exomonitor.session.parts import leaving_events as lv
from exomonitor.units import checked

WORST_SITE_SCORE = 4
SPOKEN = {Answer.REACHED.value, Answer.CALLED_IN.value}
FURTHEST_AHEAD = timedelta(days=3 * 366)


def record_call(at: Situation, c: lv.RecordCallAttempt) -> Decision:
    """One attempt, or a call that the patient made; what was told is judged at once. Answers with the level."""
    record = _visit(at, c.visit)
    if c.answer not in {one.value for one in Answer}:
        raise CommandRefused(f"{c.answer!r} is not how a call ends")
    spoken = c.answer in SPOKEN
    if c.call:
        _may_call(at, record, c.call, c.answer)
    elif not spoken:
        raise CommandRefused("Choose the call of the plan that was tried")
    if not spoken and (c.symptoms or c.temp is not None or c.pro_ctcae):
        raise CommandRefused("Nobody was reached: there are no answers to record")
    library = _pro_library(at, c)
    found = judged(at, record, c) if spoken else None
    event = lv.FollowUpCalled(
        call=c.call,
        when=at.now,
        answer=c.answer,
        symptoms=c.symptoms,
        temp=c.temp,
        fever_since_h=c.fever_since_h,
        site_score=c.site_score,
        level=found.level.name.lower() if found is not None and found.level is not None else "",
        at_least=found.at_least.name.lower() if found is not None else "",
        reasons=found.reasons if found is not None else (),
        still_to_ask=found.still_to_ask if found is not None else (),
        advice=found.advice if found is not None else "",
        table=at.protocol.rules.triage.citation if found is not None else "",
        text=c.text.strip(),
        pro_ctcae=c.pro_ctcae,
        pro_ctcae_library=library,
    )
    return Decision((event,), event.level or event.at_least, record.id)


def _pro_library(at: Situation, c: lv.RecordCallAttempt) -> str:
    """The library that the PRO-CTCAE answers are of; refused where this call offers none, "" where none was asked."""
    if not c.pro_ctcae:
        return ""
    offered = at.protocol.rules.follow_up.content.pro_ctcae_of(c.call)
    if offered is None:
        raise CommandRefused("This call offers no PRO-CTCAE: its recall is 7 days")
    offered.check(c.pro_ctcae)
    return offered.library


def judged(at: Situation, record: Aftercare, c: lv.RecordCallAttempt) -> Triage:
    """The triage of what a patient told in this call."""
    if c.temp is not None:
        checked(c.temp, ENTRY_LIMITS["temp"].span)
    if c.site_score is not None and not 0 <= c.site_score <= WORST_SITE_SCORE:
        raise CommandRefused(f"Site score {c.site_score} is outside 0-{WORST_SITE_SCORE}")
    return triage(
        report_of(c, hours_since_end(record, at.now.utc)),
        at.protocol.rules.triage.content,
    )


def report_of(c: lv.RecordCallAttempt, now_h: float) -> Report:
    """What a call told, as triage reads it; `now_h` = hours since the end of the infusion."""
    answers = {
        key: SymptomAnswer(
            told.present, frozenset(told.details), told.grade, told.onset_h, told.still, worse=told.worse
        )
        for key, told in c.symptoms.items()
    }
    temp = None if c.temp is None else Decimal(c.temp)
    return Report(now_h, answers, temp, c.fever_since_h, c.site_score)


def hours_since_end(record: Aftercare, now: datetime) -> float:
    """Hours since the end of the infusion; 0 while that is not recorded."""
    return (now - record.ended).total_seconds() / 3600 if record.ended is not None else 0.0


def settle(at: Situation, c: lv.SettleTriage) -> Decision:
    """What was done about a red or amber answer: a prescriber signs it."""
    record = _visit(at, c.visit)
    if c.call_seq not in {one.seq for one in record.unsettled()}:
        raise CommandRefused("There is no such open answer")
    text = need_text(c.text, "What was done", MIN_REASON)
    prescriber = at.proven(c.proof, PRESCRIBER)
    return Decision((lv.TriageSettled(c.call_seq, prescriber, text),), session=record.id)


def decide_next_dose(at: Situation, c: lv.DecideNextDose) -> Decision:
    """Booked, as needed, left to the prescriber, or none: with the window and whatever holds it."""
    record = _visit(at, c.visit)
    if c.decision not in lv.NEXT_DOSE:
        raise CommandRefused("The next dose is booked, as needed, decided by the prescriber, or there is none")
    tz = record.tz or zone_name()
    if c.decision != lv.BOOKED:
        return Decision((_not_booked(at, record, c, tz),), session=record.id)
    planned = _planned(at, c.planned, tz)
    course = next_course(at, record, planned, tz)
    prescriber = _override(at, c, course)
    booking = at.protocol.rules.course.content.booking
    window = course.next.window
    event = lv.NextDoseDecided(
        decision=lv.BOOKED,
        planned=planned.isoformat(),
        time=_time(c.time or booking.usual_time),
        minutes=booking.visit_min,
        tz=tz,
        phase=course.phase.value,
        earliest=window.earliest.isoformat() if window is not None else "",
        latest=window.latest.isoformat() if window is not None else "",
        timing=course.next.timing.value if course.next.timing is not None else "",
        holds=tuple(hold.text for hold in course.next.holds),
        prescriber=prescriber,
        uid=random_id("nd-", 20),
        reason=c.reason.strip(),
    )
    return Decision((event,), course.next.sentence, record.id)


def next_course(at: Situation, record: Aftercare, planned: date, tz: str) -> CourseOf:
    """The course with this visit as one of its doses."""
    if not record.patient:
        raise CommandRefused("This visit belongs to no patient of the clinic's list: nothing can be booked")
    rules = at.protocol.rules
    calls = (at.now.utc, rules.follow_up.content)
    return course_of(at.registry, record.patient, planned, rules.course.content, tz, follow_up=calls)


def _not_booked(at: Situation, record: Aftercare, c: lv.DecideNextDose, tz: str) -> lv.NextDoseDecided:
    """A decision without a date still says when the window opens and closes."""
    reason = c.reason.strip()
    if c.decision == lv.NO_FURTHER:
        need_text(reason, "The reason", MIN_REASON)
    if c.decision == lv.NO_FURTHER or not record.patient:
        return lv.NextDoseDecided(c.decision, reason=reason)
    course = next_course(at, record, local_day(at.now, tz), tz)
    if c.decision == lv.AS_NEEDED and course.phase is Phase.INITIAL:
        raise CommandRefused("As needed is for the maintenance phase: book a date, or leave it to the prescriber")
    window = course.next.window
    return lv.NextDoseDecided(
        c.decision,
        tz=tz,
        phase=course.phase.value,
        earliest=window.earliest.isoformat() if window is not None else "",
        latest=window.latest.isoformat() if window is not None else "",
        holds=tuple(hold.text for hold in course.next.holds),
        reason=reason,
    )


def _override(at: Situation, c: lv.DecideNextDose, course: CourseOf) -> str:
    """The prescriber who signs for an early or held date; "" where nobody has to."""
    blocked = first_block(course)
    if blocked is not None:
        raise CommandRefused(f"{blocked.text}: nothing is booked before that is settled")
    late = course.next.timing is Timing.LATE
    if late and len(c.reason.strip()) < MIN_REASON:
        raise CommandRefused(f"{course.next.sentence}: a reason is needed")
    if not course.next.needs_override:
        return ""
    if not c.proof:
        why = course.next.sentence if course.next.timing is Timing.EARLY else course.next.holds[0].text
        raise CommandRefused(f"{why}: the prescriber signs")
    need_text(c.reason, "The reason", MIN_REASON)
    return at.proven(c.proof, PRESCRIBER)


def first_block(course: CourseOf) -> HoldReason | None:
    """A hold that no clearance lifts, or None."""
    return next((hold for hold in course.next.holds if not hold.clearable), None)


def _planned(at: Situation, text: str, tz: str) -> date:
    try:
        planned = date.fromisoformat(text.strip())
    except ValueError:
        raise CommandRefused(f"Date: {text.strip()!r} is not a date (write 2026-03-16)") from None
    today = local_day(at.now, tz)
    if not today < planned <= today + FURTHEST_AHEAD:
        raise CommandRefused(f"Date: {planned} is not in the time to come")
    return planned


def _time(text: str) -> str:
    try:
        return f"{datetime.strptime(text.strip(), '%H:%M').replace(tzinfo=zone('UTC')):%H:%M}"
    except ValueError:
        raise CommandRefused(f"Time: {text.strip()!r} is not a time of day (write 09:30)") from None


def _visit(at: Situation, visit: str) -> Aftercare:
    """The visit by its id; "" = the session in this chair, open or signed."""
    wanted = visit or (at.state.id if at.state is not None else "")
    record = at.registry.aftercare.get(wanted)
    if record is None:
        raise CommandRefused("There is no such visit")
    return record


def _may_call(at: Situation, record: Aftercare, call: str, answer: str) -> None:
    status = next(
        (one for one in record.plan(at.now.utc, at.protocol.rules.follow_up.content) if one.key == call), None
    )
    if status is None:
        raise CommandRefused(f"{call!r} is no call of this visit's plan")
    if status.state is CallState.SCHEDULED and answer != Answer.CALLED_IN.value:
        opens = status.opens.astimezone(zone(record.tz))
        raise CommandRefused(f"{status.label}: it opens on {opens:%Y-%m-%d at %H:%M}")
    if status.state.done:
        raise CommandRefused(f"{status.label}: the patient was reached already")


HANDLERS: dict[type[Command], Handler] = {
    lv.RecordCallAttempt: record_call,
    lv.SettleTriage: settle,
    lv.DecideNextDose: decide_next_dose,
}
