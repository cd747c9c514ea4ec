"""All of the clinic's tables together: shipped or the clinic's own by file name, known by one hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from exomonitor.bounded import TABLE_BYTES, read_bounded
from exomonitor.clinical import (
    action_cards,
    anaphylaxis,
    care,
    certificate,
    checklists,
    course,
    discharge,
    double_check,
    emergency,
    followup,
    hemodynamics,
    sites,
    triage,
)
from exomonitor.clinical.reactions import CTCAE_FILES, CTCAE_VERSION, SYMPTOM_FILE, Ctcae, SymptomTable
from exomonitor.clinical.tables import SignedTable, Table, parse_table
from exomonitor.errors import EnvironmentFault
from exomonitor.integrity import sha256_hex

Content = TypeVar("Content", bound=SignedTable)
Sources = Mapping[str, bytes]
"""File name -> its bytes."""
_TABLES: Mapping[str, tuple[str, type[SignedTable]]] = MappingProxyType(
    {
        "course": (course.FILE, course.CourseTable),
        "certificate": (certificate.FILE, certificate.CertificateTable),
        "double_check": (double_check.FILE, double_check.DoubleCheckTable),
        "discharge": (discharge.FILE, discharge.DischargeTable),
        "follow_up": (followup.FILE, followup.FollowUpTable),
        "triage": (triage.FILE, triage.TriageTable),
        "hemodynamics": (hemodynamics.FILE, hemodynamics.HemodynamicsTable),
        "sites": (sites.FILE, sites.SiteTable),
        "anaphylaxis": (anaphylaxis.FILE, anaphylaxis.AnaphylaxisTable),
        "symptoms": (SYMPTOM_FILE, SymptomTable),
        "checklists": (checklists.FILE, checklists.ChecklistTable),
        "actions": (action_cards.FILE, action_cards.ActionTable),
        "care": (care.FILE, care.CareTable),
        "emergency": (emergency.FILE, emergency.EmergencyTable),
    }
)
TABLE_FILES = (*(name for name, _ in _TABLES.values()), *CTCAE_FILES.values())
"""Every file name that is a table; any other TOML file beside them is a protocol's main file."""


@dataclass(frozen=True)
class Rulebook:
    """The tables in force. `sources` are the bytes they were read from, so that a session can keep a copy."""

    course: Table[course.CourseTable]
    certificate: Table[certificate.CertificateTable]
    double_check: Table[double_check.DoubleCheckTable]
    discharge: Table[discharge.DischargeTable]
    follow_up: Table[followup.FollowUpTable]
    triage: Table[triage.TriageTable]
    hemodynamics: Table[hemodynamics.HemodynamicsTable]
    sites: Table[sites.SiteTable]
    anaphylaxis: Table[anaphylaxis.AnaphylaxisTable]
    symptoms: Table[SymptomTable]
    checklists: Table[checklists.ChecklistTable]
    actions: Table[action_cards.ActionTable]
    emergency: Table[emergency.EmergencyTable]
    care: Table[care.CareTable]
    ctcae: Table[Ctcae]
    sources: Sources

    @cached_property
    def sha256(self) -> str:
        """One hash over (name, SHA-256) of every table, sorted by name."""
        lines = sorted(f"{name} {sha256_hex(data)}" for name, data in self.sources.items())
        return sha256_hex("\n".join(lines).encode())

    @property
    def tables(self) -> tuple[Table[Any], ...]:
        """All tables, by file name."""
        found = [getattr(self, field) for field in (*_TABLES, "ctcae")]
        return tuple(sorted(found, key=lambda table: str(table.name)))


def load_rulebook(folder: Path | None = None, ctcae: str = CTCAE_VERSION) -> Rulebook:
    """The shipped tables, each replaced by the file of its name in the clinic's folder where there is one.

    EnvironmentFault names file, line and field of what is wrong.
    """
    names = [name for name, _ in _TABLES.values()]
    if ctcae in CTCAE_FILES:
        names.append(CTCAE_FILES[ctcae])
    read = {name: _read(name, folder) for name in names}
    return parse_rulebook(
        {name: data for name, (data, _) in read.items()}, ctcae, {name: shown for name, (_, shown) in read.items()}
    )


def parse_rulebook(sources: Sources, ctcae: str, shown: Mapping[str, str] | None = None) -> Rulebook:
    """The tables from the bytes of their files; `shown` are the names for messages."""
    said = dict(shown or {})
    if ctcae not in CTCAE_FILES:
        raise EnvironmentFault(f"CTCAE {ctcae} is not known; there are {' and '.join(CTCAE_FILES)}")
    tables: dict[str, Any] = {field: _table(model, name, sources, said) for field, (name, model) in _TABLES.items()}
    name = CTCAE_FILES[ctcae]
    table = _table(Ctcae, name, sources, said)
    if table.content.version != ctcae:
        raise EnvironmentFault(f"Table {said.get(name, name)}: version: {table.content.version} is not CTCAE {ctcae}")
    kept = {one: sources[one] for one in (*(file for file, _ in _TABLES.values()), name)}
    book = Rulebook(**tables, ctcae=table, sources=MappingProxyType(kept))
    _agree(book, said)
    return book


def _table(model: type[Content], name: str, sources: Sources, shown: Mapping[str, str]) -> Table[Content]:
    if name not in sources:
        raise EnvironmentFault(f"Table {shown.get(name, name)}: is missing")
    table = parse_table(model, sources[name], shown.get(name, name))
    return Table(table.content, name, table.sha256)


def _read(name: str, folder: Path | None) -> tuple[bytes, str]:
    """The bytes of a table and how messages call its file."""
    own = folder / name if folder is not None else None
    if own is None or not own.exists():
        return (files("resources") / "protocols" / name).read_bytes(), name
    try:
        return read_bounded(own, TABLE_BYTES), str(own)
    except OSError as cause:
        raise EnvironmentFault(f"Table {own}: cannot be read: {cause.strerror or cause}") from cause


def _agree(book: Rulebook, shown: Mapping[str, str]) -> None:
    """Refuse tables that name each other's rows wrongly: terms of the CTCAE table, tiles of the reaction page."""
    ctcae = book.ctcae.content
    for tile in book.symptoms.content.symptom:
        for term in tile.terms:
            if ctcae.resolve(term) not in ctcae.terms:
                raise _wrong(book.symptoms.name, shown, f"symptom {tile.key}: {term!r} is not in CTCAE {ctcae.version}")
    for item in book.triage.content.item:
        if item.term and ctcae.resolve(item.term) not in ctcae.terms:
            raise _wrong(book.triage.name, shown, f"item {item.key}: {item.term!r} is not in CTCAE {ctcae.version}")
    tiles = {tile.key for tile in book.symptoms.content.symptom}
    if unknown := sorted(set(book.anaphylaxis.content.tile) - tiles):
        raise _wrong(book.anaphylaxis.name, shown, f"tile.{unknown[0]}: there is no such tile in {SYMPTOM_FILE}")


def _wrong(name: str, shown: Mapping[str, str], what: str) -> EnvironmentFault:
    return EnvironmentFault(f"Table {shown.get(name, name)}: {what}")
