"""Discharge as a checklist that the program fills in: each criterion met, not met or not known, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field, model_validator

from exomonitor.clinical.discharge_vitals import VITAL_RULES, Baseline, VitalLimits, VitalSet
from exomonitor.clinical.tables import Row, SignedTable
from exomonitor.errors import CommandRefused

FILE = "discharge.toml"
PRESCRIBER = "prescriber"


class State(StrEnum):
    """What is known of a criterion."""

    MET = "met"
    NOT_MET = "not met"
    NOT_KNOWN = "not known"
    NOT_APPLICABLE = "not applicable"


SETTLED = frozenset({State.MET, State.NOT_APPLICABLE})
"""A criterion in one of these states does not stand in the way."""


class _Times(Row):
    after_end_min: int = Field(ge=30, le=1440)
    first_dose_min: int = Field(ge=30, le=1440)
    reaction_extra_min: int = Field(ge=0, le=1440)
    short_allowed: bool
    short_min: int = Field(ge=15, le=1440)
    short_from_dose: int = Field(ge=2, le=20)
    sets_apart_min: int = Field(ge=5, le=120)

    @model_validator(mode="after")
    def _ordered(self) -> _Times:
        if not self.short_min <= self.after_end_min <= self.first_dose_min:
            raise ValueError("short_min, after_end_min and first_dose_min must rise")
        return self


class _Reactions(Row):
    sign_off_from_grade: int = Field(ge=1, le=3)
    transfer_from_grade: int = Field(ge=2, le=4)

    @model_validator(mode="after")
    def _ordered(self) -> _Reactions:
        if self.sign_off_from_grade >= self.transfer_from_grade:
            raise ValueError("sign_off_from_grade must be below transfer_from_grade")
        return self


class DischargeTable(SignedTable):
    """The clinic's discharge criteria."""

    symptom_grade_at_most: int = Field(ge=0, le=1)
    site_at_most: int = Field(ge=0, le=1)
    times: _Times
    reactions: _Reactions
    vitals: VitalLimits


@dataclass(frozen=True, slots=True)
class Reactions:
    """The reactions of this session: worst grade (0 = none, None = not graded yet), what was given, what is signed."""

    worst_grade: int | None = 0
    epinephrine_given: bool = False
    anaphylaxis: bool = False
    prescriber_signed: bool = False


@dataclass(frozen=True, slots=True)
class Tasks:
    """What people do or say before the patient leaves; None = not answered. `walking`: steady, or as before."""

    open_alarms: int | None = None
    """That nobody has answered, or that are held."""
    acknowledged_alarms: int = 0
    """That still stand, and somebody has answered."""
    worst_symptom_grade: int | None = None
    site_score: int | None = None
    drank: bool | None = None
    walking: bool | None = None
    iv_removed: bool | None = None
    sedating_given: bool | None = None
    escort: bool | None = None
    instructions_given: bool | None = None
    follow_up_booked: bool | None = None
    next_dose_decided: bool | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Everything the checklist looks at. Minutes since the end of the flush, None while it runs.

    `dose_number` counts this dose, `uneventful_before` says that no earlier dose had a reaction.
    `sets` are the observation sets since the end, `open_sets` the names of those that are owed.
    `news2_unfit`: why NEWS2 is not made for this patient, "" where it is.
    """

    since_end_min: float | None
    dose_number: int | None
    uneventful_before: bool | None
    baseline: Baseline
    sets: tuple[VitalSet, ...]
    open_sets: tuple[str, ...] | None
    reactions: Reactions = Reactions()
    tasks: Tasks = Tasks()
    news2_unfit: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the checklist."""

    key: str
    text: str
    state: State
    why: str


@dataclass(frozen=True, slots=True)
class Discharge:
    """The checklist; `transfer` = this clinic does not discharge, whoever says so."""

    criteria: tuple[Criterion, ...]
    transfer: str

    @property
    def ready(self) -> bool:
        """Whether every criterion is met and nothing asks for a transfer."""
        return not self.transfer and not self.failing

    @property
    def failing(self) -> tuple[Criterion, ...]:
        """What is not met or not known, in the order of the list."""
        return tuple(line for line in self.criteria if line.state not in SETTLED)

    @property
    def overridable(self) -> bool:
        """Whether a prescriber may discharge all the same."""
        return not self.transfer and bool(self.failing)


