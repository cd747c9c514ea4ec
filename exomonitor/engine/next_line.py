"""What the pump did that nobody has explained, and the one line that says what to do now (S7)."""

from __future__ import annotations

from exomonitor.clinical.observations import SlotStatus
from exomonitor.clock import Instant
from exomonitor.engine.snapshot import SlotView
from exomonitor.session.checklist import Gate
from exomonitor.session.narrative import set_words
from exomonitor.session.phases import Phase
from exomonitor.session.ramp import DueStep, next_step
from exomonitor.session.state import SessionState
from exomonitor.session.stops import SAID_BEFORE_S, runs_after_recorded_stop, unexplained_stop
from exomonitor.session.timing import Progress
from exomonitor.units import clock_text, rounded

STEP_AHEAD_S = 60.0
"""A planned step is announced this long before it is due."""
AT_DEVICES = "(Alt+6)"
"""Stands in the line behind what is done on the page of the devices."""
_SEVERAL = f"Several pumps are on the link: choose the product's pump {AT_DEVICES}"
_LEFT = "The patient has left: sign off"
_RATE = "pump rate is not as planned (F9)"


def open_questions(state: SessionState | None, progress: Progress | None) -> tuple[str, ...]:
    """What the pump did that nobody has explained yet."""
    if state is None or state.phase is not Phase.INFUSE or state.delivery is None:
        return ()
    if state.product_end is not None:
        return ("ended",) if state.flush is None and not state.delivery.runs else ()
    if unexplained_stop(state) is not None:
        return ("stopped",)
    if runs_after_recorded_stop(state):
        return ("resumed",)
    began = state.delivery.began
    explained = any(e.meaning == "rate" and e.when.since(began) >= -SAID_BEFORE_S for _, e in state.meanings)
    if progress is None or not progress.rate_differs or explained:
        return ()
    # A planned step that is due has its own line: the pump still runs as the step before.
    return () if _step_due(state, progress) is not None else ("rate",)


def cable_line(changed: str, missing: str, *, moved: bool = True, unchosen: bool = False) -> str:
    """`changed`: the role in which another device than the bound one is on the cable; `missing`: the channel of the
    product's pump, which is not on the link, and whether it may have `moved` to another one. `unchosen`: several are
    on the link, and nobody has said which one is the product's. "" = nothing of it."""
    if changed:
        return f"{changed.capitalize()} changed: confirm patient and {changed} {AT_DEVICES}"
    if unchosen:
        return _SEVERAL
    todo = f"choose the product's pump {AT_DEVICES}" if moved else "look at the pump"
    return f"Pump {missing} is not on the link: {todo}" if missing else ""


def next_line(
    state: SessionState | None,
    following: SlotView | None,
    questions: tuple[str, ...],
    checks: tuple[Gate, ...],
    progress: Progress | None = None,
    now: Instant | None = None,
    cable: str = "",
    asked: str = "",
) -> str:
    """One line, what to do now and when: the most urgent that fits. `cable`: what to do because other devices than the
    session's are on the cable (cable_line); `asked`: why another pressure is wanted now."""
    if state is None:
        return "Prepare a session"
    if cable and state.phase.is_open and state.open_reaction is None:
        pressing = _pressing(state, following, questions, progress, now, asked, unchosen=cable == _SEVERAL)
        return _with_rate(" · ".join(one for one in (cable, pressing) if one), questions)
    if state.phase is Phase.PREPARE:
        closed = all(gate.closed for gate in checks)
        return "Checks complete: start the infusion" if closed else "Complete the checks, then start"
    if not state.phase.is_open:
        return "Session signed" if state.phase is Phase.SIGNED else "Session closed"
    if state.is_emergency:
        return _emergency_line(state)
    if state.leaving.left is not None:
        names = _names(state)
        return f"The patient has left: {names[0].lower() + names[1:]}, then sign off" if names else _LEFT
    return _urgent(state, questions) or _with_rate(
        _beside_line(state, following, now)
        or _asked_and_step(asked, state, following, progress)
        or _names_line(state, following)
        or _set_line(state, following, questions),
        questions,
    )


def _pressing(
    state: SessionState,
    following: SlotView | None,
    questions: tuple[str, ...],
    progress: Progress | None,
    now: Instant | None,
    asked: str,
    *,
    unchosen: bool,
) -> str:
    """What devices on the cable must not hide: all that has to be done by now; "" where there is time."""
    if state.phase not in {Phase.INFUSE, Phase.OBSERVE} or state.leaving.left is not None:
        return ""
    is_due = following is not None and following.status.is_waiting and following.due_in_s <= 0
    return (
        _urgent(state, questions, unchosen=unchosen)
        or _beside_line(state, following, now)
        or _asked_and_step(asked, state, following, progress)
        or (_set_line(state, following, ()) if is_due else "")
    )


