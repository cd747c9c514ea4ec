"""An emergency without an infusion: whose it is, said afterwards, and the earlier session that it is linked with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from exomonitor.clock import Instant
from exomonitor.session.codec import private
from exomonitor.session.commands import AbandonSession, Command
from exomonitor.session.entry import Entry, Event, recorded
from exomonitor.session.events import SessionAbandoned
from exomonitor.session.parts.part import Part

EMERGENCY = "emergency"
"""SessionOpened.kind of such a record."""
AFTERWARDS = "afterwards"
"""Patient.how where somebody said afterwards who it was: no identifier was checked."""
VOID_WHYS: Mapping[str, str] = MappingProxyType(
    {"pressed_by_mistake": "pressed by mistake", "drill": "drill, nobody was ill", "other": "other"}
)
"""Coded reason for which such a record is void -> how it is said."""


@dataclass(frozen=True, slots=True)
class SayWhoseEmergency(Command):
    """Whose emergency it was: a patient of the clinic's list (by id or wristband), the patient of an earlier session
    (its id), or somebody else in words. Said again it needs a reason. `record`: a signed emergency record; "" = the
    open one in this chair; of a signed one `proof` is of whoever says it."""

    patient: str = ""
    wristband: str = ""
    earlier: str = ""
    text: str = ""
    reason: str = ""
    record: str = ""
    proof: str = ""


@recorded
@dataclass(frozen=True, slots=True)
class EmergencyWasOf(Event):
    """Said afterwards whose emergency it was; `earlier` is the session after which it happened, "" = none. The last one
    holds; nobody's two identifiers were checked."""

    patient: str = ""
    earlier: str = ""
    earlier_study_id: str = ""
    name: str = private()
    born: str = private()
    mrn: str = private()
    allergies: str = private()
    allergy_state: str = ""
    weight_kg: Decimal | None = None
    beta_blocker: bool | None = None
    text: str = private()
    reason: str = private()
    supersedes: int | None = None


@recorded
@dataclass(frozen=True, slots=True)
class EmergencyFollowed(Event):
    """In the earlier session's own journal: this emergency record is of the same patient. `stands` False: it was linked
    by mistake."""

    record: str
    study_id: str
    when: Instant
    stands: bool = True


@dataclass(frozen=True, slots=True)
class WhoseEmergency:
    """As it was said last."""

    seq: int
    at: Instant
    by: str
    event: EmergencyWasOf


@dataclass(frozen=True, slots=True)
class LaterEmergency:
    """An emergency of the same patient after this session; `linked` is when somebody said so."""

    record: str
    study_id: str
    when: Instant
    linked: Instant


@dataclass(frozen=True, slots=True)
class EmergencyRecord:
    """This part's share: `whose` and `void` of an emergency record; `later` ones of an ordinary session."""

    whose: WhoseEmergency | None = None
    later: tuple[LaterEmergency, ...] = ()
    void: str = ""
    """Why the record is void, in words; "" = it is not."""


def _whose(share: EmergencyRecord, entry: Entry, e: EmergencyWasOf) -> EmergencyRecord:
    return replace(share, whose=WhoseEmergency(entry.seq, entry.at, entry.actor, e))


def _followed(share: EmergencyRecord, entry: Entry, e: EmergencyFollowed) -> EmergencyRecord:
    others = tuple(one for one in share.later if one.record != e.record)
    if not e.stands:
        return replace(share, later=others)
    return replace(share, later=(*others, LaterEmergency(e.record, e.study_id, e.when, entry.at)))


def _abandoned(share: EmergencyRecord, _: Entry, e: SessionAbandoned) -> EmergencyRecord:
    words = VOID_WHYS.get(e.why, e.why.replace("_", " "))
    return replace(share, void=f"{words}: {e.text}" if e.text else words)


def _tell_whose(e: EmergencyWasOf) -> str:
    who = e.name or e.text or e.patient
    after = f", after session {e.earlier_study_id}" if e.earlier_study_id else ""
    why = f" (corrected: {e.reason})" if e.reason else ""
    return f"Said afterwards, the emergency was of: {who}{after}{why}"


def _tell_followed(e: EmergencyFollowed) -> str:
    if not e.stands:
        return f"Emergency record {e.study_id} is not of this patient: the link was a mistake"
    return f"Emergency record {e.study_id} of {e.when.utc:%Y-%m-%d %H:%M} UTC is of the same patient"


PART = Part(
    "emergency_record",
    steps={EmergencyWasOf: _whose, EmergencyFollowed: _followed, SessionAbandoned: _abandoned},
    tellers={EmergencyWasOf: _tell_whose, EmergencyFollowed: _tell_followed},
    records={SayWhoseEmergency: EmergencyWasOf, AbandonSession: SessionAbandoned},
)
