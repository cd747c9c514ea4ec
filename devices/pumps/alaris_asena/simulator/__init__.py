"""A simulated Alaris Asena pump, to bytes: questions, and the orders that real clients send once they have control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from devices.pumps.alaris_asena import wire
from devices.pumps.alaris_asena.simulator.pump import AsenaPump, Mode, PumpSetup
from devices.wire.framing import Broken, Found
from exomonitor.errors import CommandRefused

PROTOCOL = "Asena Rev 2.1.5"
MAX_ML_H = 1200.0
_MASKED_CODE = "****"


class AlarisAsenaSimulator:
    """One pump on the wire. As a pump it obeys a client that has enabled remote control; our driver never does."""

    def __init__(self, setup: PumpSetup) -> None:
        self._pump = AsenaPump(setup)
        self._serial = setup.serial
        self._syringe = (setup.syringe, f"{setup.syringe_ml:3d}", "CONF")
        self._enabled = {"REMOTE_CTRL": False, "REMOTE_CFG": False}
        self._buffer = b""
        self._silent = False

    def received(self, data: bytes, t: float) -> bytes:
        """Answers to the messages in these bytes; what is damaged is not answered."""
        self._pump.advance(t)
        self._buffer += data
        out = b""
        while (start := wire.find_start(self._buffer, 0)) >= 0:
            found = wire.parse_at(self._buffer, start)
            if isinstance(found, Found):
                self._buffer = self._buffer[found.end :]
                out += self._heard(found.payload, t)
            elif isinstance(found, Broken):
                self._buffer = self._buffer[start + 1 :]
            else:
                return out
        self._buffer = b""
        return out

    def due(self, t: float) -> bytes:
        """Nothing: the pump only answers."""
        return b""

    def next_due(self, t: float) -> float | None:
        """Never: the pump only answers."""
        return None

    def press(self, t: float, action: str, **values: Any) -> None:
        """A person at the pump: start, stop, set_rate, set_vtbi, occlude and so on; unknown keys are refused."""
        handler = self._keys().get(action)
        if handler is None:
            raise CommandRefused(f"The simulated pump has no key {action!r}; it has {', '.join(sorted(self._keys()))}")
        self._pump.advance(t)
        handler(t, **values)

    def _keys(self) -> dict[str, Callable[..., None]]:
        pump = self._pump
        return {
            "start": self._start,
            "stop": pump.stop,
            "set_rate": pump.set_rate,
            "set_vtbi": lambda t, vtbi_ml: pump.set_vtbi(vtbi_ml or None),
            "clear_volume": pump.clear_volume,
            "occlude": pump.block,
            "clear_occlusion": lambda t: pump.unblock(),
            "alarm": lambda t, code: pump.raise_alarm(code),
            "clear_alarms": lambda t: pump.clear_alarm(),
            "battery_low": lambda t: pump.raise_alarm("AL_LWBAT"),
            "mains": lambda t, on: pump.clear_alarm("AL_ACDIS") if on else pump.raise_alarm("AL_ACDIS"),
            "power_cycle": self._power_cycle,
            "silence": self._silence,
        }

    def _start(self, t: float, rate_ml_h: float | None = None, vtbi_ml: float | None = None) -> None:
        if rate_ml_h is not None:
            self._pump.set_rate(t, rate_ml_h)
        if vtbi_ml is not None:
            self._pump.set_vtbi(vtbi_ml or None)
        self._pump.start(t)

    def _power_cycle(self, t: float) -> None:
        self._pump.stop(t)
        self._pump.clear_alarm()
        self._pump.clear_volume(t)
        self._enabled = dict.fromkeys(self._enabled, False)
        self._buffer = b""

    def _silence(self, t: float, on: bool = True) -> None:
        self._silent = on

    # --- the wire

    def _heard(self, body: bytes, t: float) -> bytes:
        message = wire.parse(body)
        if message is None or self._silent:
            return b""
        if self._pump.remote_at is not None:
            self._pump.remote_at = t
        answer = self._answer(message, t)
        return b"" if answer is None else wire.encode(wire.Message(message.word, answer).body)

    def _answer(self, message: wire.Message, t: float) -> tuple[str, ...] | None:
        """The fields of the answer; None where the pump says nothing."""
        word, fields = message.word, message.fields
        if word in self._enabled:
            return self._remote(word, fields)
        if word == "REMQUERY":
            return (*fields, "", "", "", "")
        if word in self._orders() and (fields or word in ("INF_START", "INF_STOP", "INF_VI_CLEAR")):
            if self._enabled["REMOTE_CTRL"] and not self._orders()[word](t, *fields):
                return None
            return self._questions(t).get(word, fields)
        return self._questions(t).get(word) if not fields else None

    def _remote(self, word: str, fields: tuple[str, ...]) -> tuple[str, ...] | None:
        if fields == ("ENABLED", wire.checksum(self._serial.encode("latin-1")).decode()):
            self._enabled[word] = True
            return ("ENABLED", _MASKED_CODE, "PERMIT", "0", "ms")
        if fields == ("DISABLED",):
            self._enabled[word] = False
            return fields
        return None

    def _questions(self, t: float) -> dict[str, tuple[str, ...]]:
        pump = self._pump
        vtbi = ("DEACT", "", "", "") if pump.vtbi_ml is None else ("ACTIV", f"{pump.vtbi_ml:.3f}", "ml", pump.at_vtbi)
        return {
            wire.SERIAL: (self._serial,),
            wire.SYRINGE: self._syringe,
            wire.ALARM: (pump.alarm, " ", " "),
            wire.VTBI: vtbi,
            wire.INFUSION: self._infusion(t),
            "INF_RATE": (f"{pump.rate_ml_h:.2f}", "ml/h"),
            "INF_VI": (f"{pump.infused_ml(t):.3f}", "ml"),
            "INF_RATE_MAX_SYRINGE": (f"{MAX_ML_H:.2f}", "ml/h"),
            "COMMS_PROTOCOL": (PROTOCOL,),
            "COMMS_RESPONSE_MAX": ("4000", "ms"),
        }

    def _infusion(self, t: float) -> tuple[str, ...]:
        pump = self._pump
        return (
            self._serial,
            "-" if pump.alarm == wire.NO_ALARM else "A",
            pump.mode.value,
            f"{pump.flow_ml_h:.2f}",
            "ml/h",
            pump.setup.drug,
            f"{pump.infused_ml(t):.3f}",
            "ml",
            f"{pump.pressure_mmhg(t):.2f}",
            "mmHg",
            wire.time_text(pump.time_left_s(t)),
            "EVENT",
            str(pump.log_entry),
        )

    # --- orders: each returns whether its form was right

    def _orders(self) -> dict[str, Callable[..., bool]]:
        return {
            "INF_START": self._order_start,
            "INF_STOP": self._order_stop,
            "INF_VI_CLEAR": self._order_clear,
            "INF_RATE": self._order_rate,
            wire.VTBI: self._order_vtbi,
        }

    def _order_start(self, t: float, *fields: str) -> bool:
        if self._pump.mode is not Mode.INFUSING:
            self._pump.start(t, remote=True)
        return True

    def _order_stop(self, t: float, *fields: str) -> bool:
        self._pump.stop(t)
        return True

    def _order_clear(self, t: float, *fields: str) -> bool:
        self._pump.clear_volume(t)
        return True

    def _order_rate(self, t: float, *fields: str) -> bool:
        rate = wire.number(*fields, "ml/h") if len(fields) == 2 else None
        if rate is None or not 0 < rate <= MAX_ML_H:
            return False
        self._pump.set_rate(t, rate)
        return True

    def _order_vtbi(self, t: float, *fields: str) -> bool:
        if fields[:1] == ("DEACT",):
            self._pump.set_vtbi(None)
            return True
        volume = wire.number(fields[1], fields[2], "ml") if len(fields) == 4 and fields[0] == "ACTIV" else None
        if volume is None or fields[3] not in ("STOP", "KVO", "CONT"):
            return False
        self._pump.set_vtbi(volume)
        self._pump.at_vtbi = fields[3]
        return True


def make_simulator(world: object, **options: Any) -> AlarisAsenaSimulator:
    """A pump with these options (see PumpSetup); `world` is not used, a pump knows nothing of the patient."""
    return AlarisAsenaSimulator(PumpSetup(**options))
