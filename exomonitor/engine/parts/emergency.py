"""Handlers of the emergency page, the drugs, the names said afterwards, and the restart after a reaction."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from exomonitor.clinical.action_cards import Restart, restart_refusal
from exomonitor.clinical.anaphylaxis import check_own_limit
from exomonitor.clinical.ranges import RATE_SPAN
from exomonitor.engine.handlers_reaction import reaction_of
from exomonitor.engine.ordering import ordered_by
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import NURSE, PRESCRIBER, VERIFIER
from exomonitor.session import events as ev
from exomonitor.session.commands import Command
from exomonitor.session.entry import Event
from exomonitor.session.gate_rules import baseline_sbp
from exomonitor.session.parts.emergency_events import (
    ActionsAttributed,
    AttributeActions,
    ConfirmRestart,
    DoEmergencyStep,
    DrugGiven,
    EmergencyEntryVoided,
    EmergencyStepDone,
    GiveDrug,
    OwnSbpLimitSet,
    RestartConfirmed,
    SetOwnSbpLimit,
    VoidEmergencyEntry,
)
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.session.restarts import (
    awaiting_order,
    is_anaphylaxis,
    is_standing_or_restarted,
    rate_at_onset,
    suspects_anaphylaxis,
    worst_grade,
)
from exomonitor.session.state import SessionState
from exomonitor.units import checked

FURTHEST_BACK_MIN = 240
MIN_REASON = 5
RESUME = "resume"


def do_emergency_step(at: Situation, c: DoEmergencyStep) -> Decision:
    """One timed tap: part of the open reaction where there is one."""
    state = at.session()
    at.protocol.rules.emergency.content.step_of(c.step)
    reaction = state.open_reaction
    if reaction is None:
        return Decision((EmergencyStepDone(c.step, at.now, c.text.strip()),))
    return Decision((ev.ReactionAction(reaction.id, c.step, at.now, c.text.strip()),))


def void_emergency_entry(at: Situation, c: VoidEmergencyEntry) -> Decision:
    """A step or a drug that was no fact; saying so twice says nothing new."""
    state = at.session()
    emergency = state.emergency
    known = {one.seq: (one.reaction, one.why_void) for one in emergency.steps}
    known |= {one.seq: (one.event.reaction, one.why_void) for one in emergency.drugs}
    if c.seq not in known:
        raise CommandRefused("Only a step or a drug can be taken back here")
    of, void = known[c.seq]
    if void:
        return Decision(())
    reaction = state.reaction(of)
    if not c.by and reaction is not None and not reaction.is_open:
        raise CommandRefused("The reaction is over: sign in to take back an entry of it")
    return Decision((EmergencyEntryVoided(c.seq, need_text(c.why, "The reason")),))


def give_drug(at: Situation, c: GiveDrug) -> Decision:
    """Drug, dose, route and time, within the table's limits."""
    state = at.session()
    at.protocol.rules.emergency.content.check_drug(c.drug, c.dose, c.unit, c.route)
    reaction = c.reaction or (state.open_reaction.id if state.open_reaction is not None else "")
    if reaction:
        reaction_of(state, reaction)
    _check_back(c.ago_min, "the drug")
    when = at.now.plus(-float(c.ago_min) * 60)
    if c.completes is not None:
        tap = next((one for one in state.emergency.undescribed(reaction) if one.seq == c.completes), None)
        if tap is None or tap.step != c.drug:
            raise CommandRefused(f"Entry {c.completes} is not a tap on {c.drug} that still needs its dose")
        when = tap.when
    given = DrugGiven(c.drug, c.dose, c.unit, c.route, when, reaction, c.completes, c.text.strip())
    return Decision((given,))


def attribute_actions(at: Situation, c: AttributeActions) -> Decision:
    """Whose the unsigned entries were: they keep their actor, and the name stands beside."""
    state = at.session()
    user = at.proven(c.proof) if c.proof else at.signed_in
    if not user:
        raise CommandRefused("Sign in, or sign with badge or PIN, to say whose entries these were")
    waiting = state.emergency.unattributed
    seqs = c.seqs or waiting
    if not seqs:
        raise CommandRefused("Every entry has a name")
    if unknown := [seq for seq in seqs if seq not in waiting]:
        raise CommandRefused(f"Entry {unknown[0]} bears a name already")
    return Decision((ActionsAttributed(tuple(seqs), user),), by=user)


