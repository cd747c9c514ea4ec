"""Reactions in CTCAE terms: which grades exist, what they mean, which terms a symptom suggests."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.units import rounded

CTCAE_VERSION = "5.0"
IRR, ALLERGIC = "Infusion related reaction", "Allergic reaction"
NOTHING_MORE = "nothing_more"
_Table = TypeVar("_Table", bound=BaseModel)
_CTCAE_FILE, _SYMPTOM_FILE = "ctcae_v5.toml", "symptoms.toml"


@dataclass(frozen=True, slots=True)
class Term:
    """One CTCAE term with its MedDRA code and the grades that exist for it, each with what it means."""

    name: str
    code: str
    grades: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Ctcae:
    """The table of one CTCAE version, terms by name in the order of the file."""

    version: str
    published: str
    terms: Mapping[str, Term]


@dataclass(frozen=True, slots=True)
class Symptom:
    """A tile of the reaction page: its label and the terms that it suggests, the likeliest first."""

    key: str
    label: str
    terms: tuple[str, ...]


class _TermRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    code: str = Field(pattern=r"^\d{8}$")
    g1: str = ""
    g2: str = ""
    g3: str = ""
    g4: str = ""
    g5: str = ""

    def term(self) -> Term:
        texts = (self.g1, self.g2, self.g3, self.g4, self.g5)
        return Term(self.name, self.code, MappingProxyType({n: text for n, text in enumerate(texts, 1) if text}))


class _CtcaeFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    version: str
    published: str
    term: tuple[_TermRow, ...]


class _SymptomRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    key: str
    label: str
    terms: tuple[str, ...]


class _SymptomFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    symptom: tuple[_SymptomRow, ...]


@cache
def load_ctcae() -> Ctcae:
    """The shipped CTCAE table; read once."""
    content = _read(_CTCAE_FILE, _CtcaeFile)
    terms = {row.name: row.term() for row in content.term}
    return Ctcae(content.version, content.published, MappingProxyType(terms))


@cache
def load_symptoms() -> tuple[Symptom, ...]:
    """The tiles of the reaction page in their order; read once."""
    content = _read(_SYMPTOM_FILE, _SymptomFile)
    return tuple(Symptom(row.key, row.label, row.terms) for row in content.symptom)


def grades_of(term: str) -> tuple[int, ...]:
    """The grades that exist for a term, rising; CommandRefused for a term that is not in the table."""
    return tuple(_term(term).grades)


def grade_text(term: str, grade: int) -> str:
    """What this grade of this term means; CommandRefused when it does not exist."""
    check_grade(term, grade)
    return _term(term).grades[grade]


def check_grade(term: str, grade: int) -> None:
    """Refuse a term that is not in the table and a grade that does not exist for it."""
    grades = grades_of(term)
    if grade not in grades:
        offered = ", ".join(str(g) for g in grades)
        raise CommandRefused(f"CTCAE {CTCAE_VERSION} has no grade {grade} for {term}; it has {offered}")


def check_terms(terms: Collection[str]) -> None:
    """Refuse to report one event both as infusion related and as allergic reaction."""
    if IRR in terms and ALLERGIC in terms:
        raise CommandRefused(f"CTCAE {CTCAE_VERSION}: report {IRR} or {ALLERGIC}, not both")


def suggested_terms(symptoms: Collection[str]) -> tuple[str, ...]:
    """The terms for these symptom keys, each once, in the order of the tiles; the infusion related reaction leads."""
    found = [term for tile in load_symptoms() if tile.key in symptoms for term in tile.terms]
    return tuple(dict.fromkeys([IRR, *found])) if found else ()


def suggest_fever_grade(temp_c: Decimal | float) -> int | None:
    """The CTCAE grade of a fever in degrees Celsius, None below 38.0; grade 4 takes a day, so never from here."""
    temp = rounded(temp_c, 1)
    if temp < 38:
        return None
    if temp <= 39:
        return 1
    return 2 if temp <= 40 else 3


def _term(name: str) -> Term:
    term = load_ctcae().terms.get(name)
    if term is None:
        raise CommandRefused(f"{name!r} is not a term of CTCAE {CTCAE_VERSION} as shipped")
    return term


def _read(name: str, model: type[_Table]) -> _Table:
    try:
        text = (files("resources") / "protocols" / name).read_text(encoding="utf-8")
        return model.model_validate(tomllib.loads(text))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as cause:
        raise EnvironmentFault(f"The table {name} cannot be used: {cause}") from cause
