"""The protocols that the clinic has adopted: which, when, and by whom; the last one is in force from the next start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exomonitor.clock import Instant
from exomonitor.registry.table import RegistryTable
from exomonitor.session.entry import Entry, RegistryEvent, recorded


@recorded
@dataclass(frozen=True, slots=True)
class ProtocolAdopted(RegistryEvent):
    """An administrator put a protocol in force for the sessions that are opened from the next start on."""

    name: str
    version: str
    sha256: str
    rules_sha256: str
    before: str
    """Name and version of the one that it replaces."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """One adoption; `id` is the entry's number in the journal."""

    id: str
    seq: int
    name: str
    version: str
    sha256: str
    rules_sha256: str
    at: Instant
    by: str


def in_force(adopted: Mapping[str, Adopted]) -> Adopted | None:
    """The last adoption, None when there was none."""
    return max(adopted.values(), key=lambda one: one.seq, default=None)


def _adopted(records: dict[str, Any], entry: Entry, e: ProtocolAdopted) -> None:
    records[str(entry.seq)] = Adopted(
        str(entry.seq), entry.seq, e.name, e.version, e.sha256, e.rules_sha256, entry.at, entry.actor
    )


TABLE = RegistryTable("library", {ProtocolAdopted: _adopted})
