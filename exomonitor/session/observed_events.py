"""Events of looking at the patient: observation sets, and reactions from moment zero to their end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from exomonitor.clinical.reaction_report import Grading
from exomonitor.clock import Instant
from exomonitor.session.codec import private
from exomonitor.session.entry import Event, recorded


@dataclass(frozen=True, slots=True)
class ObservedValue:
    """One value of a set: canonical unit, where it came from (monitor, typed, counted) and how old it was then (s)."""

    value: Decimal
    unit: str
    source: str
    age_s: float = 0.0


@recorded
@dataclass(frozen=True, slots=True)
class ObservationRecorded(Event):
    """One set. `observed` may be earlier than the entry. Answers are codes; None or "" = not asked."""

    slot: str
    observed: Instant
    values: Mapping[str, ObservedValue]
    consciousness: str = ""
    on_oxygen: bool | None = None
    symptoms: tuple[str, ...] = ()
    symptoms_asked: bool = False
    site_score: int | None = None
    fatigue: str = ""
    flu_like: str = ""
    hydration_ml: Decimal | None = None
    news2: int | None = None
    text: str = private()
    supersedes: int | None = None
    reason: str = private()
    news2_scale: int = 0
    """The SpO2 scale that the set was scored on; 0 in sets from before it was kept."""
    oxygen_carried: bool = False
    """The answer about oxygen was the last set's, shown and confirmed."""
    infiltration: int | None = None
    not_taken: Mapping[str, str] = field(default_factory=dict)
    """Required value -> the coded reason why there is none."""
    oxygen_l_min: Decimal | None = None
    """The flow in L/min, where oxygen was given and somebody said how much."""
    value_counts_s: float = 600.0
    """A value older than this (s) did not count for the score: the clinic's rule when the set was recorded."""


@recorded
@dataclass(frozen=True, slots=True)
class ObservationMissed(Event):
    """A set was not done, with the coded reason."""

    slot: str
    why: str
    text: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class ReactionOpened(Event):
    """Moment zero of a reaction, with what was known then; the readings from `kept_from` on belong to it."""

    reaction: str
    when: Instant
    kept_from: Instant
    minute: float | None
    rate_ml_h: float | None
    delivered_ml: float | None
    pump_status: str
    vitals: Mapping[str, ObservedValue]


@recorded
@dataclass(frozen=True, slots=True)
class ReactionAction(Event):
    """One tap: `stop`, `call`, `airway`, `epinephrine`, or a coded action."""

    reaction: str
    action: str
    when: Instant
    text: str = private()


_NOTHING_MEASURED: Mapping[str, Decimal] = MappingProxyType({})


@recorded
@dataclass(frozen=True, slots=True)
class ReactionDetailed(Event):
    """What the reaction was; the last one holds, the earlier ones stay in the record.

    `grade` and those of `more` are the worst that it reached, `present_grade` what is left of it (0 = nothing);
    `worst`: extremes of the readings since moment zero, by sign and end (`spo2_min`).
    """

    reaction: str
    symptoms: tuple[str, ...] = ()
    term: str = ""
    grade: int | None = None
    ctcae_version: str = ""
    actions: tuple[str, ...] = ()
    outcome: str = ""
    resolved: Instant | None = None
    text: str = private()
    supersedes: int | None = None
    reason: str = private()
    more: tuple[Grading, ...] = ()
    present_grade: int | None = None
    causality: str = ""
    serious: tuple[str, ...] = ()
    response: str = ""
    rechallenge: str = ""
    photo_consent: str = ""
    worst: Mapping[str, Decimal] = field(default_factory=lambda: _NOTHING_MEASURED)
    handed_over: Instant | None = None
    """When it was closed though it was not over: the patient goes home with it, or others care for it."""

    @property
    def gradings(self) -> tuple[Grading, ...]:
        """Every term with its grade, the main one first."""
        return (*((Grading(self.term, self.grade),) if self.term and self.grade is not None else ()), *self.more)

    @property
    def worst_grade(self) -> int | None:
        """The highest of its grades, None while it is not graded."""
        return max((one.grade for one in self.gradings), default=None)
