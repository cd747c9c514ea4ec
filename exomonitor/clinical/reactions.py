"""Reactions in CTCAE terms: which grades exist, what they mean, which terms a symptom suggests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from types import MappingProxyType

from pydantic import Field, model_validator

from exomonitor.clinical.tables import Row, SignedTable, Table, read_table
from exomonitor.errors import CommandRefused
from exomonitor.units import rounded

CTCAE_VERSION = "5.0"
"""The version that is in force unless the protocol chooses another."""
CTCAE_FILES: Mapping[str, str] = MappingProxyType({"5.0": "ctcae_v5.toml", "6.0": "ctcae_v6.toml"})
SYMPTOM_FILE = "symptoms.toml"
IRR, ALLERGIC = "Infusion related reaction", "Allergic reaction"
NOTHING_MORE = "nothing_more"


@dataclass(frozen=True, slots=True)
class Term:
    """One CTCAE term with its MedDRA code (or none), the grades that exist for it and the table's note beside it."""

    name: str
    code: str
    grades: Mapping[int, str]
    note: str = ""


class TermRow(Row):
    """One term as the file spells it; a grade that is left out does not exist."""

    name: str = Field(min_length=1)
    code: str = Field(pattern=r"^(\d{8})?$")
    note: str = ""
    was: str = ""
    g1: str = ""
    g2: str = ""
    g3: str = ""
    g4: str = ""
    g5: str = ""

    @model_validator(mode="after")
    def _has_grades(self) -> TermRow:
        if not self.term().grades:
            raise ValueError(f"{self.name} has no grade")
        return self

    def term(self) -> Term:
        """The term without its empty grades."""
        texts = (self.g1, self.g2, self.g3, self.g4, self.g5)
        grades = MappingProxyType({number: text for number, text in enumerate(texts, 1) if text})
        return Term(self.name, self.code, grades, self.note)


class Ctcae(SignedTable):
    """The table of one CTCAE version. `was` of a row = the term's name in the version before."""

    published: date
    term: tuple[TermRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique(self) -> Ctcae:
        names = [row.name for row in self.term]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"term: {twice[0]} is there twice")
        if IRR not in names:
            raise ValueError(f"term: {IRR} is missing")
        return self

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """The terms by name in the order of the file."""
        return MappingProxyType({row.name: row.term() for row in self.term})

    def resolve(self, name: str) -> str:
        """The name of this version for a term that the version before called otherwise; else the name as it is."""
        return next((row.name for row in self.term if row.was and row.was == name), name)


class Symptom(Row):
    """A tile of the reaction page: its label, the terms that it suggests (likeliest first), and on which page it is."""

    key: str = Field(pattern=r"^[a-z_]+$")
    label: str = Field(min_length=1)
    terms: tuple[str, ...]
    page: int = Field(default=1, ge=1, le=2)


class SymptomTable(SignedTable):
    """The tiles of the reaction page in their order."""

    symptom: tuple[Symptom, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _keys(self) -> SymptomTable:
        keys = [tile.key for tile in self.symptom]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"symptom: the key {twice[0]} is used twice")
        if NOTHING_MORE not in keys:
            raise ValueError(f"symptom: {NOTHING_MORE} is missing")
        return self


@cache
def load_ctcae(version: str = CTCAE_VERSION) -> Table[Ctcae]:
    """The shipped table of a version; read once. CommandRefused for a version that is not shipped."""
    if version not in CTCAE_FILES:
        raise CommandRefused(f"CTCAE {version} is not shipped; there are {' and '.join(CTCAE_FILES)}")
    return read_table(Ctcae, CTCAE_FILES[version])


def grades_of(term: str, table: Ctcae) -> tuple[int, ...]:
    """The grades that exist for a term, rising; CommandRefused for a term that is not in the table in force."""
    return tuple(_term(term, table).grades)


def grade_text(term: str, grade: int, table: Ctcae) -> str:
    """What this grade of this term means; CommandRefused when it does not exist."""
    check_grade(term, grade, table)
    return _term(term, table).grades[grade]


def check_grade(term: str, grade: int, table: Ctcae) -> None:
    """Refuse a term that is not in the table in force and a grade that does not exist for it."""
    grades = grades_of(term, table)
    if grade not in grades:
        offered = ", ".join(str(g) for g in grades)
        raise CommandRefused(f"CTCAE {table.version} has no grade {grade} for {term}; it has {offered}")


def check_terms(terms: Collection[str]) -> None:
    """Refuse to report a session's event both as infusion related and as allergic reaction."""
    if IRR in terms and ALLERGIC in terms:
        raise CommandRefused(f"CTCAE: report {IRR} or {ALLERGIC}, not both")


def suggested_terms(symptoms: Collection[str], tiles: SymptomTable, table: Ctcae) -> tuple[str, ...]:
    """The terms for these symptom keys, each once, in the order of the tiles; the infusion related reaction leads."""
    found = [table.resolve(term) for tile in tiles.symptom if tile.key in symptoms for term in tile.terms]
    return tuple(dict.fromkeys([IRR, *found])) if found else ()


def suggest_fever_grade(temp_c: Decimal | float) -> int | None:
    """The CTCAE grade of a fever in degrees Celsius, None below 38.0; grade 4 takes a day, so never from here."""
    temp = rounded(temp_c, 1)
    if temp < 38:
        return None
    if temp <= 39:
        return 1
    return 2 if temp <= 40 else 3


def _term(name: str, table: Ctcae) -> Term:
    term = table.terms.get(name)
    if term is None:
        raise CommandRefused(f"{name!r} is not a term of CTCAE {table.version} as shipped")
    return term
