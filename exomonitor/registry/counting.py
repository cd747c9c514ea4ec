"""Whether the particles of this dose were counted as those of the patient's earlier ones: else doses do not compare."""

from __future__ import annotations

from exomonitor.clinical.product import count_method_note
from exomonitor.registry.course_of import visits_of
from exomonitor.registry.registry import Registry


def counting_note(registry: Registry, patient: str, session: str, lot: str) -> str:
    """The note that belongs to this lot beside the patient's newest earlier dose whose method is on record, or ""."""
    if not patient or not lot:
        return ""
    earlier = [
        method
        for visit in visits_of(registry, patient, but=session)
        if visit.exposed
        for one in visit.lots
        if (method := _method(registry, one))
    ]
    return count_method_note(earlier[0], _method(registry, lot)) if earlier else ""


def _method(registry: Registry, lot: str) -> str | None:
    known = registry.lots.get(lot)
    return known.count_method or None if known is not None else None
