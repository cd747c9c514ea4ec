"""What to do now and when, what the pump did that nobody explained, and how the sets stand."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.clinical.observations import SlotStatus
from exomonitor.engine.next_line import AT_DEVICES
from exomonitor.engine.snapshot import SlotView, Snapshot
from exomonitor.session.late import entry_line
from exomonitor.session.narrative import set_words
from exomonitor.session.not_certain import MISSED_OR_LOST
from exomonitor.session.phases import Phase
from exomonitor.session.ramp import seen_step
from exomonitor.signals.vitals import Sign
from exomonitor.units import clock_text, rounded
from ui.presenters.emergency import unnamed_words
from ui.presenters.handover import cover_reminder
from ui.presenters.stages import sets_of
from ui.presenters.words import hm, hms, join

QUESTIONS = {
    "stopped": "The pump has stopped. What was it?",
    "rate": "The pump's rate has changed. What was it?",
    "ended": "The pump says it is finished. Is the bag empty?",
    "resumed": "The pump runs again. What was it?",
}


@dataclass(frozen=True, slots=True)
class NextView:
    """line: the largest text after the vitals. action: the key the card offers: set, pump, flush, back, leave, sign,
    devices."""

    line: str
    below: str
    action: str
    action_text: str
    urgent: bool = False


def next_step(snapshot: Snapshot) -> NextView:
    """The NEXT card: an unexplained pump first, then the flush, then the next set, then the signature."""
    session = snapshot.session
    if session is None:
        return NextView("Prepare a session", "", "", "")
    sets = _sets_words(snapshot)
    # What presses beside it has the key: a set is touched nowhere else, the devices are in the list at the left.
    if snapshot.next_line.endswith(AT_DEVICES):
        below = join(cover_reminder(snapshot), _set_line(snapshot.next_slot), _step_words(snapshot), sets)
        patient = _patient_first(snapshot)  # what is asked for then is a pressure, and the devices wait
        action, words = ("set", "Record a set") if patient else ("devices", "Devices")
        return NextView(patient + snapshot.next_line, below, action, words)
    if session.product_end is not None and session.flush is None:
        return NextView(
            snapshot.next_line or "Flush the line, then record it", join(_set_line(snapshot.next_slot), sets),
            "flush", "Record the flush",
        )  # fmt: skip
    if snapshot.questions:
        line = _patient_first(snapshot) + (snapshot.next_line or QUESTIONS.get(snapshot.questions[0], ""))
        return NextView(line, join(_set_line(snapshot.next_slot), sets), "pump", "Say what it was", urgent=True)
    coming = snapshot.next_slot
    if session.care.away is not None:
        return NextView(snapshot.next_line or "Patient away", join(_set_line(coming), sets), "back", "Patient is back")
    if session.leaving.left is not None:
        return NextView(snapshot.next_line or "The patient has left: sign off", sets, "sign", "Sign off")
    asked = _asks_for_pressure(snapshot)
    if coming is None and session.phase is Phase.OBSERVE and not asked and session.open_reaction is None:
        nobody = unnamed_words(session)
        below = join(sets, f"then F7: {nobody}" if nobody else "")
        return NextView(snapshot.next_line or "All sets are closed: IV out", below, "leave", "IV out, discharge")
    line = _patient_first(snapshot) + (snapshot.next_line or _set_line(coming) or "Watch the patient")
    urgent = coming is not None and coming.status in {SlotStatus.OVERDUE, SlotStatus.LATE}
    below = join(cover_reminder(snapshot), _set_line(coming) if asked else "", _step_words(snapshot), sets)
    return NextView(line, below, "set", "Record a set", urgent)


def _asks_for_pressure(snapshot: Snapshot) -> bool:
    """Whether the line says that another pressure is wanted."""
    return bool(snapshot.pressure_asked) and snapshot.pressure_asked in snapshot.next_line


def _step_words(snapshot: Snapshot) -> str:
    """A planned step that the pump has just taken."""
    seen = seen_step(snapshot.session, snapshot.now) if snapshot.session is not None else None
    return f"Ramp {seen.number} of {seen.of} seen: {rounded(seen.rate_ml_h, 1)} mL/h" if seen is not None else ""


def _patient_first(snapshot: Snapshot) -> str:
    """While a vital sign alarms, the patient comes before everything else that is to be done."""
    signs = tuple(f"{sign.value}_" for sign in Sign)
    urgent = any(
        a.state is AlarmState.ACTIVE and a.priority >= Priority.MEDIUM and a.key.startswith(signs)
        for a in snapshot.alarms
    )
    reacting = snapshot.session is not None and snapshot.session.open_reaction is not None
    if not urgent or reacting:
        return ""
    return "Look at the patient · " if _asks_for_pressure(snapshot) else "Look at the patient, then BP · "


def _set_line(coming: SlotView | None) -> str:
    if coming is None:
        return ""
    words = set_words(coming.slot.key, inside=True)
    if coming.status is SlotStatus.DUE:
        return f"{words} is due now"
    if coming.status.is_waiting:
        return f"{words} is OVERDUE {clock_text(coming.due_in_s)}"
    at = f" at {hm(coming.due_at)}" if coming.due_at is not None else ""
    return f"{words} in {clock_text(coming.due_in_s)}{at}"


def _sets_words(snapshot: Snapshot) -> str:
    done = sum(1 for s in snapshot.slots if s.status in {SlotStatus.DONE, SlotStatus.DONE_LATE})
    missed = sum(1 for s in snapshot.slots if s.status is SlotStatus.MISSED)
    past = sum(1 for s in snapshot.slots if s.status is not SlotStatus.PLANNED)
    lost = snapshot.session.lost if snapshot.session is not None else 0
    words = ("at least " * bool(lost) + f"{sets_of(done, past)} done") if past else ""
    return join(words, f"{missed} {MISSED_OR_LOST if lost else 'missed'}" if missed else "")


def log_lines(snapshot: Snapshot, most: int) -> tuple[tuple[str, str], ...]:
    """(time, sentence) of the newest entries, newest first."""
    lines = []
    session = snapshot.session
    voided = session.corrections.voided if session is not None else {}
    after_s = session.late_entry_s if session is not None else snapshot.schedule.late_entry_s
    for entry in reversed(snapshot.log):
        text = entry_line(entry, voided, after_s)
        if text:
            lines.append((hms(entry.at), text))
        if len(lines) == most:
            break
    return tuple(lines)
