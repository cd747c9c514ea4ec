"""The product before it is given: how long it may be used, its thaw, its endotoxin load, and a stopped lot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

from exomonitor.clinical.ranges import Check, DoseVerdict
from exomonitor.errors import CommandRefused
from exomonitor.units import rounded

EXPECTED_THAWS = 1


class Source(StrEnum):
    """The cells that the product comes from."""

    MSC = "MSC"
    DENDRITIC = "dendritic cell"


@dataclass(frozen=True, slots=True)
class Usable:
    """Whether the product may be used now, the instant until which it may (UTC), and a sentence when it may not."""

    ok: bool
    until: datetime
    sentence: str = ""
    notice: str = ""


def check_usable(
    expiry: date,
    in_use_until: datetime | None,
    now: datetime,
    clinic_zone: tzinfo,
    planned_end: datetime | None = None,
) -> Usable:
    """Judge a product by its expiry date, through whose end in the clinic it may be used, and the stricter in-use time.

    All times aware. `planned_end` gives a notice when the product would expire before the infusion ends.
    """
    for moment in (now, in_use_until, planned_end):
        if moment is not None and moment.tzinfo is None:
            raise ValueError("a time without a zone cannot be judged")
    day_after = expiry + timedelta(days=1)
    midnight = datetime(day_after.year, day_after.month, day_after.day, tzinfo=clinic_zone).astimezone(now.tzinfo)
    if now.astimezone(clinic_zone).date() > expiry:
        return Usable(ok=False, until=midnight, sentence=f"EXPIRED on {expiry}: do not use")
    if in_use_until is not None and now > in_use_until:
        local = in_use_until.astimezone(clinic_zone)
        return Usable(ok=False, until=in_use_until, sentence=f"In-use time ended at {local:%Y-%m-%d %H:%M}: do not use")
    until = midnight if in_use_until is None else min(midnight, in_use_until)
    notice = ""
    if planned_end is not None and planned_end > until:
        notice = f"The product may be used until {until.astimezone(clinic_zone):%H:%M}, the infusion would end after it"
    return Usable(ok=True, until=until, notice=notice)


@dataclass(frozen=True, slots=True)
class EndotoxinLoad:
    """The load in EU/kg/h, unrounded, and whether it is within the limit; exactly the limit is within it."""

    eu_kg_h: Decimal
    ok: bool
    limit: Decimal

    @property
    def sentence(self) -> str:
        """The load as the preparation page says it."""
        shown = f"Endotoxin load {rounded(self.eu_kg_h, 2)} EU/kg/h"
        return f"{shown} (limit {self.limit})" if self.ok else f"{shown}, ABOVE the limit of {self.limit}"


def endotoxin_load(eu_per_ml: Decimal, rate_ml_h: Decimal, weight_kg: Decimal, limit: Decimal) -> EndotoxinLoad:
    """The load at a rate in mL/h of a fluid with so many EU/mL, against the clinic's limit; take a ramp's top rate."""
    if weight_kg <= 0 or eu_per_ml < 0 or rate_ml_h < 0:
        raise CommandRefused("Endotoxin load needs a weight above 0, and a content and rate that are not negative")
    load = eu_per_ml * rate_ml_h / weight_kg
    # Compared without dividing: the limit exactly is allowed, whatever the weight.
    return EndotoxinLoad(load, eu_per_ml * rate_ml_h <= limit * weight_kg, limit)


@dataclass(frozen=True, slots=True)
class Thaw:
    """The thaw record of one container; times aware; None = not recorded."""

    removed_at: datetime | None
    complete_at: datetime | None
    in_use_until: datetime | None
    cycles: int | None
    appearance_ok: bool | None
    temperature_log_ok: bool | None


def check_thaw(thaw: Thaw) -> tuple[Check, ...]:
    """What is wrong with a thaw record, gravest first; REJECT blocks, OVERRIDE needs a reason and a second person."""
    found: list[Check] = []
    if thaw.appearance_ok is False:
        found.append(Check(DoseVerdict.REJECT, "The product does not look right: do not use"))
    if thaw.temperature_log_ok is False:
        found.append(Check(DoseVerdict.REJECT, "The temperature log shows an excursion: the container is quarantined"))
    if _out_of_order(thaw.removed_at, thaw.complete_at):
        found.append(Check(DoseVerdict.REJECT, "Thawed before it was taken from storage: check the times"))
    if _out_of_order(thaw.complete_at, thaw.in_use_until):
        found.append(Check(DoseVerdict.REJECT, "The in-use time ends before the thaw is complete: check the times"))
    if thaw.cycles is not None and thaw.cycles < 0:
        found.append(Check(DoseVerdict.REJECT, "The number of thaws cannot be below 0"))
    elif thaw.cycles is not None and thaw.cycles > EXPECTED_THAWS:
        found.append(
            Check(DoseVerdict.OVERRIDE, f"Thawed {thaw.cycles} times, once is expected: a reason and a second person")
        )
    missing = [name for name, value in _thaw_fields(thaw).items() if value is None]
    if missing:
        found.append(Check(DoseVerdict.OVERRIDE, f"Thaw record not complete: {', '.join(missing)}"))
    return tuple(found)


def _thaw_fields(thaw: Thaw) -> Mapping[str, object]:
    return {
        "removed from storage": thaw.removed_at,
        "thaw complete": thaw.complete_at,
        "in-use time": thaw.in_use_until,
        "number of thaws": thaw.cycles,
        "appearance": thaw.appearance_ok,
        "temperature log": thaw.temperature_log_ok,
    }


def _out_of_order(first: datetime | None, second: datetime | None) -> bool:
    return first is not None and second is not None and second < first


def count_method_note(earlier: str | None, now: str | None) -> str:
    """The note that belongs to doses counted by different methods; empty when they may be compared."""
    if earlier is None:
        return ""
    if now is None:
        return "Count method not recorded: do not compare this dose with earlier ones"
    if earlier.strip().casefold() == now.strip().casefold():
        return ""
    return f"Counted by {now}, earlier by {earlier}: particle counts of different methods cannot be compared"
