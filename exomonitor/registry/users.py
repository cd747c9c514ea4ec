"""The people who may sign in: their roles, and hashes of the PIN and badge by which they prove who they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from exomonitor.clock import Instant
from exomonitor.registry.table import RegistryTable
from exomonitor.session.codec import private
from exomonitor.session.entry import Entry, RegistryEvent, recorded
from exomonitor.session.parts.handover import SignedIn
from exomonitor.session.trust_events import SignInFailed

NURSE, VERIFIER, PRESCRIBER, ADMINISTRATOR = "nurse", "verifier", "prescriber", "administrator"
RESEARCH = "research"
"""Sees and exports records without names; alone it allows nothing else."""
ROLES = (NURSE, VERIFIER, PRESCRIBER, ADMINISTRATOR, RESEARCH)
"""A person may hold several."""


@recorded
@dataclass(frozen=True, slots=True)
class UserAdded(RegistryEvent):
    """A person may sign in from now on. The badge alone never suffices; "" = no badge."""

    user: str
    roles: tuple[str, ...]
    name: str = private()
    pin_hash: str = private()
    badge_digest: str = private()
    phone: str = private()
    """Where a prescriber is reached."""


@recorded
@dataclass(frozen=True, slots=True)
class UserChanged(RegistryEvent):
    """Something about a person is new; None = as before. `badge_digest` "" takes the badge away; phone alike."""

    user: str
    roles: tuple[str, ...] | None = None
    retired: bool | None = None
    pin_hash: str = private()
    badge_digest: str = private()
    badge_changed: bool = False
    phone: str = private()
    phone_changed: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """One person. `retired`: may not sign in any more, and stays in the record by name."""

    id: str
    name: str
    roles: tuple[str, ...]
    pin_hash: str = ""
    badge_digest: str = ""
    retired: bool = False
    phone: str = ""
    failed: int = 0
    """Wrong PINs in a row, as far as the record tells."""
    failed_at: Instant | None = None
    pin_since: Instant | None = None
    """When this PIN was chosen."""
    settled: int = 0
    """The entry by which an administrator last gave a PIN: nothing that is lost before it can matter."""

    def holds(self, *roles: str) -> bool:
        """Whether this person may act in one of these roles now."""
        return not self.retired and bool(set(roles).intersection(self.roles))

    @property
    def role_words(self) -> str:
        """`nurse, verifier`."""
        return ", ".join(role for role in ROLES if role in self.roles)


def only_research(user: User) -> bool:
    """Whether this person may see nothing but records without names."""
    return set(user.roles) == {RESEARCH}


def active(users: Mapping[str, User]) -> tuple[User, ...]:
    """Those who may sign in, by name."""
    return tuple(sorted((one for one in users.values() if not one.retired), key=lambda one: one.name.casefold()))


def prescribers(users: Mapping[str, User]) -> tuple[User, ...]:
    """Those who may order, by name."""
    return tuple(one for one in active(users) if one.holds(PRESCRIBER))


def find(users: Iterable[User], login: str, digest: str) -> User | None:
    """The person of an id, a name or a badge's digest; None where nobody or more than one answers to it."""
    wanted = login.strip().casefold()
    found = [u for u in users if u.id == login or u.name.casefold() == wanted or (digest and u.badge_digest == digest)]
    return found[0] if len(found) == 1 else None


def staff_names(users: Mapping[str, User]) -> dict[str, tuple[str, str]]:
    """User id -> (name, roles in words), retired people included."""
    return {user.id: (user.name, user.role_words) for user in users.values()}


def _added(users: dict[str, Any], entry: Entry, e: UserAdded) -> None:
    users[e.user] = User(
        e.user, e.name, e.roles, e.pin_hash, e.badge_digest, phone=e.phone, pin_since=entry.at, settled=entry.seq
    )


def _changed(users: dict[str, Any], entry: Entry, e: UserChanged) -> None:
    user: User | None = users.get(e.user)
    if user is None:
        return
    by: User | None = users.get(entry.actor)
    settles = bool(e.pin_hash) and by is not None and by.holds(ADMINISTRATOR)
    users[e.user] = replace(
        user,
        roles=user.roles if e.roles is None else e.roles,
        retired=user.retired if e.retired is None else e.retired,
        pin_hash=e.pin_hash or user.pin_hash,
        badge_digest=e.badge_digest if e.badge_changed else user.badge_digest,
        phone=e.phone if e.phone_changed else user.phone,
        failed=0 if e.pin_hash else user.failed,
        failed_at=None if e.pin_hash else user.failed_at,
        pin_since=entry.at if e.pin_hash else user.pin_since,
        settled=entry.seq if settles else user.settled,
    )


def _failed(users: dict[str, Any], entry: Entry, e: SignInFailed) -> None:
    if e.user in users:
        users[e.user] = replace(users[e.user], failed=e.in_a_row, failed_at=entry.at)


def _signed_in(users: dict[str, Any], _: Entry, e: SignedIn) -> None:
    if e.user in users:
        users[e.user] = replace(users[e.user], failed=0, failed_at=None)


TABLE = RegistryTable("users", {UserAdded: _added, UserChanged: _changed, SignInFailed: _failed, SignedIn: _signed_in})
