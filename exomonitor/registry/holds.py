"""Reactions that hold the next dose, and what a prescriber lifted: by name, so that a later reaction holds anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exomonitor.clinical.course import CourseTable
from exomonitor.clock import Instant
from exomonitor.registry.visits import Visit
from exomonitor.session.codec import private
from exomonitor.session.entry import RegistryEvent, recorded


@dataclass(frozen=True, slots=True)
class HeldBy:
    """One session whose reactions hold the next dose: their worst grade, and whether one of them has none yet."""

    visit: str
    grade: int
    ungraded: bool = False


@recorded
@dataclass(frozen=True, slots=True)
class HoldLifted(RegistryEvent):
    """A prescriber lifted the hold, or gave clearance, for the reactions of these sessions, and for nothing else."""

    patient: str
    held_by: tuple[HeldBy, ...]
    prescriber: str
    reason: str = private()


@dataclass(frozen=True, slots=True)
class LiftedHold:
    """What was lifted, by whom, when and why."""

    held_by: tuple[HeldBy, ...]
    by: str
    at: Instant
    reason: str

    def covers(self, visit: Visit) -> bool:
        """Whether this was said of the reactions of that session as they are graded now."""
        return any(
            one.visit == visit.id and visit.worst_grade <= one.grade and (one.ungraded or not visit.ungraded)
            for one in self.held_by
        )

    @property
    def worst_grade(self) -> int:
        """The worst grade that it was said of; 0 = a reaction without one."""
        return max((one.grade for one in self.held_by), default=0)


def standing(visits: Iterable[Visit], lifted: Iterable[LiftedHold]) -> tuple[Visit, ...]:
    """The sessions whose reactions nobody has lifted anything for."""
    said = tuple(lifted)
    return tuple(visit for visit in visits if not any(one.covers(visit) for one in said))


def holding(visits: Iterable[Visit], lifted: Iterable[LiftedHold], table: CourseTable) -> tuple[HeldBy, ...]:
    """The sessions whose reactions hold the next dose, or ask for clearance, as things stand."""
    return tuple(
        HeldBy(visit.id, visit.worst_grade, visit.ungraded)
        for visit in standing(visits, lifted)
        if visit.worst_grade >= table.holds.clearance_from_grade or visit.ungraded
    )
