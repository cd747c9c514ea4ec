"""What happened in a session, by minutes since its start: what the trend marks with a line, a tick or a hatch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from exomonitor.session.narrative import set_words
from exomonitor.session.state import SessionState
from ui.plots.trend_data import minute_of


class MarkKind(StrEnum):
    """LINE goes through all lanes with its words above; TICK stands on the time axis."""

    LINE = "line"
    TICK = "tick"


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
    """Reactions, drugs, the end of the product, absences; sets as ticks. In order of time."""
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
    return sorted((mark for mark in found if mark.minute >= 0), key=lambda mark: mark.minute)


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
