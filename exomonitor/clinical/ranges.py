"""Which entries are ordinary, which need a second look, which are refused: for orders and typed vital signs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from exomonitor.units import CELSIUS, ML, ML_H, MMHG, PER_MIN, PERCENT, Span


class DoseVerdict(StrEnum):
    """What may be done with an order's number: take it, take it with a reason and a second person, or ask again."""

    OK = "ok"
    OVERRIDE = "override"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Check:
    """A verdict, and the sentence for the person; the sentence is empty when there is nothing to say."""

    verdict: DoseVerdict
    message: str = ""

    @property
    def ok(self) -> bool:
        """Whether the number needs no second look."""
        return self.verdict is DoseVerdict.OK


@dataclass(frozen=True, slots=True)
class Band:
    """Two nested inclusive ranges: the ordinary one (`ok_lo` to `ok_hi`), and the one that needs a reason."""

    ok_lo: Decimal
    ok_hi: Decimal
    lo: Decimal
    hi: Decimal

    def __post_init__(self) -> None:
        if not self.lo <= self.ok_lo <= self.ok_hi <= self.hi:
            raise ValueError(f"ranges {self.ok_lo}-{self.ok_hi} and {self.lo}-{self.hi} are not nested")

    def verdict(self, number: Decimal) -> DoseVerdict:
        """Where the number lies; both ends of both ranges belong to them."""
        if self.ok_lo <= number <= self.ok_hi:
            return DoseVerdict.OK
        return DoseVerdict.OVERRIDE if self.lo <= number <= self.hi else DoseVerdict.REJECT


@dataclass(frozen=True, slots=True)
class OrderRanges:
    """The ranges for an order: dose in billions, planned minutes, volume in mL."""

    dose_billions: Band = Band(Decimal("1.0"), Decimal("10.0"), Decimal("0.1"), Decimal(100))
    minutes: Band = Band(Decimal("29.5"), Decimal("60.5"), Decimal(5), Decimal(240))
    volume_ml: Band = Band(Decimal(20), Decimal(500), Decimal(5), Decimal(1000))


DEFAULT_RANGES = OrderRanges()


@dataclass(frozen=True, slots=True)
class EntryLimit:
    """The span that a typed value must lie in, and the usual range; outside that, "are you sure?" is asked."""

    span: Span
    usual_lo: Decimal
    usual_hi: Decimal

    def is_unusual(self, number: Decimal) -> bool:
        """Whether an accepted number deserves a second look."""
        return not self.usual_lo <= number <= self.usual_hi


DOSE_SPAN = Span("Dose", "billion", Decimal("0.1"), Decimal(100), 2)
VOLUME_SPAN = Span("Volume", ML, Decimal(5), Decimal(1000), 1)
RATE_SPAN = Span("Rate", ML_H, Decimal(0), Decimal(1200), 1)
INFUSED_SPAN = Span("Volume infused", ML, Decimal(0), Decimal(2000), 2)
FLUSH_SPAN = Span("Flush", ML, Decimal(0), Decimal(250), 1)
DEADSPACE_SPAN = Span("Volume of the line", ML, Decimal(0), Decimal(50), 1)
FAHRENHEIT_SPAN = Span("Temperature", "degF", Decimal(86), Decimal(110), 1)


def _limit(name: str, unit: str, ends: tuple[str, str], usual: tuple[str, str], decimals: int = 0) -> EntryLimit:
    span = Span(name, unit, Decimal(ends[0]), Decimal(ends[1]), decimals)
    return EntryLimit(span, Decimal(usual[0]), Decimal(usual[1]))


ENTRY_LIMITS: dict[str, EntryLimit] = {
    "hr": _limit("Heart rate", PER_MIN, ("20", "300"), ("30", "220")),
    "nibp_sys": _limit("Systolic pressure", MMHG, ("40", "300"), ("60", "260")),
    "nibp_dia": _limit("Diastolic pressure", MMHG, ("15", "200"), ("30", "150")),
    "rr": _limit("Respiratory rate", PER_MIN, ("0", "80"), ("4", "60")),
    "spo2": _limit("SpO₂", PERCENT, ("40", "100"), ("70", "100")),
    "temp": _limit("Temperature", CELSIUS, ("30.0", "43.0"), ("34.0", "41.0"), 1),
    "oxygen_l_min": _limit("Oxygen flow", "L/min", ("0.1", "70"), ("0.5", "15"), 1),
    "pain": _limit("Pain", "1", ("0", "10"), ("0", "10")),
    "weight": _limit("Weight", "kg", ("20", "300"), ("30", "250"), 1),
}
"""Typed vital signs by field name; temperature in degrees Celsius."""
