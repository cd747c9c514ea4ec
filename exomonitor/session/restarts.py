"""Going on after a reaction: which reaction asks for a prescriber's order, and whether product runs without one."""

from __future__ import annotations

from exomonitor.clock import Instant
from exomonitor.session.state import Reaction, SessionState
from exomonitor.session.stops import running_since

START_TOGETHER_S = 10.0
"""Product that begins to run for the first time within so much of a reaction's moment zero was started, not restarted:
both keys, or the key and the pump, were pressed together."""


def first_run(state: SessionState) -> Instant | None:
    """When product ran for the first time; None while it has not."""
    return next((stretch.began for stretch in state.stretches if stretch.runs_product), None)


def ran_before(state: SessionState, reaction: Reaction) -> bool:
    """Whether product had run when the reaction's moment zero was stamped."""
    began = first_run(state)
    return began is not None and began.since(reaction.when) <= 0


def is_first_start(state: SessionState, reaction: Reaction) -> bool:
    """Whether product, running now without a break since its first start, was started together with the reaction's
    moment zero: it has simply run on since."""
    since = running_since(state)
    together = since is not None and since.since(reaction.when) <= START_TOGETHER_S
    return together and since == first_run(state) and not ran_before(state, reaction)


def _over_before_product(state: SessionState, reaction: Reaction) -> bool:
    """Whether it was over before any product ran: what is started after it is no restart."""
    began = first_run(state)
    over = reaction.closed is not None and (began is None or began.since(reaction.closed) >= 0)
    return over and not ran_before(state, reaction)


def worst_grade(state: SessionState) -> int | None:
    """The highest grade of the session's reactions; None while one of them has no grade."""
    grades = [reaction.worst_grade for reaction in state.reactions]
    known = [grade for grade in grades if grade is not None]
    return max(known) if known and len(known) == len(grades) else None


def highest_known(state: SessionState) -> int:
    """The highest grade that was given to a reaction so far, 0 = none was."""
    return max((r.worst_grade for r in state.reactions if r.worst_grade is not None), default=0)


def awaiting_order(state: SessionState) -> Reaction | None:
    """The newest reaction, unless a restart after it has been confirmed or no product is to come."""
    if not state.reactions or state.product_end is not None:
        return None
    newest = state.reactions[-1]
    if _over_before_product(state, newest):
        return None
    confirmed = any(one.when.since(newest.when) >= 0 for one in state.emergency.restarts)
    return None if confirmed else newest


def rate_at_onset(state: SessionState, reaction: Reaction) -> float | None:
    """The rate (mL/h) at which product ran at the reaction's moment zero or last before it; None = not known.

    Who stops the pump first and stamps the moment then has stamped 0: half of that would be no restart at all."""
    if reaction.rate_ml_h:
        return reaction.rate_ml_h
    before = (s.rate_ml_h for s in reversed(state.stretches) if s.runs_product and s.began.since(reaction.when) <= 0)
    return next(before, None)


def is_standing_or_restarted(state: SessionState, reaction: Reaction) -> bool:
    """Whether the product stands, or has begun to run again since the reaction: not that it simply ran on."""
    since = running_since(state)
    return since is None or (since.since(reaction.when) > 0 and not is_first_start(state, reaction))


def unordered_restart(state: SessionState) -> Reaction | None:
    """The reaction after which product runs again though nobody has confirmed a prescriber's order."""
    reaction, since = awaiting_order(state), running_since(state)
    if reaction is None or since is None or since.since(reaction.when) <= 0 or is_first_start(state, reaction):
        return None
    return reaction


def suspects_anaphylaxis(state: SessionState) -> bool:
    """Whether the criteria of anaphylaxis were met at any time in the session's reactions."""
    return any(assessed.criteria for _, assessed in state.emergency.assessed)


def is_anaphylaxis(state: SessionState) -> bool:
    """Whether a person has called it anaphylaxis, or treated it as such."""
    named = any(
        grading.term == "Anaphylaxis"
        for reaction in state.reactions
        if reaction.details is not None
        for grading in reaction.details.gradings
    )
    return named or any(state.emergency.epinephrine(reaction.id) for reaction in state.reactions)
