"""Every session as the course of its patient sees it: when, how much, how bad a reaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from exomonitor.clock import Instant, local_day
from exomonitor.registry.table import RegistryTable
from exomonitor.session import events as ev
from exomonitor.session.codec import private
from exomonitor.session.entry import Entry, Event, RegistryEvent, recorded
from exomonitor.session.parts.corrections import AddendumAdded, EntryVoided
from exomonitor.session.parts.emergency_events import DrugGiven, EmergencyEntryVoided, EmergencyStepDone
from exomonitor.session.parts.emergency_record import EMERGENCY, EmergencyFollowed, EmergencyWasOf
from exomonitor.session.parts.handover import SessionReviewed
from exomonitor.session.phases import Phase
from exomonitor.session.plan import SourceCell
from exomonitor.units import rounded

EPINEPHRINE = "epinephrine"
_NO_GRADES: Mapping[str, int | None] = MappingProxyType({})


@recorded
@dataclass(frozen=True, slots=True)
class EarlierDoseKnown(RegistryEvent):
    """A dose that this program did not see: given elsewhere, or before the clinic had it. `day` is its local date
    (ISO); `worst_grade` 0 = no reaction, None = not known."""

    visit: str
    patient: str
    day: str
    worst_grade: int | None = None
    dose_billion: Decimal | None = None
    text: str = private()


@dataclass(frozen=True, slots=True)
class Visit:
    """One session. `delivered_ml` is None until the end of the product is recorded, or where nobody knew;
    `reactions` holds the worst grade of each, None while it is not graded."""

    id: str
    study_id: str
    opened: Instant
    tz: str
    chair: str = ""
    simulated: bool = False
    patient: str = ""
    started: Instant | None = None
    day: date | None = None
    """The clinic's calendar date of the start."""
    phase: Phase = Phase.PREPARE
    dose_billion: Decimal | None = None
    volume_ml: Decimal | None = None
    lots: tuple[str, ...] = ()
    sources: tuple[SourceCell, ...] = ()
    delivered_ml: Decimal | None = None
    product_ended: bool = False
    reactions: Mapping[str, int | None] = field(default_factory=lambda: _NO_GRADES)
    open_reactions: tuple[str, ...] = ()
    epinephrine_entries: tuple[int, ...] = ()
    """The entries that say that it was given, those that are void taken out."""
    signed_hash: str = ""
    """What the signature stands on: the head of the session's chain."""
    head: str = ""
    """The head of that chain now, all that was added to a closed session included; "" while it is open."""
    kind: str = ""
    """`emergency`: a record of an emergency, no infusion and no exposure."""
    whose: int | None = None
    """The entry that says whose emergency it was; None = nobody has said."""
    after: str = ""
    """The session after which this emergency happened, "" = none that anybody has named."""
    emergencies: tuple[str, ...] = ()
    """The emergency records that happened after this session."""
    elsewhere: bool = False
    """Known from what somebody told, not from a record of this program."""

    @property
    def is_open(self) -> bool:
        """Whether the session is neither signed nor given up."""
        return self.phase.is_open

    @property
    def is_emergency(self) -> bool:
        """Whether it is the record of an emergency and not an infusion."""
        return self.kind == EMERGENCY

    @property
    def epinephrine(self) -> bool:
        """Whether epinephrine was given."""
        return bool(self.epinephrine_entries)

    @property
    def exposed(self) -> bool:
        """Whether product was given, or may have been: an aborted dose is an exposure too."""
        return self.day is not None and (self.delivered_ml is None or self.delivered_ml > 0)

    @property
    def worst_grade(self) -> int:
        """The worst grade that is recorded; 0 = none."""
        return max((grade for grade in self.reactions.values() if grade is not None), default=0)

    @property
    def ungraded(self) -> bool:
        """Whether a reaction has no grade yet."""
        return any(grade is None for grade in self.reactions.values())


def _opened(visits: dict[str, Any], entry: Entry, e: ev.SessionOpened) -> None:
    phase = Phase.EMERGENCY if e.kind == EMERGENCY else Phase.PREPARE
    visits[entry.session] = Visit(
        entry.session, e.study_id, entry.at, entry.tz, chair=e.chair, simulated=e.simulated, kind=e.kind, phase=phase
    )  # fmt: skip


def _known(step: Callable[[Visit, Entry, Any], Visit]) -> Callable[[dict[str, Any], Entry, Any], None]:
    """A change of the visit that the entry belongs to, where it is known."""

    def change(visits: dict[str, Any], entry: Entry, event: Event) -> None:
        visit: Visit | None = visits.get(entry.session)
        if visit is not None:
            visits[entry.session] = step(visit, entry, event)

    return change


def _patient(v: Visit, _: Entry, e: ev.PatientIdentified) -> Visit:
    return replace(v, patient=e.patient)


def _started(v: Visit, _: Entry, e: ev.SessionStarted) -> Visit:
    return replace(v, started=e.when, day=local_day(e.when, v.tz), phase=Phase.INFUSE)