def required_minutes(leaving: Leaving, table: DischargeTable) -> int:
    """Minutes of observation after the end: longer after a reaction or a first dose, shorter only where configured."""
    times = table.times
    # What is not known lengthens: an ungraded reaction counts as one, an unknown dose number as the first dose.
    reacted = leaving.reactions.worst_grade is None or _needs_sign_off(leaving.reactions, table)
    first = leaving.dose_number is None or leaving.dose_number <= 1
    minutes = times.after_end_min + (times.reaction_extra_min if reacted else 0)
    if first:
        return max(minutes, times.first_dose_min)
    uneventful = leaving.uneventful_before is True and leaving.reactions.worst_grade == 0
    late_enough = leaving.dose_number is not None and leaving.dose_number >= times.short_from_dose
    return times.short_min if times.short_allowed and uneventful and late_enough else minutes


def evaluate(leaving: Leaving, table: DischargeTable) -> Discharge:
    """The checklist for what is known now."""
    lines = [
        _waited(leaving, table),
        _sets_done(leaving.open_sets),
        _sets_apart(leaving.sets, table.times.sets_apart_min),
        *_vitals(leaving, table.vitals),
        *_reaction_lines(leaving.reactions, table),
        *_tasks(leaving.tasks, table),
    ]
    return Discharge(tuple(lines), _transfer(leaving.reactions, table))


def check_override(discharge: Discharge, roles: Iterable[str], reason: str) -> None:
    """Refuse a discharge against the list: by another than the prescriber, without a reason, in place of a transfer."""
    if discharge.transfer:
        raise CommandRefused(f"No discharge from the clinic: {discharge.transfer}")
    if PRESCRIBER not in set(roles):
        raise CommandRefused("Only the prescriber may discharge before every criterion is met")
    if not reason.strip():
        raise CommandRefused("A discharge before every criterion is met needs a reason")


def _needs_sign_off(reactions: Reactions, table: DischargeTable) -> bool:
    grade = reactions.worst_grade
    return grade is not None and grade >= table.reactions.sign_off_from_grade


def _transfer(reactions: Reactions, table: DischargeTable) -> str:
    grade = reactions.worst_grade
    if grade is not None and grade >= table.reactions.transfer_from_grade:
        return f"reaction of grade {grade}: transfer"
    if reactions.epinephrine_given:
        return "epinephrine was given: transfer"
    return "anaphylaxis: transfer" if reactions.anaphylaxis else ""


def _line(key: str, text: str, met: bool | None, why: str, unknown: str = "not recorded yet") -> Criterion:
    if met is None:
        return Criterion(key, text, State.NOT_KNOWN, unknown)
    return Criterion(key, text, State.MET if met else State.NOT_MET, why)


def _waited(leaving: Leaving, table: DischargeTable) -> Criterion:
    needed, waited = required_minutes(leaving, table), leaving.since_end_min
    text = f"At least {needed} min since the end"
    if waited is None:
        return _line("time", text, None, "", "the infusion has not ended")
    left = "" if waited >= needed else f", {needed - waited:.0f} min to go"
    return _line("time", text, waited >= needed, f"{waited:.0f} min{left}")


def _sets_done(open_sets: tuple[str, ...] | None) -> Criterion:
    text = "Every observation after the end is done"
    if open_sets is None:
        return _line("sets", text, None, "")
    first, *others = open_sets or ("",)
    owed = ", ".join((first, *(name.removeprefix("End ") for name in others)))  # `End +30, +60`: all are of the end
    return _line("sets", text, not open_sets, f"owed: {owed}" if open_sets else "all done")


