"""What a life of the program told of itself in a session of the field: ticks, frames and what it took the session up
from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from exomonitor.clock import NS


@dataclass(slots=True)
class Heard:
    """What came from the links of one life, in order; times in ns of that boot."""

    ticks: list[int] = field(default_factory=list)
    frames: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """By source: when something of it came."""
    vitals: list[tuple[str, str, int, str, str]] = field(default_factory=list)
    """Source, sign, at, measured at ("-" = as it came), value."""
    pumps: list[tuple[str, int, str, str]] = field(default_factory=list)
    waves: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """By source and wave: when a piece came, and its samples."""
    strangers: list[tuple[str, str, int]] = field(default_factory=list)
    base: tuple[str, int] | None = None
    """The boot and the nanosecond from which it took the session up: with a wrong clock those of the record."""

    def take(self, line: str) -> None:
        """One more line."""
        what, *words = line.split(" ")
        match what:
            case "T":
                self.ticks.append(int(words[0]))
            case "V":
                source, at, sign, taken, value = words
                self.frames[source].append(int(at))
                self.vitals.append((source, sign, int(at), taken, value))
            case "P":
                source, at, channel, numbers = words
                self.frames[source].append(int(at))
                self.pumps.append((channel, int(at), source, numbers))
            case "W":
                source, at, wave, count = words
                self.frames[source].append(int(at))
                self.waves[source, wave].append((int(at), int(count)))
            case "R":
                self.frames[words[0]].append(int(words[1]))
            case "B":
                self.base = (words[0], int(words[1]))
            case "X":
                self.strangers.append((words[0], words[1], int(words[2])))


@dataclass(frozen=True, slots=True)
class LifeTold:
    """One life of the program. `boot_ns`: the scenario's nanosecond at which its clock stood at 0; `true_ns`: so much
    later than that it was in truth, where a wrong clock had the record go on from its own last moment."""

    number: int
    boot: str
    boot_ns: int
    second: float
    died: bool
    status: int
    phase: str
    acknowledged: list[tuple[int, str]]
    heard: Heard
    true_ns: int = 0

    def on_its_line(self) -> LifeTold:
        """With the boot that its clock counted on."""
        if self.heard.base is None or self.heard.base[0] == self.boot:
            return self
        boot, mono_ns = self.heard.base
        return replace(self, boot=boot, boot_ns=round(self.second * NS) - mono_ns)

    def on_the_record(self, before: Sequence[LifeTold]) -> LifeTold:
        """With its time as the record counts it, which cannot know how long a computer with a wrong clock was off."""
        first = next((life for life in before if life.boot == self.boot), self)
        return replace(
            self,
            boot_ns=first.boot_ns,
            second=self.second - (self.boot_ns - first.boot_ns) / NS,
            true_ns=self.boot_ns - first.boot_ns,
        )

    @property
    def last_s(self) -> float:
        """The scenario's second of its last tick."""
        return (self.heard.ticks[-1] + self.boot_ns) / NS if self.heard.ticks else self.second

    @property
    def began_ns(self) -> int:
        """Its beginning on its own clock."""
        return round(self.second * NS) - self.boot_ns
