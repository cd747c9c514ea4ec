"""The simulated Alaris syringe pump itself: what its keys do, how its volume grows, when it alarms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from devices.simulation.delivery import Delivery

OCCLUSION_S = 20.0
"""From a blocked line to the alarm."""
FREE_MMHG, BLOCKED_MMHG = 17.91, 530.15
NEAR_END_S = 180.0
REMOTE_SILENCE_S = 15.0
"""An infusion that a computer started needs to hear from it so often."""
_VTBI_ALARM = {"STOP": "AL_VTBIS", "KVO": "AL_VTBIK", "CONT": "AL_VTBIC"}


class Mode(Enum):
    """The two modes that are published."""

    INFUSING = "SET"
    ON_HOLD = "HLD"


@dataclass(frozen=True, slots=True)
class PumpSetup:
    """One pump as the scenario begins: rates in mL/h, volumes in mL; vtbi_ml 0 means that none is set.

    at_vtbi: what the pump does at the end, "STOP", "KVO" or "CONT" (goes on).
    """

    rate_ml_h: float = 12.0
    vtbi_ml: float = 40.0
    running: bool = False
    infused_ml: float = 0.0
    serial: str = "8002-51740"
    drug: str = ""
    at_vtbi: str = "STOP"
    kvo_ml_h: float = 1.0
    syringe: str = "BD PLASTIPAK"
    syringe_ml: int = 50
    log_entry: int = 127904


class AsenaPump:
    """A syringe pump: rates in mL/h, volumes in mL, times in simulated seconds that never run backwards."""

    def __init__(self, setup: PumpSetup) -> None:
        self.setup = setup
        self.rate_ml_h = setup.rate_ml_h
        self.vtbi_ml: float | None = setup.vtbi_ml or None
        self.at_vtbi = setup.at_vtbi
        self.mode = Mode.ON_HOLD
        self.log_entry = setup.log_entry
        self.remote_at: float | None = None  # when a computer that started this infusion was last heard
        self._alarms: list[str] = []
        self._delivery = Delivery(setup.infused_ml)
        self._blocked = False
        self._blocked_since: float | None = None
        if setup.running:
            self.start(0.0)

    @property
    def alarm(self) -> str:
        """The code of the newest alarm that is on, AL_NOALM when there is none."""
        return self._alarms[-1] if self._alarms else "AL_NOALM"

    def infused_ml(self, t: float) -> float:
        """Volume infused in mL at second `t`."""
        return self._delivery.volume_at(t)

    @property
    def flow_ml_h(self) -> float:
        """What the pump delivers now, in mL/h."""
        return self._delivery.flow_ml_h

    def time_left_s(self, t: float) -> float | None:
        """Seconds to the end of the VTBI at the set rate, None without VTBI."""
        if self.vtbi_ml is None or self.rate_ml_h <= 0:
            return None
        return max(0.0, (self.vtbi_ml - self.infused_ml(t)) * 3600 / self.rate_ml_h)

    def pressure_mmhg(self, t: float) -> float:
        """Pressure in the line: rises while it is blocked."""
        if self._blocked_since is None:
            return BLOCKED_MMHG if self._blocked and "AL_OCCLU" in self._alarms else FREE_MMHG
        return FREE_MMHG + (BLOCKED_MMHG - FREE_MMHG) * min(1.0, (t - self._blocked_since) / OCCLUSION_S)

    # --- time

    def advance(self, t: float) -> None:
        """Let everything happen that is due up to `t`, each at its own exact moment."""
        while True:
            due = [event for event in self._events() if event[0] <= t]
            if not due:
                return
            when, happen = min(due, key=lambda event: event[0])
            happen(when)

    def _events(self) -> list[tuple[float, Callable[[float], None]]]:
        events: list[tuple[float, Callable[[float], None]]] = []
        if self._blocked_since is not None:
            events.append((self._blocked_since + OCCLUSION_S, lambda t: self._stop_with(t, "AL_OCCLU")))
        if self.remote_at is not None and self.mode is Mode.INFUSING:
            events.append((self.remote_at + REMOTE_SILENCE_S, lambda t: self._stop_with(t, "AL_COMTO")))
        if self.mode is Mode.INFUSING and self.vtbi_ml is not None and not self._ended():
            end = self._delivery.reaches(self.vtbi_ml)
            near = None if end is None else end - NEAR_END_S
            if end is not None:
                events.append((end, self._vtbi_reached))
            if near is not None and near > 0 and "AL_NEOIN" not in self._alarms:
                events.append((near, lambda t: self.raise_alarm("AL_NEOIN")))
        return events

    def _ended(self) -> bool:
        return any(code in self._alarms for code in _VTBI_ALARM.values())

    def _vtbi_reached(self, t: float) -> None:
        self.clear_alarm("AL_NEOIN")
        self.raise_alarm(_VTBI_ALARM[self.at_vtbi])
        if self.at_vtbi == "STOP":
            self._hold(t)
        elif self.at_vtbi == "KVO":
            self._delivery.set_flow(t, min(self.setup.kvo_ml_h, self.rate_ml_h))

    def _stop_with(self, t: float, alarm: str) -> None:
        self.raise_alarm(alarm)
        self._hold(t)

    def _hold(self, t: float) -> None:
        self.mode = Mode.ON_HOLD
        self.remote_at = None
        self._delivery.set_flow(t, 0.0)
        self._blocked_since = None

    # --- what a person or a computer does

    def start(self, t: float, *, remote: bool = False) -> None:
        """Infuse at the set rate; alarms are over. remote: a computer has started it."""
        self._alarms.clear()
        self.log_entry += 1
        self.mode = Mode.INFUSING
        self.remote_at = t if remote else None
        self._delivery.set_flow(t, self.rate_ml_h)
        if self._blocked and self._blocked_since is None:
            self._blocked_since = t

    def stop(self, t: float) -> None:
        """Put on hold."""
        self.log_entry += 1
        self._hold(t)

    def set_rate(self, t: float, rate_ml_h: float) -> None:
        """Set the rate in mL/h; a running pump takes it at once."""
        self.rate_ml_h = rate_ml_h
        self.log_entry += 1
        if self.mode is Mode.INFUSING:
            self._delivery.set_flow(t, rate_ml_h)

    def set_vtbi(self, vtbi_ml: float | None) -> None:
        """Set the volume to be infused in mL, or none."""
        self.vtbi_ml = vtbi_ml
        self.log_entry += 1

    def clear_volume(self, t: float) -> None:
        """Set the volume infused to zero."""
        self._delivery.set_volume(t, 0.0)

    def block(self, t: float) -> None:
        """The line is blocked from now on."""
        self._blocked = True
        if self.mode is Mode.INFUSING and self._blocked_since is None:
            self._blocked_since = t

    def unblock(self) -> None:
        """The line is free again."""
        self._blocked, self._blocked_since = False, None
        self.clear_alarm("AL_OCCLU")

    def raise_alarm(self, code: str) -> None:
        """An alarm begins."""
        self.clear_alarm(code)
        self._alarms.append(code)
        self.log_entry += 1

    def clear_alarm(self, code: str = "") -> None:
        """One alarm ends, or all of them."""
        self._alarms = [other for other in self._alarms if code and other != code]
