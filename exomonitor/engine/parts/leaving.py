"""Handlers of IV removal, the tasks before leaving, and how the patient leaves."""

from __future__ import annotations

from exomonitor.clinical.checklists import check_answers
from exomonitor.clinical.discharge import PRESCRIBER, Discharge, check_override
from exomonitor.engine.handlers_infuse import refuse_while_infusing
from exomonitor.engine.handlers_prepare import MIN_REASON
from exomonitor.engine.parts.leaving_facts import TASKS, discharge_now
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.session.commands import Command
from exomonitor.session.parts import leaving_events as lv
from exomonitor.session.phases import Phase
from exomonitor.session.places import free_place, is_lounge
from exomonitor.session.state import SessionState

WORST_SITE_SCORE = 4


def move_to_lounge(at: Situation, c: lv.MoveToLounge) -> Decision:
    """The chair is free for the next patient; this one is watched on with typed sets."""
    state = at.started()
    if state.phase is not Phase.OBSERVE:
        raise CommandRefused("Only the observation after the flush can leave the chair")
    _not_gone(state)
    refuse_while_infusing(at)
    if state.open_reaction is not None:
        raise CommandRefused("A reaction is open: the patient stays at the chair")
    if is_lounge(at.chair):
        raise CommandRefused(f"The patient is in {at.chair} already")
    to = free_place(at.places)
    return Decision((lv.SessionMoved(at.chair, to),), to)


def record_iv_removal(at: Situation, c: lv.RecordIvRemoval) -> Decision:
    """Once the product has ended; what was recorded before is corrected with a reason."""
    state = at.started()
    if state.product_end is None:
        raise CommandRefused("The end of the product is not recorded")
    refuse_while_infusing(at)
    if c.catheter not in lv.CATHETERS:
        raise CommandRefused("The catheter is whole, not whole, or stays in")
    if c.site_score is not None and not 0 <= c.site_score <= WORST_SITE_SCORE:
        raise CommandRefused(f"Site score {c.site_score} is outside 0-{WORST_SITE_SCORE}")
    if c.catheter == lv.NOT_WHOLE:
        need_text(c.text, "What is missing of the catheter, and who was told", MIN_REASON)
    before = state.leaving.iv
    if before is not None:
        need_text(c.reason, "The reason for the correction", MIN_REASON)
    site = c.site.strip() or (f"{state.line.side} {state.line.site}" if state.line is not None else "")
    return Decision(
        (
            lv.IvRemoved(
                at.now, c.catheter, c.bleeding_stopped, site, c.site_score, c.text.strip(),
                before.seq if before is not None else None, c.reason.strip(),
            ),
        )
    )  # fmt: skip


def answer_tasks(at: Situation, c: lv.AnswerDischargeTasks) -> Decision:
    """Single answers, each as it is given; what has not changed is not recorded again."""
    state = at.started()
    _not_gone(state)
    table = at.protocol.rules.checklists
    checklist = table.content.of(TASKS)
    check_answers(c.answers, checklist)
    known = state.leaving.tasks
    said = {key: answer.strip() for key, answer in c.answers.items() if answer.strip() != known.get(key, "")}
    if not said:
        return Decision(())
    return Decision((lv.DischargeTasksAnswered(said, f"{checklist.key} {table.content.version}", table.sha256),))


def discharge(at: Situation, c: lv.Discharge) -> Decision:
    """Home, when every criterion is met; else only by a prescriber who says why, and never in place of a transfer."""
    state = at.started()
    _not_gone(state)
    refuse_while_infusing(at)
    prescriber = at.proven(c.proof, PRESCRIBER) if c.proof else ""
    found = discharge_of(at, state, prescriber_signed=bool(prescriber))
    if state.open_reaction is not None and not found.transfer:
        raise CommandRefused("A reaction is open: first say that it is over, or transfer the patient")
    if not prescriber and any(reaction.handed_over is not None for reaction in state.reactions):
        raise CommandRefused("A reaction is not over: a prescriber signs for going home, or the patient is transferred")
    reason = c.reason.strip()
    if not found.ready:
        if not prescriber and not found.transfer:
            raise CommandRefused("Not yet: " + "; ".join(f"{one.text} ({one.why})" for one in found.failing))
        check_override(found, (PRESCRIBER,) if prescriber else (), reason)
        need_text(reason, "The reason", MIN_REASON)
    return Decision(
        (
            lv.PatientLeft(
                at.now, lv.DISCHARGED, _noted(found), overridden=not found.ready, prescriber=prescriber, reason=reason
            ),
        )
    )


def transfer(at: Situation, c: lv.Transfer) -> Decision:
    """To where, and to whom the patient was handed over; possible at any time after the start."""
    state = at.started()
    _not_gone(state)
    to, handed = need_text(c.to, "Where the patient is taken"), need_text(c.handed_over_to, "Who took over")
    found = discharge_of(at, state)
    reason = c.reason.strip() or found.transfer
    return Decision((lv.PatientLeft(at.now, lv.TRANSFERRED, _noted(found), False, "", reason, to, handed),))


def leave_against_advice(at: Situation, c: lv.LeaveAgainstAdvice) -> Decision:
    """The patient goes; what was said about it stands in the record."""
    state = at.started()
    _not_gone(state)
    reason = need_text(c.reason, "What the patient said and was told", MIN_REASON)
    found = discharge_of(at, state)
    return Decision((lv.PatientLeft(at.now, lv.AGAINST_ADVICE, _noted(found), True, "", reason),))


def discharge_of(at: Situation, state: SessionState, *, prescriber_signed: bool = False) -> Discharge:
    """The checklist as the situation knows it."""
    signed = prescriber_signed or bool(state.handover.reviews)
    return discharge_now(state, at.now, at.protocol, at.registry, at.alarms, prescriber_signed=signed)


def _not_gone(state: SessionState) -> None:
    if state.leaving.left is not None:
        raise CommandRefused("The patient has left: that is recorded")


def _noted(found: Discharge) -> tuple[lv.CriterionNoted, ...]:
    return tuple(lv.CriterionNoted(one.key, one.text, one.state.value, one.why) for one in found.criteria)


HANDLERS: dict[type[Command], Handler] = {
    lv.MoveToLounge: move_to_lounge,
    lv.RecordIvRemoval: record_iv_removal,
    lv.AnswerDischargeTasks: answer_tasks,
    lv.Discharge: discharge,
    lv.Transfer: transfer,
    lv.LeaveAgainstAdvice: leave_against_advice,
}
