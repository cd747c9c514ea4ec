"""The course of treatment: when the next dose may be given, and what holds it."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

from pydantic import Field, model_validator

from exomonitor.clinical.tables import Row, SignedTable
from exomonitor.errors import CommandRefused

FILE = "course.toml"


class Phase(StrEnum):
    """The phase of the course, set by the prescriber; nothing here says how many initial doses there are."""

    INITIAL = "initial"
    MAINTENANCE = "maintenance"


class _Initial(Row):
    earliest_days: int = Field(ge=1, le=365)
    latest_days: int = Field(ge=1, le=365)
    restart_after_days: int = Field(ge=0, le=365)


class _Maintenance(Row):
    earliest_months: int = Field(ge=1, le=60)
    latest_months: int = Field(ge=1, le=60)


class _Holds(Row):
    clearance_from_grade: int = Field(ge=1, le=4)
    hold_from_grade: int = Field(ge=2, le=5)


class Booking(Row):
    """What is offered when a next dose is booked: how many minutes the visit takes, and the local time of day."""

    visit_min: int = Field(default=240, ge=30, le=1440)
    usual_time: str = Field(default="09:00", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")


class CourseTable(SignedTable):
    """The spacing of doses, and the reaction grades that hold the next one."""

    initial: _Initial
    maintenance: _Maintenance
    holds: _Holds
    booking: Booking = Booking()

    @model_validator(mode="after")
    def _ordered(self) -> CourseTable:
        if self.initial.earliest_days > self.initial.latest_days:
            raise ValueError("initial: earliest_days must not be above latest_days")
        if self.maintenance.earliest_months > self.maintenance.latest_months:
            raise ValueError("maintenance: earliest_months must not be above latest_months")
        if self.holds.clearance_from_grade >= self.holds.hold_from_grade:
            raise ValueError("holds: clearance_from_grade must be below hold_from_grade")
        return self


@dataclass(frozen=True, slots=True)
class DoseWindow:
    """The days on which the next dose is neither early nor late; both ends belong to it."""

    earliest: date
    latest: date


class Timing(StrEnum):
    """Where a planned day lies."""

    EARLY = "early"
    IN = "in"
    LATE = "late"


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last day of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def next_window(last: date, phase: Phase, table: CourseTable) -> DoseWindow:
    """The window after a dose on `last`; always counted from the dose itself, so that it never drifts."""
    if phase is Phase.INITIAL:
        rule = table.initial
        return DoseWindow(last + timedelta(days=rule.earliest_days), last + timedelta(days=rule.latest_days))
    months = table.maintenance
    return DoseWindow(add_months(last, months.earliest_months), add_months(last, months.latest_months))


def timing(window: DoseWindow, planned: date) -> Timing:
    """Whether a planned day is early, in the window or late."""
    if planned < window.earliest:
        return Timing.EARLY
    return Timing.LATE if planned > window.latest else Timing.IN


@dataclass(frozen=True, slots=True)
class PastSession:
    """A session as the course sees it: its first start (aware) and the mL delivered; None = not known."""

    started: datetime
    delivered_ml: Decimal | None


def last_dose(sessions: Iterable[PastSession], clinic_zone: tzinfo) -> date | None:
    """The clinic's date of the start of the latest session in which product was given, or may have been.

    An aborted dose is an exposure too; the prescriber decides whether it counts toward the series.
    """
    starts = [session.started for session in sessions if session.delivered_ml is None or session.delivered_ml > 0]
    if any(start.tzinfo is None for start in starts):
        raise ValueError("a start without a time zone has no date in the clinic")
    return max(starts).astimezone(clinic_zone).date() if starts else None


class Hold(StrEnum):
    """What stands in the way of the next dose."""

    CLEARANCE = "clearance"
    REACTION = "reaction"
    FOLLOW_UP = "follow-up"
    INFECTION = "infection"
    LOT = "lot"


@dataclass(frozen=True, slots=True)
class HoldReason:
    """A hold with its sentence; `clearable` = the prescriber's clearance is enough."""

    hold: Hold
    text: str

    @property
    def clearable(self) -> bool:
        """Whether the prescriber may clear it without anything else being settled first."""
        return self.hold is Hold.CLEARANCE


@dataclass(frozen=True, slots=True)
class History:
    """What is known of earlier doses: worst reaction grade (0 = none, None = not known) and what is still open."""

    worst_grade: int | None = 0
    open_follow_up: bool = False
    infection_positive: bool = False
    stopped_lots: Collection[str] = ()


def holds(history: History, table: CourseTable, lot: str | None = None) -> tuple[HoldReason, ...]:
    """Everything that holds the next dose; `lot` is the one that is meant to be given, where it is known."""
    rule = table.holds
    found = []
    grade = history.worst_grade
    if grade is None:
        found.append(HoldReason(Hold.CLEARANCE, "The grade of an earlier reaction is not recorded: clearance needed"))
    elif grade >= rule.hold_from_grade:
        found.append(HoldReason(Hold.REACTION, f"HOLD: a reaction of grade {grade} is on record"))
    elif grade >= rule.clearance_from_grade:
        found.append(
            HoldReason(Hold.CLEARANCE, f"Prescriber clearance needed: a reaction of grade {grade} is on record")
        )
    if history.open_follow_up:
        found.append(HoldReason(Hold.FOLLOW_UP, "HOLD: a follow-up is still open"))
    if history.infection_positive:
        found.append(HoldReason(Hold.INFECTION, "HOLD: the work-up for infection is positive"))
    if lot is not None and lot in history.stopped_lots:
        found.append(HoldReason(Hold.LOT, f"HOLD: lot {lot} is recalled or in quarantine"))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class NextDose:
    """The answer for a planned day. `timing` and `window` are None for a first dose, which has no window."""

    window: DoseWindow | None
    timing: Timing | None
    holds: tuple[HoldReason, ...]
    ask_restart: bool
    sentence: str

    @property
    def needs_override(self) -> bool:
        """Whether the prescriber must say why before this dose is given on that day."""
        return self.timing is Timing.EARLY or bool(self.holds)


def next_dose(
    last: date | None,
    phase: Phase,
    planned: date,
    table: CourseTable,
    held_by: tuple[HoldReason, ...] = (),
) -> NextDose:
    """Judge a planned day: early needs the prescriber and a reason, late is a notice, long late asks one question."""
    if last is None:
        return NextDose(None, None, held_by, ask_restart=False, sentence="First dose: no window")
    if planned < last:
        raise CommandRefused(f"The planned day {planned} lies before the last dose on {last}")
    window = next_window(last, phase, table)
    where = timing(window, planned)
    lapsed = planned - window.latest > timedelta(days=table.initial.restart_after_days)
    ask = where is Timing.LATE and phase is Phase.INITIAL and lapsed
    return NextDose(window, where, held_by, ask, _sentence(window, where, planned, ask_restart=ask))


def window_text(window: DoseWindow) -> str:
    """`window opens 2026-01-29, closes 2026-02-12`: a maintenance dose is as needed and never booked by itself."""
    return f"window opens {window.earliest}, closes {window.latest}"


def _sentence(window: DoseWindow, where: Timing, planned: date, *, ask_restart: bool) -> str:
    if where is Timing.IN:
        return f"{planned} is in the window ({window_text(window)})"
    if where is Timing.EARLY:
        days = (window.earliest - planned).days
        return f"{planned} is EARLY by {_days(days)} ({window_text(window)}): prescriber and reason needed"
    days = (planned - window.latest).days
    question = ". Restart series?" if ask_restart else ""
    return f"{planned} is LATE by {_days(days)} ({window_text(window)}){question}"


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
