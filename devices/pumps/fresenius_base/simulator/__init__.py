"""A simulated Fresenius base with its modules, to bytes: acknowledges, answers, asks whether we are still there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from devices.pumps.fresenius_base import wire
from devices.pumps.fresenius_base.simulator.module import ModuleSetup, PumpModule
from devices.wire.framing import Broken, Found
from exomonitor.errors import CommandRefused

ENQ_EVERY_S = 2.0
PATIENCE_S = 10.0
"""A client that leaves ENQ without an answer for so long has gone; base and modules are closed. Our own figure."""
_UNKNOWN, _NOT_IN_THIS_MODE, _SYNTAX = "01", "02", "04"
_CONTROL = re.compile("MO|PR|PO|PB|PF|PV|RV|PP|PS|OF|SI|RZ|EP|EN|AP|DM|AM")


class FreseniusBaseSimulator:
    """One base. A person's action concerns the first module unless `address` names another; `attach`, `remove`,
    `silence` and `restart_base` are actions of the stack.

    Control words are answered as by modules in manual mode: not in this mode.
    """

    def __init__(self, modules: Sequence[PumpModule], base_type: str) -> None:
        self._modules = {module.setup.address: module for module in modules}
        self._base_type = base_type
        self._open = False
        self._alive_at = 0.0
        self._enq_at = 0.0
        self._buffer = b""
        self._last = b""
        self._silent = False

    def received(self, data: bytes, t: float) -> bytes:
        """Receipts and answers to these bytes."""
        self._advance(t)
        self._buffer += data
        out = b""
        while self._buffer:
            first = self._buffer[:1]
            if first == wire.STX:
                found = wire.parse_at(self._buffer, 0)
                if isinstance(found, Found):
                    self._buffer = self._buffer[found.end :]
                    out += self._heard(found.payload, t)
                elif isinstance(found, Broken):
                    after = wire.find_start(self._buffer, 1)
                    self._buffer = self._buffer[after:] if after >= 0 else b""
                    out += wire.BAD_CHECKSUM
                else:
                    break
                continue
            if first == wire.NAK:
                out += self._last
                self._buffer = self._buffer[1:]
            elif first == wire.DC4:
                self._alive_at = t
            self._buffer = self._buffer[1:]
        return b"" if self._silent else out

    def due(self, t: float) -> bytes:
        """ENQ every two seconds while a client is connected, and the spontaneous frames that it wanted."""
        self._advance(t)
        if not self._open or self._silent:
            return b""
        out = b""
        if t - self._enq_at >= ENQ_EVERY_S:
            self._enq_at = t
            out += wire.ENQ
        for address, module in self._modules.items():
            rate = module.variables(wire.RATE, t)
            if module.open and wire.RATE in module.watched and rate != module.announced:
                module.announced = rate
                news = f"{rate};{module.variables(wire.VOLUME, t)}"
                out += self._send(wire.Frame(address, wire.SPONTANEOUS, news))
        return out

    def next_due(self, t: float) -> float | None:
        """The next ENQ, or the next change that a client is to be told of."""
        if not self._open or self._silent:
            return None
        watched = [module for module in self._modules.values() if module.open and module.watched]
        changes = [when for module in watched for when, _ in module.events()]
        return min([self._enq_at + ENQ_EVERY_S, *changes])

    def press(self, t: float, action: str, **values: Any) -> None:
        """A person at a module or at the base; see the class for `address`."""
        address = int(values.pop("address", next(iter(self._modules), 1)))
        self._advance(t)
        if action == "attach":
            self._modules[address] = PumpModule(ModuleSetup(address=address, **values))
            self._modules = dict(sorted(self._modules.items()))
        elif action == "restart_base":
            self._close()
        elif action == "silence":
            self._silent = bool(values.get("on", True))
        elif address not in self._modules:
            raise CommandRefused(f"There is no simulated module at {address}")
        elif action == "remove":
            del self._modules[address]
        else:
            self._modules[address].press(t, action, **values)

    # --- sessions

    def _advance(self, t: float) -> None:
        for module in self._modules.values():
            module.advance(t)
        if self._open and t - self._alive_at > PATIENCE_S:
            self._close()

    def _close(self) -> None:
        self._open = False
        for module in self._modules.values():
            module.open, module.watched, module.announced = False, "", None

    # --- frames

    def _heard(self, text: bytes, t: float) -> bytes:
        frame = wire.parse(text)
        if frame is None or frame.address is None:
            return wire.ACK  # a base does not answer those who speak to a pump that stands alone
        if frame.command in (wire.SPONTANEOUS, wire.SPONTANEOUS_SETTING):
            return wire.ACK  # the client's receipt
        command, arguments = self._answer(frame, t)
        return wire.ACK + self._send(wire.Frame(frame.address, command, arguments))

    def _answer(self, frame: wire.Frame, t: float) -> tuple[str, str | None]:
        if frame.address == wire.BASE:
            return self._answer_base(frame, t)
        if not self._open:
            return wire.REFUSED, wire.COMMUNICATION_WITH_BASE_CLOSED
        module = self._modules.get(frame.address or wire.BASE)
        if module is None:
            return wire.REFUSED, wire.MODULE_UNREACHABLE
        if frame.command == wire.CONNECT:
            module.open = True
            return wire.CORRECT, None
        if not module.open:
            return wire.REFUSED, wire.MODULE_CLOSED
        return self._answer_module(module, frame, t)

    def _answer_base(self, frame: wire.Frame, t: float) -> tuple[str, str | None]:
        if frame.command == wire.CONNECT:
            self._open = True
            self._alive_at = self._enq_at = t
            return wire.CORRECT, None
        if not self._open:
            return wire.REFUSED, wire.COMMUNICATION_WITH_BASE_CLOSED
        if frame.command == wire.DISCONNECT:
            self._close()
            return wire.CORRECT, None
        if (frame.command, frame.arguments) == (wire.READ, wire.STACK):
            mask = sum(1 << (address - 1) for address in self._modules)
            return wire.CORRECT, f"{wire.STACK}{mask:02X}"
        if (frame.command, frame.arguments) == (wire.READ_FIXED, wire.TYPE):
            return wire.CORRECT, wire.TYPE + self._base_type
        return wire.REFUSED, _NOT_IN_THIS_MODE if _CONTROL.fullmatch(frame.command) else _UNKNOWN

    def _answer_module(self, module: PumpModule, frame: wire.Frame, t: float) -> tuple[str, str | None]:
        command, arguments = frame.command, frame.arguments or ""
        if command == wire.READ:
            told = module.variables(arguments, t)
            return (wire.REFUSED, _SYNTAX) if told is None else (wire.CORRECT, told)
        if command == wire.READ_FIXED and arguments == wire.TYPE:
            return wire.CORRECT, wire.TYPE + module.setup.type
        if command == wire.READ_DRUG:
            return wire.CORRECT, module.drug or None
        if command == wire.WATCH:
            module.watched, module.announced = arguments, module.variables(wire.RATE, t)
            return wire.CORRECT, None
        if command == wire.UNWATCH:
            module.watched = ""
            return wire.CORRECT, None
        if command == wire.DISCONNECT:
            module.open, module.watched = False, ""
            return wire.CORRECT, None
        return wire.REFUSED, _NOT_IN_THIS_MODE if _CONTROL.fullmatch(command) else _UNKNOWN

    def _send(self, frame: wire.Frame) -> bytes:
        self._last = wire.encode(frame)
        return self._last


def make_simulator(
    world: object, *, base_type: str = "Base", modules: Sequence[Mapping[str, Any]] = (), **options: Any
) -> FreseniusBaseSimulator:
    """A base whose first module has `options` (see ModuleSetup); further `modules` have an address of their own.

    world: unused, a pump knows nothing of the patient.
    """
    return FreseniusBaseSimulator([PumpModule(ModuleSetup(**setup)) for setup in (options, *modules)], base_type)
