"""Going on after a reaction in words: what the clinic's guard asks for, and whether there is anything to confirm."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical.rulebook import Rulebook
from exomonitor.session.restarts import (
    awaiting_order,
    first_run,
    is_anaphylaxis,
    rate_at_onset,
    suspects_anaphylaxis,
    worst_grade,
)
from exomonitor.session.state import SessionState
from exomonitor.units import rounded
from ui.presenters.words import hms, number


@dataclass(frozen=True, slots=True)
class RestartView:
    """`allowed` False: nothing can be confirmed, and `title` says why."""

    allowed: bool
    title: str
    rate_hint: str
    must_rule_out: bool
    prescriber: str
    """Who ordered the infusion: a user id, "" in records from before ids."""


def restart_view(session: SessionState | None, rules: Rulebook) -> RestartView:
    """What stands in the way of going on, or what it takes."""
    guard = rules.actions.content.restart_guard
    if session is None or not session.reactions:
        return _no("There is no reaction")
    if session.emergency.restarts and awaiting_order(session) is None:
        last = session.emergency.restarts[-1]
        return _no(f"Restart at {number(float(last.rate_ml_h), 1)} mL/h confirmed at {hms(last.when)}")
    reaction, worst = awaiting_order(session), worst_grade(session)
    if reaction is None and first_run(session) is None:
        return _no("No product has run: a start after the reaction is no restart")
    if reaction is None:
        return _no("No more product is given: nothing to restart")
    if is_anaphylaxis(session):
        return _no("Anaphylaxis in this session: no restart")
    if worst is None:
        return _no("The reaction has no grade yet: grade it first")
    if worst > guard.worst_grade:
        return _no(f"Worst grade {worst}: no restart in this session")
    hint = "rate at onset not known: give a reason for the rate"
    ran = rate_at_onset(session, reaction)
    if ran is not None:
        onset = Decimal(str(ran))
        most = rounded(onset * guard.rate_fraction, 1)
        hint = f"at most {most} mL/h = {guard.rate_fraction * 100:.0f} % of {rounded(onset, 1)} at onset"
    order = session.order.prescriber_id if session.order is not None else ""
    title = f"Worst grade {worst}: goes on only on a prescriber's order, checked by a second person"
    return RestartView(True, title, hint, suspects_anaphylaxis(session), order)


def _no(title: str) -> RestartView:
    return RestartView(False, title, "", False, "")
