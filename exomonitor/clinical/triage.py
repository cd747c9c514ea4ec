"""The symptom checklist of a follow-up call and its triage: red, amber, green, or open while questions are open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Literal

from pydantic import Field, model_validator

from exomonitor.clinical.tables import Row, SignedTable
from exomonitor.errors import CommandRefused
from exomonitor.units import rounded

FILE = "triage.toml"
FEVER = "fever"
_Named = Literal["green", "amber", "red"]


class Level(IntEnum):
    """How urgent it is."""

    GREEN = 0
    AMBER = 1
    RED = 2


class DetailRow(Row):
    """What exactly, within one question."""

    key: str = Field(pattern=r"^[a-z_]+$")
    label: str = Field(min_length=1)
    level: _Named


class ItemRow(Row):
    """One question. `level` counts when the answer is yes and nothing more exact is said.

    `has_course`: it begins and ends, so that onset and duration are asked.
    """

    key: str = Field(pattern=r"^[a-z_]+$")
    ask: str = Field(min_length=1)
    system: str = ""
    level: _Named
    graded: bool = True
    has_course: bool = True
    flu: bool = False
    term: str = ""
    detail: tuple[DetailRow, ...] = ()


class CombinationRow(Row):
    """Details that mean more together, or together with a complaint of another organ system."""

    together: tuple[str, ...] = Field(min_length=1)
    with_other_system: bool = False
    level: _Named
    why: str = Field(min_length=1)


class _Temperature(Row):
    red_from: Decimal
    amber_from: Decimal
    amber_long_from: Decimal
    long_h: float = Field(gt=0)
    late_h: float = Field(gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> _Temperature:
        if not 37 <= self.amber_long_from <= self.amber_from <= self.red_from <= 41:
            raise ValueError("amber_long_from, amber_from and red_from must rise within 37-41")
        return self


class _Rules(Row):
    amber_from_grade: int = Field(ge=1, le=3)
    red_from_grade: int = Field(ge=2, le=5)
    amber_after_h: float = Field(gt=0)
    flu_needs: int = Field(ge=2)


class _Advice(Row):
    red: str = Field(min_length=1)
    amber: str = Field(min_length=1)
    green: str = Field(min_length=1)


class TriageTable(SignedTable):
    """The questions in their order, and what each answer means."""

    organ_systems: tuple[str, ...] = Field(min_length=1)
    advice: _Advice
    temperature: _Temperature
    rules: _Rules
    combination: tuple[CombinationRow, ...] = ()
    item: tuple[ItemRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _keys(self) -> TriageTable:
        keys = [row.key for row in self.item] + [detail.key for row in self.item for detail in row.detail]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"item: the key {twice[0]} is used twice")
        if FEVER not in keys:
            raise ValueError(f"item: {FEVER} is missing")
        if unknown := [key for row in self.combination for key in row.together if key not in keys]:
            raise ValueError(f"combination: {unknown[0]} is no item and no detail")
        if not any(detail.level == "red" for row in self.item for detail in row.detail):
            raise ValueError("item: nothing is red")
        return self


@dataclass(frozen=True, slots=True)
class SymptomAnswer:
    """The answer to one question. `onset_h` counts from the end of the infusion; None = not known."""

    present: bool
    details: frozenset[str] = frozenset()
    grade: int | None = None
    onset_h: float | None = None
    still: bool | None = None
    treatment: str = ""
    worse: bool | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What the patient says, by the key of the question; a question that was not asked is not there.

    `now_h` = hours since the end of the infusion; temperature in degrees Celsius, None = not measured.
    """

    now_h: float
    answers: Mapping[str, SymptomAnswer]
    temp: Decimal | None = None
    fever_since_h: float | None = None
    site_score: int | None = None


@dataclass(frozen=True, slots=True)
class Triage:
    """At least this urgent, why, and what must still be asked before anything less can be said."""

    at_least: Level
    reasons: tuple[str, ...]
    still_to_ask: tuple[str, ...]
    advice: str

    @property
    def level(self) -> Level | None:
        """The level; None while an open question could raise it. Red is red without the rest."""
        return None if self.still_to_ask and self.at_least is not Level.RED else self.at_least

    @property
    def text(self) -> str:
        """One line: `AMBER: vomiting. Prescriber the same day`, or what is still to be asked."""
        why = f": {', '.join(self.reasons)}" if self.reasons else ""
        if self.level is None:
            return f"At least {self.at_least.name}{why}. Still to ask: {'; '.join(self.still_to_ask)}"
        return f"{self.level.name}{why}. {self.advice}"


_Finding = tuple[Level, str]


