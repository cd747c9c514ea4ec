"""The independent double check: what two people entered apart from each other, compared by the program."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from pydantic import Field

from exomonitor.clinical.tables import Row, SignedTable
from exomonitor.errors import CommandRefused
from exomonitor.integrity import canonical_json, sha256_hex

FILE = "double_check.toml"
TOO_FAST = "check completed implausibly fast"


class _Tolerances(Row):
    dose_billions: Decimal = Field(ge=0, le=0)  # a dose is the same or it is not
    volume_ml: Decimal = Field(ge=0, le=0)
    rate_ml_h: Decimal = Field(ge=0, le=1)


class DoubleCheckTable(SignedTable):
    """Tolerances of the comparison, and the time below which a check is flagged."""

    implausibly_fast_s: float = Field(ge=5, le=120)
    shortest_reason: int = Field(ge=1, le=200)
    tolerance: _Tolerances


@dataclass(frozen=True, slots=True)
class CheckValues:
    """What is compared: codes and expiry from scans (or typed), dose, volume and rate typed. None = not entered."""

    patient_id: str | None = None
    product_code: str | None = None
    lot: str | None = None
    expiry: date | None = None
    dose_billions: Decimal | None = None
    volume_ml: Decimal | None = None
    rate_ml_h: Decimal | None = None


_NAMES = {
    "patient_id": ("Patient", ""),
    "product_code": ("Product code", ""),
    "lot": ("Lot", ""),
    "expiry": ("Expiry", ""),
    "dose_billions": ("Dose", " billion"),
    "volume_ml": ("Volume", " mL"),
    "rate_ml_h": ("Rate", " mL/h"),
}
Value = str | date | Decimal | None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One field in which the two differ, both values as they are shown side by side."""

    field: str
    name: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The comparison: what differs, how long the second person took in seconds, and whether that can be true."""

    mismatches: tuple[Mismatch, ...]
    elapsed_s: float
    too_fast: bool

    @property
    def agrees(self) -> bool:
        """Whether both may sign; a flag for speed does not forbid it."""
        return not self.mismatches

    @property
    def flag(self) -> str:
        """What the log says of the speed; empty when there is nothing to say."""
        return TOO_FAST if self.too_fast else ""


def freeze(values: CheckValues) -> str:
    """The hash of the first person's values, taken before the second begins; refuses a form with gaps."""
    gaps = [_NAMES[each.name][0] for each in fields(values) if getattr(values, each.name) in {None, ""}]
    if gaps:
        raise CommandRefused(f"Before the double check fill in: {', '.join(gaps)}")
    return sha256_hex(canonical_json({each.name: _canonical(getattr(values, each.name)) for each in fields(values)}))


def check_single_nurse(reason: str, table: DoubleCheckTable) -> str:
    """The reason for doing without a second person, trimmed; refused when there is none."""
    trimmed = " ".join(reason.split())
    if len(trimmed) < table.shortest_reason:
        raise CommandRefused(
            f"“Single nurse” needs a reason of at least {table.shortest_reason} characters; it is printed"
        )
    return trimmed


def compare(first: CheckValues, frozen: str, second: CheckValues, elapsed_s: float, table: DoubleCheckTable) -> Outcome:
    """Compare field by field; CommandRefused when the first values are no longer those that were frozen."""
    if freeze(first) != frozen:
        raise CommandRefused("The first values were changed during the double check: begin it again")
    found = []
    for each in fields(CheckValues):
        one, two = getattr(first, each.name), getattr(second, each.name)
        if not _same(one, two, _tolerance(each.name, table)):
            name, unit = _NAMES[each.name]
            found.append(Mismatch(each.name, name, _shown(one, unit), _shown(two, unit)))
    return Outcome(tuple(found), elapsed_s, elapsed_s < table.implausibly_fast_s)


def differing_fields(outcome: Outcome) -> Collection[str]:
    """The names of what differs, for the log: no values, which may identify somebody."""
    return tuple(mismatch.field for mismatch in outcome.mismatches)


def _tolerance(name: str, table: DoubleCheckTable) -> Decimal:
    return {
        "dose_billions": table.tolerance.dose_billions,
        "volume_ml": table.tolerance.volume_ml,
        "rate_ml_h": table.tolerance.rate_ml_h,
    }.get(name, Decimal(0))


def _same(one: Value, two: Value, tolerance: Decimal) -> bool:
    if isinstance(one, Decimal) and isinstance(two, Decimal):
        return abs(one - two) <= tolerance
    return one is not None and one == two


def _canonical(value: Value) -> str:
    # 5 and 5.0 are one dose.
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def _shown(value: Value, unit: str) -> str:
    return "not entered" if value is None or value == "" else f"{_canonical(value)}{unit}"
