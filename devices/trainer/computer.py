"""What a trainer lets happen to the computer that watches: its record, its disk, its mains, its clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from exomonitor.clock import ManualClock
from exomonitor.computer import Computer
from exomonitor.engine.ports import Trick

GROUP, PREFIX = "This computer", "computer."
REFUSED_FOR_S = (20.0, 60.0)
WHY = "the disk is full"
FREE_MB, LITTLE_MB = 50_000, 40
AHEAD_S = 5400.0
_RECORD = "RECORD NOT SAVED - write on paper; what waits is saved afterwards"


class DemoComputer(Protocol):
    """What plays along: the demo's station."""

    def set_computer(self, computer: Computer) -> None:
        """This computer tells of its disk and its mains."""
        ...

    def refuse_record(self, why: str) -> None:
        """From now on nothing can be recorded, for this reason; "" = as usual."""
        ...


class ComputerTricks:
    """The keys of this computer. Played and stepped on one thread."""

    def __init__(self, clock: ManualClock, computer: DemoComputer) -> None:
        self._clock = clock
        self._computer = computer
        self._told = Computer(FREE_MB, on_mains=True, battery_percent=100)
        self._ahead_s = 0.0
        self._refused_until_s: float | None = None

    def tricks(self) -> tuple[Trick, ...]:
        """Each key in words."""
        refusals = tuple(
            Trick(f"computer.record.{for_s:g}", GROUP, f"Nothing can be saved, {for_s:g} s", _RECORD, "record", for_s)
            for for_s in REFUSED_FOR_S
        )
        return (
            *refusals,
            Trick("computer.disk", GROUP, "Disk nearly full", f"DISK NEARLY FULL {LITTLE_MB} MB left (medium)", "disk"),
            Trick("computer.room", GROUP, "Room on the disk again", "The alarm ends"),
            Trick("computer.mains", GROUP, "Computer unplugged", "COMPUTER ON BATTERY", "computer.mains"),
            Trick("computer.plugged", GROUP, "Computer plugged in again", "The alarm ends"),
            Trick(
                "computer.ahead", GROUP, "Clock put 90 min ahead", "CLOCK CHANGED (medium); durations go on", "clock"
            ),
            Trick("computer.right", GROUP, "Clock put right again", "CLOCK CHANGED, if it was wrong"),
        )

    def play(self, key: str, t: float) -> None:
        """Let it happen at the scenario's second `t`. KeyError for a key that is none of these."""
        name, _, length = key.removeprefix(PREFIX).partition(".")
        acts: dict[str, Callable[[], None]] = {
            "record": lambda: self._refuse(t + float(length)),
            "disk": lambda: self._tell(replace(self._told, free_mb=LITTLE_MB)),
            "room": lambda: self._tell(replace(self._told, free_mb=FREE_MB)),
            "mains": lambda: self._tell(replace(self._told, on_mains=False, battery_percent=60)),
            "plugged": lambda: self._tell(replace(self._told, on_mains=True)),
            "ahead": lambda: self._put(AHEAD_S),
            "right": lambda: self._put(0.0),
        }
        acts[name]()

    def step(self, t: float) -> None:
        """Let what lasts be over at its second."""
        if self._refused_until_s is not None and t >= self._refused_until_s:
            self._refused_until_s = None
            self._computer.refuse_record("")

    def _refuse(self, until_s: float) -> None:
        self._refused_until_s = until_s
        self._computer.refuse_record(WHY)

    def _tell(self, told: Computer) -> None:
        self._told = told
        self._computer.set_computer(told)

    def _put(self, ahead_s: float) -> None:
        by_s, self._ahead_s = ahead_s - self._ahead_s, ahead_s
        if by_s:
            self._clock.step_wall(by_s)