def triage(report: Report, table: TriageTable) -> Triage:
    """Judge a report; what is true counts at once, what is not known is asked before green or amber is said."""
    rows = {row.key: row for row in table.item}
    if unknown := [key for key in report.answers if key not in rows]:
        raise CommandRefused(f"{unknown[0]!r} is not a question of the checklist")
    present = {key: report.answers[key] for key in rows if key in report.answers and report.answers[key].present}
    found: list[_Finding] = []
    to_ask = [rows[key].ask for key in rows if key not in report.answers]
    for key, answer in present.items():
        found += _of_item(rows[key], answer, report.now_h, table.rules)
        to_ask += _open_of_item(rows[key], answer, report.now_h, table.rules)
    found += _combined(present, rows, table)
    found += _of_temperature(report, table.temperature)
    to_ask += _open_of_temperature(report, FEVER in present, table.temperature)
    if report.site_score is not None and report.site_score >= 2:
        found.append((Level.AMBER, f"IV site score {report.site_score}"))
    worst = max((level for level, _ in found), default=Level.GREEN)
    reasons = tuple(dict.fromkeys(why for level, why in found if level is worst))
    return Triage(worst, reasons, tuple(dict.fromkeys(to_ask)), getattr(table.advice, worst.name.lower()))


def _level(name: _Named) -> Level:
    return Level[name.upper()]


def _of_item(row: ItemRow, answer: SymptomAnswer, now_h: float, rules: _Rules) -> list[_Finding]:
    labels = {detail.key: detail for detail in row.detail}
    if unknown := sorted(answer.details - labels.keys()):
        raise CommandRefused(f"{unknown[0]!r} does not belong to “{row.ask}”")
    found = [(_level(labels[key].level), labels[key].label) for key in sorted(answer.details)]
    if not answer.details:
        found.append((_level(row.level), row.ask))
    if answer.grade is not None and answer.grade >= rules.red_from_grade:
        found.append((Level.RED, f"{row.ask}: grade {answer.grade}"))
    elif answer.grade is not None and answer.grade >= rules.amber_from_grade:
        found.append((Level.AMBER, f"{row.ask}: grade {answer.grade}"))
    if answer.still and answer.onset_h is not None and now_h - answer.onset_h > rules.amber_after_h:
        found.append((Level.AMBER, f"{row.ask}: longer than {rules.amber_after_h:g} h"))
    return found


def _open_of_item(row: ItemRow, answer: SymptomAnswer, now_h: float, rules: _Rules) -> list[str]:
    to_ask = []
    if row.detail and not answer.details:
        to_ask.append(f"{row.ask}: what exactly?")
    if row.graded and answer.grade is None:
        to_ask.append(f"{row.ask}: grade")
    if not row.has_course:
        return to_ask
    if answer.still is None:
        to_ask.append(f"{row.ask}: still present?")
    if answer.onset_h is None and answer.still is not False and now_h > rules.amber_after_h:
        to_ask.append(f"{row.ask}: since when?")
    return to_ask


def _combined(present: Mapping[str, SymptomAnswer], rows: Mapping[str, ItemRow], table: TriageTable) -> list[_Finding]:
    said = set(present).union(*(answer.details for answer in present.values()))
    found = []
    for rule in table.combination:
        if not set(rule.together) <= said:
            continue
        own = {row.system for row in rows.values() if {row.key, *(d.key for d in row.detail)} & set(rule.together)}
        others = {rows[key].system for key in present} & set(table.organ_systems) - own
        if others or not rule.with_other_system:
            found.append((_level(rule.level), rule.why))
    return found


def _of_temperature(report: Report, rule: _Temperature) -> list[_Finding]:
    if report.temp is None:
        return []
    temp = rounded(report.temp, 1)
    if temp >= rule.red_from:
        return [(Level.RED, f"temperature {temp} °C")]
    if temp >= rule.amber_from:
        return [(Level.AMBER, f"temperature {temp} °C")]
    since = report.fever_since_h
    if temp < rule.amber_long_from or since is None:
        return []
    if report.now_h - since > rule.long_h:
        return [(Level.AMBER, f"temperature {temp} °C for more than {rule.long_h:g} h")]
    late = since > rule.late_h
    return [(Level.AMBER, f"fever that began more than {rule.late_h:g} h after the infusion")] if late else []


def _open_of_temperature(report: Report, feverish: bool, rule: _Temperature) -> list[str]:
    if report.temp is None:
        return ["Measured temperature"] if feverish else []
    temp = rounded(report.temp, 1)
    unsettled = rule.amber_long_from <= temp < rule.amber_from and report.fever_since_h is None
    return ["Since when is there a fever?"] if unsettled else []


def fatigue_grade(*, relieved_by_rest: bool, stops_shopping_phone_work: bool, stops_washing_dressing: bool) -> int:
    """The CTCAE grade of fatigue from the three questions of the first item."""
    if stops_washing_dressing:
        return 3
    return 2 if stops_shopping_phone_work or not relieved_by_rest else 1


def suggests_flu(report: Report, table: TriageTable, *, other_cause: bool) -> bool:
    """Whether the term “Flu like symptoms” is offered: enough of its complaints, and no other cause for them."""
    seen = sum(row.flu and row.key in report.answers and report.answers[row.key].present for row in table.item)
    return not other_cause and seen >= table.rules.flu_needs