def confirm_restart(at: Situation, c: ConfirmRestart) -> Decision:
    """The infusion goes on after a reaction; what is missing is said all at once. The pump is recorded anyway."""
    state = at.started()
    reaction = awaiting_order(state)
    if reaction is None:
        raise CommandRefused("No restart after a reaction is to be confirmed")
    if not is_standing_or_restarted(state, reaction):
        raise CommandRefused("The product has not been stopped since the reaction")
    rate = checked(c.rate_ml_h, RATE_SPAN)
    _check_back(c.ordered_min_ago, "the order")
    ordered_at = at.now.plus(-float(c.ordered_min_ago) * 60)
    second = at.proven(c.proof, NURSE, VERIFIER, PRESCRIBER) if c.proof else ""
    ordered = ordered_by(at, c.prescriber_id.strip(), c.way, c.prescriber_proof, c.by)
    worst = worst_grade(state)
    ran = rate_at_onset(state, reaction)
    onset = None if ran is None else Decimal(str(ran))
    wish = Restart(
        worst_grade=worst,
        present_grade=c.present_grade,
        anaphylaxis=is_anaphylaxis(state),
        rate_at_onset_ml_h=onset,
        new_rate_ml_h=rate,
        prescriber=ordered.user,
        ordered_at=ordered_at.utc if ordered_at.since(reaction.when) >= 0 else None,
        nurse=c.by,
        second_user=second,
        override_reason=c.override_reason,
    )
    refused = list(restart_refusal(wish, at.protocol.rules.actions.content.restart_guard))
    if suspects_anaphylaxis(state) and len(c.ruled_out.strip()) < MIN_REASON:
        refused.append("Anaphylaxis criteria were met: the prescriber says why it was not anaphylaxis")
    if refused or worst is None:
        raise CommandRefused("; ".join(refused))
    confirmed = RestartConfirmed(
        reaction.id, at.now, rate, onset, worst, c.present_grade, ordered_at, second,
        ordered.name, c.override_reason.strip(), c.ruled_out.strip(), ordered.user, ordered.way,
    )  # fmt: skip
    return Decision((confirmed, ev.MeaningGiven(RESUME, "prescriber", at.now), *_typed_run(at, state, rate)))


def set_own_sbp_limit(at: Situation, c: SetOwnSbpLimit) -> Decision:
    """For a baseline at which the ordinary limit would always alarm; refused for any other."""
    baseline = baseline_sbp(at.session())
    if baseline is None:
        raise CommandRefused("The baseline pressure is not recorded yet")
    check_own_limit(baseline, c.limit_mmhg)
    reason = need_text(c.reason, "The reason for the patient's own limit", MIN_REASON)
    return Decision((OwnSbpLimitSet(c.limit_mmhg, baseline, reason),))


def _typed_run(at: Situation, state: SessionState, rate: Decimal) -> tuple[Event, ...]:
    """Without pump data the order is also what the pump does from now on."""
    if at.reads_pump() or state.delivery is None or state.delivery.runs:
        return ()
    return (ev.DeliveryChanged(at.now, Fluid.PRODUCT, float(rate), DeliverySource.TYPED, "infusing"),)


def _check_back(minutes: Decimal, what: str) -> None:
    if not 0 <= minutes <= FURTHEST_BACK_MIN:
        raise CommandRefused(f"The time of {what} is in the future or more than {FURTHEST_BACK_MIN} min back")


HANDLERS: Mapping[type[Command], Handler] = {
    DoEmergencyStep: do_emergency_step,
    VoidEmergencyEntry: void_emergency_entry,
    GiveDrug: give_drug,
    AttributeActions: attribute_actions,
    ConfirmRestart: confirm_restart,
    SetOwnSbpLimit: set_own_sbp_limit,
}
