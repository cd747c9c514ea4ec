"""The figures of one session, computed once: the command line, the report and session.json all print these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exomonitor.clinical.dosing import residual_percent
from exomonitor.clinical.observations import (
    CheckCounts,
    SlotState,
    SlotStatus,
    count_checks,
)
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.session.narrative import slot_words
from exomonitor.session.phases import Phase
from exomonitor.session.schedule import slot_states
from exomonitor.session.state import SessionState
from exomonitor.session.timing import Progress, progress
from exomonitor.units import rounded

COMPLETE = "Complete"
SHORT_OF_PLAN = 0.95
"""Less than this part of the ordered volume is not the ordered dose, whatever the pump calls the end."""


@dataclass(frozen=True, slots=True)
class GapFigure:
    """A time without valid frames from a source (s, to 0.1)."""

    source: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures as they are printed: mL to 0.1, minutes to 0.01. None = not known, never zero.

    They hold at `as_of`, the session's last entry: the same record gives the same figures whenever it is read.
    """

    study_id: str
    simulated: bool
    phase: str
    as_of: Instant
    planned_ml: float | None
    delivered_ml: float | None
    delivered_by: str
    dose_given_billion: float | None
    infusing_min: float
    paused_min: float
    elapsed_min: float
    reactions: int
    checks: CheckCounts
    alarms: int
    alarms_by_priority: Mapping[str, int]
    readings: int
    wave_seconds: int
    gaps: tuple[GapFigure, ...]
    verdict: str

    @property
    def complete(self) -> bool:
        """Whether nothing is missing from the dose or its record."""
        return self.verdict == COMPLETE

    def plain(self) -> dict[str, Any]:
        """JSON values under the names of the summary line."""
        return {
            "simulated": self.simulated,
            "phase": self.phase,
            "planned_ml": self.planned_ml,
            "delivered_ml": self.delivered_ml,
            "delivered_by": self.delivered_by,
            "dose_given_billion": self.dose_given_billion,
            "infusing_min": self.infusing_min,
            "paused_min": self.paused_min,
            "elapsed_min": self.elapsed_min,
            "reactions": self.reactions,
            "checks": {"done": self.checks.done, "late": self.checks.late, "missed": self.checks.missed},
            "checks_open": self.checks.open,
            "alarms": self.alarms,
            "alarms_by_priority": dict(sorted(self.alarms_by_priority.items())),
            "readings": self.readings,
            "wave_seconds": self.wave_seconds,
            "gaps": [{"source": gap.source, "seconds": gap.seconds} for gap in self.gaps],
            "verdict": self.verdict,
            "as_of": self.as_of.iso(),
        }


def summarise(state: SessionState, now: Instant, protocol: ClinicProtocol) -> Summary:
    """The figures of a session at its last entry; `now` counts only where there is no entry yet."""
    at = figures_at(state, now)
    told = progress(state, at, None)
    checks = slot_states(state, at, protocol.schedule)
    return Summary(
        study_id=state.study_id,
        simulated=state.simulated,
        phase=state.phase.value,
        as_of=at,
        planned_ml=_ml(state.order.volume_ml) if state.order is not None else None,
        delivered_ml=_ml(told.delivered_ml),
        delivered_by=told.delivered_by,
        dose_given_billion=_figure(told.dose_given_billion, 2),
        infusing_min=_minutes(told.infusing_s),
        paused_min=_minutes(told.paused_s),
        elapsed_min=_minutes(told.elapsed_s),
        reactions=len(state.reactions),
        checks=count_checks(checks),
        alarms=sum(state.alarms_raised.values()),
        alarms_by_priority=state.alarms_raised,
        readings=state.readings,
        wave_seconds=state.wave_seconds,
        gaps=tuple(GapFigure(gap.source, float(rounded(gap.seconds, 1))) for gap in state.gaps),
        verdict=verdict(shortcomings(state, told, checks)),
    )


def figures_at(state: SessionState, now: Instant) -> Instant:
    """The instant that a record can speak for: its last entry. After it the record knows nothing."""
    return state.last_at if state.last_at is not None else now


def verdict(reasons: tuple[str, ...]) -> str:
    """`Complete`, or `Incomplete: why; why`."""
    return f"Incomplete: {'; '.join(reasons)}" if reasons else COMPLETE


def shortcomings(
    state: SessionState, told: Progress, checks: tuple[SlotState, ...], *, signing: bool = False
) -> tuple[str, ...]:
    """What is missing from the dose or from its record, in plain words. signing: the signature is about to be given."""
    if state.phase is Phase.ABANDONED:
        return ("closed without a start",)
    if state.started is None:
        return ("not started",)
    unsigned = state.signature is None and not signing
    return (*_dose(state, told), *_sets(checks, unsigned=unsigned), *_reactions(state), *_signature(unsigned))


def _dose(state: SessionState, told: Progress) -> list[str]:
    found: list[str] = []
    planned = float(state.order.volume_ml) if state.order is not None else None
    amounts = f"{_shown_ml(told.delivered_ml)} of {_shown_ml(planned)} given"
    if state.product_end is None:
        found.append(f"end of product not recorded, {amounts}")
    elif state.product_end.outcome != "complete":
        why = f" ({state.product_end.why.replace('_', ' ')})" if state.product_end.why else ""
        found.append(f"stopped early{why}, {amounts}")
    elif planned and told.delivered_ml is not None and told.delivered_ml < SHORT_OF_PLAN * planned:
        found.append(f"less than ordered, {amounts}")
    if state.flush is None or not state.flush.done:
        found.append(f"no flush: dose not completed: {_in_line(state)} may remain in the line")
    return found


def _in_line(state: SessionState) -> str:
    if state.order is None or state.order.line_ml <= 0:
        return "an unknown part"
    return f"about {rounded(residual_percent(state.order.volume_ml, state.order.line_ml), 0)} %"


def _sets(checks: tuple[SlotState, ...], *, unsigned: bool) -> list[str]:
    missed = [slot_words(c.slot.key) for c in checks if c.status is SlotStatus.MISSED]
    still_open = [slot_words(c.slot.key) for c in checks if c.status.is_open]
    found = [_counted(missed, "missed")] if missed else []
    # A set that is still to come is no fault of a signed record: signing closes the schedule.
    return found + ([_counted(still_open, "not done yet")] if still_open and unsigned else [])


def _counted(names: list[str], what: str) -> str:
    return f"{len(names)} {'set' if len(names) == 1 else 'sets'} {what} ({', '.join(names)})"


def _reactions(state: SessionState) -> list[str]:
    found = []
    if any(r.is_open for r in state.reactions):
        found.append("a reaction is still open")
    if any(r.details is None or r.details.grade is None for r in state.reactions):
        found.append("a reaction is not graded")
    return found


def _signature(unsigned: bool) -> list[str]:
    return ["not signed"] if unsigned else []


def _shown_ml(volume: float | None) -> str:
    return "unknown" if volume is None else f"{rounded(volume, 1)} mL"


def _figure(number: float | Decimal | None, decimals: int) -> float | None:
    return None if number is None else float(rounded(number, decimals))


def _ml(volume: float | Decimal | None) -> float | None:
    return _figure(volume, 1)


def _minutes(seconds: float) -> float:
    return float(rounded(seconds / 60, 2))
