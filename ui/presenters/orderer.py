"""Who ordered, in words: the prescriber's name, and how his order came. No widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exomonitor.registry.users import User
from exomonitor.session.ordering import SIGNED, TELEPHONE, WRITTEN, way_words

CHOOSE = "Prescriber: choose"
HOW = "how did the order come?"
NOBODY = "No prescriber is in the list of people: an administrator adds one (Settings, People)"
WAYS = (
    (WRITTEN, "Written order", "I copy it from the paper"),
    (TELEPHONE, "By telephone", "I have read it back"),
    (SIGNED, "Prescriber signs here", "with PIN or badge"),
)
"""(way, key, second line) in the order shown."""


@dataclass(frozen=True, slots=True)
class Orderer:
    """What was said of the order: whose it is, how it came, and the prescriber's proof where he signs it."""

    user: str = ""
    way: str = ""
    proof: str = ""

    @property
    def complete(self) -> bool:
        """Whether somebody is named, and how the order came."""
        return bool(self.user and self.way)


def orderer_words(said: Orderer, users: Mapping[str, User], known: str = "") -> tuple[str, str]:
    """The two lines of the key: name, and how the order came. `known`: the name in a record from before ids."""
    user = users.get(said.user)
    name = user.name if user is not None else known
    if not name:
        return CHOOSE, ""
    return name, way_words(said.way) or HOW


def may_come(way: str, prescriber: str, at_work: str) -> bool:
    """Whether this way is open: an order of his own a prescriber signs."""
    return bool(prescriber) and (way == SIGNED or prescriber != at_work)
