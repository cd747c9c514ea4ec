"""Who may work here: commands that add people, change their roles, PIN or badge, and retire them."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.commands import Command


@dataclass(frozen=True, slots=True)
class AddUser(Command):
    """A new person; answers with the user id. The PIN comes as its hash (Bedside.seal_pin makes it).

    The first person of a clinic becomes its administrator; after that an administrator is signed in or proves so.
    """

    name: str
    roles: tuple[str, ...]
    pin_hash: str
    badge_digest: str = ""
    proof: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class ChangeUser(Command):
    """Other roles, a new PIN, another badge or phone, retired or not; None = as it is. An administrator's doing."""

    user: str
    roles: tuple[str, ...] | None = None
    pin_hash: str | None = None
    badge_digest: str | None = None
    retired: bool | None = None
    proof: str = ""
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeOwnPin(Command):
    """A new PIN for whoever proves by the old one."""

    pin_hash: str
    proof: str
