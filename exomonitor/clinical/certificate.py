"""A lot's certificate of analysis, line by line: pass, fail, pending or not on the certificate, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from pydantic import Field, model_validator

from exomonitor.clinical.product import Source
from exomonitor.clinical.tables import Row, SignedTable
from exomonitor.units import rounded

FILE = "certificate.toml"
PURITY, IDENTITY, ABSENT, SOURCE, STORAGE = "purity", "identity", "impurity_markers", "source", "storage"
_NEEDED = ("concentration", PURITY, IDENTITY, "sterility", "mycoplasma", "endotoxin", SOURCE, STORAGE)


class Result(StrEnum):
    """The outcome of a test as the certificate gives it."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    PENDING = "pending"


class Verdict(StrEnum):
    """What a line of the certificate comes to."""

    PASS = "pass"  # noqa: S105 - a verdict, no secret
    FAIL = "fail"
    PENDING = "pending"
    MISSING = "not on certificate"
    NOTED = "noted"


class Consequence(StrEnum):
    """What follows for the lot."""

    NONE = "none"
    REASON = "reason"  # a reason and a second person
    BLOCK = "block"
    QUARANTINE = "quarantine"


Follows = Literal["none", "reason", "block", "quarantine"]
Rule = Literal[
    "present", "number", "negative", "markers_present", "markers_absent", "purity", "source", "no_excursion", "noted"
]


class CertificateRow(Row):
    """One line: what is checked how, and what follows when it fails or is missing. A pending result always blocks."""

    key: str = Field(pattern=r"^[a-z_]+$")
    name: str = Field(min_length=1)
    method: str = ""
    rule: Rule
    lo: Decimal | None = None
    below: Decimal | None = None
    at_most: Decimal | None = None
    unit: str = ""
    note: str = ""
    on_fail: Follows = "none"
    on_missing: Follows = "none"

    @model_validator(mode="after")
    def _complete(self) -> CertificateRow:
        if self.rule == "number" and self.below is None and self.at_most is None:
            raise ValueError("a number needs below or at_most")
        if self.rule == "purity" and self.lo is None:
            raise ValueError("purity needs lo, in particles per µg")
        if self.key == "sterility" and self.on_missing not in {"block", "quarantine"}:
            raise ValueError("a missing sterility result must block")
        return self


class _Markers(Row):
    transmembrane: tuple[str, ...] = Field(min_length=1)
    transmembrane_needed: int = Field(ge=1)
    cytosolic: tuple[str, ...] = Field(min_length=1)
    cytosolic_needed: int = Field(ge=1)
    absent: tuple[str, ...] = Field(min_length=1)


class SupplyRules(Row):
    """What the clinic asks of a bag at the chair: whether one that was typed by hand needs a second person, and whether
    only bags of its own list, released by two people, may be given."""

    typed_needs_second: bool = False
    released_bag_only: bool = False


class CertificateTable(SignedTable):
    """The lines of the certificate and the marker lists."""

    endotoxin_limit_eu_kg_h: Decimal = Field(gt=0)
    supply: SupplyRules = SupplyRules()
    markers: _Markers
    line: tuple[CertificateRow, ...]

    @model_validator(mode="after")
    def _lines(self) -> CertificateTable:
        keys = [row.key for row in self.line]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"line: {twice[0]} is there twice")
        if missing := [key for key in _NEEDED if key not in keys]:
            raise ValueError(f"line: {missing[0]} is missing")
        if any(row.key == "sterility" and row.rule != "negative" for row in self.line):
            raise ValueError("line: sterility must have the rule negative")
        return self


@dataclass(frozen=True, slots=True)
class Amount:
    """A number on the certificate; `less_than` = it reads "< 0.05"."""

    value: Decimal
    less_than: bool = False

    def __str__(self) -> str:
        return f"{'< ' if self.less_than else ''}{self.value.normalize():f}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the certificate says; what is not on it is simply not there.

    Numbers: concentration in billions of particles per mL, protein in µg/mL, size_mode in nm, endotoxin in EU/mL.
    Markers: True = seen, False = tested and not seen.
    """

    numbers: Mapping[str, Amount] = field(default_factory=lambda: MappingProxyType({}))
    results: Mapping[str, Result] = field(default_factory=lambda: MappingProxyType({}))
    markers: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    source: Source | None = None
    excursion: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line judged, with why in plain words and what follows."""

    key: str
    name: str
    verdict: Verdict
    why: str
    consequence: Consequence


@dataclass(frozen=True, slots=True)
class CertificateCheck:
    """All lines in the order of the table."""

    lines: tuple[Line, ...]

    @property
    def blocking(self) -> tuple[Line, ...]:
        """The lines that forbid the release of the lot."""
        return tuple(row for row in self.lines if row.consequence in {Consequence.BLOCK, Consequence.QUARANTINE})

    @property
    def quarantine(self) -> bool:
        """Whether the lot goes into quarantine."""
        return any(row.consequence is Consequence.QUARANTINE for row in self.lines)

    @property
    def need_reason(self) -> tuple[Line, ...]:
        """The lines that need a reason and a second person."""
        return tuple(row for row in self.lines if row.consequence is Consequence.REASON)


def check_certificate(certificate: Certificate, ordered: Source, table: CertificateTable) -> CertificateCheck:
    """Judge every line of the table against the certificate and the order."""
    return CertificateCheck(tuple(_line(row, certificate, ordered, table.markers) for row in table.line))


