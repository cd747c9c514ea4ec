"""Whether the device on the cable is the one that was bound: by its own serial number, where its protocol tells one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import StrEnum

from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact

MOST_HELD = 4000
"""Facts that may wait until the device has said who it is: some seconds of three waves."""


class Verdict(StrEnum):
    """OPEN: not said yet, what it says waits. RIGHT: it may be heard. WRONG: nothing of it may enter the record."""

    OPEN = "open"
    RIGHT = "right"
    WRONG = "wrong"


class WhoIsThere:
    """Judges each serial number that is told. For the link's thread; `accept` may be called from any."""

    def __init__(self, expected: str, wait_s: float, *, learns: bool, sure: int = 1) -> None:
        """`learns`: where none is expected yet, the first number that is told is the device's from then on.

        `wait_s`: how long a device that was known by its number may speak without saying it. `sure`: so often a new
        number must be told before it is believed; more than once where no checksum guards it.
        """
        self.expected = expected
        """Replaced as a whole, so that any thread may read it."""
        self._wait_s = wait_s
        self._learns = learns
        self._sure = sure
        self._known = self._new = ""
        self._told = 0
        self._since: Instant | None = None
        self._held: deque[DeviceFact] = deque(maxlen=MOST_HELD)
        self._given_up = False

    def anew(self) -> None:
        """The line was opened again: whoever is there now has not said who it is."""
        self._known = self._new = ""
        self._told = 0
        self._since = None
        self._held.clear()
        self._given_up = False

    def accept(self, serial: str) -> None:
        """A person has looked: this is the device from now on."""
        self.expected = serial

    def judge(self, serial: str, at: Instant) -> Verdict:
        """What to make of a device that has said this much of itself ("" = nothing) by a good frame."""
        self._since = self._since or at
        self._hear(serial)
        if self._known and not self.expected and self._learns:
            self.expected = self._known
        return self.verdict(at)

    def _hear(self, serial: str) -> None:
        if serial in {"", self._known}:
            self._new, self._told = "", 0
            return
        self._told = self._told + 1 if serial == self._new else 1
        self._new = serial
        if self._told >= self._sure or serial == self.expected:
            self._known, self._new, self._told = serial, "", 0

    def verdict(self, at: Instant) -> Verdict:
        """The same, by what was said so far."""
        if self._told and self.expected:
            return Verdict.OPEN
        if not self.expected or self._known == self.expected:
            return Verdict.RIGHT
        if self._known:
            return Verdict.WRONG
        if self._since is not None and at.since(self._since) >= self._wait_s:
            self._given_up = True
        return Verdict.RIGHT if self._given_up else Verdict.OPEN

    def pass_on(self, facts: Sequence[DeviceFact], at: Instant) -> list[DeviceFact]:
        """What may be told of these facts now: with what waited, nothing yet, or nothing at all."""
        verdict = self.verdict(at)
        if verdict is Verdict.OPEN:
            self._held.extend(facts)
            return []
        held = list(self._held) if verdict is Verdict.RIGHT else []
        self._held.clear()
        return [*held, *facts] if verdict is Verdict.RIGHT else []
