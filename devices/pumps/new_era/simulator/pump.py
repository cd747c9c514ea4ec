"""One simulated syringe pump of the NE-1000 kind: its drive, its volumes, its stall. No wire."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from devices.simulation.delivery import Delivery

STALL_S = 5.0
"""From a blocked line to a stalled motor."""
MAX_CM_PER_MIN = 5.1
_SMALL_SYRINGE_MM = 14.0  # up to here the pump counts in microlitres


class State(StrEnum):
    """The status letters of the wire."""

    INFUSING = "I"
    WITHDRAWING = "W"
    STOPPED = "S"
    PAUSED = "P"
    PURGING = "X"


@dataclass(frozen=True, slots=True)
class PumpSetup:
    """One pump as the scenario begins: rates in mL/h, volumes in mL, 0 mL as target = none."""

    address: int = 0
    rate_ml_h: float = 12.0
    vtbi_ml: float = 0.0
    running: bool = False
    infused_ml: float = 0.0
    occluded: bool = False
    diameter_mm: float = 26.72
    firmware: str = "NE1000V3.923"


class SyringePump:
    """The drive of the pump, in simulated seconds that never run backwards."""

    def __init__(self, setup: PumpSetup) -> None:
        self.diameter_mm = setup.diameter_mm
        self.rate_ml_h = setup.rate_ml_h
        self.rate_unit = "MH"
        self.volume_unit = self._usual_unit()
        self.target_ml = setup.vtbi_ml
        self.withdraws = False
        self.state = State.STOPPED
        self.alarm = ""
        self._infused = Delivery(setup.infused_ml)
        self._withdrawn = Delivery()
        self._base_ml = 0.0  # the counter of this direction when the present target began
        self._blocked = setup.occluded
        self._blocked_since: float | None = None
        if setup.running:
            self.run(0.0)

    def advance(self, t: float) -> None:
        """Let the target be reached and the motor stall, each at its own exact moment."""
        while True:
            due = [event for event in self.events() if event[0] <= t]
            if not due:
                return
            when, happen = min(due, key=lambda event: event[0])
            happen(when)

    def events(self) -> list[tuple[float, Callable[[float], None]]]:
        """What will happen by itself, and when."""
        events: list[tuple[float, Callable[[float], None]]] = []
        if self._blocked_since is not None:
            events.append((self._blocked_since + STALL_S, self._stall))
        if self.target_ml > 0 and self.state in (State.INFUSING, State.WITHDRAWING):
            end = self._counter().reaches(self._base_ml + self.target_ml)
            if end is not None:
                events.append((end, self._target_reached))
        return events

    def volumes(self, t: float) -> tuple[float, float]:
        """(infused, withdrawn) in mL at second `t`."""
        return self._infused.volume_at(t), self._withdrawn.volume_at(t)

    @property
    def max_ml_h(self) -> float:
        """The fastest rate that this syringe allows."""
        return math.pi * (self.diameter_mm / 20) ** 2 * MAX_CM_PER_MIN * 60

    @property
    def runs(self) -> bool:
        """Whether the drive turns."""
        return self.state in (State.INFUSING, State.WITHDRAWING, State.PURGING)

    def run(self, t: float) -> None:
        """Start, or go on after a pause."""
        self._enter(t, State.WITHDRAWING if self.withdraws else State.INFUSING)

    def purge(self, t: float) -> None:
        """Run at top speed until stopped; nothing is counted."""
        self._enter(t, State.PURGING)

    def stop(self, t: float) -> None:
        """The first stop pauses, the second ends the programme."""
        if self.runs:
            self._enter(t, State.PAUSED)
        elif self.state is State.PAUSED:
            self._enter(t, State.STOPPED)
            self._base_ml = self._counter().volume_at(t)

    def halt(self, t: float, alarm: str) -> None:
        """Stop with an alarm letter."""
        self.alarm = alarm
        self._enter(t, State.STOPPED)

    def set_rate(self, t: float, rate_ml_h: float, unit: str = "MH") -> None:
        """Set the rate in mL/h, shown in `unit`."""
        self.rate_ml_h, self.rate_unit = rate_ml_h, unit
        self._enter(t, self.state)

    def set_diameter(self, diameter_mm: float) -> None:
        """Another syringe; its size decides the unit of the volumes."""
        self.diameter_mm = diameter_mm
        self.volume_unit = self._usual_unit()

    def set_direction(self, t: float, withdraws: bool) -> None:
        """Turn the direction; a running pump turns at once."""
        self.withdraws = withdraws
        self._base_ml = self._counter().volume_at(t)
        if self.state in (State.INFUSING, State.WITHDRAWING):
            self.run(t)

    def clear(self, t: float, withdrawn: bool = False) -> None:
        """Set one of the counters to zero; a new target begins."""
        (self._withdrawn if withdrawn else self._infused).set_volume(t, 0.0)
        if withdrawn == self.withdraws:
            self._base_ml = 0.0

    def power_cycle(self, t: float) -> None:
        """Power was gone for a moment: everything is off, the counters are empty, and the pump will say so."""
        self.halt(t, "R")
        self.clear(t)
        self.clear(t, withdrawn=True)

    def block(self, t: float, blocked: bool) -> None:
        """The line is blocked, or free again."""
        self._blocked = blocked
        self._blocked_since = t if blocked and self.runs else None

    def _counter(self) -> Delivery:
        return self._withdrawn if self.withdraws else self._infused

    def _enter(self, t: float, state: State) -> None:
        started = not self.runs
        self.state = state
        self._infused.set_flow(t, self.rate_ml_h if state is State.INFUSING else 0.0)
        self._withdrawn.set_flow(t, self.rate_ml_h if state is State.WITHDRAWING else 0.0)
        if not self._blocked or not self.runs:
            self._blocked_since = None
        elif started:
            self._blocked_since = t

    def _stall(self, t: float) -> None:
        self.halt(t, "S")

    def _target_reached(self, t: float) -> None:
        self._enter(t, State.STOPPED)
        # The counter stands at the target to the last digit, whatever rounding the flow brought in.
        self._counter().set_volume(t, self._base_ml + self.target_ml)
        self._base_ml += self.target_ml

    def _usual_unit(self) -> str:
        return "UL" if self.diameter_mm <= _SMALL_SYRINGE_MM else "ML"
