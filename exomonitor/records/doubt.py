"""What was refused because the disk failed in the middle of a commit: it may be in the record all the same.

Whoever tries the same again, whoever else wrote meanwhile, then gets the entries that are there. So what the program
keeps and tries again by itself (alarms, readings, waves) does not stand there twice. A command that a person gives once
more is a new one: of what was refused nobody asks again, and the entry that is there is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from exomonitor.engine.ports import Draft, ReadingRow, WaveSecond
from exomonitor.records.journal import Tip
from exomonitor.session.entry import Entry

T = TypeVar("T")
_ENDS, _ATTEMPTS = 8, 200
"""How many ends, and attempts, are remembered: a disk may fail for hours. Beyond that, what is tried again stands there
twice, and is named all the same."""


@dataclass(frozen=True, slots=True)
class Submit:
    """What one caller wants stored in one transaction."""

    drafts: tuple[Draft, ...] = ()
    readings: tuple[ReadingRow, ...] = ()
    waves: tuple[WaveSecond, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A submit, and the entries that its commit would have given."""

    submit: Submit
    entries: tuple[Entry, ...]


@dataclass(slots=True)
class Doubt:
    """Attempts by the end that the journal has if they are there. `there`: those that were found, until they are tried
    again."""

    there: tuple[Attempt, ...] = ()
    _by_end: dict[Tip, tuple[Attempt, ...]] = field(default_factory=dict)

    def failed(self, end: Tip, attempts: Sequence[Attempt]) -> None:
        """The commit that would have given this end failed."""
        self._by_end[end] = tuple(one for one in attempts if one.entries)[-_ATTEMPTS:]
        for oldest in list(self._by_end)[:-_ENDS]:
            del self._by_end[oldest]

    def found(self, end: Tip) -> None:
        """The journal ends here now: what it was said to hold beyond that, a disk has lost again."""
        still = [one for one in self.there if one.entries[-1].seq <= end.seq]
        known = {id(one) for one in still}
        new = (one for one in self._by_end.get(end, ()) if id(one) not in known)
        self.there = (*still, *new)[-_ATTEMPTS:]

    def settled(self, submits: Sequence[Submit]) -> None:
        """A commit of these succeeded: where the journal ends is not in doubt any more, and they will not be tried
        again. What else was found there may still be."""
        done = {number for submit in submits for number in _ids(submit)}
        self.there = tuple(one for one in self.there if not done & _ids(one.submit))
        self._by_end.clear()

    def without(self, submit: Submit) -> tuple[Submit, tuple[Entry, ...]]:
        """What of a submit is still to be stored, and the entries of what is there. It is known by being the same
        objects, for whoever keeps something to try it again keeps it as it was."""
        if not self.there:
            return submit, ()
        wanted = _ids(submit)
        again = [one for one in self.there if wanted & _ids(one.submit)]
        held = {number for one in again for number in _ids(one.submit)}
        rest = Submit(_not_in(held, submit.drafts), _not_in(held, submit.readings), _not_in(held, submit.waves))
        return rest, tuple(entry for one in again for entry in one.entries)


def _ids(submit: Submit) -> set[int]:
    return {id(one) for part in (submit.drafts, submit.readings, submit.waves) for one in part}


def _not_in(held: set[int], rows: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(one for one in rows if id(one) not in held)
