"""What of the registry cannot be read: which entries are lost, and whether one about people may be among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exomonitor.registry.users import User

PEOPLE = "THE LIST OF PEOPLE IS DAMAGED: a new PIN from an administrator ends this notice"
"""Told to whoever signs in and may be another than the list says."""
_NAMED = 3


def lists_lost(unreadable: Sequence[int], missing: int = 0, *, certain: bool = True) -> str:
    """What a reader of one session is told of the clinic's lists, "" = nothing. `certain` False: those that are
    `missing` may have been entries of a session instead."""
    lost = Doubts(tuple(unreadable), missing)
    said = f"{lost.what} lost" if unreadable or certain else f"{lost.which} may be lost"
    return f"{said}: names, patients or bags may be missing here" if lost else ""


@dataclass(frozen=True, slots=True)
class Doubts:
    """`unreadable`: numbers of entries that stand there and are not as they were written; `missing`: how many of the
    clinic's entries are gone altogether; `people`: the last number that a lost entry about people can have had, 0 =
    none is lost; `taken_over`: the people came from a record that could not be opened."""

    unreadable: tuple[int, ...] = ()
    missing: int = 0
    people: int = 0
    taken_over: bool = False

    def __bool__(self) -> bool:
        return bool(self.unreadable or self.missing or self.people)

    @property
    def sentence(self) -> str:
        """What is lost and what that means for the ward, "" = nothing."""
        if not self:
            return ""
        if self.taken_over and not self.lost:
            return "the people come from a damaged record: an ended account or an old PIN may still be taken"
        if self.people:
            means = "an ended account or an old PIN may still be taken, and what is known of patients and bags be old"
        else:
            means = "what is known of patients, bags and visits may be old: compare with paper"
        return f"{self.what} lost: {means}"

    @property
    def what(self) -> str:
        """Which entries are."""
        return f"{self.which} {'is' if self.lost == 1 else 'are'}"

    @property
    def which(self) -> str:
        """Which entries it is about."""
        return f"{self._lost} of the clinic's lists"

    @property
    def lost(self) -> int:
        """How many entries are lost here."""
        return len(self.unreadable) + self.missing

    @property
    def _lost(self) -> str:
        named = ", ".join(map(str, self.unreadable[:_NAMED])) + " ..." * (len(self.unreadable) > _NAMED)
        if not self.missing:
            return f"{'entry' if self.lost == 1 else 'entries'} {named}"
        if not self.unreadable:
            return f"{self.missing} {'entry' if self.missing == 1 else 'entries'}"
        return f"entries {named} and {self.missing} more"

    def doubt(self, user: User) -> bool:
        """Whether something about this person may be lost: an administrator's new PIN for them settles it."""
        return self.people > user.settled