def _sets_apart(sets: tuple[VitalSet, ...], apart_min: int) -> Criterion:
    text = f"The last two observations are at least {apart_min} min apart"
    if len(sets) < 2:
        return _line("apart", text, None, "", f"{len(sets)} of 2 observations since the end")
    apart = sets[-1].at_min - sets[-2].at_min
    return _line("apart", text, apart >= apart_min, f"{apart:.0f} min apart")


def _vitals(leaving: Leaving, limits: VitalLimits) -> list[Criterion]:
    """Each vital criterion over the last two sets: one that fails is enough, one that is missing leaves it open."""
    lines = []
    for key, rule in VITAL_RULES.items():
        judged = [rule.judge(seen, leaving.baseline, limits) for seen in leaving.sets[-2:]]
        failed = next((why for met, why in reversed(judged) if met is False), None)
        missing = next((why for met, why in reversed(judged) if met is None), None)
        text = rule.text(limits)
        if key == "news2" and leaving.news2_unfit:
            lines.append(Criterion(key, text, State.NOT_APPLICABLE, f"not applicable ({leaving.news2_unfit})"))
        elif failed is not None:
            lines.append(_line(key, text, False, failed))
        elif missing is not None or len(judged) < 2:
            lines.append(_line(key, text, None, "", missing or f"{len(judged)} of 2 observations since the end"))
        else:
            lines.append(_line(key, text, True, judged[-1][1]))
    return lines


def _reaction_lines(reactions: Reactions, table: DischargeTable) -> list[Criterion]:
    grade = reactions.worst_grade
    below = table.reactions.transfer_from_grade
    text = f"No reaction of grade {below} or more, no epinephrine"
    transfer = _transfer(reactions, table)
    met = None if grade is None and not transfer else not transfer
    lines = [_line("reaction", text, met, transfer or f"worst grade {grade}", "a reaction is not graded yet")]
    if grade is None or _needs_sign_off(reactions, table):
        signed = reactions.prescriber_signed
        lines.append(_line("sign_off", "Prescriber has signed", signed, "signed" if signed else "not signed yet"))
    return lines


def _tasks(tasks: Tasks, table: DischargeTable) -> list[Criterion]:
    symptom, site, alarms = tasks.worst_symptom_grade, tasks.site_score, tasks.open_alarms
    at_most, most = table.symptom_grade_at_most, table.site_at_most
    lines = [
        _line(
            "symptoms", f"No symptom above grade {at_most}",
            None if symptom is None else symptom <= at_most, f"worst grade {symptom}",
        ),
        _line("alarms", "No unanswered alarm", None if alarms is None else alarms == 0, _alarms_words(tasks)),
        _line("site", f"IV site score at most {most}", None if site is None else site <= most, f"{site}"),
    ]  # fmt: skip
    for key, text, done in (
        ("drank", "Has drunk and kept it down", tasks.drank),
        ("walking", "Walks steadily, or as before", tasks.walking),
        ("iv_out", "IV is out", tasks.iv_removed),
        ("instructions", "Written instructions and emergency number given", tasks.instructions_given),
        ("follow_up", "Follow-up calls are booked", tasks.follow_up_booked),
        ("next_dose", "Decision on the next dose is recorded", tasks.next_dose_decided),
    ):
        lines.append(_line(key, text, done, "yes" if done else "no"))
    return [*lines, _escort(tasks)]


def _alarms_words(tasks: Tasks) -> str:
    """An acknowledged alarm keeps nobody here, but whoever lets the patient go reads that it stands."""
    still = f"{tasks.acknowledged_alarms} acknowledged, still on" if tasks.acknowledged_alarms else ""
    waits = f"{tasks.open_alarms} unanswered" if tasks.open_alarms else ""
    return ", ".join(part for part in (waits, still) if part) or "none"


def _escort(tasks: Tasks) -> Criterion:
    text = "Escort, if a sedating drug was given"
    if tasks.sedating_given is False:
        return _line("escort", text, True, "no sedating drug given")
    if tasks.sedating_given is None:
        known = True if tasks.escort else None
        return _line("escort", text, known, "escort is there", "not recorded whether a sedating drug was given")
    return _line("escort", text, tasks.escort, "escort is there" if tasks.escort else "no escort")
