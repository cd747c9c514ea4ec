"""A simulated NE-1000, to bytes: basic and safe mode, questions and settings, alarms said once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from devices.pumps.new_era import wire
from devices.pumps.new_era.simulator.pump import PumpSetup, SyringePump
from devices.wire.framing import Broken, Partial
from exomonitor.errors import CommandRefused

INTER_BYTE_S = 0.5
_TEXT = re.compile(r"(?P<address>[0-9]{0,2})(?P<command>[A-Z]{3}|\*RESET)?(?P<argument>.*)")
_RATE = re.compile(r"(?P<number>[0-9.]+)(?P<unit>UM|MM|UH|MH)?")
_NUMBER = re.compile(r"[0-9]{0,4}\.?[0-9]{0,3}")
_MAX_SAFE_S = 255
_MAX_DIGITS = 4
_SMALLEST_MM, _WIDEST_MM = 0.1, 80.0
_OUT_OF_RANGE, _NOT_NOW, _UNKNOWN, _DAMAGED = "?OOR", "?NA", "?", "?COM"


class _Refused(Exception):
    """The pump does not do that; `code` is its answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NewEraSimulator:
    """One pump on the wire. As a pump it obeys any client; that our driver never commands it is the driver's affair."""

    def __init__(self, setup: PumpSetup) -> None:
        self._address = setup.address
        self._firmware = setup.firmware
        self._pump = SyringePump(setup)
        self._safe_s = 0
        self._heard_at = 0.0
        self._packet_at = 0.0
        self._buffer = b""
        self._ignores_next = False
        self._announced = ""

    def received(self, data: bytes, t: float) -> bytes:
        """Answers to the requests in these bytes."""
        self._advance(t)
        if self._buffer and t - self._heard_at > INTER_BYTE_S:
            self._buffer = b""
        self._heard_at = t
        self._buffer += data
        out = b""
        while self._buffer:
            taken = self._take_packet(t) if self._buffer[:1] == wire.STX else self._take_line(t)
            if taken is None:
                break
            out += taken
        return out

    def due(self, t: float) -> bytes:
        """In safe mode an alarm is sent unasked, once; in basic mode the pump only answers."""
        self._advance(t)
        if not self._safe_s or not self._pump.alarm or self._announced == self._pump.alarm:
            return b""
        self._announced = self._pump.alarm
        return self._reply_bytes(self._alarm_reply())

    def next_due(self, t: float) -> float | None:
        """In safe mode, the moment of the next alarm that can be foreseen."""
        if not self._safe_s:
            return None
        self._advance(t)
        if self._pump.alarm:
            return t if self._announced != self._pump.alarm else None
        foreseen = [when for when, _ in self._pump.events()] + [self._packet_at + self._safe_s]
        return min(foreseen)

    def press(self, t: float, action: str, **values: Any) -> None:
        """A person at the pump: start, stop, set_rate, set_vtbi, occlude and so on; unknown keys are refused."""
        handler = self._keys().get(action)
        if handler is None:
            raise CommandRefused(f"The simulated pump has no key {action!r}; it has {', '.join(sorted(self._keys()))}")
        self._advance(t)
        handler(t, **values)

    def _keys(self) -> dict[str, Callable[..., None]]:
        return {
            "start": self._start,
            "stop": self._pump.stop,
            "purge": self._pump.purge,
            "set_rate": self._pump.set_rate,
            "set_vtbi": lambda t, vtbi_ml: self._set_target(vtbi_ml),
            "clear_volume": self._pump.clear,
            "occlude": lambda t: self._pump.block(t, True),
            "clear_occlusion": lambda t: self._pump.block(t, False),
            "power_cycle": self._power_cycle,
        }

    def _start(self, t: float, rate_ml_h: float | None = None, vtbi_ml: float | None = None) -> None:
        if rate_ml_h is not None:
            self._pump.set_rate(t, rate_ml_h)
        if vtbi_ml is not None:
            self._set_target(vtbi_ml)
        self._pump.run(t)

    def _set_target(self, vtbi_ml: float) -> None:
        self._pump.target_ml = vtbi_ml

    def _power_cycle(self, t: float) -> None:
        self._pump.power_cycle(t)
        self._safe_s = 0
        self._announced = ""
        self._ignores_next = True

    def _advance(self, t: float) -> None:
        self._pump.advance(t)
        if self._safe_s and not self._pump.alarm and t - self._packet_at >= self._safe_s:
            self._pump.halt(self._packet_at + self._safe_s, "T")

    # --- requests

    def _take_packet(self, t: float) -> bytes | None:
        text = wire.safe_text_at(self._buffer, 0)
        if isinstance(text, Partial):
            return None
        if isinstance(text, Broken):
            self._buffer = b""  # the rest of a damaged packet cannot be told from the next one
            return self._reply_bytes(self._reply(_DAMAGED))
        self._buffer = self._buffer[len(text) + 5 :]
        self._packet_at = t
        return self._answer(text, t)

    def _take_line(self, t: float) -> bytes | None:
        line, ended, rest = self._buffer.partition(wire.CR)
        if not ended:
            return None
        self._buffer = rest
        return b"" if self._safe_s else self._answer(line, t)

    def _answer(self, text: bytes, t: float) -> bytes:
        clean = "".join(chr(byte) for byte in text if 0x20 < byte < 0x7F).upper()
        match = _TEXT.fullmatch(clean)
        if match is None or int(match["address"] or 0) != self._address:
            return b""
        if self._ignores_next:
            self._ignores_next = False
            return b""
        if self._pump.alarm:
            reply = self._alarm_reply()
            self._pump.alarm = self._announced = ""
            return self._reply_bytes(reply)
        return self._reply_bytes(self._reply(self._obey(match["command"] or "", match["argument"], t)))

    def _obey(self, command: str, argument: str, t: float) -> str:
        if not command:
            return _UNKNOWN if argument else ""
        if not argument:
            answer = self._answers(t).get(command)
            if answer is not None:
                return answer
        handler = self._settings().get(command)
        if handler is None:
            return _UNKNOWN
        try:
            handler(t, argument)
        except _Refused as refused:
            return refused.code
        return ""

    def _answers(self, t: float) -> dict[str, str]:
        pump = self._pump
        unit = wire.VOLUME_UNITS[pump.volume_unit]
        infused, withdrawn = (wire.number_text(volume / unit) for volume in pump.volumes(t))
        return {
            wire.FIRMWARE: self._firmware,
            wire.RATE: wire.number_text(pump.rate_ml_h / wire.RATE_UNITS[pump.rate_unit]) + pump.rate_unit,
            wire.VOLUME: wire.number_text(pump.target_ml / unit) + pump.volume_unit,
            wire.DISPENSED: f"I{infused}W{withdrawn}{pump.volume_unit}",
            "DIA": wire.number_text(pump.diameter_mm),
            "DIR": "WDR" if pump.withdraws else "INF",
            "SAF": str(self._safe_s),
            "PHN": "1",
        }

    def _settings(self) -> dict[str, Callable[[float, str], None]]:
        return {
            "RUN": self._run,
            "STP": lambda t, argument: self._pump.stop(t),
            "PUR": lambda t, argument: self._pump.purge(t),
            wire.RATE: self._set_rate,
            wire.VOLUME: self._set_volume,
            "DIA": self._set_diameter,
            "DIR": self._set_direction,
            "CLD": self._clear,
            "SAF": self._set_safe,
        }

    def _run(self, t: float, argument: str) -> None:
        self._only_when_still()
        self._pump.run(t)

    def _set_rate(self, t: float, argument: str) -> None:
        match = _RATE.fullmatch(argument)
        if match is None:
            raise _Refused(_OUT_OF_RANGE)
        unit = match["unit"] or self._pump.rate_unit
        rate = _value(match["number"]) * wire.RATE_UNITS[unit]
        if not 0 < rate <= self._pump.max_ml_h:
            raise _Refused(_OUT_OF_RANGE)
        self._pump.set_rate(t, rate, unit)

    def _set_volume(self, t: float, argument: str) -> None:
        if argument in wire.VOLUME_UNITS:
            self._pump.volume_unit = argument
        else:
            self._set_target(_value(argument) * wire.VOLUME_UNITS[self._pump.volume_unit])

    def _set_diameter(self, t: float, argument: str) -> None:
        self._only_when_still()
        diameter = _value(argument)
        if not _SMALLEST_MM <= diameter <= _WIDEST_MM:
            raise _Refused(_OUT_OF_RANGE)
        self._pump.set_diameter(diameter)

    def _set_direction(self, t: float, argument: str) -> None:
        directions = {"INF": False, "WDR": True, "REV": not self._pump.withdraws}
        if argument not in directions:
            raise _Refused(_OUT_OF_RANGE)
        self._pump.set_direction(t, directions[argument])

    def _clear(self, t: float, argument: str) -> None:
        if argument not in ("INF", "WDR"):
            raise _Refused(_OUT_OF_RANGE)
        self._only_when_still()
        self._pump.clear(t, withdrawn=argument == "WDR")

    def _set_safe(self, t: float, argument: str) -> None:
        if not argument.isdecimal() or int(argument) > _MAX_SAFE_S:
            raise _Refused(_OUT_OF_RANGE)
        self._safe_s = int(argument)
        self._packet_at = t

    def _only_when_still(self) -> None:
        if self._pump.runs:
            raise _Refused(_NOT_NOW)

    # --- replies

    def _reply(self, data: str) -> wire.Reply:
        return wire.Reply(self._address, self._pump.state.value, data)

    def _alarm_reply(self) -> wire.Reply:
        return wire.Reply(self._address, "", alarm=self._pump.alarm)

    def _reply_bytes(self, reply: wire.Reply) -> bytes:
        return wire.encode_reply(reply, safe=self._safe_s > 0)


def _value(text: str) -> float:
    digits = text.replace(".", "")
    if not digits or len(digits) > _MAX_DIGITS or not _NUMBER.fullmatch(text):
        raise _Refused(_OUT_OF_RANGE)
    return float(text)


def make_simulator(world: object, **options: Any) -> NewEraSimulator:
    """A pump with these options (see PumpSetup); `world` is not used, a pump knows nothing of the patient."""
    return NewEraSimulator(PumpSetup(**options))
