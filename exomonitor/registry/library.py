"""The protocols that the clinic has adopted."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.registry.table import RegistryTable


@dataclass(frozen=True, slots=True)
class Adopted:
    """One record."""

    id: str


TABLE = RegistryTable("library")
