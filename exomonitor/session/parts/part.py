"""What one part of a visit brings: how its events move its share of the state, and how each is told in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry, Event

Step = Callable[[Any, Entry, Any], Any]
"""(share of the state, entry, its event) -> the share after it."""
Teller = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Part:
    """`name` is the field of the part's share in SessionState. `records`: what each command leaves in the journal, so
    that an interrupted script knows what is done."""

    name: str
    steps: Mapping[type[Event], Step] = field(default_factory=lambda: MappingProxyType({}))
    tellers: Mapping[type[Event], Teller] = field(default_factory=lambda: MappingProxyType({}))
    records: Mapping[type[Command], type[Event]] = field(default_factory=lambda: MappingProxyType({}))