def _order(v: Visit, _: Entry, e: ev.OrderEntered) -> Visit:
    return replace(v, dose_billion=e.dose_billion, volume_ml=e.volume_ml)


def _product(v: Visit, _: Entry, e: ev.ProductEntered) -> Visit:
    return replace(v, lots=tuple(dict.fromkeys((*v.lots[:-1], e.lot))), sources=(e.source_cell,))


def _ended(v: Visit, _: Entry, e: ev.ProductEnded) -> Visit:
    given = None if e.delivered_ml is None else rounded(e.delivered_ml, 3)
    return replace(v, delivered_ml=given, product_ended=True)


def _flushed(v: Visit, _: Entry, __: ev.FlushRecorded) -> Visit:
    return replace(v, phase=Phase.OBSERVE)


def _reaction(v: Visit, _: Entry, e: ev.ReactionOpened) -> Visit:
    graded = MappingProxyType({**v.reactions, e.reaction: None})
    return replace(v, reactions=graded, open_reactions=(*v.open_reactions, e.reaction))


def _details(v: Visit, _: Entry, e: ev.ReactionDetailed) -> Visit:
    graded = MappingProxyType({**v.reactions, e.reaction: e.grade})
    still_open = tuple(one for one in v.open_reactions if one != e.reaction)
    now_open = still_open if e.resolved or e.handed_over else (*still_open, e.reaction)
    return replace(v, reactions=graded, open_reactions=now_open)


def _given(v: Visit, entry: Entry) -> Visit:
    return replace(v, epinephrine_entries=(*v.epinephrine_entries, entry.seq))


def _action(v: Visit, entry: Entry, e: ev.ReactionAction) -> Visit:
    return _given(v, entry) if e.action == EPINEPHRINE else v


def _emergency_step(v: Visit, entry: Entry, e: EmergencyStepDone) -> Visit:
    return _given(v, entry) if e.step == EPINEPHRINE else v


def _drug(v: Visit, entry: Entry, e: DrugGiven) -> Visit:
    return _given(v, entry) if e.drug == EPINEPHRINE else v


def _voided(v: Visit, _: Entry, e: EntryVoided | EmergencyEntryVoided) -> Visit:
    return replace(v, epinephrine_entries=tuple(seq for seq in v.epinephrine_entries if seq != e.seq))


def _signed(v: Visit, entry: Entry, e: ev.SessionSigned) -> Visit:
    return replace(v, phase=Phase.SIGNED, signed_hash=e.signed_hash, head=entry.hash)


def _added(v: Visit, entry: Entry, _: Event) -> Visit:
    """More stands in a closed session."""
    return replace(v, head=entry.hash) if v.head else v


def _abandoned(v: Visit, entry: Entry, __: ev.SessionAbandoned) -> Visit:
    if v.is_emergency:  # pressed by mistake: nobody had a reaction
        v = replace(v, reactions=_NO_GRADES, open_reactions=(), epinephrine_entries=())
    return replace(v, phase=Phase.ABANDONED, head=entry.hash)


def _whose(v: Visit, entry: Entry, e: EmergencyWasOf) -> Visit:
    return _added(replace(v, patient=e.patient, after=e.earlier, whose=entry.seq), entry, e)


def _followed(v: Visit, entry: Entry, e: EmergencyFollowed) -> Visit:
    others = tuple(one for one in v.emergencies if one != e.record)
    return _added(replace(v, emergencies=(*others, e.record) if e.stands else others), entry, e)


def _elsewhere(visits: dict[str, Any], entry: Entry, e: EarlierDoseKnown) -> None:
    visits[e.visit] = Visit(
        e.visit, "elsewhere", entry.at, entry.tz, patient=e.patient, day=date.fromisoformat(e.day), phase=Phase.SIGNED,
        dose_billion=e.dose_billion, product_ended=True, elsewhere=True,
        reactions=_NO_GRADES if e.worst_grade == 0 else MappingProxyType({"R1": e.worst_grade}),
    )  # fmt: skip


TABLE = RegistryTable(
    "visits",
    {
        ev.SessionOpened: _opened,
        ev.PatientIdentified: _known(_patient),
        ev.SessionStarted: _known(_started),
        ev.OrderEntered: _known(_order),
        ev.ProductEntered: _known(_product),
        ev.ProductEnded: _known(_ended),
        ev.FlushRecorded: _known(_flushed),
        ev.ReactionOpened: _known(_reaction),
        ev.ReactionDetailed: _known(_details),
        ev.ReactionAction: _known(_action),
        EmergencyStepDone: _known(_emergency_step),
        DrugGiven: _known(_drug),
        EmergencyEntryVoided: _known(_voided),
        EntryVoided: _known(_voided),
        ev.SessionSigned: _known(_signed),
        ev.SessionAbandoned: _known(_abandoned),
        AddendumAdded: _known(_added),
        SessionReviewed: _known(_added),
        EmergencyWasOf: _known(_whose),
        EmergencyFollowed: _known(_followed),
        EarlierDoseKnown: _elsewhere,
    },
)
