"""What the record already knows when an order is typed: the body weight, the bag, earlier doses. No widget."""

from __future__ import annotations

from exomonitor.engine.snapshot import Snapshot
from ui.pages.prepare.order_view import Known


def known_of(snapshot: Snapshot) -> Known:
    """Weight and endotoxin, as far as they are recorded."""
    session = snapshot.session
    patient = session.patient if session is not None else None
    product = session.product if session is not None else None
    return Known(
        patient.weight_kg if patient is not None else None,
        product.endotoxin_eu_ml if product is not None else None,
    )


def wants_ramp(snapshot: Snapshot) -> bool:
    """Whether this is a first-ever dose, or one after a reaction: then the protocol proposes its ramp."""
    session = snapshot.session
    patient = session.patient if session is not None else None
    if session is None or patient is None or not patient.id:
        return True
    earlier = [
        visit
        for visit in snapshot.registry.visits.values()
        if visit.patient == patient.id and visit.id != session.id and visit.exposed
    ]
    return not earlier or any(visit.worst_grade >= 1 or visit.ungraded for visit in earlier)
