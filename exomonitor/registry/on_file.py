"""Whether the clinic has on file that the patient reacted to this product before: here, or elsewhere."""

from __future__ import annotations

from exomonitor.clock import local_day
from exomonitor.registry.course_of import visits_of
from exomonitor.registry.registry import Registry
from exomonitor.registry.visits import Visit
from exomonitor.session.parts.supply import hanging
from exomonitor.session.plan import Product
from exomonitor.session.state import SessionState

_NOTHING_TOLD = frozenset({"", "-", "no", "none", "nil", "none known", "none told"})


def reaction_on_file(registry: Registry, state: SessionState | None) -> str:
    """The earlier reaction in a few words, "" where none is on file: of a visit with the same lot, product or source
    cell, of an emergency after such a visit or without a visit before it, of a dose given elsewhere, or told by the
    patient or in a letter."""
    patient = state.patient if state is not None else None
    if state is None or patient is None:
        return ""
    bag = hanging(state.product, state.supply)
    for visit in visits_of(registry, patient.id, but=state.id):
        if visit.reactions and _counts(visit, bag, registry):
            return _words(visit)
    known = registry.patients.get(patient.id)
    told = known.facts.reactions_elsewhere.strip() if known is not None else ""
    return f"told: {told}" if told.casefold().strip(".") not in _NOTHING_TOLD else ""


def _counts(visit: Visit, bag: Product | None, registry: Registry) -> bool:
    """Whether the visit speaks of what hangs here. Of an emergency the session that it followed does; one that followed
    none may be of any product, and counts."""
    if not visit.is_emergency:
        return visit.day is not None and (visit.elsewhere or _is_same(visit, bag, registry))
    before = registry.visits.get(visit.after)
    return before is None or _is_same(before, bag, registry)


def _is_same(visit: Visit, bag: Product | None, registry: Registry) -> bool:
    """Whether the visit's bags held what hangs here. Where nobody has said what hangs, it counts as the same."""
    if bag is None or bag.lot in visit.lots or bag.source_cell in visit.sources:
        return True
    here = _product_name(bag.lot, registry)
    return bool(here) and any(_product_name(lot, registry) == here for lot in visit.lots)


def _product_name(lot: str, registry: Registry) -> str:
    return registry.lots[lot].receipt.product if lot in registry.lots else ""


def _words(visit: Visit) -> str:
    grade = f"grade {visit.worst_grade}" if visit.worst_grade else "not graded"
    lots = f", lot {' and '.join(visit.lots)}" if visit.lots else ""
    day = visit.day or local_day(visit.opened, visit.tz)
    where = ", elsewhere" if visit.elsewhere else f", emergency {visit.study_id}" if visit.is_emergency else ""
    return f"{grade} on {day}{where}{lots}"
