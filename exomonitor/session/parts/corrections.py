"""Voids and addenda: nothing is deleted; what is void stays to be read and counts for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from exomonitor.clock import Instant
from exomonitor.session.codec import private
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry, Event, recorded
from exomonitor.session.parts.part import Part

WRONG_PATIENT = "wrong_patient"
VOID_WHYS: Mapping[str, str] = MappingProxyType(
    {
        WRONG_PATIENT: "wrong patient",
        "duplicate": "recorded twice",
        "wrong_value": "wrong value",
        "not_done": "was not done",
        "other": "other",
    }
)
"""Coded reason of a void -> how it is said."""
ADDENDUM_WHYS: Mapping[str, str] = MappingProxyType(
    {
        "left_out": "was left out",
        "correction": "corrects the record",
        "later_event": "happened later",
        "other": "other",
    }
)
"""Coded reason of an addendum -> how it is said."""
MIN_REASON = 5


@recorded
@dataclass(frozen=True, slots=True)
class EntryVoided(Event):
    """The entry with this number counts for nothing any more: coded `why`, in words, and a second person's id."""

    seq: int
    why: str
    second: str = ""
    reason: str = private()
    prescriber_signed: bool = False
    """Whether the second person is a prescriber."""

    @property
    def wrong_patient(self) -> bool:
        """Whether it belongs to somebody else's record."""
        return self.why == WRONG_PATIENT


@recorded
@dataclass(frozen=True, slots=True)
class AddendumAdded(Event):
    """Something was added to a record that is signed, by somebody who signed for it; `signed_hash`: what was signed."""

    user: str
    signed_hash: str
    why: str
    name: str = private()
    text: str = private()


@dataclass(frozen=True, slots=True)
class VoidEntry(Command):
    """Have an entry of the open session count for nothing. `proof`: the second person's, for a wrong patient."""

    seq: int
    why: str
    reason: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class AddAddendum(Command):
    """Add to a signed session. `proof`: of whoever adds it."""

    session: str
    why: str
    text: str
    proof: str


@dataclass(frozen=True, slots=True)
class Voided:
    """Why an entry counts for nothing, who said so and when, and the entry that says it."""

    why: str
    reason: str
    by: str
    second: str
    at: Instant
    seq: int
    prescriber_signed: bool = False

    @property
    def words(self) -> str:
        """`wrong patient: was meant for chair 5`."""
        return ": ".join(part for part in (VOID_WHYS.get(self.why, self.why), self.reason) if part)


@dataclass(frozen=True, slots=True)
class Addendum:
    """One addendum: whose, when, why, and what it says."""

    user: str
    name: str
    why: str
    text: str
    at: Instant
    seq: int


_NOTHING: Mapping[int, Voided] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Corrections:
    """This part's share of the session's state: entry number -> why it is void; addenda in order."""

    voided: Mapping[int, Voided] = field(default_factory=lambda: _NOTHING)
    addenda: tuple[Addendum, ...] = ()


def _voided(share: Corrections, entry: Entry, e: EntryVoided) -> Corrections:
    said = Voided(e.why, e.reason, entry.actor, e.second, entry.at, entry.seq, e.prescriber_signed)
    return replace(share, voided=MappingProxyType({**share.voided, e.seq: said}))


def _addendum(share: Corrections, entry: Entry, e: AddendumAdded) -> Corrections:
    return replace(share, addenda=(*share.addenda, Addendum(e.user, e.name, e.why, e.text, entry.at, entry.seq)))


def _tell_void(e: EntryVoided) -> str:
    second = ", second person present" if e.second else ""
    return f"Entry {e.seq} is void ({VOID_WHYS.get(e.why, e.why)}{second}): {e.reason}"


def _tell_addendum(e: AddendumAdded) -> str:
    who = f" by {e.name}" if e.name else ""
    return f"Addendum to the signed record{who} ({ADDENDUM_WHYS.get(e.why, e.why)}): {e.text}"


PART = Part(
    "corrections",
    steps={EntryVoided: _voided, AddendumAdded: _addendum},
    tellers={EntryVoided: _tell_void, AddendumAdded: _tell_addendum},
    records={VoidEntry: EntryVoided, AddAddendum: AddendumAdded},
)
