"""A simulated Masimo oximeter: one line a second, in the layout of one of three models."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from devices.monitors.masimo import wire
from devices.monitors.masimo.wire import LAYOUTS, MasimoLine
from devices.simulation import oximeter
from devices.simulation.patient import PatientWorld
from exomonitor.errors import CommandRefused

FAINT_PI = 0.3
_EPSILON_S = 1e-9
_NOT_HERE = ("nibp", "admit")  # keys of a monitor with a cuff, which the usual scenarios press
DEFAULT_LIMITS = {"spo2_low": 90, "spo2_high": 101, "pulse_low": 50, "pulse_high": 140}


class MasimoSimulator:
    """Switched on when it is first stepped; hears nothing."""

    def __init__(
        self,
        world: PatientWorld,
        *,
        layout: str = "radical-7",
        serial: str = "0000070986",
        clock: datetime = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC),
        limits: dict[str, int] | None = None,
        nibp_interval_s: float = 0.0,
    ) -> None:
        """layout: rad-8, radical-7-2007, radical-7. clock: the device's own at second 0. nibp_interval_s: ignored."""
        if layout not in LAYOUTS:
            raise CommandRefused(f"There is no Masimo layout {layout!r}; there are: {', '.join(LAYOUTS)}")
        self._world = world
        self._layout = LAYOUTS[layout]
        self._serial = serial
        self._clock = clock
        self._limits = DEFAULT_LIMITS | (limits or {})
        self._exceptions = 0
        self._muted = False
        self._next_at: float | None = None

    def received(self, data: bytes, t: float) -> bytes:
        """It does not listen."""
        return b""

    def due(self, t: float) -> bytes:
        """The lines up to second `t`."""
        if self._next_at is None:
            self._next_at = t + 1.0
        out = b""
        while self._next_at <= t + _EPSILON_S:
            out += self._line(self._next_at)
            self._next_at += 1.0
        return out

    def next_due(self, t: float) -> float | None:
        """The second of the next line."""
        return t if self._next_at is None else max(self._next_at, t)

    def press(self, t: float, action: str, **values: Any) -> None:
        """exception (bits=, on=False ends them): conditions that the patient does not bring about; mute (on=)."""
        on = bool(values.pop("on", True))
        bits = int(values.pop("bits", 0))
        if values or action not in ("exception", "mute", *_NOT_HERE):
            raise ValueError(f"this oximeter has no key {action!r} with {values!r}")
        if action == "exception":
            self._exceptions = self._exceptions | bits if on else self._exceptions & ~bits
        elif action == "mute":
            self._muted = on

    def _line(self, t: float) -> bytes:
        now = oximeter.shown(self._world, t)
        exceptions = self._exceptions | wire.SET
        exceptions |= wire.SENSOR_OFF if now.off else 0
        exceptions |= wire.PULSE_SEARCH if now.searching or (now.spo2 is None and not now.off) else 0
        exceptions |= wire.LOW_PERFUSION if now.pi is not None and now.pi < FAINT_PI else 0
        alarms = self._alarms(now)
        told = self._clock + timedelta(seconds=int(t))
        line = MasimoLine(
            told.strftime("%m/%d/%y %H:%M:%S"), now.spo2, now.pulse, now.pi,
            serial=self._serial, alarms=alarms, exceptions=exceptions,
        )  # fmt: skip
        return wire.encode_line(line, self._layout)

    def _alarms(self, now: oximeter.Shown) -> int:
        found = 0
        for value, low, high, low_bit, high_bit in (
            (now.spo2, "spo2_low", "spo2_high", wire.SPO2_LOW, wire.SPO2_HIGH),
            (now.pulse, "pulse_low", "pulse_high", wire.PULSE_LOW, wire.PULSE_HIGH),
        ):
            if value is not None:
                found |= low_bit if value < self._limits[low] else high_bit if value > self._limits[high] else 0
        return found | (wire.ALARMING if found else 0) | (wire.MUTED if self._muted else 0)
