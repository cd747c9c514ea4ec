"""One table of the registry: how events change its records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from exomonitor.session.entry import Entry, Event

Change = Callable[[dict[str, Any], Entry, Any], None]
"""(records by id, entry, its event): puts new frozen records in place of old ones."""


@dataclass(frozen=True, slots=True)
class RegistryTable:
    """`name` is the table's field in Registry."""

    name: str
    steps: Mapping[type[Event], Change] = field(default_factory=lambda: MappingProxyType({}))
