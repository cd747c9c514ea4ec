"""What the pump did that nobody has explained, and the one line that says what to do now (S7)."""

from __future__ import annotations

from exomonitor.clinical.observations import SlotStatus
from exomonitor.engine.snapshot import SlotView
from exomonitor.session.checklist import Gate
from exomonitor.session.narrative import slot_words
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState
from exomonitor.session.stops import SAID_BEFORE_S, runs_after_recorded_stop, unexplained_stop
from exomonitor.session.timing import Progress
from exomonitor.units import clock_text


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
    return ("rate",) if progress is not None and progress.rate_differs and not explained else ()


def next_line(
    state: SessionState | None, following: SlotView | None, questions: tuple[str, ...], checks: tuple[Gate, ...]
) -> str:
    """One line, what to do now and when: the most urgent that fits."""
    if state is None:
        return "Prepare a session"
    if state.phase is Phase.PREPARE:
        closed = all(gate.closed for gate in checks)
        return "Checks complete: start the infusion" if closed else "Complete the checks, then start"
    if not state.phase.is_open:
        return "Session signed" if state.phase is Phase.SIGNED else "Session closed"
    return _urgent(state, questions) or _set_line(state, following, questions)


def _urgent(state: SessionState, questions: tuple[str, ...]) -> str:
    if state.open_reaction is not None:
        return "Reaction open: look at the patient, then BP"
    if "stopped" in questions:
        return "Pump stopped: say why (F9)"
    if "resumed" in questions:
        return "Pump runs again: record it (F9)"
    if state.product_end is not None and state.flush is None:
        return "Flush the line, then record it (F9)"
    if state.phase is Phase.INFUSE and not any(stretch.runs_product for stretch in state.stretches):
        return "Start the pump"
    return ""


def _set_line(state: SessionState, following: SlotView | None, questions: tuple[str, ...]) -> str:
    if following is None:
        return "All sets done: sign off" if state.phase is Phase.OBSERVE else "Watch the patient"
    words = slot_words(following.slot.key)
    if following.status in {SlotStatus.OVERDUE, SlotStatus.LATE}:
        return f"Set {words} overdue by {clock_text(-following.due_in_s)}"
    if following.status is SlotStatus.DUE:
        return f"Set {words} " + (f"due in {clock_text(following.due_in_s)}" if following.due_in_s > 0 else "due now")
    coming = f"et {words} in {clock_text(following.due_in_s)}"
    return f"Pump rate is not as planned: say why (F9) · s{coming}" if "rate" in questions else f"S{coming}"
