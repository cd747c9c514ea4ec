"""Whether a frame may go to the device now: request budget, handshake, and whose turn it is on a shared line."""

from __future__ import annotations

from operator import attrgetter

from devices.handshake import Handshake
from devices.spec import AwaitsAnswer, Driver, TakesTurns, Transport
from devices.transport.budget import Budget
from exomonitor.clock import Instant

_ORDER = attrgetter("mono_ns")


class LeaveToSend:
    """For one link and its thread, kept across reconnects."""

    def __init__(self, transport: Transport, handshake: Handshake, per_s: float) -> None:
        """per_s: the SPEC's request budget, in frames per second."""
        self.budget = Budget(per_s)
        self._handshake = handshake
        self._turns = transport if isinstance(transport, TakesTurns) else None

    def asks(self, driver: Driver, now: Instant) -> bool:
        """Whether something is due with the driver: a frame, or only the end of its patience."""
        asked = driver.next_due(now)
        return asked is not None and now.since(asked) >= 0

    def given(self, driver: Driver, now: Instant) -> bool:
        """Whether the driver may be asked for a frame: what it says is due counts as sent."""
        if not self.budget.may_send(now):
            if self.asks(driver, now):
                self.budget.hold_back()
            return False
        if self.asks(driver, now) and not self._handshake.allows(now):
            return False
        return self._turns is None or (self.asks(driver, now) and self._turns.may_speak(now))

    def expected_at(self, driver: Driver, now: Instant) -> Instant | None:
        """When it will be given for what the driver wants to send next; None: nothing, or whoever has the turn passes
        it on."""
        asked = driver.next_due(now)
        if asked is None:
            return None
        free_at = self.budget.free_at(asked)
        turn_at = asked if self._turns is None else self._turns.speaks_at(now)
        return None if turn_at is None else max((self._handshake.ask_at(asked), free_at or asked, turn_at), key=_ORDER)

    def pass_on(self, driver: Driver, now: Instant) -> None:
        """The turn is the next one's, unless this device owes us an answer or we have a question."""
        if self._turns is None:
            return
        waits = isinstance(driver, AwaitsAnswer) and driver.awaits_answer
        if not (waits or self.asks(driver, now)):
            self._turns.pass_on(now)
