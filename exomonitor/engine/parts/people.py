"""Handlers of the people: sign-in and out, new people, changed ones, a new PIN."""

from __future__ import annotations

from collections.abc import Iterable

from exomonitor.engine.handlers_prepare import random_id
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import ADMINISTRATOR, ROLES, User, UserAdded, UserChanged, active
from exomonitor.session.commands import Command
from exomonitor.session.parts.handover import SignedIn, SignedOut, SignIn, SignOut
from exomonitor.session.parts.people import AddUser, ChangeOwnPin, ChangeUser

LONGEST_PHONE = 40


def sign_in(at: Situation, c: SignIn) -> Decision:
    """Who proves it is at work here; signing in again says nothing new."""
    user = at.proven(c.proof)
    if user == at.signed_in:
        return Decision((), user)
    event = SignedIn(user, at.chair, at.proofs[c.proof].method, at.registry.users[user].name)
    return Decision((event,), user, by=user)


def sign_out(at: Situation, c: SignOut) -> Decision:
    """Nobody is at work here any more."""
    return Decision((SignedOut(at.signed_in, at.chair),) if at.signed_in else ())


def add_user(at: Situation, c: AddUser) -> Decision:
    """A new person by a name that nobody here has; the first one is the administrator."""
    first = not at.registry.users
    name = " ".join(need_text(c.name, "The name", least=2).split())
    roles = _roles((*c.roles, ADMINISTRATOR) if first else c.roles)
    need_text(c.pin_hash, "The PIN")
    if any(one.name.casefold() == name.casefold() for one in at.registry.users.values()):
        raise CommandRefused(f"{name} is in the list already: add something that tells the two apart")
    _free_badge(at, c.badge_digest)
    user = random_id("u-", 6)
    return Decision(
        (UserAdded(user, roles, name, c.pin_hash, c.badge_digest, _phone(c.phone)),), user, by=_by(at, c.proof) or user
    )


def change_user(at: Situation, c: ChangeUser) -> Decision:
    """What is new about a person; one active administrator always stays."""
    user = _known(at, c.user)
    roles = _roles(c.roles) if c.roles is not None else None
    after = (user.roles if roles is None else roles, user.retired if c.retired is None else c.retired)
    if user.holds(ADMINISTRATOR) and (after[1] or ADMINISTRATOR not in after[0]) and _administrators(at) == [user.id]:
        raise CommandRefused(f"{user.name} is the only administrator")
    if c.badge_digest:
        _free_badge(at, c.badge_digest, but=user.id)
    event = UserChanged(
        user.id,
        roles,
        c.retired,
        c.pin_hash or "",
        c.badge_digest or "",
        badge_changed=c.badge_digest is not None,
        phone=_phone(c.phone or ""),
        phone_changed=c.phone is not None,
    )
    return Decision((event,), user.id, by=_by(at, c.proof))


def change_own_pin(at: Situation, c: ChangeOwnPin) -> Decision:
    """A new PIN for whoever has just shown the old one."""
    user = at.proven(c.proof)
    return Decision((UserChanged(user, pin_hash=need_text(c.pin_hash, "The PIN")),), user, by=user)


def _by(at: Situation, proof: str) -> str:
    """Whoever proved to be an administrator, or "" where the person at work is one."""
    return at.proven(proof, ADMINISTRATOR) if proof else ""


def _roles(roles: Iterable[str]) -> tuple[str, ...]:
    if unknown := set(roles) - set(ROLES):
        raise CommandRefused(f"{sorted(unknown)[0]!r} is not a role: {', '.join(ROLES)}")
    if not roles:
        raise CommandRefused("Choose a role")
    return tuple(role for role in ROLES if role in roles)


def _phone(typed: str) -> str:
    """The phone number as it will stand beside the name."""
    phone = " ".join(typed.split())
    if len(phone) > LONGEST_PHONE:
        raise CommandRefused(f"A phone number has at most {LONGEST_PHONE} characters")
    return phone


def _known(at: Situation, user: str) -> User:
    found = at.registry.users.get(user)
    if found is None:
        raise CommandRefused("There is no such person")
    return found


def _administrators(at: Situation) -> list[str]:
    return [one.id for one in active(at.registry.users) if one.holds(ADMINISTRATOR)]


def _free_badge(at: Situation, digest: str, but: str = "") -> None:
    if digest and any(one.badge_digest == digest and one.id != but for one in at.registry.users.values()):
        raise CommandRefused("That badge belongs to somebody else")


HANDLERS: dict[type[Command], Handler] = {
    SignIn: sign_in,
    SignOut: sign_out,
    AddUser: add_user,
    ChangeUser: change_user,
    ChangeOwnPin: change_own_pin,
}