def particles_per_ug(certificate: Certificate) -> Decimal | None:
    """The purity ratio in particles per µg of protein; None without both numbers or with a bound in place of one."""
    count, protein = certificate.numbers.get("concentration"), certificate.numbers.get("protein")
    if count is None or protein is None or count.less_than or protein.value <= 0:
        return None
    return count.value * 1_000_000_000 / protein.value


def _line(row: CertificateRow, certificate: Certificate, ordered: Source, markers: _Markers) -> Line:
    verdict, why = _judged(row, certificate, ordered, markers)
    follows = {
        Verdict.FAIL: Consequence(row.on_fail),
        Verdict.MISSING: Consequence(row.on_missing),
        Verdict.PENDING: Consequence.BLOCK,
    }.get(verdict, Consequence.NONE)
    return Line(row.key, row.name, verdict, f"{why}; {row.note}" if row.note else why, follows)


def _judged(row: CertificateRow, certificate: Certificate, ordered: Source, markers: _Markers) -> tuple[Verdict, str]:
    if row.rule == "number":
        return _number(row, certificate.numbers.get(row.key))
    if row.rule == "negative":
        return _negative(certificate.results.get(row.key))
    if row.rule == "purity":
        return _purity(row, certificate)
    if row.rule == "markers_present":
        return _identity(certificate.markers, markers)
    if row.rule == "markers_absent":
        return _impurities(certificate.markers, markers)
    if row.rule == "source":
        return _source(certificate.source, ordered)
    if row.rule == "no_excursion":
        return _storage(certificate.excursion)
    return _written(row, certificate)


def _number(row: CertificateRow, amount: Amount | None) -> tuple[Verdict, str]:
    if amount is None:
        return Verdict.MISSING, "not on the certificate"
    unit = f" {row.unit}" if row.unit else ""
    said = f"{amount}{unit}"
    if row.lo is not None and (amount.value < row.lo or amount.less_than):
        return Verdict.FAIL, f"{said}, at least {row.lo}{unit} expected"
    # "< 0.5" is below 0.5, and nothing smaller can be concluded from it.
    if row.below is not None and not (amount.value < row.below or (amount.less_than and amount.value <= row.below)):
        return Verdict.FAIL, f"{said}, below {row.below}{unit} expected"
    if row.at_most is not None and amount.value > row.at_most:
        return Verdict.FAIL, f"{said}, at most {row.at_most}{unit} expected"
    return Verdict.PASS, said


def _negative(result: Result | None) -> tuple[Verdict, str]:
    if result is None:
        return Verdict.MISSING, "not on the certificate"
    if result is Result.PENDING:
        return Verdict.PENDING, "result pending: do not use before it is there"
    return (Verdict.PASS if result is Result.NEGATIVE else Verdict.FAIL), result.value


def _purity(row: CertificateRow, certificate: Certificate) -> tuple[Verdict, str]:
    ratio = particles_per_ug(certificate)
    if ratio is None or row.lo is None:
        return Verdict.MISSING, "particle count or protein not on the certificate"
    billions = rounded(ratio / 1_000_000_000, 1)
    if ratio < row.lo:
        least = rounded(row.lo / 1_000_000_000, 0)
        return Verdict.FAIL, f"{billions} billion particles per µg, at least {least} billion expected"
    return Verdict.PASS, f"{billions} billion particles per µg"


def _identity(seen: Mapping[str, bool], markers: _Markers) -> tuple[Verdict, str]:
    wanted = (*markers.transmembrane, *markers.cytosolic)
    if not any(name in seen for name in wanted):
        return Verdict.MISSING, "not on the certificate"
    lacking = []
    for names, needed in (
        (markers.transmembrane, markers.transmembrane_needed),
        (markers.cytosolic, markers.cytosolic_needed),
    ):
        found = sum(seen.get(name, False) for name in names)
        if found < needed:
            lacking.append(f"{found} of {needed} of {'/'.join(names)}")
    if lacking:
        return Verdict.FAIL, f"only {', '.join(lacking)}"
    return Verdict.PASS, "present: " + ", ".join(name for name in wanted if seen.get(name))


def _impurities(seen: Mapping[str, bool], markers: _Markers) -> tuple[Verdict, str]:
    if there := [name for name in markers.absent if seen.get(name)]:
        return Verdict.FAIL, f"{', '.join(there)} present, must be absent"
    tested = [name for name in markers.absent if name in seen]
    return (Verdict.PASS, f"absent: {', '.join(tested)}") if tested else (Verdict.MISSING, "not on the certificate")


def _source(source: Source | None, ordered: Source) -> tuple[Verdict, str]:
    if source is None:
        return Verdict.MISSING, "not on the certificate"
    if source is not ordered:
        return Verdict.FAIL, f"{source}, ordered is {ordered}"
    return Verdict.PASS, source.value


def _storage(excursion: bool | None) -> tuple[Verdict, str]:
    if excursion is None:
        return Verdict.MISSING, "temperature log not there"
    return (Verdict.FAIL, "temperature excursion: quarantine") if excursion else (Verdict.PASS, "no excursion")


def _written(row: CertificateRow, certificate: Certificate) -> tuple[Verdict, str]:
    amount, text = certificate.numbers.get(row.key), certificate.texts.get(row.key, "").strip()
    said = text or (f"{amount} {row.unit}".strip() if amount is not None else "")
    if not said:
        return Verdict.MISSING, "not on the certificate"
    return (Verdict.NOTED if row.rule == "noted" else Verdict.PASS), said
