"""Connects a simulated device to a transport: the client's words go in, the device's bytes come out, faults and all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from devices.simulation.faults import Fault, FaultPlan
from devices.spec import Simulator, Transport, TransportLost

MAX_READS = 64


@runtime_checkable
class Pluggable(Protocol):
    """A transport whose port can vanish and come back."""

    def unplug(self) -> None:
        """Make the port vanish."""
        ...

    def replug(self) -> None:
        """Bring it back under the same name."""
        ...


class SimServer:
    """Plays one device on the device's end of a transport, step by step on simulated seconds."""

    def __init__(
        self,
        simulator: Simulator,
        transport: Transport,
        faults: FaultPlan | None = None,
        *,
        switched_on: Callable[[], Simulator] | None = None,
    ) -> None:
        """`switched_on` makes the device as it is after its power came back; without it a reboot is silence alone."""
        self.simulator = simulator
        self.transport = transport
        self.heard = 0
        """Bytes read from clients so far."""
        self._faults = faults or FaultPlan()
        self._gone = self._rebooting = False
        self._switched_on = switched_on

    @property
    def gone(self) -> bool:
        """Whether the adapter is pulled."""
        return self._gone

    def step(self, t: float) -> None:
        """Let the device speak and answer at simulated second `t`."""
        self._plug(t)
        self._reboot(t)
        out = self.simulator.due(t)
        asked = self._faults.inward(self._listen(), t)
        if asked:
            out += self.simulator.received(asked, t)
        out = self._faults.outward(out, t)
        if out:
            with contextlib.suppress(TransportLost):  # the client left: the device goes on, as a real one does
                self.transport.write(out)

    def next_due(self, t: float) -> float | None:
        """The simulated second at which step() has something to do although nobody asked; None = only answers."""
        due = [second for second in (self.simulator.next_due(t), self._faults.next_due(t)) if second is not None]
        return min(due, default=None)

    def postpone(self, by_s: float) -> None:
        """Let the cable's faults come `by_s` seconds later."""
        self._faults.postpone(by_s)

    def strike(self, fault: Fault) -> None:
        """One more fault of the cable."""
        self._faults.add(fault)

    def heal(self, t: float) -> None:
        """Every fault that is on at second `t` is over."""
        self._faults.heal(t)

    def forget(self, t: float) -> None:
        """No fault of the cable that has not begun at second `t`."""
        self._faults.forget(t)

    def close(self) -> None:
        """Close the device's end."""
        self.transport.close()

    def _plug(self, t: float) -> None:
        gone = self._faults.gone(t)
        if gone is self._gone:
            return
        self._gone = gone
        if isinstance(self.transport, Pluggable):
            if gone:
                self.transport.unplug()
            else:
                self.transport.replug()

    def _reboot(self, t: float) -> None:
        rebooting = self._faults.rebooting(t)
        if self._rebooting and not rebooting and self._switched_on is not None:
            self.simulator = self._switched_on()
            self.simulator.due(t)  # it was off until now: nothing of what it would have said is heard
        self._rebooting = rebooting

    def _listen(self) -> bytes:
        asked = b""
        with contextlib.suppress(TransportLost):
            for _ in range(MAX_READS):
                data = self.transport.read(0)
                if not data:
                    break
                asked += data
        self.heard += len(asked)
        return asked
