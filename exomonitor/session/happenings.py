"""What has happened in a session that asks for more observation sets: restarts, steps, reactions, returns."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.clinical.extra_sets import Happened, ReactionSpan, StepUp
from exomonitor.clinical.observations import MIN, ObservationSchedule
from exomonitor.clock import Instant
from exomonitor.session.ramp import next_step, raises
from exomonitor.session.recent import Recent
from exomonitor.session.scoring import is_calm
from exomonitor.session.state import Reaction, SessionState
from exomonitor.session.timing import infusing_seconds, since_start

_RECENT: Recent[Happened] = Recent()


def happened(state: SessionState, at: Instant, schedule: ObservationSchedule) -> Happened:
    """Everything of that kind until `at`; nothing before the start."""
    if state.started is None:
        return Happened()
    # Asked for every second, while the state stays the same for minutes: only what is planned depends on the time.
    known = _RECENT.answer(state, schedule, lambda: _happened(state, schedule))
    return replace(known, steps=(*known.steps, *_planned(state, at)))


def _happened(state: SessionState, schedule: ObservationSchedule) -> Happened:
    started = state.started
    if started is None:
        return Happened()
    return Happened(
        tuple(one.since(started) for one in restarts(state, schedule.restart_after_pause_min * MIN)),
        raises(state),
        tuple(_span(state, one, schedule) for one in state.reactions),
        tuple(away.ended.since(started) for away in state.care.aways if away.ended is not None),
    )


def restarts(state: SessionState, long_s: float) -> tuple[Instant, ...]:
    """When product ran again after it had stood for longer than `long_s`, or after a reaction had come up."""
    found: list[Instant] = []
    ran_from: Instant | None = None
    stood_from: Instant | None = None
    for stretch in state.stretches:
        if state.product_end is not None and stretch.began.since(state.product_end.when) >= 0:
            break
        if not stretch.runs_product:
            stood_from = stood_from or (stretch.began if ran_from is not None else None)
            continue
        if ran_from is not None and stood_from is not None:
            long = stretch.began.since(stood_from) > long_s
            if long or _reacted(state, ran_from, stretch.began):
                found.append(stretch.began)
            ran_from = stretch.began
        ran_from, stood_from = ran_from or stretch.began, None
    return tuple(found)


def _reacted(state: SessionState, ran_from: Instant, again: Instant) -> bool:
    """Whether a reaction came up in the running or the standing before this restart, or is open at it."""
    for reaction in state.reactions:
        earlier = again.since(reaction.when) > 0
        is_open = reaction.closed is None or reaction.closed.since(again) > 0
        if earlier and (is_open or reaction.when.since(ran_from) >= 0):
            return True
    return False


def _planned(state: SessionState, at: Instant) -> tuple[StepUp, ...]:
    coming = next_step(state, infusing_seconds(state, at))
    at_s = since_start(state, at)
    if coming is None or at_s is None:
        return ()
    return (StepUp(f"step{coming.number}", at_s + max(0.0, coming.due_in_s), coming.number, is_done=False),)


def _span(state: SessionState, reaction: Reaction, schedule: ObservationSchedule) -> ReactionSpan:
    began_s = since_start(state, reaction.when) or 0.0
    ends = [end for end in (reaction.closed, _calm_since(state, reaction, schedule)) if end is not None]
    until = min((since_start(state, end) or 0.0 for end in ends), default=None)
    return ReactionSpan(reaction.id, began_s, until)


def _calm_since(state: SessionState, reaction: Reaction, schedule: ObservationSchedule) -> Instant | None:
    """When the last of so many stable sets in a row was observed, with the reaction of a low grade by now."""
    told = reaction.details
    grade = None if told is None else told.worst_grade if told.present_grade is None else told.present_grade
    if grade is None or grade > schedule.reaction_calm_grade:
        return None
    after = [one.event for one in state.observations.values() if one.event.observed.since(reaction.when) > 0]
    in_a_row = 0
    for event in sorted(after, key=lambda one: one.observed.utc):
        in_a_row = in_a_row + 1 if is_calm(event, state.patient) else 0
        if in_a_row == schedule.reaction_calm_sets:
            return event.observed
    return None
