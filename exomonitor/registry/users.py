"""The people who may sign in, with their roles."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.registry.table import RegistryTable


@dataclass(frozen=True, slots=True)
class User:
    """One record."""

    id: str


TABLE = RegistryTable("users")
