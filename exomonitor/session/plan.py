"""What a session is about before it starts: patient, product, order, line, and the devices bound to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from exomonitor.clinical.rates import RampStep, RatePlan, constant_plan, ramp_plan
from exomonitor.clock import Instant
from exomonitor.session.recent import Recent


class SourceCell(StrEnum):
    """The cell that the exosomes come from."""

    MSC = "MSC"
    DENDRITIC = "dendritic cell"


class AllergyState(StrEnum):
    """What is known of allergies. Not asked is not the same as none."""

    LIST = "list"
    NONE_KNOWN = "none_known"
    NOT_ASKED = "not_asked"


NONE_KNOWN_TEXT = "none known"
_PLANS: Recent[RatePlan] = Recent()


def allergy_state_of(text: str) -> AllergyState:
    """What a text about allergies says, where nobody said it apart."""
    if not text.strip():
        return AllergyState.NOT_ASKED
    return AllergyState.NONE_KNOWN if text.strip().casefold() == NONE_KNOWN_TEXT else AllergyState.LIST


@dataclass(frozen=True, slots=True)
class Patient:
    """Who is in the chair; `identifiers` are the kinds that were checked (name, born, mrn), never the room."""

    name: str
    born: str
    mrn: str
    identifiers: tuple[str, ...]
    allergies: str
    id: str = ""
    """In the clinic's record of patients; "" in sessions from before there was one."""
    how: str = ""
    allergy_state: str = ""
    weight_kg: Decimal | None = None
    beta_blocker: bool | None = None
    ace_inhibitor: bool | None = None
    asthma_copd: bool | None = None
    anticoagulant: bool | None = None
    pregnant: bool | None = None
    infection_today: bool | None = None
    scale2: bool = False
    """Whether SpO2 is scored on NEWS2 scale 2: a prescriber has said so."""

    @property
    def allergies_asked(self) -> bool:
        """Whether somebody asked: a list, or that none are known."""
        return (self.allergy_state or allergy_state_of(self.allergies)) != AllergyState.NOT_ASKED

    @property
    def initials(self) -> str:
        """Initials for screens that must not identify."""
        return "".join(part[0] for part in self.name.replace(",", " ").split())


@dataclass(frozen=True, slots=True)
class Product:
    """The bag: source cell, lot and expiry (ISO date, usable through that day). What only a bag of the clinic's own
    preparation has is empty for a bag that was typed by hand."""

    source_cell: SourceCell
    lot: str
    expiry: str
    gtin: str = ""
    serial: str = ""
    bag: str = ""
    """In the clinic's list of bags; "" = not prepared there."""
    in_use_expiry: str = ""
    """Until when it may be used after the thaw (UTC, ISO 8601), where somebody said so."""
    concentration: Decimal | None = None
    """Of the lot, in billions of particles per mL."""
    dose_billion: Decimal | None = None
    volume_ml: Decimal | None = None
    """What the bag holds, as prepared."""
    endotoxin_eu_ml: Decimal | None = None
    """Of the bag, as infused."""
    label_patient: str = ""
    """Whom the bag is labelled for: the MRN on the label."""
    scanned: bool = False
    raw: str = ""
    """The scan as sent, control characters escaped."""
    second: str = ""
    """Who vouched for an entry that was typed by hand."""
    released_by: str = ""
    stopped: str = ""
    """Why this bag may not be given, as known when it was entered."""


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
    source_cell: SourceCell | None = None
    indication: str = ""
    order_date: str = ""
    hydration: str = ""
    special_limits: str = ""
    prescriber_id: str = ""
    confirmed_by: str = ""
    """Who as the second person took what lies outside the usual range."""
    way: str = ""
    """How the order came: session.ordering.WAYS."""
    endotoxin_eu_kg_h: Decimal | None = None
    """The load above the clinic's limit that a prescriber accepted."""
    endotoxin_by: str = ""

    def rate_plan(self) -> RatePlan:
        """The planned rates in mL/h over time."""
        return _PLANS.answer(self, None, self._rate_plan)

    def _rate_plan(self) -> RatePlan:
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
    device: str = ""
    patent: bool | None = None
    dedicated: bool | None = None
    filter: str = ""
    inserted_by: str = ""
    inserted: Instant | None = None
    attempts: int | None = None
    phlebitis: int | None = None
    infiltration: int | None = None
    placed_outside: bool = False


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
