"""NEWS2 of the last completed set: the single-parameter rule first, the score before it, the age of its inputs.

Only what was entered in a set counts: never a live value, and so never a live RR from impedance.
"""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.alarms.catalogue import Category, category_of
from exomonitor.alarms.manager import AlarmView
from exomonitor.alarms.policy import AlarmState
from exomonitor.clinical.hemodynamics import HemodynamicsTable
from exomonitor.clinical.news2 import RED_LINE, Band, News2
from exomonitor.clinical.observations import BASELINE
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.plan import Patient
from exomonitor.session.scoring import INPUTS, rules_of, score_of, set_indices
from exomonitor.session.state import ObservationDone
from exomonitor.units import shown_unit
from ui.presenters.words import UNKNOWN, age, hm, join, signed

_INPUTS = tuple(INPUTS.values())


@dataclass(frozen=True, slots=True)
class News2View:
    """score: the total, or two dashes. rule: what it asks for, in bold; urgent: the single-parameter rule holds."""

    score: str
    rule: str
    note: str
    before: str = ""
    urgent: bool = False
    parts: str = ""
    age: str = ""
    """Of the oldest input, as it stands in the note."""
    past: bool = False
    """A score that reassured, and that the patient may have left behind: it is said as past and never as low risk."""


LABELS = {"rr": "RR", "spo2": "SpO₂", "o2": "O₂", "sbp": "SBP", "hr": "HR", "c": "ACVPU", "temp": "Temp"}
"""The seven parts in the order of the chart, as the ward calls them."""


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of the score: what was seen, where it comes from with its age, and its points (two dashes = none)."""

    name: str
    seen: str
    source: str
    points: str
    single: bool = False


def parts_words(score: News2) -> str:
    """`RR 2, SpO₂ 1, O₂ 0, SBP 1, HR 1, ACVPU 0, Temp --`: every part with its points."""
    return ", ".join(f"{LABELS[name]} {UNKNOWN if n is None else n}" for name, n in score.parts.items())


def part_rows(snapshot: Snapshot) -> tuple[PartRow, ...]:
    """The parts of the newest set, one row each; empty while there is no set."""
    done = _sets(snapshot)
    if not done or snapshot.session is None:
        return ()
    event = done[-1].event
    score = score_of(event, snapshot.session.patient)
    rows = []
    for name, points in score.parts.items():
        one = event.values.get(INPUTS.get(name, ""))
        if name == "o2":
            flow = f" {event.oxygen_l_min} L/min" if event.oxygen_l_min is not None else ""
            seen = UNKNOWN if event.on_oxygen is None else f"on oxygen{flow}" if event.on_oxygen else "room air"
            source = "as the set before" if event.oxygen_carried else "asked"
        elif name == "c":
            seen, source = event.consciousness or UNKNOWN, "asked"
        elif one is None:
            seen, source = UNKNOWN, event.not_taken.get(INPUTS[name], "not taken").replace("_", " ")
        else:
            seen = f"{one.value} {shown_unit(one.unit)}"
            source = join(one.source, f"{age(one.age_s)} old" if one.age_s else "")
            source += ": too old to count" if one.age_s > event.value_counts_s else ""
        rows.append(PartRow(LABELS[name], seen, source, UNKNOWN if points is None else str(points), points == 3))
    return tuple(rows)


def remarks(snapshot: Snapshot, table: HemodynamicsTable | None = None) -> tuple[str, ...]:
    """What belongs to the score: the scale, the change from the baseline, mean pressure and shock index."""
    done = _sets(snapshot)
    if not done or snapshot.session is None:
        return ()
    event, patient = done[-1].event, snapshot.session.patient
    rules = rules_of(patient, event.observed.utc)
    scale = event.news2_scale or rules.scale
    said = [f"SpO₂ scale {scale}" + (" (88-92 % prescribed)" if scale == 2 else "")]
    base = baseline_words(snapshot)
    found = set_indices(event.values, table, beta_blocker=bool(patient is not None and patient.beta_blocker))
    return tuple(part for part in (*said, base, found.text if found is not None else "") if part)


def baseline_words(snapshot: Snapshot) -> str:
    """`baseline 0, +6: RISE`: how the newest score stands to the patient's own."""
    session, done = snapshot.session, _sets(snapshot)
    base = session.observations.get(BASELINE) if session is not None else None
    if session is None or base is None or not done or done[-1] is base:
        return ""
    own, now = score_of(base.event, session.patient).total, score_of(done[-1].event, session.patient).total
    if own is None or now is None:
        return ""
    return f"baseline {own}, {signed(now - own)}" + (": RISE" if now - own >= snapshot.schedule.score_rise else "")


