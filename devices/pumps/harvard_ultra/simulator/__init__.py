"""A simulated pump with the ULTRA commands, to bytes: it answers questions, and obeys any client as a pump does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from devices.pumps.harvard_ultra import wire
from devices.pumps.harvard_ultra.simulator.pump import PumpSetup, SyringePump
from exomonitor.errors import CommandRefused

XON = b"\x11"
LINE_LIMIT = 120
_LINE = re.compile(r"(?P<address>[0-9]{1,2})?(?P<word>[a-z]+)(?: +(?P<argument>.*))?")
_DIAMETER = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?: ?mm)?")
_RATE = re.compile(r"([0-9.]+) ?([munp])l?/(h|m|s)(?:r|in|ec)?")  # clients also write `5 m/m` for 5 ml/min
_PER = {"h": "hr", "m": "min", "s": "sec"}
_VOLUME = re.compile(r"([0-9.]+) ?([munp])l?")
_UNKNOWN, _ARGUMENT = "Command error: unknown command", "Argument error: {}"
_SMALLEST_MM, _WIDEST_MM = 0.1, 45.0


class _Refused(Exception):
    """The pump does not do that; `line` is its answer."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


class HarvardUltraSimulator:
    """One pump on the wire. That our driver never commands it is the driver's affair."""

    def __init__(self, setup: PumpSetup) -> None:
        self._setup = setup
        self._pump = SyringePump(setup)
        self._buffer = b""
        self._polls = False

    def received(self, data: bytes, t: float) -> bytes:
        """Answers to the lines in these bytes."""
        self._pump.advance(t)
        *lines, self._buffer = (self._buffer + data.replace(wire.LF, b"")).split(wire.CR)
        self._buffer = self._buffer[-LINE_LIMIT:]
        return b"".join(self._answer(line, t) for line in lines)

    def due(self, t: float) -> bytes:
        """The pump only answers."""
        self._pump.advance(t)
        return b""

    def next_due(self, t: float) -> float | None:
        """Never by itself."""
        return None

    def press(self, t: float, action: str, **values: Any) -> None:
        """A person at the pump: start, stop, set_rate, set_vtbi, occlude and so on; unknown keys are refused."""
        pump = self._pump
        keys: dict[str, Callable[..., None]] = {
            "start": self._start,
            "stop": pump.stop,
            "withdraw": lambda t: pump.run(t, withdraws=True),
            "acknowledge": pump.acknowledge,
            "set_rate": pump.set_rate,
            "set_vtbi": pump.set_target,
            "clear_volume": pump.clear,
            "occlude": lambda t: pump.block(t, True),
            "clear_occlusion": lambda t: pump.block(t, False),
            "power_cycle": pump.power_cycle,
        }
        handler = keys.get(action)
        if handler is None:
            raise CommandRefused(f"The simulated pump has no key {action!r}; it has {', '.join(sorted(keys))}")
        pump.advance(t)
        handler(t, **values)

    def _start(self, t: float, rate_ml_h: float | None = None, vtbi_ml: float | None = None) -> None:
        if rate_ml_h is not None:
            self._pump.set_rate(t, rate_ml_h)
        if vtbi_ml is not None:
            self._pump.set_target(t, vtbi_ml)
        self._pump.run(t, withdraws=False)

    # --- lines

    def _answer(self, line: bytes, t: float) -> bytes:
        text = line.decode("ascii", errors="replace").strip().lower()
        if not text:
            return self._reply(())
        match = _LINE.fullmatch(text)
        if match is None:
            return self._reply((_UNKNOWN,))
        if int(match["address"] or 0) != self._setup.address:
            return b""
        try:
            return self._reply(self._obey(match["word"], match["argument"] or "", t))
        except _Refused as refused:
            return self._reply((refused.line,))

    def _reply(self, lines: tuple[str, ...]) -> bytes:
        address = self._setup.address if self._setup.shows_address else None
        return wire.encode_reply(lines, self._pump.prompt, address) + (XON if self._polls else b"")

    def _obey(self, word: str, argument: str, t: float) -> tuple[str, ...]:
        if not argument:
            answers = self._answers(t)
            if word in answers:
                return answers[word]
        handler = self._commands().get(word)
        if handler is None:
            raise _Refused(_UNKNOWN)
        handler(t, argument)
        return ()

    def _answers(self, t: float) -> dict[str, tuple[str, ...]]:
        pump, setup = self._pump, self._setup
        infused, withdrawn = pump.volumes(t)
        model = f"11 ELITE I/W Single {setup.firmware}"
        table = (
            f"Firmware:      v{setup.firmware}",
            f"Pump address:  {setup.address}",
            f"Serial number: {setup.serial}",
        )
        return {
            wire.STATUS: (wire.status_text(pump.status(t)),),
            wire.RATE: (f"{_number(pump.rate_ml_h)} ml/hr",),
            wire.INFUSED: (_volume(infused),),
            wire.TARGET: (_volume(pump.target_ml) if pump.target_ml > 0 else wire.NO_TARGET,),
            wire.VERSION: table,
            "ver": (model,),
            "wrate": (f"{_number(pump.withdraw_ml_h)} ml/hr",),
            "wvolume": (_volume(withdrawn),),
            "crate": (self._moving(),),
            "diameter": (f"{pump.diameter_mm:.4f} mm",),
        }

    def _moving(self) -> str:
        pump = self._pump
        if pump.prompt == wire.WITHDRAWING:
            return f"Withdrawing at {_number(pump.withdraw_ml_h)} ml/hr"
        return f"Infusing at {_number(pump.rate_ml_h)} ml/hr" if pump.runs else ""

    def _commands(self) -> dict[str, Callable[[float, str], None]]:
        pump = self._pump
        return {
            "run": lambda t, argument: pump.run(t),
            "irun": lambda t, argument: pump.run(t, withdraws=False),
            "wrun": lambda t, argument: pump.run(t, withdraws=True),
            "rrun": lambda t, argument: pump.turn(t),
            "stp": lambda t, argument: pump.stop(t),
            "stop": lambda t, argument: pump.stop(t),
            wire.RATE: lambda t, argument: pump.set_rate(t, self._rate(argument)),
            "wrate": lambda t, argument: pump.set_withdraw_rate(t, self._rate(argument)),
            wire.TARGET: lambda t, argument: pump.set_target(t, _volume_of(argument)),
            "ctvolume": self._clear_target,
            "cvolume": lambda t, argument: pump.clear(t),
            "civolume": lambda t, argument: pump.clear(t, withdrawn=False),
            "cwvolume": lambda t, argument: pump.clear(t, infused=False),
            "diameter": self._set_diameter,
            "poll": self._set_poll,
        }

    def _rate(self, argument: str) -> float:
        match = _RATE.fullmatch(argument)
        quantity = None if match is None else wire.rate_ml_h(f"{match[1]} {match[2]}l/{_PER[match[3]]}")
        if quantity is None:
            raise _Refused(_ARGUMENT.format(argument))
        if not 0 < quantity.value <= self._pump.max_ml_h:
            raise _Refused(f"Argument error: {argument} Out of range")
        return float(quantity.value)

    def _clear_target(self, t: float, argument: str) -> None:
        self._pump.set_target(t, 0.0)
        if self._pump.prompt == wire.AT_TARGET:
            self._pump.acknowledge(t)

    def _set_diameter(self, t: float, argument: str) -> None:
        match = _DIAMETER.fullmatch(argument)
        if match is None or not _SMALLEST_MM <= float(match[1]) <= _WIDEST_MM or self._pump.runs:
            raise _Refused(_ARGUMENT.format(argument))
        self._pump.diameter_mm = float(match[1])

    def _set_poll(self, t: float, argument: str) -> None:
        if argument not in ("on", "off"):
            raise _Refused(_ARGUMENT.format(argument))
        self._polls = argument == "on"


def _number(value: float) -> str:
    """Five digits, as the screen shows them."""
    whole = len(str(int(value)))
    return f"{value:.{max(0, 5 - whole)}f}"


def _volume(volume_ml: float) -> str:
    return f"{_number(volume_ml)} ml" if volume_ml >= 1.0 or volume_ml == 0.0 else f"{_number(volume_ml * 1000)} ul"


def _volume_of(argument: str) -> float:
    match = _VOLUME.fullmatch(argument)
    quantity = None if match is None else wire.volume_ml(f"{match[1]} {match[2]}l")
    if quantity is None or quantity.value <= 0:
        raise _Refused(_ARGUMENT.format(argument))
    return float(quantity.value)


def make_simulator(world: object, **options: Any) -> HarvardUltraSimulator:
    """A pump with these options (see PumpSetup); `world` is not used, a pump knows nothing of the patient."""
    return HarvardUltraSimulator(PumpSetup(**options))
