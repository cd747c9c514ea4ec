"""What was refused because the disk failed in the middle of a commit: it may be in the record all the same.

Whoever tries the same again then gets the entries that are there, and nothing stands in the record twice.
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
"""How many ends, and attempts of each, are remembered: a disk may fail for hours. Beyond that, what is tried again
stands there twice, and is named all the same."""


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
    """Attempts by the end that the journal has if they are there. `there`: those that were found."""

    there: tuple[Attempt, ...] = ()
    _by_end: dict[Tip, tuple[Attempt, ...]] = field(default_factory=dict)

    def failed(self, end: Tip, attempts: Sequence[Attempt]) -> None:
        """The commit that would have given this end failed."""
        self._by_end[end] = (*self.there, *attempts)[-_ATTEMPTS:]
        for oldest in list(self._by_end)[:-_ENDS]:
            del self._by_end[oldest]

    def found(self, end: Tip) -> None:
        """The journal ends here now."""
        self.there = self._by_end.get(end, ())

    def settled(self) -> None:
        """A commit succeeded: nothing is in doubt any more."""
        self.there = ()
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
