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
    `entries`: how many are lost in all; `changed`: batches whose readings or waves are not all as they were stored."""

    unreadable: tuple[int, ...] = ()
    entries: int = 0
    texts: int = 0
    readings: int = 0
    wave_seconds: int = 0
    changed: tuple[int, ...] = field(default=())

    @property
    def sentence(self) -> str:
        """What is lost, in one sentence for whoever looks at the session; "" = nothing."""
        return f"DAMAGED: {lost}." if (lost := self.lost_of("this session")) else ""

    def lost_of(self, session: str) -> str:
        """The same in words of which session it is, without the mark."""
        numbers = f" ({', '.join(map(str, self.unreadable[:8]))}{' ...' * (len(self.unreadable) > 8)})"
        lost = [
            _count(self.entries, "entry", "entries") + numbers * bool(self.unreadable),
            _count(self.texts, "private text"),
            _count(self.readings, "reading"),
            _count(self.wave_seconds, "wave second"),
        ]
        told = [part for part, number in zip(lost, self._numbers, strict=True) if number]
        parts = [f"{', '.join(told)} of {session} {'is' if sum(self._numbers) == 1 else 'are'} lost"] if told else []
        if self.changed:
            holds = "holds" if len(self.changed) == 1 else "hold"
            batches = _count(len(self.changed), "batch", "batches")
            of_it = "its readings or waves" if told else f"the readings or waves of {session}"
            parts.append(f"{batches} of {of_it} {holds} a changed value")
        return "; ".join(parts)

    @property
    def _numbers(self) -> tuple[int, ...]:
        return self.entries, self.texts, self.readings, self.wave_seconds


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
