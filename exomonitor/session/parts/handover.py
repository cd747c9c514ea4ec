"""Who is at work in the session: sign-in, take-over in mid-infusion, break cover, signature and prescriber's review."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from exomonitor.clock import Instant
from exomonitor.session.codec import private
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry, Event, recorded
from exomonitor.session.parts.part import Part

HANDOVER, BREAK_COVER, RETURN = "handover", "break_cover", "return"
KINDS = (HANDOVER, BREAK_COVER, RETURN)
KIND_WORDS = {HANDOVER: "Handover", BREAK_COVER: "Break cover", RETURN: "Back from the break"}


@recorded
@dataclass(frozen=True, slots=True)
class SignedIn(Event):
    """This person is at work in this chair from now on; `method` is `pin` or `badge` (a badge always with its PIN)."""

    user: str
    chair: str
    method: str
    name: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class SignedOut(Event):
    """Nobody is signed in at this chair any more."""

    user: str
    chair: str


@recorded
@dataclass(frozen=True, slots=True)
class TakenOver(Event):
    """Somebody read the card (its lines as shown) and took the patient over; break cover lasts until `until`."""

    user: str
    from_user: str
    kind: str
    until: Instant | None = None
    name: str = private()
    card: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class SessionReviewed(Event):
    """A prescriber reviewed the record as it stood at `reviewed_hash`, and why a review was asked for. `whole`: the
    session was closed, so everything in it was reviewed (in older records the hash is "" then)."""

    user: str
    role: str
    reviewed_hash: str
    reasons: tuple[str, ...] = ()
    name: str = private()
    text: str = private()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class SignIn(Command):
    """Be at work in this chair from now on; answers with the user id."""

    proof: str


@dataclass(frozen=True, slots=True)
class SignOut(Command):
    """Leave this chair; alarms and the record go on."""


@dataclass(frozen=True, slots=True)
class TakeOver(Command):
    """The incoming nurse has read the card: kind `handover`, `break_cover` (for `minutes`) or `return`."""

    proof: str
    kind: str = HANDOVER
    minutes: Decimal | None = None
    card: str = ""


@dataclass(frozen=True, slots=True)
class ReviewSession(Command):
    """A prescriber's review, also of a session that is signed; session "" = the one in this chair."""

    proof: str
    session: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One take-over."""

    when: Instant
    from_user: str
    to_user: str
    kind: str
    until: Instant | None


@dataclass(frozen=True, slots=True)
class Review:
    """One prescriber's review."""

    when: Instant
    user: str
    name: str
    text: str
    reasons: tuple[str, ...] = ()
    whole: bool = False
    """It was the closed session that was reviewed, with everything in it."""


@dataclass(frozen=True, slots=True)
class Handover:
    """This part's share of the session's state. `cover_until` stands while somebody covers a break for `relieved`."""

    nurse: str = ""
    taken: tuple[HandedOver, ...] = ()
    cover_until: Instant | None = None
    relieved: str = ""
    reviews: tuple[Review, ...] = ()


def _signed_in(part: Handover, _: Entry, e: SignedIn) -> Handover:
    back = e.user == part.relieved
    return replace(part, nurse=e.user, cover_until=None, relieved="") if back else replace(part, nurse=e.user)


def _taken_over(part: Handover, entry: Entry, e: TakenOver) -> Handover:
    done = HandedOver(entry.at, e.from_user, e.user, e.kind, e.until)
    covers = e.kind == BREAK_COVER
    return replace(
        part,
        nurse=e.user,
        taken=(*part.taken, done),
        cover_until=e.until if covers else None,
        relieved=e.from_user if covers else "",
    )


def _reviewed(part: Handover, entry: Entry, e: SessionReviewed) -> Handover:
    done = Review(entry.at, e.user, e.name, e.text, e.reasons, e.whole or not e.reviewed_hash)
    return replace(part, reviews=(*part.reviews, done))


def _tell_taken(e: TakenOver) -> str:
    until = f" until {e.until.utc:%H:%M} UTC" if e.until is not None else ""
    return f"{KIND_WORDS.get(e.kind, e.kind)}: {e.name or e.user} took over{until}"


def _tell_signed_in(e: SignedIn) -> str:
    return f"{e.name or e.user} signed in ({'badge and PIN' if e.method == 'badge' else 'PIN'})"


def _tell_review(e: SessionReviewed) -> str:
    return f"Reviewed by {e.name or e.user} ({e.role})" + (f": {e.text}" if e.text else "")


_TELLERS: dict[type[Event], Any] = {
    SignedIn: _tell_signed_in,
    SignedOut: lambda _: "Signed out",
    TakenOver: _tell_taken,
    SessionReviewed: _tell_review,
}

PART = Part(
    "handover",
    {SignedIn: _signed_in, TakenOver: _taken_over, SessionReviewed: _reviewed},
    _TELLERS,
    {TakeOver: TakenOver, ReviewSession: SessionReviewed},
)
