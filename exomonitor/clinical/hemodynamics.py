"""Mean pressure and shock indices from a pressure reading and the heart rate at its time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import Field, model_validator

from exomonitor.clinical.tables import SignedTable
from exomonitor.errors import CommandRefused
from exomonitor.units import rounded

FILE = "hemodynamics.toml"
PAIR_WITHIN_S = 60


class HemodynamicsTable(SignedTable):
    """What counts as ordinary and as a concern for the indices; they are shown, not sounded."""

    shock_index_usual: tuple[Decimal, Decimal]
    shock_index_concern: Decimal = Field(gt=0, lt=3)
    modified_usual: tuple[Decimal, Decimal]

    @model_validator(mode="after")
    def _ordered(self) -> HemodynamicsTable:
        for name, (lo, hi) in (
            ("shock_index_usual", self.shock_index_usual),
            ("modified_usual", self.modified_usual),
        ):
            if lo >= hi:
                raise ValueError(f"{name} must rise")
        if self.shock_index_concern < self.shock_index_usual[1]:
            raise ValueError("shock_index_concern must not lie inside shock_index_usual")
        return self


@dataclass(frozen=True, slots=True)
class PressureReading:
    """One cuff measurement in mmHg at a time in seconds; `mean` is the monitor's own, None when it gave none."""

    at_s: float
    sbp: int
    dbp: int
    mean: int | None = None


@dataclass(frozen=True, slots=True)
class RateReading:
    """One heart rate per minute at a time in seconds."""

    at_s: float
    hr: int


@dataclass(frozen=True, slots=True)
class Indices:
    """MAP in mmHg, shock index, modified shock index; None where a value would be a guess, and `why` says so."""

    map_mmhg: Decimal
    map_calculated: bool
    shock_index: Decimal | None
    modified: Decimal | None
    beta_blocker: bool
    why: str = ""
    concern: bool = False
    """Whether the shock index is at or above the clinic's line."""
    usual: str = ""
    """What is usual, where one of the two is not."""

    @property
    def text(self) -> str:
        """One line for the screen: `MAP 93.3 mmHg calc · SI 0.60 · MSI 0.77 · BB`."""
        parts = [f"MAP {self.map_mmhg} mmHg{' calc' if self.map_calculated else ''}"]
        if self.shock_index is None:
            parts.append(f"SI -- ({self.why})")
        else:
            parts += [self.shock_text, f"MSI {self.modified}", *([self.usual] if self.usual else [])]
        return " · ".join([*parts, "BB"] if self.beta_blocker else parts)

    @property
    def shock_text(self) -> str:
        """`SI 1.00 HIGH`, or "" where no heart rate belongs to the pressure."""
        if self.shock_index is None:
            return ""
        return f"SI {self.shock_index}{' HIGH' if self.concern else ''}"


def mean_pressure(sbp: int, dbp: int) -> Decimal:
    """Calculated mean arterial pressure in mmHg, unrounded; refuses a diastolic that is not below the systolic."""
    if not 0 < dbp < sbp:
        raise CommandRefused(f"Pressure {sbp}/{dbp}: the diastolic must be below the systolic")
    return dbp + Decimal(sbp - dbp) / 3


def heart_rate_at(pressure_at_s: float, rates: Iterable[RateReading]) -> int | None:
    """The heart rate nearest to the time of the pressure, within 60 s; the earlier one of two that are equally near."""
    near = [rate for rate in rates if abs(rate.at_s - pressure_at_s) <= PAIR_WITHIN_S]
    return min(near, key=lambda rate: (abs(rate.at_s - pressure_at_s), rate.at_s)).hr if near else None


def indices(
    pressure: PressureReading,
    rates: Iterable[RateReading],
    table: HemodynamicsTable | None = None,
    *,
    beta_blocker: bool = False,
) -> Indices:
    """The indices of one pressure reading, marked by the clinic's table where there is one; the shock indices need a
    heart rate within 60 s of it."""
    found = _indices(pressure, rates, beta_blocker=beta_blocker)
    return found if table is None else _marked(found, table)


def _indices(pressure: PressureReading, rates: Iterable[RateReading], *, beta_blocker: bool) -> Indices:
    exact = mean_pressure(pressure.sbp, pressure.dbp) if pressure.mean is None else Decimal(pressure.mean)
    shown = rounded(exact, 1) if pressure.mean is None else exact
    rate = heart_rate_at(pressure.at_s, rates)
    if rate is None or exact <= 0:
        why = f"no heart rate within {PAIR_WITHIN_S} s" if rate is None else "mean pressure 0"
        return Indices(shown, pressure.mean is None, None, None, beta_blocker, why)
    return Indices(
        shown,
        pressure.mean is None,
        rounded(Decimal(rate) / pressure.sbp, 2),
        rounded(Decimal(rate) / exact, 2),
        beta_blocker,
    )


def _marked(found: Indices, table: HemodynamicsTable) -> Indices:
    """With the clinic's marks: they are shown, never sounded."""
    if found.shock_index is None or found.modified is None:
        return found
    (low, high), (modified_low, modified_high) = table.shock_index_usual, table.modified_usual
    is_usual = low <= found.shock_index <= high and modified_low <= found.modified <= modified_high
    usual = "" if is_usual else f"usual SI {low}-{high}, MSI {modified_low}-{modified_high}"
    return replace(found, concern=found.shock_index >= table.shock_index_concern, usual=usual)
