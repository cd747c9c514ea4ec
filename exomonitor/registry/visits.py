"""Every session as the course of its patient sees it: when, how much, how bad a reaction."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.registry.table import RegistryTable


@dataclass(frozen=True, slots=True)
class Visit:
    """One record."""

    id: str


TABLE = RegistryTable("visits")
