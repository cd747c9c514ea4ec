"""What of the registry cannot be read: which entries are lost, and whether one about people may be among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exomonitor.registry.users import User

PEOPLE = "THE LIST OF PEOPLE IS DAMAGED: a new PIN from an administrator ends this notice"
PEOPLE_PERHAPS = PEOPLE.replace(" IS ", " MAY BE ")
"""Told to whoever signs in and may be another than the list says."""
_NAMED = 3


def lists_lost(unreadable: Sequence[int], missing: int = 0, perhaps: int = 0) -> str:
    """What a reader of one session is told of the clinic's lists, "" = nothing."""
    lost = Doubts(tuple(unreadable), missing, perhaps)
    return f"{lost.said}: names, patients or bags may be missing here" if lost else ""


@dataclass(frozen=True, slots=True)
class Doubts:
    """`unreadable`: numbers of entries that stand there and are not as they were written; `missing`: how many of the
    clinic's entries are gone altogether; `perhaps`: how many are gone that may have been a session's instead; `people`:
    the last number that a lost entry about people can have had, 0 = none is lost, `people_certain`: the same without
    what may have been a session's; `taken_over`: the people came from a record that could not be opened."""

    unreadable: tuple[int, ...] = ()
    missing: int = 0
    perhaps: int = 0
    people: int = 0
    people_certain: int = 0
    taken_over: bool = False

    def __bool__(self) -> bool:
        return bool(self.lost or self.people)

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
        return f"{self.said}: {means}"

    @property
    def said(self) -> str:
        """Which entries are lost, and how many more may be."""
        certain = len(self.unreadable) + self.missing
        if not self.lost:
            return "entries of the clinic's lists may be lost"
        if not certain:
            return f"{_counted(self.perhaps)} of the clinic's lists may be lost"
        more = f", {self.perhaps} more may be" if self.perhaps else ""
        return f"{self._certain} of the clinic's lists {'is' if certain == 1 else 'are'} lost{more}"

    @property
    def lost(self) -> int:
        """How many entries are lost here, or may be."""
        return len(self.unreadable) + self.missing + self.perhaps

    @property
    def _certain(self) -> str:
        named = ", ".join(map(str, self.unreadable[:_NAMED])) + " ..." * (len(self.unreadable) > _NAMED)
        if not self.unreadable:
            return _counted(self.missing)
        if not self.missing:
            return f"{'entry' if len(self.unreadable) == 1 else 'entries'} {named}"
        return f"entries {named} and {self.missing} more"

    def doubt(self, user: User) -> bool:
        """Whether something about this person may be lost: an administrator's new PIN for them settles it."""
        return self.people > user.settled

    def told_to(self, user: User) -> str:
        """What this person is told of it when they have proved who they are, "" = nothing."""
        if not self.doubt(user):
            return ""
        return PEOPLE if self.people_certain > user.settled else PEOPLE_PERHAPS


def _counted(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"
