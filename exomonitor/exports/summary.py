"""The figures of one session, computed once: the command line, the report and session.json all print these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exomonitor.clinical.observations import CheckCounts, count_checks
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.engine.stored import Damage
from exomonitor.session.schedule import slot_states
from exomonitor.session.state import SessionState
from exomonitor.session.timing import progress
from exomonitor.session.verdict import COMPLETE, shortcomings, verdict, verdict_not_known
from exomonitor.units import rounded

LINE = (
    "simulated", "phase", "planned_ml", "delivered_ml", "infusing_min", "paused_min", "reactions", "checks", "alarms",
    "readings", "wave_seconds", "gaps",
)  # fmt: skip
"""The figures of the line that a headless run prints."""
NOT_CERTAIN = ("phase", "planned_ml", "delivered_ml", "dose_given_billion", "infusing_min", "paused_min", "elapsed_min")
AT_LEAST = ("reactions", "checks", "alarms", "readings", "wave_seconds", "gaps")
"""What the lost entries may have changed, and what they may have added to; who is said to have missed a set may not."""
_WHOLE = Damage()


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
    damage: Damage = _WHOLE
    """Where entries are lost, the figures of NOT_CERTAIN may be more or less, and those of AT_LEAST more."""

    @property
    def entries_lost(self) -> int:
        """How many entries the figures are reckoned without."""
        return self.damage.entries

    @property
    def not_certain(self) -> list[str]:
        """The figures that may be more or less than they say."""
        lost = {"readings": self.damage.readings, "wave_seconds": self.damage.wave_seconds}
        stored = [name for name, gone in lost.items() if gone or self.damage.changed]
        return [*(NOT_CERTAIN if self.damage.entries else ()), *stored]

    @property
    def at_least(self) -> list[str]:
        """The figures that may only be more."""
        doubted = self.not_certain
        return [name for name in AT_LEAST if name not in doubted] if self.damage.entries else []

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
            "entries_lost": self.entries_lost,
            "readings_lost": self.damage.readings,
            "wave_seconds_lost": self.damage.wave_seconds,
            "not_certain": self.not_certain,
            "at_least": self.at_least,
        }


def summarise(state: SessionState, now: Instant, protocol: ClinicProtocol, damage: Damage = _WHOLE) -> Summary:
    """The figures of a session at its last entry; `now` counts only where there is no entry yet. `damage`: what of it
    is lost; without all of its entries nobody can say whether it is complete."""
    at, lost = figures_at(state, now), damage.entries
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
        verdict=verdict_not_known(lost, damage.perhaps) if lost else verdict(shortcomings(state, told, checks)),
        damage=damage,
    )


def figures_at(state: SessionState, now: Instant) -> Instant:
    """The instant that a record can speak for: its last entry. After it the record knows nothing."""
    return state.last_at if state.last_at is not None else now


def _figure(number: float | Decimal | None, decimals: int) -> float | None:
    return None if number is None else float(rounded(number, decimals))


def _ml(volume: float | Decimal | None) -> float | None:
    return _figure(volume, 1)


def _minutes(seconds: float) -> float:
    return float(rounded(seconds / 60, 2))
