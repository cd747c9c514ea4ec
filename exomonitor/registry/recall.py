"""A lot is recalled: every visit that had it, with whom to call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exomonitor.registry.registry import Registry
from exomonitor.registry.shelf import uses_of


@dataclass(frozen=True, slots=True)
class Recalled:
    """One visit that had the lot; `at` is when the bag was entered (UTC). "" = not known here."""

    session: str
    study_id: str
    patient: str
    name: str
    mrn: str
    phone: str
    at: datetime
    bags: tuple[str, ...]
    started: bool


def recall(registry: Registry, lot: str) -> tuple[Recalled, ...]:
    """Every visit with this lot, newest first, also those that never started."""
    found = []
    for use in uses_of(registry.uses, lot):
        visit = registry.visits.get(use.session)
        patient = registry.patients.get(visit.patient) if visit is not None else None
        found.append(
            Recalled(
                use.session,
                visit.study_id if visit is not None else "",
                visit.patient if visit is not None else "",
                patient.name if patient is not None else "",
                patient.mrn if patient is not None else "",
                patient.phone if patient is not None else "",
                use.at,
                use.bags,
                visit is not None and visit.started is not None,
            )
        )
    return tuple(found)
