"""The endotoxin that this bag brings at the top rate of this order, for this patient, against the clinic's limit."""

from __future__ import annotations

from decimal import Decimal

from exomonitor.clinical.product import EndotoxinLoad, endotoxin_load
from exomonitor.session.plan import Order, Patient, Product


def load_of(
    product: Product | None, order: Order | None, patient: Patient | None, limit: Decimal
) -> EndotoxinLoad | None:
    """The load in EU/kg/h against `limit`; None where content, rate or weight is not known."""
    content, weight = _known(product, patient)
    if order is None or content is None or weight is None:
        return None
    top = max(step.rate_ml_h for step in order.rate_plan().steps)
    return endotoxin_load(content, top, weight, limit)


def unknown_why(product: Product | None, patient: Patient | None) -> str:
    """What is missing to say anything of the load; "" = nothing."""
    content, weight = _known(product, patient)
    return "endotoxin not recorded" if content is None else "weight not recorded" if weight is None else ""


def _known(product: Product | None, patient: Patient | None) -> tuple[Decimal | None, Decimal | None]:
    """EU/mL of what is infused, and kg of body weight."""
    weight = patient.weight_kg if patient is not None else None
    return product.endotoxin_eu_ml if product is not None else None, weight if weight and weight > 0 else None


def endotoxin_why(product: Product | None, order: Order | None, patient: Patient | None, limit: Decimal) -> str:
    """Why a prescriber must still sign for the load; "" where it is within the limit, accepted, or not known."""
    load = load_of(product, order, patient, limit)
    if load is None or load.ok:
        return ""
    accepted = order.endotoxin_eu_kg_h if order is not None else None
    return "" if accepted is not None and load.eu_kg_h <= accepted else load.sentence
