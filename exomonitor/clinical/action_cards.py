"""What the clinic's protocol says at a reaction of a grade or at anaphylaxis, and when a restart may be confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pydantic import Field, model_validator

from exomonitor.clinical.tables import Row, SignedTable
from exomonitor.errors import CommandRefused

FILE = "actions.toml"
ANAPHYLAXIS = "anaphylaxis"
MIN_REASON = 5


class CardRow(Row):
    """One card. `restart_fraction`: of the rate at onset; None = no restart in this session."""

    title: str = Field(min_length=1)
    lines: tuple[str, ...] = Field(min_length=1, max_length=7)
    restart: str = Field(min_length=1)
    restart_fraction: Decimal | None = Field(default=None, gt=0, le=1)
    permanent_stop: bool = False
    sources: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _stop_is_a_stop(self) -> CardRow:
        if self.permanent_stop and self.restart_fraction is not None:
            raise ValueError("restart_fraction: a permanent stop has none")
        return self


class Epinephrine(Row):
    """The numbers of the clinic's standing order as the card prints them; this program doses nobody."""

    strength: str
    route: str
    mg_per_kg: Decimal = Field(gt=0, le=1)
    max_mg: Decimal = Field(gt=0, le=1)
    repeat_from_min: int = Field(ge=1, le=30)
    repeat_to_min: int = Field(ge=1, le=60)


class RestartGuard(Row):
    """When "resumed" may be confirmed after a reaction. Grades: at most; fraction: of the rate at onset."""

    worst_grade: int = Field(ge=1, le=3)
    present_grade: int = Field(ge=0, le=1)
    rate_fraction: Decimal = Field(gt=0, le=1)


class ActionTable(SignedTable):
    """The cards by grade and for anaphylaxis, and the guard of a restart."""

    says: str = Field(min_length=1)
    restart_guard: RestartGuard
    epinephrine: Epinephrine
    grade_1: CardRow
    grade_2: CardRow
    grade_3: CardRow
    grade_4: CardRow
    anaphylaxis: CardRow

    @model_validator(mode="after")
    def _guard_agrees(self) -> ActionTable:
        for grade in (3, 4):
            if grade > self.restart_guard.worst_grade and self.card(grade).restart_fraction is not None:
                raise ValueError(f"grade_{grade}.restart_fraction: restart_guard.worst_grade forbids it")
        if self.anaphylaxis.restart_fraction is not None:
            raise ValueError("anaphylaxis.restart_fraction: no restart after anaphylaxis")
        return self

    def card(self, grade: int) -> CardRow:
        """The card of a CTCAE grade from 1; grade 5 has the card of grade 4. CommandRefused for none."""
        cards = {1: self.grade_1, 2: self.grade_2, 3: self.grade_3, 4: self.grade_4, 5: self.grade_4}
        if grade not in cards:
            raise CommandRefused(f"There is no action card for grade {grade}")
        return cards[grade]


def card_for(grade: int | None, anaphylaxis: bool | None, table: ActionTable) -> CardRow:
    """The card that applies: anaphylaxis wins over every grade; before a grade is known, that of grade 1 (pause)."""
    if anaphylaxis:
        return table.anaphylaxis
    return table.card(grade or 1)


@dataclass(frozen=True, slots=True)
class Restart:
    """What is known when somebody wants to confirm a restart. Rates in mL/h; a grade None = not graded."""

    worst_grade: int | None
    present_grade: int | None
    anaphylaxis: bool
    rate_at_onset_ml_h: Decimal | None
    new_rate_ml_h: Decimal
    prescriber: str
    ordered_at: datetime | None
    nurse: str
    second_user: str
    override_reason: str = ""


def restart_refusal(wish: Restart, guard: RestartGuard) -> tuple[str, ...]:
    """Why the restart cannot be confirmed, one sentence each; empty when it can. What the pump does is recorded anyway.

    The reason overrides the rate alone: no reason confirms a restart after a grade above the guard's.
    """
    return (*_grade_refusal(wish, guard), *_order_refusal(wish), *_rate_refusal(wish, guard))


def _grade_refusal(wish: Restart, guard: RestartGuard) -> tuple[str, ...]:
    found = []
    if wish.anaphylaxis:
        found.append("Anaphylaxis in this session: no restart")
    if wish.worst_grade is None:
        found.append("The reaction has no grade yet")
    elif wish.worst_grade > guard.worst_grade:
        found.append(f"Worst grade of this session {wish.worst_grade}: no restart above grade {guard.worst_grade}")
    if wish.present_grade is None:
        found.append("The grade at present is not recorded")
    elif wish.present_grade > guard.present_grade:
        found.append(f"Grade {wish.present_grade} at present: restart from grade {guard.present_grade} or lower")
    return tuple(found)


def _order_refusal(wish: Restart) -> tuple[str, ...]:
    found = []
    if not wish.prescriber.strip():
        found.append("The prescriber who ordered the restart is missing")
    if wish.ordered_at is None:
        found.append("The time of the prescriber's order is missing")
    if not wish.second_user.strip():
        found.append("A second person has not checked the restart")
    elif wish.second_user == wish.nurse:
        found.append("The second person must be somebody else")
    return tuple(found)


def _rate_refusal(wish: Restart, guard: RestartGuard) -> tuple[str, ...]:
    if wish.new_rate_ml_h <= 0:
        return ("The new rate is missing",)
    if len(wish.override_reason.strip()) >= MIN_REASON:
        return ()
    if wish.rate_at_onset_ml_h is None:
        return ("The rate at onset is not known: give a reason for the new rate",)
    most = wish.rate_at_onset_ml_h * guard.rate_fraction
    if wish.new_rate_ml_h > most:
        percent = guard.rate_fraction * 100
        said = (
            f"New rate {wish.new_rate_ml_h:.1f} mL/h is above {percent:.0f} % of the rate at onset "
            f"({most:.1f} mL/h): lower it or give a reason"
        )
        return (said,)
    return ()
