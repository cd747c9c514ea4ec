"""One simulated B. Braun Space pump: what its keys do, how its volume grows, and the parameters it then reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from devices.simulation.delivery import Delivery
from exomonitor.errors import CommandRefused

FREE_PRESSURE_PCT = 20.0
OCCLUSION_S = 20.0
"""From a blocked line to the pressure alarm."""
KVO_S = 3600.0
PURGE_ML_H = 1200.0
_NO_TIME = 65535

# name: (number of INAx, mask, bit); a pre-alarm near the end has no INAx
_ALARMS: dict[str, tuple[int | None, str, int]] = {
    "pressure": (3, "ALARM1", 10),
    "end_of_volume": (7, "ALARM1", 13),
    "kvo_end": (16, "ALARM1", 19),
    "air": (15, "ALARM1", 29),
    "door": (13, "ALARM2", 30),
    "battery_empty": (1, "ALARM1", 2),
    "battery_low": (11, "PREALARM", 4),
    "near_end": (None, "PREALARM", 2),
}
_INA_SENT = (1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16)
NEAR_END_S = 180.0


class Mode(Enum):
    """What the drive does."""

    OFF = "off"
    STOPPED = "stopped"
    RUNNING = "running"
    KVO = "kvo"
    PURGING = "purging"
    STANDBY = "standby"


@dataclass(frozen=True, slots=True)
class PumpSetup:
    """One pump as the scenario begins: rates in mL/h, volumes in mL.

    family: "inm" (INMx and INAx) or "status" (STATUS1, ALARM1 ...). hidden: parameters that are switched off.
    """

    address: str = "50113"
    rate_ml_h: float = 100.0
    vtbi_ml: float = 100.0
    running: bool = False
    infused_ml: float = 0.0
    serial: str = "100113"
    model: str = "Infusomat Space"
    drug: str = ""
    family: str = "inm"
    kvo_ml_h: float = 3.0
    battery_min: int = 240
    hidden: tuple[str, ...] = ()


class SpacePump:
    """A volumetric pump: rates in mL/h, volumes in mL, times in simulated seconds that never run backwards."""

    def __init__(self, setup: PumpSetup) -> None:
        self.address = setup.address
        self._setup = setup
        self._rate, self._vtbi = setup.rate_ml_h, setup.vtbi_ml
        self._mains = True
        self._delivery = Delivery(setup.infused_ml)
        self._mode = Mode.STOPPED
        self._mode_since = 0.0
        self._occluded = False
        self._blocked_since: float | None = None
        self._alarms: set[str] = set()
        self._new = True
        if setup.running:
            self._enter(0.0, Mode.RUNNING)

    def press(self, t: float, action: str, **values: Any) -> None:
        """A person presses a key at second `t`, or something happens to the line; unknown actions are refused."""
        handler = self._keys().get(action)
        if handler is None:
            raise CommandRefused(f"The simulated pump has no key {action!r}; it has {', '.join(sorted(self._keys()))}")
        self._advance(t)
        handler(t, **values)

    def parameters(self, t: float) -> list[tuple[str, str]]:
        """What the pump reports at second `t`, in the order of the wire."""
        self._advance(t)
        rows = [*self._numbers(t), *(self._flags() if self._setup.family == "inm" else self._masks(t))]
        if self._new:
            self._new = False
            rows.insert(0, ("GNNEW", self._setup.model))
        return [row for row in rows if row[0] not in self._setup.hidden]

    # --- time

    def _advance(self, t: float) -> None:
        """Let everything happen that is due up to `t`, each at its own exact moment."""
        while True:
            due = [event for event in self._events() if event[0] <= t]
            if not due:
                return
            when, happen = min(due, key=lambda event: event[0])
            happen(when)

    def _events(self) -> list[tuple[float, Callable[[float], None]]]:
        events: list[tuple[float, Callable[[float], None]]] = []
        if self._blocked_since is not None and self._delivery.flow_ml_h > 0:
            events.append((self._blocked_since + OCCLUSION_S, lambda t: self._stop_with(t, "pressure")))
        if self._mode is Mode.RUNNING:
            end = self._delivery.reaches(self._vtbi)
            if end is not None:
                events.append((max(end, self._mode_since), self._vtbi_reached))
        if self._mode is Mode.KVO:
            events.append((self._mode_since + KVO_S, lambda t: self._stop_with(t, "kvo_end")))
        return events

    def _vtbi_reached(self, t: float) -> None:
        self._alarms.add("end_of_volume")
        self._enter(t, Mode.KVO)

    def _stop_with(self, t: float, alarm: str) -> None:
        self._alarms.add(alarm)
        self._enter(t, Mode.STOPPED)

    def _enter(self, t: float, mode: Mode) -> None:
        self._mode, self._mode_since = mode, t
        flows = {Mode.RUNNING: self._rate, Mode.KVO: min(self._setup.kvo_ml_h, self._rate)}
        self._delivery.set_flow(t, flows.get(mode, 0.0))
        if self._occluded and self._delivery.flow_ml_h > 0:
            self._blocked_since = t

    # --- keys and events

    def _keys(self) -> dict[str, Callable[..., None]]:
        return {
            "start": self._start,
            "stop": lambda t: self._enter(t, Mode.STOPPED),
            "kvo": lambda t: self._enter(t, Mode.KVO),
            "purge": lambda t: self._enter(t, Mode.PURGING),
            "standby": lambda t: self._enter(t, Mode.STANDBY),
            "off": lambda t: self._power(t, Mode.OFF),
            "on": lambda t: self._power(t, Mode.STOPPED),
            "power_cycle": lambda t: self._power(t, Mode.STOPPED),
            "set_rate": self._set_rate,
            "set_vtbi": self._set_vtbi,
            "clear_volume": lambda t: self._delivery.set_volume(t, 0.0),
            "occlude": self._occlude,
            "clear_occlusion": self._clear_occlusion,
            "air": lambda t: self._stop_with(t, "air"),
            "door": lambda t: self._stop_with(t, "door"),
            "end": self._end,
            "battery_low": lambda t: self._alarms.add("battery_low"),
            "clear_alarms": lambda t: self._alarms.clear(),
            "mains": self._set_mains,
        }

    def _start(self, t: float, rate_ml_h: float | None = None, vtbi_ml: float | None = None) -> None:
        self._rate = self._rate if rate_ml_h is None else rate_ml_h
        self._vtbi = self._vtbi if vtbi_ml is None else vtbi_ml
        self._alarms.clear()
        self._enter(t, Mode.RUNNING)

    def _set_rate(self, t: float, rate_ml_h: float) -> None:
        self._rate = rate_ml_h
        if self._mode is Mode.RUNNING:
            self._delivery.set_flow(t, rate_ml_h)

    def _set_vtbi(self, t: float, vtbi_ml: float) -> None:
        self._vtbi = vtbi_ml

    def _end(self, t: float) -> None:
        """The volume to be infused is reached now."""
        self._vtbi = self._delivery.volume_at(t)
        self._vtbi_reached(t)

    def _power(self, t: float, mode: Mode) -> None:
        self._alarms.clear()
        self._enter(t, mode)

    def _occlude(self, t: float) -> None:
        self._occluded = True
        self._blocked_since = t if self._delivery.flow_ml_h > 0 else None

    def _clear_occlusion(self, t: float) -> None:
        self._occluded, self._blocked_since = False, None
        self._alarms.discard("pressure")

    def _set_mains(self, t: float, on: bool) -> None:
        self._mains = on

    # --- what it reports

    def _numbers(self, t: float) -> list[tuple[str, str]]:
        volume = self._delivery.volume_at(t)
        rate = {Mode.PURGING: PURGE_ML_H}.get(self._mode, self._delivery.flow_ml_h)
        return [
            ("DSSTATUS", "00050" if self._mode is Mode.OFF else "00051"),
            ("GNMODEL", self._setup.model + "\r"),
            ("INRT", f"{rate:.2f}"),
            ("INVTB", f"{self._vtbi:.2f}"),
            ("INSOL", self._setup.drug or "_NV"),
            ("INRMT", str(self._seconds_left(volume))),
            ("INVI", f"{volume:.2f}"),
            ("INAKKU", str(self._setup.battery_min)),
            ("INP2", f"{self._pressure(t):.0f}"),
            ("INSERNUM", self._setup.serial),
        ]

    def _seconds_left(self, volume_ml: float) -> int:
        if self._mode is not Mode.RUNNING or self._rate <= 0:
            return _NO_TIME
        return min(_NO_TIME, round((self._vtbi - volume_ml) * 3600 / self._rate))

    def _pressure(self, t: float) -> float:
        if self._blocked_since is None:
            return FREE_PRESSURE_PCT
        risen = min(1.0, (t - self._blocked_since) / OCCLUSION_S)
        return FREE_PRESSURE_PCT + (100.0 - FREE_PRESSURE_PCT) * risen

    def _flags(self) -> list[tuple[str, str]]:
        mode = self._mode
        flags = {
            "INM1": mode in (Mode.STOPPED, Mode.STANDBY),
            "INM2": False,
            "INM3": mode in (Mode.RUNNING, Mode.KVO, Mode.PURGING),  # also while purging, as the real ones do
            "INM6": mode is Mode.STANDBY,
            "INM8": self._mains,
            "INM10": mode is Mode.KVO,
            "INM14": mode is Mode.PURGING,
        }
        on = {_ALARMS[name][0] for name in self._alarms}
        flags.update({f"INA{number}": number in on for number in _INA_SENT})
        return [(name, str(int(state))) for name, state in flags.items()]

    def _masks(self, t: float) -> list[tuple[str, str]]:
        mode = self._mode
        moving = mode in (Mode.RUNNING, Mode.KVO)
        status = _mask(
            {
                0: mode is not Mode.OFF,
                1: self._mains,
                2: mode is Mode.STANDBY,
                4: mode is Mode.PURGING,
                6: mode is Mode.STOPPED,
                7: moving,
                8: moving,
                13: mode is Mode.KVO,
            }
        )
        masks = {"ALARM1": 0, "ALARM2": 0, "PREALARM": 0}
        for name in self._alarms | self._pre_alarms(t):
            _, mask, bit = _ALARMS[name]
            masks[mask] |= 1 << bit
        if "air" in self._alarms:
            masks["ALARM1"] |= 1 << 28
        masks["PREALARM"] |= int(mode is Mode.KVO) << 5
        run = _mask({0: not moving, 1: mode is Mode.RUNNING, 2: bool(self._alarms), 3: mode is Mode.KVO})
        return [("STATUS1", str(status)), *((name, str(mask)) for name, mask in masks.items()), ("RUNSTATE", str(run))]

    def _pre_alarms(self, t: float) -> set[str]:
        near = self._mode is Mode.RUNNING and self._seconds_left(self._delivery.volume_at(t)) <= NEAR_END_S
        return {"near_end"} if near else set()


def _mask(bits: dict[int, bool]) -> int:
    return sum(1 << bit for bit, state in bits.items() if state)
