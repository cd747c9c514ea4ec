"""The steps and drugs of the emergency page, and what its epinephrine card says for a patient's weight."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field, model_validator

from exomonitor.clinical.action_cards import Epinephrine
from exomonitor.clinical.tables import Row, SignedTable
from exomonitor.errors import CommandRefused
from exomonitor.units import Span, checked, rounded

FILE = "emergency.toml"
EPINEPHRINE = "epinephrine"
FIRST_STEPS = ("stop", "call", "airway", EPINEPHRINE)
"""The four large tiles of the reaction page: every table has them."""


class StepRow(Row):
    """One step: what its key says, and whether it may happen more than once."""

    key: str = Field(pattern=r"^[a-z_]+$")
    label: str = Field(min_length=1, max_length=22)
    note: str = ""
    repeats: bool = False
    names: bool = False


class DrugRow(Row):
    """One drug with the amounts and routes that have keys of their own; `highest`: more than that is a slip."""

    key: str = Field(pattern=r"^[a-z_]+$")
    label: str = Field(min_length=1, max_length=24)
    unit: str = Field(min_length=1)
    doses: tuple[Decimal, ...] = Field(min_length=1, max_length=4)
    highest: Decimal = Field(gt=0)
    routes: tuple[str, ...] = Field(min_length=1, max_length=4)

    @model_validator(mode="after")
    def _doses_are_possible(self) -> DrugRow:
        if any(not 0 < dose <= self.highest for dose in self.doses):
            raise ValueError(f"doses: {self.label} has an amount outside 0-{self.highest} {self.unit}")
        return self

    @property
    def span(self) -> Span:
        """What may be typed as an amount."""
        return Span(self.label, self.unit, Decimal("0.001"), self.highest, 3)


class EmergencyTable(SignedTable):
    """The page as the clinic wants it."""

    mark_min: int = Field(ge=1, le=15)
    step: tuple[StepRow, ...] = Field(min_length=4, max_length=12)
    drug: tuple[DrugRow, ...] = Field(min_length=1, max_length=8)

    @model_validator(mode="after")
    def _keys(self) -> EmergencyTable:
        for name, keys in (("step", [s.key for s in self.step]), ("drug", [d.key for d in self.drug])):
            if twice := sorted({key for key in keys if keys.count(key) > 1}):
                raise ValueError(f"{name}: the key {twice[0]} is used twice")
        if missing := [key for key in FIRST_STEPS if key not in {s.key for s in self.step}]:
            raise ValueError(f"step: {missing[0]} is missing")
        if EPINEPHRINE not in {d.key for d in self.drug}:
            raise ValueError(f"drug: {EPINEPHRINE} is missing")
        return self

    def step_of(self, key: str) -> StepRow:
        """A step by its key; CommandRefused for one that the page does not have."""
        found = next((one for one in self.step if one.key == key), None)
        if found is None:
            raise CommandRefused(f"{key!r} is not a step of the emergency page")
        return found

    def drug_of(self, key: str) -> DrugRow:
        """A drug by its key; CommandRefused for one that the page does not have."""
        found = next((one for one in self.drug if one.key == key), None)
        if found is None:
            raise CommandRefused(f"{key!r} is not a drug of the emergency page")
        return found

    def check_drug(self, key: str, dose: Decimal, unit: str, route: str) -> None:
        """Refuse an amount, unit or route that the table does not allow for the drug."""
        drug = self.drug_of(key)
        if unit != drug.unit:
            raise CommandRefused(f"{drug.label} is recorded in {drug.unit}, not in {unit or 'no unit'}")
        checked(dose, drug.span)
        if route not in drug.routes:
            raise CommandRefused(f"{drug.label}: route {route!r} is not one of {', '.join(drug.routes)}")


def im_dose_mg(weight_kg: Decimal | None, card: Epinephrine) -> Decimal | None:
    """The amount in mg that the card gives for a weight in kg, at most its maximum; None without a weight."""
    if weight_kg is None or weight_kg <= 0:
        return None
    return min(rounded(weight_kg * card.mg_per_kg, 2), card.max_mg)


def epinephrine_rule(card: Epinephrine) -> str:
    """What the card says for anybody: strength, route, mg for each kg, the most, and when again."""
    again = f"again after {card.repeat_from_min}-{card.repeat_to_min} min if ordered"
    return f"{card.strength} {card.route}: {card.mg_per_kg.normalize():f} mg/kg, at most {card.max_mg} mg, {again}"


def epinephrine_amount(weight_kg: Decimal | None, card: Epinephrine) -> str:
    """What that is for this patient: `For 70 kg: 0.5 mg = 0.5 mL of 1 mg/mL`. It is the clinic's order that counts."""
    dose = im_dose_mg(weight_kg, card)
    if dose is None or weight_kg is None:
        return f"Weight not recorded: at most {card.max_mg} mg"
    volume = f" = {dose} mL of 1 mg/mL" if _is_1_mg_ml(card) else ""
    return f"For {weight_kg.normalize():f} kg: {dose} mg{volume}"


def _is_1_mg_ml(card: Epinephrine) -> bool:
    return card.strength.replace(" ", "") == "1mg/mL"
