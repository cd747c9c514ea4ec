"""One line with several devices at addresses of their own: each has a seat, and one at a time asks and is answered."""

from __future__ import annotations

import threading
from collections import deque

from devices.spec import HoldsBack, Transport, TransportLost
from devices.transport.budget import Budget
from exomonitor.clock import Instant

REST_S = (1.0, 2.0, 5.0)
"""How long one that did not answer lets the others go first, after its first, second and every later silence."""
PATIENCE_S = 1.0
"""So long the next in turn may be busy elsewhere before somebody else speaks."""


class SharedLine:
    """The port, whose turn it is, and how often all together may ask. Seats may live on threads of their own."""

    def __init__(self, inner: Transport, per_s: float) -> None:
        """`inner` is opened with the first seat and closed with the last; per_s: frames per second of the line."""
        self.inner = inner
        self.changed = threading.Condition(threading.RLock())
        self.budget = Budget(per_s)
        self.holder: Seat | None = None
        self.waiting: deque[Seat] = deque()
        self.seats: set[Seat] = set()
        self.opening = 0
        """Counts the openings: who sits since an earlier one has lost the line."""
        self.bytes_in = 0
        self._live = False
        self._free_since: Instant | None = None

    def seat(self) -> Seat:
        """A place at the line for one more device, not yet taken."""
        return Seat(self)

    def admit(self, seat: Seat, heard_before: int | None) -> None:
        """Open the port where it is not open yet; anew where nobody on it has spoken since this seat came last."""
        dead = heard_before == self.bytes_in and self.holder is None
        if self._live and dead:
            self._live = False
            self.inner.close()
        if not self._live:
            self.inner.open()
            self._live = True
            self.opening += 0 if dead else 1
        self.seats.add(seat)

    def leave(self, seat: Seat, at: Instant | None) -> None:
        """The seat is empty; the last one out closes the port."""
        self.seats.discard(seat)
        if seat in self.waiting:
            self.waiting.remove(seat)
        if self.holder is seat:
            self.set_free(at)
        if not self.seats and self._live:
            self._live = False
            self.inner.close()

    def lose(self) -> None:
        """The port has gone, for everybody."""
        self.opening += 1
        self._live, self.holder = False, None
        self.waiting.clear()
        self.inner.close()
        self.changed.notify_all()

    def is_turn_of(self, seat: Seat, at: Instant) -> bool:
        """Whether this seat may take the free line now; else it stands in the queue."""
        if seat not in self.waiting:
            self.waiting.append(seat)
        late = self._free_since is not None and at.since(self._free_since) > PATIENCE_S
        if self.holder is None and late:
            self.waiting.remove(seat)
            self.waiting.appendleft(seat)
        return self.holder is None and self.waiting[0] is seat

    def take(self, seat: Seat) -> None:
        """The line is this seat's until it says otherwise."""
        self.waiting.remove(seat)
        self.holder = seat

    def set_free(self, at: Instant | None) -> None:
        """The line is the next one's."""
        self.holder, self._free_since = None, at
        self.changed.notify_all()


class Seat:
    """A transport that is one device's share of a line: it hears what comes while it has the turn. For one thread."""

    def __init__(self, line: SharedLine) -> None:
        self._line = line
        self._opening = -1
        self._heard_before: int | None = None
        self._spoke = self._heard = False
        self._silences = 0
        self._rests_until: Instant | None = None
        self._at: Instant | None = None

    @property
    def name(self) -> str:
        """The line's port."""
        return self._line.inner.name

    def open(self) -> None:
        """Sit down; TransportLost when the port cannot be opened."""
        with self._line.changed:
            self._line.admit(self, self._heard_before)
            self._opening, self._heard_before = self._line.opening, self._line.bytes_in
            self._spoke = self._heard = False

    def read(self, timeout_s: float) -> bytes:
        """What has come while it is this seat's turn; else wait for the turn, at most `timeout_s` real seconds."""
        line = self._line
        with line.changed:
            self._check()
            mine = line.holder is self
            if not mine:
                if timeout_s > 0:
                    line.changed.wait_for(self._is_called, timeout_s)
                    self._check()
                return b""
        try:
            data = line.inner.read(timeout_s)
        except TransportLost:
            with line.changed:
                line.lose()
            raise
        with line.changed:
            line.bytes_in += len(data)
            self._heard = self._heard or bool(data)
        return data

    def write(self, data: bytes) -> None:
        """Ask; only who has the turn should."""
        with self._line.changed:
            self._check()
            try:
                self._line.inner.write(data)
            except TransportLost:
                self._line.lose()
                raise
            self._spoke = True
            if self._at is not None:
                self._line.budget.spend(self._at)

    def held_back(self) -> str:
        """As the port does; TransportLost when it has gone, for everybody."""
        line = self._line
        if not isinstance(line.inner, HoldsBack):
            return ""
        with line.changed:
            self._check()
            try:
                return line.inner.held_back()
            except TransportLost:
                line.lose()
                raise

    def opened_without(self) -> str:
        """As the port does."""
        return self._line.inner.opened_without() if isinstance(self._line.inner, HoldsBack) else ""

    def close(self) -> None:
        """Stand up; may be called twice."""
        with self._line.changed:
            if self._opening == self._line.opening:
                self._line.leave(self, self._at)
            self._opening = -1

    # --- turns ------------------------------------------------------------------------------------------------------

    def may_speak(self, at: Instant) -> bool:
        """Whether a frame may go now: this seat has the turn or takes it, and the line was not asked too often."""
        self._at = at
        line = self._line
        with line.changed:
            if line.holder is not self:
                if self._opening != line.opening or self._rests(at) or not line.is_turn_of(self, at):
                    return False
                line.take(self)
                self._spoke = self._heard = False
            return line.budget.may_send(at)

    def speaks_at(self, at: Instant) -> Instant | None:
        """From when on it may, as far as can be foreseen; None: when another one has been answered."""
        line = self._line
        with line.changed:
            if line.holder not in (None, self):
                return None
            if line.holder is None and self._rests(at):
                return self._rests_until
            return line.budget.free_at(at)

    def pass_on(self, at: Instant) -> None:
        """Nothing is asked any more and no answer waited for: the next one may speak."""
        line = self._line
        with line.changed:
            if line.holder is not self:
                return
            self._silences = self._silences + 1 if self._spoke and not self._heard else 0
            if self._silences and len(line.seats) > 1:
                self._rests_until = at.plus(REST_S[min(self._silences, len(REST_S)) - 1])
            line.set_free(at)

    def _rests(self, at: Instant) -> bool:
        return self._rests_until is not None and at.since(self._rests_until) < 0

    def _is_called(self) -> bool:
        line = self._line
        free = line.holder is None and bool(line.waiting) and line.waiting[0] is self
        return free or self._opening != line.opening

    def _check(self) -> None:
        if self._opening != self._line.opening:
            raise TransportLost(f"{self.name} has gone")
