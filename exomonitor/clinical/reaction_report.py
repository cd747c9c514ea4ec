"""What a reaction's record says beyond its first term: gradings, grades that numbers suggest, seriousness and its
reporting days."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical.reactions import Ctcae, suggest_fever_grade
from exomonitor.errors import CommandRefused
from exomonitor.units import rounded

CAUSALITY = ("unrelated", "unlikely", "possible", "probable", "definite")
SERIOUS = ("death", "life_threatening", "hospital", "disability", "congenital", "important")
"""Seriousness as regulators define it: another thing than severity."""
RESPONSES = ("quick", "slow", "none", "came_back")
RECHALLENGES = ("not_done", "went_well", "came_back")
CONSENTS = ("yes", "no")
OUTCOMES = ("resolved", "resolving", "not_resolved", "transferred", "fatal")
NOT_OVER = frozenset({"resolving", "not_resolved", "transferred"})
"""A reaction that is closed with one of these was handed over, and was not over."""
FATAL_OR_LIFE_THREATENING = frozenset({"death", "life_threatening"})
REPORTABLE_GRADE = 3


@dataclass(frozen=True, slots=True)
class Grading:
    """One CTCAE term with its grade."""

    term: str
    grade: int


def check_codes(what: str, given: Collection[str], known: Collection[str]) -> None:
    """Refuse a code that the record does not know; "" = not said."""
    if unknown := [code for code in given if code and code not in known]:
        raise CommandRefused(f"{what}: {unknown[0]!r} is none of {', '.join(known)}")


def is_reportable(worst_grade: int | None, serious: Collection[str]) -> bool:
    """Whether a MedWatch worksheet belongs to it: serious, or grade 3 and above."""
    return bool(serious) or (worst_grade is not None and worst_grade >= REPORTABLE_GRADE)


def ind_days(serious: Collection[str]) -> int | None:
    """Calendar days within which the sponsor of an IND reports it if it is unexpected and suspected to come from the
    product; None when it is not serious."""
    if not serious:
        return None
    return 7 if FATAL_OR_LIFE_THREATENING.intersection(serious) else 15


def suggested_grades(
    worst: Mapping[str, Decimal], baseline: Mapping[str, Decimal], table: Ctcae
) -> tuple[Grading, ...]:
    """The only grades that numbers may suggest: Fever, Hypothermia, Hypertension, Hypoxia. A person confirms each.

    `worst`: extremes since moment zero by sign and end (`temp_max`); `baseline`: by sign. Hypertension is suggested
    only above the grade that the baseline itself would have, and not without a baseline.
    """
    found = (
        ("Fever", suggest_fever_grade(worst["temp_max"]) if "temp_max" in worst else None),
        ("Hypothermia", _cold(worst.get("temp_min"))),
        ("Hypertension", _pressure(worst, baseline)),
        ("Hypoxia", _oxygen(worst.get("spo2_min"))),
    )
    return tuple(
        Grading(term, grade)
        for term, grade in found
        if grade is not None and term in table.terms and grade in table.terms[term].grades
    )


def _cold(lowest: Decimal | None) -> int | None:
    if lowest is None:
        return None
    temp = rounded(lowest, 1)
    if temp > 35:
        return None
    return 2 if temp > 32 else 3 if temp > 28 else 4


def _oxygen(lowest: Decimal | None) -> int | None:
    """At rest below 88 % is grade 3; grade 2 is a fall with exercise, which nobody does here."""
    return 3 if lowest is not None and lowest < 88 else None


def _pressure(worst: Mapping[str, Decimal], baseline: Mapping[str, Decimal]) -> int | None:
    if "nibp_sys" not in baseline or "nibp_dia" not in baseline:
        return None
    now = _hypertension(worst.get("nibp_sys_max"), worst.get("nibp_dia_max"))
    before = _hypertension(baseline["nibp_sys"], baseline["nibp_dia"])
    return now if now > before else None


def _hypertension(systolic: Decimal | None, diastolic: Decimal | None) -> int:
    """0 = none. Grade 4 is a crisis: a judgement, not a number."""
    by_sys = sum(systolic >= limit for limit in (120, 140, 160)) if systolic is not None else 0
    by_dia = sum(diastolic >= limit for limit in (80, 90, 100)) if diastolic is not None else 0
    return max(by_sys, by_dia)