def _asked_and_step(asked: str, state: SessionState, following: SlotView | None, progress: Progress | None) -> str:
    """A pressure that is asked for, and the step that is due: a heart that stays fast must not hide the ramp."""
    waits = following is not None and following.status.is_waiting  # a set brings its own pressure
    return " · ".join(one for one in ("" if waits else asked, step_line(state, following, progress)) if one)


def _with_rate(line: str, questions: tuple[str, ...]) -> str:
    """A wrong rate is told beside whatever else is to be done: the key beneath is the one that answers it."""
    return f"{line} · {_RATE}" if "rate" in questions and _RATE.partition(" (")[0] not in line.lower() else line


def _emergency_line(state: SessionState) -> str:
    """The patient first; whose it was and who did what when that is over."""
    if state.open_reaction is not None:
        return "Emergency: look at the patient, then BP"
    if state.emergency_record.whose is None:
        return "Say whose emergency it was"
    return _names(state).removesuffix(" (F7)") or "Sign off"


def _names_line(state: SessionState, following: SlotView | None) -> str:
    """What was done without a sign-in gets its names when no set is due, and the patient waits for nothing; ""
    otherwise."""
    if following is None:
        return "" if state.phase is Phase.OBSERVE else _names(state)
    return _names(state) if following.status is SlotStatus.PLANNED else ""


def _names(state: SessionState) -> str:
    waiting = len(state.emergency.unattributed)
    return f"Say who made {waiting} {'entry' if waiting == 1 else 'entries'} without a name (F7)" if waiting else ""


def step_line(state: SessionState, following: SlotView | None, progress: Progress | None) -> str:
    """The planned step that is due now or within a minute, with the rate to set at the pump; "" otherwise."""
    step = next_step(state, progress.infusing_s) if progress is not None else None
    if step is None or step.due_in_s > STEP_AHEAD_S:
        return ""
    rate = f"{rounded(step.rate_ml_h, 1)} mL/h at the pump"
    if following is not None and following.status.is_waiting and following.due_in_s < STEP_AHEAD_S:
        return f"{set_words(following.slot.key)}, then ramp {step.number} of {step.of}: {rate}"
    if step.due_in_s > 0:
        return f"Ramp {step.number} of {step.of} in {clock_text(step.due_in_s)}: {rate}"
    return f"Ramp {step.number} of {step.of}: set {rate}"


def _step_due(state: SessionState, progress: Progress) -> DueStep | None:
    step = next_step(state, progress.infusing_s)
    return step if step is not None and step.due_in_s <= 0 else None


def _beside_line(state: SessionState, following: SlotView | None, now: Instant | None) -> str:
    """A patient who is away, or has just come back."""
    away = state.care.away
    if away is not None and now is not None:
        return f"Patient away {clock_text(now.since(away.began))}: on return line, site, sensors, one set (F10)"
    if following is not None and following.slot.key.startswith("return") and following.status.is_waiting:
        return "Patient back: line, site, sensors, then one set"
    return ""


def _urgent(state: SessionState, questions: tuple[str, ...], *, unchosen: bool = False) -> str:
    """`unchosen`: nobody knows whether the product's pump runs, so nobody is told to start one."""
    if state.open_reaction is not None:
        return "Reaction open: look at the patient, then BP"
    if "stopped" in questions:
        return "Pump stopped: say why (F9)"
    if "resumed" in questions:
        return "Pump runs again: record it (F9)"
    if state.product_end is not None and state.flush is None:
        return "Flush the line, then record it (F9)"
    if state.phase is Phase.INFUSE and not unchosen and not any(stretch.runs_product for stretch in state.stretches):
        return "Start the pump"
    return ""


def _set_line(state: SessionState, following: SlotView | None, questions: tuple[str, ...]) -> str:
    if following is None:
        return "All sets done: IV out, then discharge (F9)" if state.phase is Phase.OBSERVE else "Watch the patient"
    words = set_words(following.slot.key)
    if following.status in {SlotStatus.OVERDUE, SlotStatus.LATE}:
        return f"{words} overdue by {clock_text(-following.due_in_s)}"
    if following.status is SlotStatus.DUE:
        return f"{words} " + (f"due in {clock_text(following.due_in_s)}" if following.due_in_s > 0 else "due now")
    wait = clock_text(following.due_in_s)
    if "rate" in questions:
        return f"Pump rate is not as planned: say why (F9) · {set_words(following.slot.key, inside=True)} in {wait}"
    return f"{words} in {wait}"
