"""Who saw what: looks at names, exports, overrides, sign-ins and failed ones, locks; as lines, and to search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exomonitor.clock import Instant
from exomonitor.registry.holds import HoldLifted
from exomonitor.registry.lot_events import QuarantineLifted
from exomonitor.registry.registry import Registry
from exomonitor.registry.users import UserAdded, UserChanged
from exomonitor.session.entry import Entry, Event
from exomonitor.session.events import GateOverridden
from exomonitor.session.machine_events import ExportMade
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.alarm_limits import AlarmLimitsSet
from exomonitor.session.parts.course import DoseTimingAccepted
from exomonitor.session.parts.double_check import SingleNurseAccepted
from exomonitor.session.parts.handover import SignedIn, SignedOut, TakenOver
from exomonitor.session.parts.supply import PreparedDoseAccepted
from exomonitor.session.parts.wristband import EnteredBeforeWristband
from exomonitor.session.trust_events import (
    DoubtfulProof,
    KeyTaken,
    PeopleTakenOver,
    RecordDoubted,
    RecordRestored,
    RecordTaken,
    RecordViewed,
    ScreenLocked,
    SignInFailed,
)

KINDS: Mapping[str, tuple[type[Event], ...]] = {
    "looks": (RecordViewed,),
    "exports": (ExportMade, RecordTaken),
    "failed": (SignInFailed, DoubtfulProof),
    "overrides": (
        *(GateOverridden, DoseTimingAccepted, SingleNurseAccepted, PreparedDoseAccepted, EnteredBeforeWristband),
        *(AlarmLimitsSet, HoldLifted, QuarantineLifted),
    ),
    "others": (
        *(ScreenLocked, SignedIn, SignedOut, TakenOver, UserAdded, UserChanged),
        *(KeyTaken, RecordRestored, RecordDoubted, PeopleTakenOver),
    ),
}
"""What there is, by a word for it."""
_WHOM = ("user", "second", "prescriber", "signed_by")
"""Where an entry names another person."""
ACCESS: tuple[type[Event], ...] = tuple(event for events in KINDS.values() for event in events)
"""The types of entries that say who came in, who looked, who took something along, and who went another way."""


def _tell_changed(event: UserChanged) -> str:
    news = (
        ("roles: " + (", ".join(event.roles or ()) or "none"), event.roles is not None),
        ("account ended", event.retired is True),
        ("account open again", event.retired is False),
        ("another PIN", bool(event.pin_hash)),
        ("another badge" if event.badge_digest else "no badge any more", event.badge_changed),
        ("another phone number", event.phone_changed),
    )
    return "Account changed: " + (", ".join(words for words, told in news if told) or "nothing")


_TOLD: Mapping[type[Event], Callable[[Any], str]] = {
    UserAdded: lambda e: f"Account made: {', '.join(e.roles) or 'no role'}",
    UserChanged: _tell_changed,
    HoldLifted: lambda e: f"Hold on the next dose lifted: {e.reason}",
    QuarantineLifted: lambda e: f"Quarantine of lot {e.lot} lifted: {e.reason}",
}
"""What is about no session, and so stands in no session's narrative."""


@dataclass(frozen=True, slots=True)
class Access:
    """One of them. `whom`: another person it is about; `session` and `patient` by their ids, "" = none."""

    at: Instant
    station: str
    kind: str
    who: str
    what: str
    whom: str = ""
    session: str = ""
    patient: str = ""


def accesses(entries: Iterable[Entry], staff: Mapping[str, tuple[str, str]]) -> Iterator[Access]:
    """What entries of these types say, oldest first."""
    kind_of = {event: kind for kind, events in KINDS.items() for event in events}
    for entry in entries:
        event = entry.event
        who = staff.get(entry.actor, (entry.actor, ""))[0]
        whom = staff.get(next((of for name in _WHOM if (of := str(getattr(event, name, "")))), ""), ("", ""))[0]
        yield Access(
            entry.at,
            entry.station,
            kind_of.get(type(event), "others"),
            who,
            _TOLD[type(event)](event) if type(event) in _TOLD else sentence(event) or type(event).__name__,
            whom if whom != who else "",
            entry.session or str(getattr(event, "of_session", "") or getattr(event, "export_session", "")),
            str(getattr(event, "of_patient", "") or getattr(event, "patient", "")),
        )


def access_lines(entries: Iterable[Entry], staff: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """One line an entry, oldest first: when, where, who, what, of which session."""
    for one in accesses(entries, staff):
        parts = (one.what, one.whom, f"session {one.session}" if one.session else "", one.patient)
        yield f"{one.at.iso()}  {one.station}  {one.who}: {', '.join(part for part in parts if part)}"


def searched(
    found: Iterable[Access], registry: Registry, *, kind: str = "", person: str = "", patient: str = ""
) -> Iterator[Access]:
    """Those of a kind, by or about a person, and about a patient: each part as it is typed, "" = any. A patient is
    searched by name, MRN or the study id of a session."""
    people, patients = person.casefold().split(), patient.casefold().split()
    for one in found:
        if kind and one.kind != kind:
            continue
        if not _holds(f"{one.who} {one.whom}", people):
            continue
        if not patients or _holds(_whose(one, registry), patients):
            yield one


def patient_of(one: Access, registry: Registry) -> str:
    """The patient's id, also where only the session is told; "" = none."""
    visit = registry.visits.get(one.session)
    return one.patient or (visit.patient if visit is not None else "")


def study_id_of(one: Access, registry: Registry) -> str:
    """The study id of the session that it is about."""
    visit = registry.visits.get(one.session)
    return visit.study_id if visit is not None else one.session


def _whose(one: Access, registry: Registry) -> str:
    record = registry.patients.get(patient_of(one, registry))
    known = f"{record.facts.name} {record.facts.mrn}" if record is not None else ""
    return f"{known} {study_id_of(one, registry)}"


def _holds(text: str, words: Iterable[str]) -> bool:
    lowered = text.casefold()
    return all(word in lowered for word in words)
