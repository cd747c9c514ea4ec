"""The observation sets of one session: the clinic's schedule laid over what has happened."""

from __future__ import annotations

from exomonitor.clinical.observations import MIN, ObservationSchedule, SlotState, evaluate, slots
from exomonitor.clock import Instant
from exomonitor.session.happenings import happened
from exomonitor.session.parts.leaving_events import TRANSFERRED
from exomonitor.session.state import SessionState
from exomonitor.session.timing import since_start

EXTENDED_FROM_GRADE = 2
"""A reaction of this CTCAE grade or more asks for the longer watch."""


def is_extended(state: SessionState) -> bool:
    """Whether the longer watch applies: a first dose, or a reaction of grade 2 or more."""
    grades = [r.details.grade for r in state.reactions if r.details is not None and r.details.grade is not None]
    first = state.order is not None and state.order.first_dose
    return first or any(grade >= EXTENDED_FROM_GRADE for grade in grades)


def slot_states(state: SessionState, at: Instant, schedule: ObservationSchedule) -> tuple[SlotState, ...]:
    """Every set that the session asks for until `at`, with how it stands; once closed, what was not done is missed.

    What would have been due after somebody else took the patient over is not asked for."""
    if state.is_emergency:  # no infusion, no schedule
        return ()
    at_s = since_start(state, at)
    wanted = slots(
        schedule,
        now_s=at_s,
        product_end_s=since_start(state, state.product_end.when) if state.product_end is not None else None,
        end_s=since_start(state, state.end) if state.end is not None else None,
        planned_end_s=float(state.order.minutes) * MIN if state.order is not None else None,
        extended=is_extended(state),
        happened=happened(state, at, schedule),
    )
    done = {key: since_start(state, one.event.observed) or 0.0 for key, one in state.observations.items()}
    taken_s = _taken_over_s(state)
    if taken_s is not None:
        wanted = tuple(slot for slot in wanted if slot.due_s <= taken_s or slot.key in done)
    return evaluate(wanted, at_s, done, state.missed, closed=not state.phase.is_open or state.leaving.left is not None)


def _taken_over_s(state: SessionState) -> float | None:
    """The second since the start at which the patient was transferred."""
    left = state.leaving.left
    return since_start(state, left.event.when) if left is not None and left.event.kind == TRANSFERRED else None
