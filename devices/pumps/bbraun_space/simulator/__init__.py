"""A simulated SpaceCom with its pumps, to bytes: answers any client that follows the BCC dialogue."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from devices.pumps.bbraun_space import wire
from devices.pumps.bbraun_space.simulator.pump import PumpSetup, SpacePump
from devices.wire.framing import Broken, Found
from exomonitor.errors import CommandRefused

STATION = "50100"
_SLOT_REQUEST = re.compile(r"MEM:GETSLOT#([1-3][1-9A-O])")


class SpaceComSimulator:
    """One SpaceCom in request mode with the pumps stacked on it.

    A person's action concerns the first pump unless `address` names another; `attach`, `remove` and
    `restart_station` are actions of the station.
    """

    def __init__(self, pumps: Sequence[SpacePump], *, bed_id: str, stuffed: bool, uptime_s: float) -> None:
        self._pumps = {pump.address: pump for pump in pumps}
        self._bed_id = bed_id
        self._stuffed = stuffed
        self._switched_on = -uptime_s
        self._buffer = b""
        self._blocks: list[str] = []
        self._last_sent = b""
        self._errors: list[tuple[str, str]] = []
        self._version = "V3.30"

    def received(self, data: bytes, t: float) -> bytes:
        """Answers to the requests, ACKs and NAKs in these bytes."""
        self._buffer += data
        out = b""
        while self._buffer:
            first = self._buffer[:1]
            if first == wire.ACK:
                self._buffer = self._buffer[1:]
                out += self._next_block() if self._blocks else b""
            elif first == wire.NAK:
                self._buffer = self._buffer[1:]
                out += self._last_sent
            elif first != wire.SOH:
                self._buffer = self._buffer[1:]
            else:
                result = wire.parse_at(self._buffer, 0)
                if isinstance(result, Found):
                    self._buffer = self._buffer[result.end :]
                    out += self._answer(result.payload, t)
                elif isinstance(result, Broken):
                    self._buffer = self._buffer[max(wire.find_start(self._buffer, 1), 0) or len(self._buffer) :]
                    out += self._error("68", t)
                else:
                    break
        return out

    def due(self, t: float) -> bytes:
        """Nothing: in request mode the station only answers."""
        return b""

    def next_due(self, t: float) -> float | None:
        """Never: in request mode the station only answers."""
        return None

    def press(self, t: float, action: str, **values: Any) -> None:
        """A person at a pump or at the station; see the class for `address`."""
        address = str(values.pop("address", next(iter(self._pumps), "50111")))
        if action == "restart_station":
            self._switched_on = t
            self._blocks, self._errors = [], []
        elif action == "attach":
            self._pumps[address] = SpacePump(PumpSetup(address=address, **values))
        elif address not in self._pumps:
            raise CommandRefused(f"There is no simulated pump at {address}")
        elif action == "remove":
            del self._pumps[address]
            self._errors.append((address, "39"))
        else:
            self._pumps[address].press(t, action, **values)

    def _answer(self, raw: bytes, t: float) -> bytes:
        block = wire.decode(raw)
        if isinstance(block, Broken) or block.stuffed not in (None, self._stuffed):
            return self._error("68", t)
        alive = block.information == wire.ALIVE
        if block.bed_id != self._bed_id and not (alive and block.bed_id == wire.HELLO_BED):
            return self._error("811", t)
        slot = _SLOT_REQUEST.fullmatch(block.information)
        if alive:
            return self._send(self._row(t, STATION, "GNACK", "0"))
        if block.information == wire.VERSION:
            return self._send(self._row(t, STATION, "VERSION", self._version))
        if block.information == wire.MEM_GET:
            self._blocks = self._all_blocks(t)
            return self._next_block()
        if slot is not None and f"501{slot[1]}" in self._pumps:
            return self._send(self._pump_block(self._pumps[f"501{slot[1]}"], t))
        return self._error("11" if slot else "68", t)

    def _all_blocks(self, t: float) -> list[str]:
        blocks = [self._row(t, address, "GNERR", code) for address, code in self._errors]
        self._errors = []
        pumps = [self._pump_block(pump, t) for _, pump in sorted(self._pumps.items())]
        if pumps:
            station = (("FMNOR", "1"), ("FMSTAT", "00051"), ("FMBANY", "_NV"))
            pumps[0] = wire.RS.decode().join([self._row(t, STATION, *pair) for pair in station] + pumps[:1])
        return blocks + pumps or [self._row(t, STATION, "GNERR", "11")]

    def _pump_block(self, pump: SpacePump, t: float) -> str:
        return wire.RS.decode().join(self._row(t, pump.address, name, value) for name, value in pump.parameters(t))

    def _row(self, t: float, address: str, name: str, value: str) -> str:
        return wire.entry_text(wire.Entry(int(t - self._switched_on), address, name, value))

    def _next_block(self) -> bytes:
        information = self._blocks.pop(0)
        return self._send(information, last=not self._blocks)

    def _error(self, code: str, t: float) -> bytes:
        return self._send(self._row(t, STATION, "GNERR", code))

    def _send(self, information: str, *, last: bool = True) -> bytes:
        self._last_sent = wire.encode(self._bed_id, information, last=last, stuffed=self._stuffed)
        return self._last_sent


def make_simulator(
    world: object,
    *,
    bed_id: str = "ComSystem",
    stuffed: bool = True,
    uptime_s: float = 206.0,
    pumps: Sequence[Mapping[str, Any]] = (),
    **options: Any,
) -> SpaceComSimulator:
    """A station whose first pump has `options` (see PumpSetup) and whose further `pumps` have an address of their own.

    world: unused, a pump knows nothing of the patient. uptime_s: how long the station has been on at second 0.
    """
    stack = [SpacePump(PumpSetup(**setup)) for setup in (options, *pumps)]
    return SpaceComSimulator(stack, bed_id=bed_id, stuffed=stuffed, uptime_s=uptime_s)
