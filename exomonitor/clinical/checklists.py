"""The checklists of a visit: what is asked, which answers are taken, and what is still missing, one sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Literal

from pydantic import Field, model_validator

from exomonitor.clinical.tables import Row, SignedTable
from exomonitor.errors import CommandRefused
from exomonitor.units import shown_unit

FILE = "checklists.toml"
TICKED = "yes"
"""The answer of an item of kind tick; anything else is not ticked."""
FDA_STATEMENT = "fda"
"""A list with this `statement` shows the protocol's FDA notice in full above its items."""
Kind = Literal["tick", "choice", "number", "text", "time", "person"]
Role = Literal["", "nurse", "verifier", "prescriber", "administrator"]
Stage = Literal["prepare", "infuse", "observe", "signoff"]
Override = Literal["second person", "prescriber", "nobody"]
SECOND_PERSON: Override = "second person"
PRESCRIBER_ONLY: Override = "prescriber"
NOBODY: Override = "nobody"


class ItemRow(Row):
    """One line of a list. Answers are texts: a number with a point, a time as ISO 8601, a choice as its option.

    `must`: only this answer passes. `when`: asked only if another item of the list has this answer. `usual`: the answer
    that stands there at first, to be looked at and changed; never for an item that has a `must`. `role`: what a person
    of the clinic's list must be to be named; "" = anybody in it.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: str = Field(min_length=1, max_length=80)
    kind: Kind
    options: tuple[str, ...] = ()
    unit: str = ""
    range: tuple[Decimal, Decimal] | None = None
    required: bool = True
    must: str = ""
    usual: str = ""
    when: tuple[str, str] | None = None
    role: Role = ""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> ItemRow:
        if (self.kind == "choice") is not (len(self.options) >= 2):
            raise ValueError("options: a choice has two or more, nothing else has any")
        if self.kind == "number" and (self.range is None or self.range[0] >= self.range[1] or not self.unit):
            raise ValueError("a number needs a unit and a rising range")
        if self.kind != "number" and (self.range is not None or self.unit):
            raise ValueError("only a number has a unit and a range")
        if self.role and self.kind != "person":
            raise ValueError("role: only a person has one")
        if self.must and self.kind not in {"choice", "tick"}:
            raise ValueError("must: only for a choice or a tick")
        if self.must and self.must not in (self.options or (TICKED,)):
            raise ValueError(f"must: {self.must!r} is none of the answers")
        if self.usual and (self.must or self.usual not in self.options):
            raise ValueError("usual: one of the options of a choice that has no must")
        return self


class ChecklistRow(Row):
    """One list. `gate`: it is complete before the next phase counts as started. `all_at_once`: the clinic allows one
    key that ticks all its ticks."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    gate: bool
    phase: Stage
    statement: str = ""
    all_at_once: bool = False
    item: tuple[ItemRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _items_fit(self) -> ChecklistRow:
        rows = {row.key: row for row in self.item}
        if len(rows) != len(self.item):
            raise ValueError("item: a key is used twice")
        for row in self.item:
            if row.when is None:
                continue
            other = rows.get(row.when[0])
            if other is None or row.when[1] not in (other.options or (TICKED,)):
                raise ValueError(f"item {row.key}: when names no answer of this list")
        return self

    def asked(self, answers: Mapping[str, str]) -> tuple[ItemRow, ...]:
        """The items that these answers leave to be asked, in order."""
        return tuple(row for row in self.item if row.when is None or answers.get(row.when[0], "") == row.when[1])


class PremedicationWindow(Row):
    """How long before the start premedication is best given, in minutes; outside it the nurse is told, not stopped."""

    shortest_min: int = Field(ge=0, le=240)
    longest_min: int = Field(ge=1, le=480)

    @model_validator(mode="after")
    def _ordered(self) -> PremedicationWindow:
        if self.shortest_min >= self.longest_min:
            raise ValueError("shortest_min must be below longest_min")
        return self


class GateRow(Row):
    """Who may accept that this gate stays open: a second person, the prescriber alone, or nobody."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    override: Override


class ChecklistTable(SignedTable):
    """All lists in the order of the visit, and who may accept which gate open."""

    premedication: PremedicationWindow
    gate: tuple[GateRow, ...] = ()
    list: tuple[ChecklistRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _keys(self) -> ChecklistTable:
        keys = [row.key for row in self.list]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"list: the key {twice[0]} is used twice")
        if len({row.key for row in self.gate}) != len(self.gate):
            raise ValueError("gate: a key is used twice")
        if not any(row.statement == FDA_STATEMENT for row in self.list):
            raise ValueError(f'list: none shows the FDA notice (statement = "{FDA_STATEMENT}")')
        return self

    def override_of(self, gate: str) -> Override:
        """Who may accept that this gate stays open; a second person where the table does not name it."""
        return next((row.override for row in self.gate if row.key == gate), SECOND_PERSON)

    def of(self, key: str) -> ChecklistRow:
        """The list of this key; CommandRefused when the clinic has none."""
        for row in self.list:
            if row.key == key:
                return row
        raise CommandRefused(f"The clinic's protocol has no checklist {key!r}")


def check_answers(answers: Mapping[str, str], checklist: ChecklistRow) -> None:
    """Refuse answers to items that do not exist and answers that their item does not take; empty = not answered."""
    rows = {row.key: row for row in checklist.item}
    for key, answer in answers.items():
        if key not in rows:
            raise CommandRefused(f"{checklist.title}: there is no item {key!r}")
        if answer and (why := _not_taken(rows[key], answer)):
            raise CommandRefused(f"{checklist.title}: {why}")


def missing(answers: Mapping[str, str], checklist: ChecklistRow) -> tuple[str, ...]:
    """What still stands in the way, one sentence per item; empty when the list is complete."""
    found = []
    for row in checklist.asked(answers):
        answer = answers.get(row.key, "").strip()
        if not answer:
            if row.required or row.must:
                found.append(f"{row.text}: not {'ticked' if row.kind == 'tick' else 'recorded'}")
        elif why := _not_taken(row, answer):
            found.append(why)
        elif row.must and answer != row.must:
            found.append(f"{row.text}: {answer!r} does not pass, only {row.must!r} does")
    return tuple(found)


def is_complete(answers: Mapping[str, str], checklist: ChecklistRow) -> bool:
    """Whether nothing is missing."""
    return not missing(answers, checklist)


def premedication_warning(minutes_before: Decimal | float, window: PremedicationWindow) -> str:
    """What to say when premedication is given so many minutes before the start; empty inside the window."""
    if minutes_before < window.shortest_min:
        return f"Premedication less than {window.shortest_min} min before the start: it may not work yet"
    if minutes_before > window.longest_min:
        return f"Premedication more than {window.longest_min} min before the start: it may have worn off"
    return ""


def _not_taken(row: ItemRow, answer: str) -> str:
    """Why the item does not take this answer; empty when it does."""
    if row.kind == "choice" and answer not in row.options:
        return f"{row.text}: {answer!r} is not one of {', '.join(row.options)}"
    if row.kind == "tick" and answer != TICKED:
        return f"{row.text}: not ticked"
    if row.kind == "number" and row.range is not None:
        lo, hi = row.range
        unit = shown_unit(row.unit)
        try:
            number = Decimal(answer)
        except InvalidOperation:
            return f"{row.text}: {answer!r} is not a number"
        if not number.is_finite() or not lo <= number <= hi:
            return f"{row.text}: {answer} {unit} is outside {lo}-{hi} {unit}"
    return ""
