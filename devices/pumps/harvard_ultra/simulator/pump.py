"""One simulated syringe pump of the ULTRA kind: its drive, its volumes, its stall. No wire."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from devices.pumps.harvard_ultra import wire
from devices.simulation.delivery import Delivery

STALL_S = 5.0
"""From a blocked line to a stalled motor."""
MAX_CM_PER_MIN = 15.0
_FL_PER_ML = 1e12
_FL_S_PER_ML_H = 1e12 / 3600


@dataclass(frozen=True, slots=True)
class PumpSetup:
    """One pump as the scenario begins: rates in mL/h, volumes in mL, 0 mL as target = none."""

    address: int = 0
    rate_ml_h: float = 12.0
    vtbi_ml: float = 0.0
    running: bool = False
    infused_ml: float = 0.0
    occluded: bool = False
    diameter_mm: float = 26.7
    shows_address: bool = True
    serial: str = "D400123"
    firmware: str = "3.0.4"


class SyringePump:
    """The drive of the pump, in simulated seconds that never run backwards."""

    def __init__(self, setup: PumpSetup) -> None:
        self.rate_ml_h = setup.rate_ml_h
        self.withdraw_ml_h = setup.rate_ml_h
        self.target_ml = setup.vtbi_ml
        self.diameter_mm = setup.diameter_mm
        self.prompt = wire.IDLE
        self._withdraws = False
        self._infused = Delivery(setup.infused_ml)
        self._withdrawn = Delivery()
        self._base_ml = 0.0  # the counter of this direction when the present target began
        self._ran_s = 0.0
        self._running_since: float | None = None
        self._blocked = setup.occluded
        self._blocked_since: float | None = None
        if setup.running:
            self.run(0.0)

    def advance(self, t: float) -> None:
        """Let the target be reached and the motor stall, each at its own exact moment."""
        while True:
            due = [event for event in self._events() if event[0] <= t]
            if not due:
                return
            when, happen = min(due, key=lambda event: event[0])
            happen(when)

    def status(self, t: float) -> wire.Status:
        """The line that answers `status`, of the direction that ran last."""
        flow = self._counter().flow_ml_h
        motor = "W" if self._withdraws else "I"
        return wire.Status(
            rate_fl_s=round(flow * _FL_S_PER_ML_H),
            time_ms=round(1000 * (self._ran_s + (t - self._running_since if self._running_since is not None else 0.0))),
            volume_fl=round(self._counter().volume_at(t) * _FL_PER_ML),
            motor=motor if self.runs else motor.lower(),
            stalled=self.prompt == wire.STALLED,
            port=motor,
            at_target=self.prompt == wire.AT_TARGET,
        )

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
        return self.prompt in (wire.INFUSING, wire.WITHDRAWING)

    def run(self, t: float, withdraws: bool | None = None) -> None:
        """Start, in the direction that ran last unless another is named; a reached target begins anew."""
        if withdraws is not None and withdraws != self._withdraws:
            self._withdraws = withdraws
            self._base_ml = self._counter().volume_at(t)
        if self.prompt == wire.AT_TARGET:
            self._base_ml = self._counter().volume_at(t)
        self._enter(t, wire.WITHDRAWING if self._withdraws else wire.INFUSING)

    def turn(self, t: float) -> None:
        """Run the other way."""
        self.run(t, not self._withdraws)

    def stop(self, t: float) -> None:
        """Stand still; a stall or a reached target stays shown."""
        if self.runs:
            self._enter(t, wire.IDLE)

    def acknowledge(self, t: float) -> None:
        """A key on the pump takes the stall or the reached target off its screen."""
        if not self.runs:
            self._enter(t, wire.IDLE)

    def set_rate(self, t: float, rate_ml_h: float) -> None:
        """Set the infusion rate in mL/h."""
        self.rate_ml_h = rate_ml_h
        self._enter(t, self.prompt)

    def set_withdraw_rate(self, t: float, rate_ml_h: float) -> None:
        """Set the withdrawal rate in mL/h."""
        self.withdraw_ml_h = rate_ml_h
        self._enter(t, self.prompt)

    def set_target(self, t: float, vtbi_ml: float) -> None:
        """Set the target volume, 0 = none; it counts from here."""
        self.target_ml = vtbi_ml
        self._base_ml = self._counter().volume_at(t)

    def clear(self, t: float, *, infused: bool = True, withdrawn: bool = True) -> None:
        """Set counters to zero; a new target begins."""
        if infused:
            self._infused.set_volume(t, 0.0)
        if withdrawn:
            self._withdrawn.set_volume(t, 0.0)
        self._base_ml = self._counter().volume_at(t)

    def power_cycle(self, t: float) -> None:
        """Power was gone for a moment: the drive stands and the counters are empty."""
        self._enter(t, wire.IDLE)
        self.clear(t)
        self._ran_s = 0.0

    def block(self, t: float, blocked: bool) -> None:
        """The line is blocked, or free again."""
        self._blocked = blocked
        self._blocked_since = t if blocked and self.runs else None

    def _events(self) -> list[tuple[float, Callable[[float], None]]]:
        events: list[tuple[float, Callable[[float], None]]] = []
        if self._blocked_since is not None:
            events.append((self._blocked_since + STALL_S, self._stall))
        if self.target_ml > 0 and self.runs:
            end = self._counter().reaches(self._base_ml + self.target_ml)
            if end is not None:
                events.append((end, self._target_reached))
        return events

    def _counter(self) -> Delivery:
        return self._withdrawn if self._withdraws else self._infused

    def _enter(self, t: float, prompt: str) -> None:
        started = not self.runs
        self.prompt = prompt
        self._infused.set_flow(t, self.rate_ml_h if prompt == wire.INFUSING else 0.0)
        self._withdrawn.set_flow(t, self.withdraw_ml_h if prompt == wire.WITHDRAWING else 0.0)
        if self._running_since is not None:
            self._ran_s += t - self._running_since
        self._running_since = t if self.runs else None
        if not self._blocked or not self.runs:
            self._blocked_since = None
        elif started:
            self._blocked_since = t

    def _stall(self, t: float) -> None:
        self._enter(t, wire.STALLED)

    def _target_reached(self, t: float) -> None:
        self._enter(t, wire.AT_TARGET)
        # The counter stands at the target to the last digit, whatever rounding the flow brought in.
        self._counter().set_volume(t, self._base_ml + self.target_ml)
