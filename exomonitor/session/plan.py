"""What a session is about before it starts: patient, product, order, line, and the devices bound to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from exomonitor.clinical.rates import RampStep, RatePlan, constant_plan, ramp_plan


class SourceCell(StrEnum):
    """The cell that the exosomes come from."""

    MSC = "MSC"
    DENDRITIC = "dendritic cell"


@dataclass(frozen=True, slots=True)
class Patient:
    """Who is in the chair; `identifiers` are the kinds that were checked (name, born, mrn), never the room."""

    name: str
    born: str
    mrn: str
    identifiers: tuple[str, ...]
    allergies: str

    @property
    def initials(self) -> str:
        """Initials for screens that must not identify."""
        return "".join(part[0] for part in self.name.replace(",", " ").split())


@dataclass(frozen=True, slots=True)
class Product:
    """The bag: source cell, lot and expiry (ISO date, usable through that day)."""

    source_cell: SourceCell
    lot: str
    expiry: str

    def expired_on(self, day: date) -> bool:
        """Whether the product may no longer be used on `day` (local)."""
        return day > date.fromisoformat(self.expiry)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be given: dose in billions of particles, bag volume in mL, minutes, and the ramp (empty =
    constant rate)."""

    dose_billion: Decimal
    volume_ml: Decimal
    minutes: Decimal
    ramp: tuple[RampStep, ...] = ()
    line_ml: Decimal = Decimal(0)
    first_dose: bool = True
    prescriber: str = ""
    premedication: str = ""

    def rate_plan(self) -> RatePlan:
        """The planned rates in mL/h over time."""
        if self.ramp:
            return ramp_plan(self.volume_ml, self.minutes, self.ramp)
        return constant_plan(self.volume_ml, self.minutes)


@dataclass(frozen=True, slots=True)
class Line:
    """The IV access: where, which side, gauge, and the arms of cuff and SpO2 probe."""

    site: str
    side: str
    gauge: str
    cuff_arm: str = ""
    spo2_site: str = ""


@dataclass(frozen=True, slots=True)
class BoundDevice:
    """A device pinned to the session: catalogue key, role, channel, and its own model and serial number when
    it told them."""

    role: str
    key: str
    source: str
    channel: str = ""
    model: str = ""
    serial: str = ""
    grade: str = ""