def _sets(snapshot: Snapshot) -> list[ObservationDone]:
    session = snapshot.session
    return sorted(session.observations.values(), key=lambda one: one.event.observed.utc) if session is not None else []


def news2_view(snapshot: Snapshot) -> News2View:
    """What the last completed set says."""
    session, done = snapshot.session, _sets(snapshot)
    if not done or session is None:
        return News2View(UNKNOWN, "no set yet", "")
    last = done[-1]
    scored = score_of(last.event, session.patient)
    if scored.not_applicable:
        return News2View(UNKNOWN, f"not applicable: {scored.not_applicable}", f"set {hm(last.event.observed)}")
    aged = _oldest_s(last) + snapshot.now.since(last.event.observed)
    old = age(aged)
    note = join(f"set {hm(last.event.observed)}", f"inputs {old} old", baseline_words(snapshot))
    before, parts = _before(done[:-1], scored, session.patient), parts_words(scored)
    if scored.total is None or scored.band is None:
        known = f"incomplete ({scored.given} of 7)"
        least = f"at least {scored.at_least}" if scored.at_least else ""
        rule = RED_LINE if scored.red else join(known, least)
        return News2View(
            UNKNOWN, rule, join(known, least, note) if scored.red else note, before, scored.red, parts, old
        )
    if scored.band is Band.LOW and (not_now(snapshot) or _runs_out(snapshot, aged)):
        note = join(f"inputs {old} old", baseline_words(snapshot))
        return News2View(
            str(scored.total), f"last set {hm(last.event.observed)}", note, before, parts=parts, age=old, past=True
        )
    rule = RED_LINE if scored.red else f"{scored.band} risk"
    return News2View(str(scored.total), rule, note, before, scored.red, parts, old)


def not_now(snapshot: Snapshot) -> bool:
    """Whether a score of the last set may no longer reassure: an alarm about the patient stands (seen or not), a
    reaction is open, or the next set is due and nobody has taken it."""
    session, coming = snapshot.session, snapshot.next_slot
    reacting = session is not None and session.open_reaction is not None
    waited_for = coming is not None and coming.status.is_waiting and coming.due_in_s <= 0
    return reacting or waited_for or any(_about_the_patient(alarm) for alarm in snapshot.alarms)


def _runs_out(snapshot: Snapshot, aged_s: float) -> bool:
    """Whether no other set follows and the inputs are too old to count for a score that is taken now."""
    return snapshot.next_slot is None and aged_s > snapshot.schedule.value_counts_s


def _about_the_patient(alarm: AlarmView) -> bool:
    if alarm.state is AlarmState.LATCHED:
        return False
    relayed = alarm.key.startswith("relayed:") and not alarm.key.startswith("relayed:pump")
    return relayed or category_of(alarm.key) is Category.PHYSIOLOGICAL


def _oldest_s(done: ObservationDone) -> float:
    return max((done.event.values[name].age_s for name in _INPUTS if name in done.event.values), default=0.0)


def _before(earlier: list[ObservationDone], now: News2, patient: Patient | None) -> str:
    """`was 0 at 14:19 ▲`: the last total before this one, and which way it went."""
    for done in reversed(earlier):
        total = score_of(done.event, patient).total
        if total is None:
            continue
        words = f"was {total} at {hm(done.event.observed)}"
        if now.total is None:
            return words
        arrow = "▲" if now.total > total else "▼" if now.total < total else "="
        return f"{words} {arrow}"
    return ""
