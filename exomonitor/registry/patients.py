"""The patients that the clinic knows."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.registry.table import RegistryTable


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """One record."""

    id: str


TABLE = RegistryTable("patients")
