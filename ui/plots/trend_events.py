"""What happened in a session, by minutes since its start: what the trend marks with a line, a tick or a hatch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.session.events import NoteAdded
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.session.narrative import set_words
from exomonitor.session.state import SessionState
from exomonitor.session.voiding import left
from ui.plots.trend_data import minute_of


class MarkKind(StrEnum):
    """LINE goes through all lanes with its words above; TICK stands on the time axis; the others stand with their sign
    in a row of their own above the lanes."""

    LINE = "line"
    TICK = "tick"
    ALARM = "alarm"
    SITE = "site"
    CONTAINER = "container"
    NOTE = "note"


SIGNS = {MarkKind.ALARM: "▲", MarkKind.SITE: "◆", MarkKind.CONTAINER: "■", MarkKind.NOTE: "✎"}
"""What stands for an event that has no line, in the order of their weight."""
_CALLED = {MarkKind.ALARM: "alarm", MarkKind.SITE: "line, site", MarkKind.CONTAINER: "bag", MarkKind.NOTE: "note"}
_RAISED_FROM = frozenset({AlarmState.NORMAL, AlarmState.PENDING, AlarmState.LATCHED})
_MOST_WORDS = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """One event. words: what it is called, also beside the cursor."""

    minute: float
    words: str
    kind: MarkKind = MarkKind.LINE


@dataclass(frozen=True, slots=True)
class GapSeen:
    """A time without data, of the pump or of the monitor."""

    begins: float
    ends: float
    of_pump: bool


def session_marks(state: SessionState) -> list[Mark]:
    """Reactions, drugs, the end of the product, absences; sets as ticks; alarms, line and site, containers and notes by
    their signs. In order of time."""
    found: list[Mark] = []
    for reaction in state.reactions:
        grade = reaction.details.grade if reaction.details is not None else None
        words = "✚ Reaction" + (f" grade {grade}" if grade is not None else "")
        _note(found, minute_of(state, reaction.when), words)
    for drug in state.emergency.drugs:
        if drug.why_void:
            continue
        given = drug.event
        _note(found, minute_of(state, given.when), f"{given.drug.capitalize()} {given.dose} {given.unit}")
    for away in state.care.aways:
        _note(found, minute_of(state, away.began), "Patient away")
    if state.product_end is not None:
        complete = state.product_end.outcome == "complete"
        _note(found, minute_of(state, state.product_end.when), "Product complete" if complete else "Product stopped")
    for slot, done in state.observations.items():
        _note(found, minute_of(state, done.event.observed), set_words(slot), MarkKind.TICK)
    _signs(found, state)
    return sorted((mark for mark in found if mark.minute >= 0), key=lambda mark: mark.minute)


def _signs(found: list[Mark], state: SessionState) -> None:
    for access in state.care.accesses[1:]:
        _note(found, minute_of(state, access.since), f"New line: {access.side} {access.site}", MarkKind.SITE)
    for problem in state.care.problems:
        _note(found, minute_of(state, problem.when), "Site problem", MarkKind.SITE)
    for container in state.supply.containers:
        _note(found, minute_of(state, container.when), f"Bag changed: lot {container.product.lot}", MarkKind.CONTAINER)
    entries = left(state.history, state.corrections.voided)
    replaced = {entry.event.supersedes for entry in entries if isinstance(entry.event, NoteAdded)}
    for entry in entries:
        event = entry.event
        if isinstance(event, AlarmChanged) and event.to_state == AlarmState.ACTIVE:
            if event.from_state in _RAISED_FROM:
                marks = Priority[event.priority.upper()].marks
                _note(found, minute_of(state, entry.at), f"▲ {marks} {event.text}", MarkKind.ALARM)
        elif isinstance(event, NoteAdded) and entry.seq not in replaced:
            words = event.text if len(event.text) <= _MOST_WORDS else f"{event.text[: _MOST_WORDS - 1]}…"
            _note(found, minute_of(state, entry.at), f"Note: {words}", MarkKind.NOTE)


def legend(marks: Iterable[Mark], *, by_hand: bool) -> str:
    """What lines, rings and signs stand for, of those that there are."""
    kinds = {mark.kind for mark in marks}
    said = ["plan dashed, limits dotted", *(("○ by hand",) if by_hand else ())]
    return "  ".join([*said, *(f"{sign} {_CALLED[kind]}" for kind, sign in SIGNS.items() if kind in kinds)])


def session_gaps(state: SessionState) -> list[GapSeen]:
    """Times without valid frames."""
    found = []
    for gap in state.gaps:
        begins, ends = minute_of(state, gap.began), minute_of(state, gap.ended)
        if begins is not None and ends is not None:
            found.append(GapSeen(max(0.0, begins), ends, "pump" in gap.source))
    return found


def _note(found: list[Mark], minute: float | None, words: str, kind: MarkKind = MarkKind.LINE) -> None:
    if minute is not None:
        found.append(Mark(minute, words, kind))
