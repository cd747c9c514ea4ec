"""One simulated pump module of a Fresenius base: keys, volume, and the variables that it then reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devices.pumps.fresenius_base import wire
from devices.simulation.delivery import Delivery
from exomonitor.errors import CommandRefused

OCCLUSION_S = 20.0
"""From a blocked line to the alarm."""
# Nobody has published these codes: the numbers are made up, and stand for "some alarm", "some mode" alone.
END_CODE, OCCLUSION_CODE, BATTERY_CODE = 0x0001, 0x0002, 0x0004
MODE_STOPPED, MODE_RUNNING = 0x01, 0x02


@dataclass(frozen=True, slots=True)
class ModuleSetup:
    """One module as the scenario begins: rates in mL/h, volumes in mL; vtbi_ml is where it stops by itself."""

    address: int = 1
    rate_ml_h: float = 12.0
    vtbi_ml: float = 50.0
    running: bool = False
    infused_ml: float = 0.0
    drug: str = ""
    type: str = "Module DPS"
    refuses: str = ""
    """Variables that an older module does not know."""


class PumpModule:
    """A syringe module: rates in mL/h, volumes in mL, times in simulated seconds that never run backwards."""

    def __init__(self, setup: ModuleSetup) -> None:
        self.setup = setup
        self.drug = setup.drug
        self.open = False
        self.watched = ""
        self.announced: str | None = None
        self._rate, self._vtbi = setup.rate_ml_h, setup.vtbi_ml
        self._running = False
        self._alarm = self._error = 0
        self._blocked = False
        self._blocked_since: float | None = None
        self._delivery = Delivery(setup.infused_ml)
        if setup.running:
            self._start(0.0)

    def press(self, t: float, action: str, **values: Any) -> None:
        """A person presses a key at second `t`, or something happens to the line; unknown actions are refused."""
        handler = self._keys().get(action)
        if handler is None:
            raise CommandRefused(f"The simulated pump has no key {action!r}; it has {', '.join(sorted(self._keys()))}")
        self.advance(t)
        handler(t, **values)

    def variables(self, names: str, t: float) -> str | None:
        """`d007D;r003039` for the names asked, None when one of them is not known."""
        known = {
            wire.ALARM: f"{self._alarm:04X}",
            wire.ERROR: f"{self._error:04X}",
            wire.MODE: f"{MODE_RUNNING if self._running else MODE_STOPPED:02X}",
            wire.RATE: f"{round(self._delivery.flow_ml_h / wire.ML_H_PER_COUNT):04X}",
            # A pump counts whole steps; the grain keeps 12.345 from becoming 12344.999.
            wire.VOLUME: f"{int(self._delivery.volume_at(t) / wire.ML_PER_COUNT + 1e-6):06X}",
        }
        if not names or any(name not in known or name in self.setup.refuses for name in names):
            return None
        return ";".join(name + known[name] for name in names)

    # --- time

    def advance(self, t: float) -> None:
        """Let everything happen that is due up to `t`, each at its own exact moment."""
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
            events.append((self._blocked_since + OCCLUSION_S, lambda t: self._stop_with(t, OCCLUSION_CODE)))
        if self._running and not self._alarm & END_CODE:
            end = self._delivery.reaches(self._vtbi)
            if end is not None:
                events.append((end, lambda t: self._stop_with(t, END_CODE)))
        return events

    def _stop_with(self, t: float, code: int) -> None:
        self._alarm |= code
        self._stop(t)

    # --- keys

    def _keys(self) -> dict[str, Callable[..., None]]:
        return {
            "start": self._start,
            "stop": self._stop,
            "set_rate": self._set_rate,
            "set_vtbi": self._set_vtbi,
            "set_drug": self._set_drug,
            "clear_volume": lambda t: self._delivery.set_volume(t, 0.0),
            "occlude": self._occlude,
            "clear_occlusion": self._clear_occlusion,
            "battery_low": lambda t: self._set_code(self._alarm | BATTERY_CODE),
            "alarm": lambda t, code: self._set_code(code),
            "error": self._set_error,
            "clear_alarms": lambda t: self._set_code(0),
            "power_cycle": self._power_cycle,
        }

    def _start(self, t: float, rate_ml_h: float | None = None, vtbi_ml: float | None = None) -> None:
        self._rate = self._rate if rate_ml_h is None else rate_ml_h
        self._vtbi = self._vtbi if vtbi_ml is None else vtbi_ml
        self._alarm = 0
        self._running = True
        self._delivery.set_flow(t, self._rate)
        if self._blocked:
            self._blocked_since = t

    def _stop(self, t: float) -> None:
        self._running = False
        self._blocked_since = None
        self._delivery.set_flow(t, 0.0)

    def _set_rate(self, t: float, rate_ml_h: float) -> None:
        self._rate = rate_ml_h
        if self._running:
            self._delivery.set_flow(t, rate_ml_h)

    def _set_vtbi(self, t: float, vtbi_ml: float) -> None:
        self._vtbi = vtbi_ml

    def _set_drug(self, t: float, drug: str) -> None:
        self.drug = drug

    def _occlude(self, t: float) -> None:
        self._blocked = True
        self._blocked_since = t if self._running else None

    def _clear_occlusion(self, t: float) -> None:
        self._blocked, self._blocked_since = False, None
        self._alarm &= ~OCCLUSION_CODE

    def _set_code(self, code: int) -> None:
        self._alarm = code

    def _set_error(self, t: float, code: int) -> None:
        self._error = code

    def _power_cycle(self, t: float) -> None:
        self._stop(t)
        self._alarm = self._error = 0
        self._delivery.set_volume(t, 0.0)
        self.open, self.watched, self.announced = False, "", None
