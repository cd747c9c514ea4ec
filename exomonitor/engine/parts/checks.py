"""Handlers of the order's checklists: what was answered, and the drugs and fluids given before the infusion."""

from __future__ import annotations

from decimal import Decimal

from exomonitor.clinical.checklists import NOBODY, PRESCRIBER_ONLY, check_answers
from exomonitor.clock import Instant
from exomonitor.engine.handlers_prepare import MIN_REASON
from exomonitor.engine.ordering import listed_person, listed_prescriber
from exomonitor.engine.parts.lots import second_person
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import PRESCRIBER
from exomonitor.session.checklist import NOT_LEFT_OUT
from exomonitor.session.commands import Command, OverrideGate
from exomonitor.session.events import GateOverridden
from exomonitor.session.parts.checks import (
    INTRAVENOUS,
    ORAL,
    ChecklistRecorded,
    GiveHydration,
    GivePremedication,
    HydrationGiven,
    PremedicationGiven,
    RecordChecklist,
    packed,
)
from exomonitor.session.phases import Phase
from exomonitor.units import ML, Span, checked

LONGEST_AGO_MIN = Decimal(24 * 60)
FLUID_SPAN = Span("Fluid", ML, Decimal(1), Decimal(5000), 0)


def record_checklist(at: Situation, c: RecordChecklist) -> Decision:
    """Answers as they are: one that does not pass is recorded, and keeps its gate open."""
    state = at.session()
    table = at.protocol.rules.checklists
    checklist = table.content.of(c.checklist)
    answers = {key: answer.strip() for key, answer in c.answers.items()}
    check_answers(answers, checklist)
    before = state.checks.lists.get(checklist.key)
    known = before.answers if before is not None else {}
    people = {row.key: row for row in checklist.item if row.kind == "person"}
    for key, row in people.items():
        if (said := answers.get(key, "")) and said != known.get(key):
            answers[key] = listed_person(at, said, row.text, row.role)
    coded, words = packed(answers, checklist)
    if not coded and not words:
        raise CommandRefused(f"{checklist.title}: nothing is answered yet")
    supersedes = None
    if before is not None and state.phase is not Phase.PREPARE:
        need_text(c.reason, "The reason for the correction", MIN_REASON)
        supersedes = before.seq
    event = ChecklistRecorded(
        checklist.key, table.content.version, table.sha256, coded, words, supersedes, c.reason.strip()
    )
    return Decision((event,))


def override_gate(at: Situation, c: OverrideGate) -> Decision:
    """Only a gate that is open can be accepted open, by whom the clinic's table says, with a reason."""
    at.preparing()
    reason = need_text(c.reason, "The reason", MIN_REASON)
    if c.gate in NOT_LEFT_OUT:
        raise CommandRefused(NOT_LEFT_OUT[c.gate])
    gate = next((one for one in at.open_gates() if one.key == c.gate), None)
    if gate is None:
        raise CommandRefused(f"{c.gate.capitalize()} is not open")
    if gate.final:
        raise CommandRefused(f"{gate.label}: {gate.why}. Take another bag")
    if gate.by == NOBODY:
        raise CommandRefused(f"{gate.label} is not left out: the clinic's table of gates says so")
    if gate.by == PRESCRIBER_ONLY:
        return Decision((GateOverridden(c.gate, reason, at.proven(c.proof, PRESCRIBER), prescriber_signed=True),))
    if c.alone and not c.proof:
        return Decision((GateOverridden(c.gate, reason, alone=True),))
    second = second_person(at, c.proof, c.by)
    return Decision((GateOverridden(c.gate, reason, second, prescriber_signed=at.signed_by(c.proof, PRESCRIBER)),))


def give_premedication(at: Situation, c: GivePremedication) -> Decision:
    """A drug, its dose and route, and when it was given."""
    at.session()
    given = PremedicationGiven(
        need_text(c.drug, "The drug"),
        need_text(c.dose, "The dose"),
        need_text(c.route, "The route"),
        _ago(at, c.ago_min),
        listed_prescriber(at, c.ordered_by),
        c.sedating,
    )
    return Decision((given,))


def give_hydration(at: Situation, c: GiveHydration) -> Decision:
    """Fluid that was drunk or run in."""
    at.session()
    if c.route not in {ORAL, INTRAVENOUS}:
        raise CommandRefused(f"{c.route!r} is no route for fluid: {ORAL} or {INTRAVENOUS}")
    fluid = need_text(c.fluid, "Which fluid") if c.route == INTRAVENOUS else c.fluid.strip()
    volume = checked(c.volume_ml, FLUID_SPAN)
    return Decision((HydrationGiven(volume, c.route, _ago(at, c.ago_min), fluid),))


def _ago(at: Situation, minutes: Decimal) -> Instant:
    if not 0 <= minutes <= LONGEST_AGO_MIN:
        raise CommandRefused("The time lies in the future" if minutes < 0 else "That is more than a day ago")
    return at.now.plus(-60 * float(minutes))


HANDLERS: dict[type[Command], Handler] = {
    RecordChecklist: record_checklist,
    GivePremedication: give_premedication,
    GiveHydration: give_hydration,
    OverrideGate: override_gate,
}
