"""What is left to do after a visit: calls, triage, the next dose."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.registry.table import RegistryTable


@dataclass(frozen=True, slots=True)
class Aftercare:
    """One record."""

    id: str


TABLE = RegistryTable("aftercare")
