"""The registry: all tables as they stand after the entries that concern them, and how one more entry changes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from exomonitor.registry import aftercare, library, lots, patients, sound_tests, users, visits
from exomonitor.registry.doubts import Doubts
from exomonitor.registry.lots import Bag, Use
from exomonitor.registry.table import Change
from exomonitor.session.entry import Entry, Event

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Registry:
    """Records by their ids. Frozen: an entry makes a new one, so that any thread may look at an old one."""

    users: Mapping[str, users.User] = field(default_factory=lambda: _NOTHING)
    patients: Mapping[str, patients.PatientRecord] = field(default_factory=lambda: _NOTHING)
    lots: Mapping[str, lots.Lot] = field(default_factory=lambda: _NOTHING)
    bags: Mapping[str, Bag] = field(default_factory=lambda: _NOTHING)
    uses: Mapping[str, Use] = field(default_factory=lambda: _NOTHING)
    visits: Mapping[str, visits.Visit] = field(default_factory=lambda: _NOTHING)
    aftercare: Mapping[str, aftercare.Aftercare] = field(default_factory=lambda: _NOTHING)
    library: Mapping[str, library.Adopted] = field(default_factory=lambda: _NOTHING)
    sound_tests: Mapping[str, sound_tests.SoundTest] = field(default_factory=lambda: _NOTHING)
    doubts: Doubts = field(default_factory=Doubts)
    """What of all that cannot be read."""


_STEPS: dict[type[Event], tuple[tuple[str, Change], ...]] = {}
_TABLES = (
    users.TABLE,
    patients.TABLE,
    lots.TABLE,
    lots.BAGS,
    lots.USES,
    visits.TABLE,
    aftercare.TABLE,
    library.TABLE,
    sound_tests.TABLE,
)
for _table in _TABLES:
    for _event, _change in _table.steps.items():
        _STEPS[_event] = (*_STEPS.get(_event, ()), (_table.name, _change))
WATCHED: tuple[type[Event], ...] = tuple(_STEPS)
"""The events that the registry heeds, whichever session they belong to."""


def load_registry(
    entries: Iterable[Entry], passed_over: tuple[type[Exception], ...] = (), doubts: Doubts | None = None
) -> Registry:
    """The registry after `entries` in journal order. `passed_over`: what one may raise that builds on a lost one;
    `doubts`: which are lost."""
    tables: dict[str, dict[str, Any]] = {f.name: {} for f in fields(Registry) if f.name != "doubts"}
    for entry in entries:
        for name, change in _STEPS.get(type(entry.event), ()):
            with suppress(*passed_over):
                change(tables[name], entry, entry.event)
    kept: dict[str, Any] = {name: MappingProxyType(records) for name, records in tables.items()}
    return Registry(**kept, doubts=doubts or Doubts())


def heed(registry: Registry, entry: Entry) -> Registry:
    """The registry after one more entry; the same one where it says nothing about it."""
    for name, change in _STEPS.get(type(entry.event), ()):
        records = dict(getattr(registry, name))
        change(records, entry, entry.event)
        changed: dict[str, Any] = {name: MappingProxyType(records)}
        registry = replace(registry, **changed)
    return registry
