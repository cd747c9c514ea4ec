"""What proves the record and who looked at it: signatures of the workstation, views, failed sign-ins, the lock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exomonitor.session.codec import private
from exomonitor.session.entry import Entry, Event, RegistryEvent, recorded


@recorded
@dataclass(frozen=True, slots=True)
class HeadSigned(Event):
    """The workstation's key signed the ends of both chains right before this entry (signing.head_statement); `why`:
    the type of the entry that asked for it, or `new key`."""

    public_key: str
    signature: str
    why: str


@recorded
@dataclass(frozen=True, slots=True)
class KeyTaken(RegistryEvent):
    """From here on the record is signed with another key: a restored or copied database, or one from before there
    were keys. The signature that follows vouches for all that stood there at this moment."""

    public_key: str


@recorded
@dataclass(frozen=True, slots=True)
class RecordRestored(RegistryEvent):
    """A backup of so many entries was put in place of the database, at a start, as `user` had planned; what stood there
    is kept under the name `kept`."""

    user: str
    entries: int
    kept: str


@recorded
@dataclass(frozen=True, slots=True)
class RecordDoubted(RegistryEvent):
    """At a start the record did not reach as far as the workstation had signed it, or nothing said how far; `why` in
    one sentence. The signature that follows vouches for what is there at this moment, and for no more."""

    why: str


@recorded
@dataclass(frozen=True, slots=True)
class PeopleTakenOver(RegistryEvent):
    """This record was made beside one that could not be opened (`source`), and so many `people` were read from that
    one's undamaged pages, up to its entry `up_to`: they may sign in here by name and PIN, and by their badges where
    `badges_of` is the id of that database, by which these are kept. The entries before this one name them; a change of
    theirs that stood on a damaged page is not known here."""

    source: str
    people: int
    up_to: int
    badges_of: str = ""


@recorded
@dataclass(frozen=True, slots=True)
class RecordTaken(RegistryEvent):
    """At the command line the whole record was copied (`what` = `backup`, into the folder `where`) or put in the clear
    (`decrypted`); the actor says by which account of the computer."""

    what: str
    where: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class RecordViewed(RegistryEvent):
    """Somebody looked at names: `what` is `record` (a session), `names` (the list of sessions), `patient`, or `access`
    (the list of who saw what)."""

    of_session: str
    what: str
    of_patient: str = ""


@recorded
@dataclass(frozen=True, slots=True)
class SignInFailed(RegistryEvent):
    """A wrong PIN or badge for this person; "" where nobody answers to what was typed. What was typed is not kept."""

    user: str
    in_a_row: int


@recorded
@dataclass(frozen=True, slots=True)
class DoubtfulProof(RegistryEvent):
    """Somebody showed to be `user` by a list of people of which entries are lost, up to `up_to`: it may have been a PIN
    that was changed, or an account that was ended."""

    user: str
    up_to: int


@recorded
@dataclass(frozen=True, slots=True)
class ScreenLocked(RegistryEvent):
    """Nobody had touched the screen of this chair for so long: identity is hidden and `user` signed out."""

    user: str
    chair: str
    idle_s: float


def badges_of(entries: Iterable[Entry], database_id: str) -> str:
    """The id by which the badges of a record are kept: its own, or of the one whose people it took over with theirs."""
    taken = (entry.event for entry in entries)
    return next((e.badges_of for e in taken if isinstance(e, PeopleTakenOver) and e.badges_of), database_id)
