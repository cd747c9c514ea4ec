"""Lots and bags: certificates, release, quarantine."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.registry.table import RegistryTable


@dataclass(frozen=True, slots=True)
class Lot:
    """One record."""

    id: str


TABLE = RegistryTable("lots")
