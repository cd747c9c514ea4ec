"""Where a running infusion stands in its planned ramp: which step runs, which is due next, which raises were seen."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical import dosing
from exomonitor.clinical.extra_sets import StepUp
from exomonitor.clinical.rates import RatePlan
from exomonitor.clock import Instant
from exomonitor.session.state import SessionState, Stretch
from exomonitor.session.timing import since_start

LEAVES_PLAN = frozenset({"slowed", "prescriber", "correction"})
"""Reasons for a rate that the plan does not have: from then on no step is asked for."""
SEEN_S = 90.0


@dataclass(frozen=True, slots=True)
class DueStep:
    """The next planned step: its number of how many, the rate to set (mL/h), and in how many seconds it is due
    (negative = overdue)."""

    number: int
    of: int
    rate_ml_h: float
    due_in_s: float


def next_step(state: SessionState, infusing_s: float) -> DueStep | None:
    """The step that the plan has next after so many seconds of infusing, while the pump runs as planned; None when
    there is none or the plan was left."""
    plan, stretch = _plan(state), state.delivery
    if plan is None or stretch is None or not stretch.runs_product or state.product_end is not None:
        return None
    if left_plan(state):
        return None
    runs = step_of(plan, stretch.rate_ml_h)
    if runs is None or runs == len(plan.steps):
        return None
    step = plan.steps[runs]
    due_in_s = float(step.start_min) * 60 - infusing_s
    return DueStep(runs + 1, len(plan.steps), float(step.rate_ml_h), due_in_s)


def seen_step(state: SessionState, now: Instant) -> DueStep | None:
    """The planned step that the pump has just been seen to take; None a while later."""
    plan, stretch = _plan(state), state.delivery
    if plan is None or stretch is None or not stretch.runs_product or now.since(stretch.began) > SEEN_S:
        return None
    number = step_of(plan, stretch.rate_ml_h)
    taken = {one.number: one.at_s for one in raises(state)}
    if number is None or taken.get(number) != since_start(state, stretch.began):
        return None
    return DueStep(number, len(plan.steps), stretch.rate_ml_h, 0.0)


def left_plan(state: SessionState) -> bool:
    """Whether the ramp no longer holds: after a reaction, or when the nurse has said that the rate is another."""
    said = [e.why for _, e in state.meanings if e.meaning == "rate"]
    return bool(state.reactions) or (bool(said) and said[-1] in LEAVES_PLAN)


def step_of(plan: RatePlan, rate_ml_h: float) -> int | None:
    """Which step of the plan this rate is, counted from 1; None when it is none of them."""
    rate = Decimal(str(rate_ml_h))
    near = [n for n, step in enumerate(plan.steps, 1) if not dosing.rate_differs(rate, step.rate_ml_h)]
    return min(near, key=lambda n: abs(plan.steps[n - 1].rate_ml_h - rate)) if near else None


def raises(state: SessionState) -> tuple[StepUp, ...]:
    """Every time the running rate was raised, in seconds since the start; a step of the plan counts once."""
    plan = _plan(state)
    found: list[StepUp] = []
    taken: set[int] = set()
    before: Stretch | None = None
    for stretch in state.stretches:
        if not stretch.runs_product or _after_end(state, stretch):
            continue
        if before is not None and _is_raise(before.rate_ml_h, stretch.rate_ml_h):
            number = step_of(plan, stretch.rate_ml_h) if plan is not None and len(plan.steps) > 1 else None
            if number is not None and (number == 1 or number in taken):
                number = None
            taken |= {number} if number is not None else set()
            other = sum(1 for one in found if not one.number) + 1
            key = f"step{number}" if number is not None else f"raise{other}"
            found.append(StepUp(key, since_start(state, stretch.began) or 0.0, number or 0))
        before = stretch
    return tuple(found)


def _plan(state: SessionState) -> RatePlan | None:
    return state.order.rate_plan() if state.order is not None and state.order.ramp else None


def _is_raise(before: float, after: float) -> bool:
    return after > before and dosing.rate_differs(Decimal(str(after)), Decimal(str(before)))


def _after_end(state: SessionState, stretch: Stretch) -> bool:
    return state.product_end is not None and stretch.began.since(state.product_end.when) >= 0
