"""One journal entry: the base of all events, their registry by name, and their plain form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from exomonitor.clock import Instant
from exomonitor.session.codec import build, to_plain

EVENTS: dict[str, type[Event]] = {}
E = TypeVar("E", bound="Event")


@dataclass(frozen=True, slots=True)
class Event:
    """The common ground of all events. Where one has `supersedes`, it corrects the entry with that seq, for
    `reason`."""


@dataclass(frozen=True, slots=True)
class RegistryEvent(Event):
    """An event of the whole clinic (a user, a patient, a lot): it belongs to the database, not to one session."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it stands in the journal."""

    seq: int
    session: str
    session_seq: int
    at: Instant
    tz: str
    actor: str
    station: str
    event: Event
    hash: str


def recorded(cls: type[E]) -> type[E]:
    """Class decorator: the journal knows this event by its class name."""
    EVENTS[cls.__name__] = cls
    return cls


def event_body(event: Event) -> dict[str, Any]:
    """The plain body of an event, private texts still in clear: sealing them is the recorder's work."""
    body = to_plain(event)
    assert isinstance(body, dict)
    return body


def event_from(type_name: str, body: Mapping[str, Any]) -> Event:
    """The event of a journal row. Raises KeyError for a type or field that this program does not know."""
    event = build(EVENTS[type_name], body)
    assert isinstance(event, Event)
    return event
