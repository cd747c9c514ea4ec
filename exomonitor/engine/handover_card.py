"""The card that an incoming nurse reads in 15 seconds before taking a patient over: what matters, in nine lines."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical.observations import SlotStatus
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.narrative import slot_words
from exomonitor.session.phases import Phase
from exomonitor.session.state import ObservationDone, Reaction, SessionState
from exomonitor.units import clock_text, rounded

UNKNOWN = "not recorded"
_SHOWN = (("hr", "HR"), ("spo2", "SpO₂"), ("rr", "RR"), ("temp", "T"))


@dataclass(frozen=True, slots=True)
class CardLine:
    """One line: what it is about, what it says, and whether it wants attention."""

    label: str
    words: str
    weighs: bool = False

    @property
    def text(self) -> str:
        """`Given: 24.9 of 100 mL`."""
        return f"{self.label}: {self.words}"


def handover_card(snapshot: Snapshot) -> tuple[CardLine, ...]:
    """The lines for the session in this chair; none where no session is open."""
    state = snapshot.session
    if state is None or not state.phase.is_open:
        return ()
    return (
        _patient(state),
        CardLine("Given", _given(snapshot)),
        CardLine("Left", _left(snapshot)),
        CardLine("Pump", _pump(snapshot)),
        _last_set(snapshot, state),
        _reactions(state),
        _alarms(snapshot),
        CardLine("Next", snapshot.next_line or "nothing is due"),
        _site(state),
    )


def _patient(state: SessionState) -> CardLine:
    patient = state.patient
    if patient is None:
        return CardLine("Allergy", UNKNOWN, weighs=True)
    return CardLine("Allergy", patient.allergies or UNKNOWN, weighs=bool(patient.allergies))


def _given(snapshot: Snapshot) -> str:
    state, progress = snapshot.session, snapshot.progress
    if state is None or progress is None:
        return "not started"
    order = state.order
    volume = UNKNOWN if progress.delivered_ml is None else f"{rounded(progress.delivered_ml, 1)} mL"
    if order is None:
        return volume
    dose = progress.dose_given_billion
    billions = UNKNOWN if dose is None else f"{rounded(dose, 2)}"
    return f"{volume} of {order.volume_ml} mL, {billions} of {order.dose_billion} billion particles"


def _left(snapshot: Snapshot) -> str:
    state, progress = snapshot.session, snapshot.progress
    if state is None or progress is None:
        return UNKNOWN
    if state.product_end is not None:
        return "product has ended" + ("" if state.flush is not None else ", flush not recorded")
    if progress.remaining_ml is None:
        return UNKNOWN
    time_left = f", {clock_text(progress.remaining_s)} to go" if progress.remaining_s is not None else ""
    dose = ""
    if state.order is not None and progress.dose_given_billion is not None:
        dose = f", {rounded(max(Decimal(0), state.order.dose_billion - progress.dose_given_billion), 2)} billion"
    return f"{rounded(progress.remaining_ml, 1)} mL{dose}{time_left}"


def _pump(snapshot: Snapshot) -> str:
    progress = snapshot.progress
    if progress is None or progress.rate_ml_h is None:
        return "no rate known"
    rate = f"{rounded(progress.rate_ml_h, 1)} mL/h" if progress.running else "stands"
    ramp = f", ramp {progress.step} of {progress.steps}" if progress.steps > 1 and progress.running else ""
    return rate + ramp + (", not as planned" if progress.rate_differs else "")


def _last_set(snapshot: Snapshot, state: SessionState) -> CardLine:
    done = max(state.observations.values(), key=lambda one: one.event.observed.utc, default=None)
    if done is None:
        return CardLine("Last set", "none yet", weighs=True)
    late = [s for s in snapshot.slots if s.status in {SlotStatus.OVERDUE, SlotStatus.LATE}]
    behind = f"; {len(late)} overdue" if late else ""
    return CardLine("Last set", _set_words(done, snapshot.now.since(done.event.observed)) + behind, weighs=bool(late))


def _set_words(done: ObservationDone, age_s: float) -> str:
    values = done.event.values
    parts = [f"{name} {values[key].value}" for key, name in _SHOWN if key in values]
    if "nibp_sys" in values and "nibp_dia" in values:
        parts.insert(1, f"BP {values['nibp_sys'].value}/{values['nibp_dia'].value}")
    score = f"NEWS2 {done.event.news2}" if done.event.news2 is not None else "NEWS2 incomplete"
    words = ", ".join([score, *parts])
    return f"{slot_words(done.event.slot)}, {clock_text(max(0.0, age_s))} ago: {words}"


def _reactions(state: SessionState) -> CardLine:
    if not state.reactions:
        return CardLine("Reactions", "none")
    return CardLine("Reactions", "; ".join(_reaction_words(one) for one in state.reactions), weighs=True)


def _reaction_words(reaction: Reaction) -> str:
    grade = reaction.worst_grade
    minute = f"minute {int(reaction.minute)}" if reaction.minute is not None else "before the start"
    now = "OPEN" if reaction.is_open else "handed over, NOT over" if reaction.handed_over is not None else "over"
    return f"{minute}, {'not graded' if grade is None else f'grade {grade}'}, {now}"


def _alarms(snapshot: Snapshot) -> CardLine:
    changed = "; ".join(f"{one.name} {one.limit:g}" for one in snapshot.limits_changed)
    limits = f"LIMITS CHANGED: {changed}" if changed else "limits as in the protocol"
    if not snapshot.alarms:
        return CardLine("Alarms", f"none open, {limits}", weighs=bool(changed))
    texts = "; ".join(alarm.text for alarm in snapshot.alarms[:3])
    more = f"; and {len(snapshot.alarms) - 3} more" if len(snapshot.alarms) > 3 else ""
    told = f"; {limits}" if changed else ""
    return CardLine("Alarms", texts + more + told, weighs=True)


def _site(state: SessionState) -> CardLine:
    line = state.line
    if line is None:
        return CardLine("Site", UNKNOWN, weighs=state.phase is not Phase.PREPARE)
    scored = [one for one in state.observations.values() if one.event.site_score is not None]
    last = max(scored, key=lambda one: one.event.observed.utc, default=None)
    score = f", last score {last.event.site_score}" if last is not None else ""
    words = " ".join(part for part in (line.side, line.site, line.gauge) if part)
    return CardLine("Site", words + score, weighs=last is not None and (last.event.site_score or 0) > 0)
