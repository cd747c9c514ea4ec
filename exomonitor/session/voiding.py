"""Which entries may be voided, and the state as it is without them: everything else in journal order once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.entry import Entry, Event
from exomonitor.session.parts import care_events, checks
from exomonitor.session.parts import leaving_events as leaving
from exomonitor.session.parts.corrections import EntryVoided

VOIDABLE: frozenset[type[Event]] = frozenset(
    {
        ev.ObservationRecorded,
        ev.ObservationMissed,
        ev.NoteAdded,
        ev.ReactionAction,
        checks.ChecklistRecorded,
        checks.PremedicationGiven,
        checks.HydrationGiven,
        care_events.SiteChecked,
        care_events.PatientSaid,
    }
)
"""Observation sets, notes, actions in a reaction, checklists, looks at the site, what the patient said."""
UNCOUNTED: frozenset[type[Event]] = frozenset({mv.ReadingsStored, mv.WavesStored})
"""Entries about stored batches: they move counters only, and a state does not keep them."""
_AMEND: frozenset[type[Event]] = frozenset({ev.PatientIdentified, ev.ProductEntered, ev.OrderEntered, ev.LineEntered})
_LEAVING: Mapping[type[Event], str] = MappingProxyType(
    {
        leaving.IvRemoved: "IV removal is corrected by recording it again with a reason, not voided",
        leaving.DischargeTasksAnswered: "An answer before leaving is taken back by answering again, not voided",
        leaving.PatientLeft: "How the patient left is not voided: once the record is signed, add to it",
        leaving.NextDoseDecided: "The next dose is not voided: decide it again, the last decision holds",
        leaving.FollowUpCalled: "A call is not voided: the prescriber settles what it told, or it is added to",
        leaving.TriageSettled: "What the prescriber settled is not voided: add to the record",
    }
)
"""Events of leaving and after it -> how they are put right instead: their visit may be signed, and a signed record
stays as it is."""
_REACTION: frozenset[type[Event]] = frozenset({ev.ReactionOpened, ev.ReactionDetailed})


def why_not_voidable(event: Event) -> str:
    """Why this entry cannot be voided, in one sentence; "" when it can."""
    kind = type(event)
    if kind in VOIDABLE:
        return ""
    if kind in _AMEND:
        return "This is corrected by entering it again with a reason, not voided"
    if kind in _REACTION:
        return "A reaction is not voided: say in its details what it was"
    if kind in _LEAVING:
        return _LEAVING[kind]
    if kind is EntryVoided:
        return "A void is final: record it anew"
    return "Only sets, notes, checklists, site checks and actions in a reaction can be voided"


def left(history: Iterable[Entry], voided: Iterable[int]) -> list[Entry]:
    """The history without what is void, and without the voids themselves."""
    gone = set(voided)
    return [entry for entry in history if entry.seq not in gone and not isinstance(entry.event, EntryVoided)]
