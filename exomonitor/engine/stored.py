"""What the record says of a session as a whole: its line in the history, and what of it is damaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from exomonitor.session.entry import Entry


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of the history: who only as study id, unless the name is asked for."""

    session: str
    study_id: str
    name: str
    opened_utc: str
    phase: str
    simulated: bool
    dose_billion: str
    delivered_ml: float | None
    reactions: int
    kind: str = ""
    """`emergency`: a record of an emergency, no infusion."""
    damaged: bool = False
    """Whether something of it cannot be read: the line says what the rest says."""
    lost: int = 0
    """How many of its entries are lost: figures are not certain, counts are the least."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What of a session is lost. `unreadable`: numbers of entries that stand there and are not as they were written;
    `entries`: how many are lost in all, `perhaps`: of them those that may have been others' instead; `changed`: batches
    whose readings or waves are not all as they were stored; `added`, `added_waves`: besides them those of readings and
    of waves that nobody is given, for no entry proves them, and none that is gone can have told of them, or of others
    as well; `unproved`: batches that nothing proves, for their entry or some of their rows are lost."""

    unreadable: tuple[int, ...] = ()
    entries: int = 0
    texts: int = 0
    readings: int = 0
    wave_seconds: int = 0
    changed: tuple[int, ...] = field(default=())
    perhaps: int = 0
    added: tuple[int, ...] = ()
    added_waves: tuple[int, ...] = ()
    unproved: tuple[int, ...] = ()
    unproved_readings: int = 0
    unproved_seconds: int = 0

    @property
    def sentence(self) -> str:
        """What is lost, in one sentence for whoever looks at the session; "" = nothing."""
        return f"DAMAGED: {lost}." if (lost := self.lost_of("this session")) else ""

    def lost_of(self, session: str) -> str:
        """The same in words of which session it is, without the mark."""
        numbers = f" ({', '.join(map(str, self.unreadable[:8]))}{' ...' * (len(self.unreadable) > 8)})"
        told = [
            _count(number, *words) + numbers * (bool(self.unreadable) and words[0] == "entry")
            for number, words in zip(self._numbers, _WHAT, strict=True)
            if number
        ]
        parts = [f"{', '.join(told)} of {session} {'is' if sum(self._numbers) == 1 else 'are'} lost"] if told else []
        if self.perhaps:
            which = f"{_count(self.perhaps, 'entry', 'entries')} of {session}"
            parts.append(f"{self.perhaps} more {_WHAT[0][self.perhaps > 1]} may be" if told else f"{which} may be lost")
        if changed := len(self.changed):
            of_it = "its readings or waves" if parts else f"the readings or waves of {session}"
            holds = "holds" if changed == 1 else "hold"
            parts.append(f"{_count(changed, 'batch', 'batches')} of {of_it} {holds} a changed value")
        if added := len(self.added) + len(self.added_waves):
            of_it = "its readings or waves" if parts else f"the readings or waves of {session}"
            out = "that no entry proves is left out" if added == 1 else "that no entry proves are left out"
            parts.append(f"{_count(added, 'batch', 'batches')} of {of_it} {out}")
        unproved = (self.unproved_readings, "readings"), (self.unproved_seconds, "wave seconds")
        if of_them := " and ".join(f"{number} of the {what}" for number, what in unproved if number):
            parts.append(f"nothing proves {of_them} that are left")
        return "; ".join(parts)

    @property
    def _numbers(self) -> tuple[int, ...]:
        return self.entries - self.perhaps, self.texts, self.readings, self.wave_seconds


_WHAT = (("entry", "entries"), ("private text",), ("reading",), ("wave second",))


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


class ProvedJournal(Protocol):
    """Reads a session's journal and proves it."""

    def proved(self, session: str) -> tuple[Sequence[Entry], Damage]:
        """The entries that are as they were written, private texts in clear, and what of both is lost; readings and
        waves are not looked at."""
        ...

    def seems_opened_in(self, session: str) -> str:
        """The chair that its first entry names as it stands there, proved or not; "" = nothing does."""
        ...
