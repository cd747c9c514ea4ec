"""Which open session goes into which place at a start: of a damaged one not even that may be known for certain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from exomonitor.engine.stored import Damage
from exomonitor.session.entry import Entry
from exomonitor.session.events import SessionOpened


@dataclass(frozen=True, slots=True)
class OpenOne:
    """One session that is neither signed nor abandoned: what of it is as it was written, what is lost, and the place
    that it was in, "" = not known."""

    session: str
    entries: Sequence[Entry]
    damage: Damage
    place: str

    @property
    def is_whole_in_front(self) -> bool:
        """Whether its first entry, which says in which chair it was opened, is as it was written."""
        return opened_in(self.entries) is not None


def opened_in(entries: Sequence[Entry]) -> str | None:
    """The chair that a session was opened in; None = its first entry is lost."""
    first = entries[0].event if entries else None
    return first.chair if isinstance(first, SessionOpened) else None


def place_each(found: Iterable[OpenOne], chairs: Collection[str]) -> tuple[dict[str, OpenOne], list[OpenOne]]:
    """Place -> the session that is taken up in it, and those for which there is none. `found`: oldest first.

    Where two whole ones have one place the newer has it. One whose first entry is lost puts none of them away: it goes
    to the place that it seems to have been in, else to a free chair, the one of which more is known before the other.
    """
    told = list(found)
    taken: dict[str, OpenOne] = {}
    left: list[OpenOne] = []
    for one in (one for one in told if one.is_whole_in_front):
        if one.place in taken:
            left.append(taken[one.place])
        taken[one.place] = one
    headless = [one for one in reversed(told) if not one.is_whole_in_front]
    for one in sorted(headless, key=lambda one: not one.entries):
        free = [place for place in (one.place, *chairs) if place and place not in taken]
        if free:
            taken[free[0]] = one
        else:
            left.append(one)
    return taken, left
