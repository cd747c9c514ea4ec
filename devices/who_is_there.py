"""Whether the device on the cable is the one that was bound: by its own serial number, where its protocol tells one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import StrEnum

from devices.spec import Driver, TellsSeveral
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact

MOST_HELD = 4000
"""Facts that may wait until the device has said who it is: some seconds of three waves."""


class Verdict(StrEnum):
    """OPEN: not said yet, what it says waits. RIGHT: it may be heard. WRONG: nothing of it may enter the record."""

    OPEN = "open"
    RIGHT = "right"
    WRONG = "wrong"


class _Said:
    """One thing that a device says of itself, believed when it was said often enough."""

    def __init__(self, sure: int, before: str = "") -> None:
        """`before`: what was said last before the line was opened again; said once more it is believed."""
        self._sure = sure
        self._before = before
        self._new = ""
        self._times = 0
        self.known = ""

    @property
    def is_open(self) -> bool:
        """Whether it has said something new, not often enough yet."""
        return self._times > 0

    def hear(self, said: str, expected: str) -> None:
        """It says this much now ("" = nothing); what is expected is believed at once."""
        if said in {"", self.known}:
            self._new, self._times = "", 0
            return
        self._times = self._times + 1 if said == self._new else 1
        self._new = said
        if self._times >= self._sure or said in {expected, self._before}:
            self.known, self._new, self._times = said, "", 0

    def anew(self) -> _Said:
        """The same after the line was opened again."""
        return _Said(self._sure, self._new or self.known or self._before)


class WhoIsThere:
    """Judges each serial number that is told. For the link's thread; `accept` may be called from any."""

    def __init__(self, expected: str, wait_s: float, *, learns: bool, sure: int = 1) -> None:
        """`learns`: where none is expected yet, the first number that is told is the device's from then on.

        `wait_s`: how long a device that was known by its number may speak without saying it. `sure`: so often a new
        number must be told before it is believed; more than once where no checksum guards it.
        """
        self.expected = expected
        """Replaced as a whole, so that any thread may read it."""
        self.model = ""
        """What the device with that number said it was; the same. May be set before anything was judged."""
        self._wait_s = wait_s
        self._learns = learns
        self._sure = sure
        self._held: deque[DeviceFact] = deque(maxlen=MOST_HELD)
        self._number, self._kind = _Said(sure), _Said(sure)
        self.anew()

    def anew(self) -> None:
        """The line was opened again: whoever is there now has not said who it is."""
        self._number, self._kind = self._number.anew(), self._kind.anew()
        self._judged_at: Instant | None = None
        self._spoken_s = 0.0
        self._held.clear()
        self._saying = ("", "")  # number and model of the message that was judged last
        self._several = False
        self._missed = False
        self.left_out = ""
        """A number of which something was left out, since the line was opened; "" = of none."""

    def accept(self, serial: str) -> None:
        """A person has looked: this is the device from now on; "" = it tells no number."""
        self.model = ""
        self.expected = serial

    def judge(self, serial: str, model: str, at: Instant) -> Verdict:
        """What to make of a device that has said this much of itself ("" = nothing) by a good frame."""
        if self._held and self._judged_at is not None:  # a silence is no speaking without a number
            self._spoken_s += min(at.since(self._judged_at), self._wait_s / 4)
        self._judged_at = at
        self._tell_apart(serial, model)
        self._number.hear(serial, self.expected)
        if serial:
            self._kind.hear(model, self.model)
        if self._number.known and self._learns:
            self.expected = self.expected or self._number.known
            if self._number.known == self.expected:
                self.model = self.model or self._kind.known
        return self.verdict()

    def verdict(self) -> Verdict:
        """The same, by what was said so far."""
        number, kind = self._number, self._kind
        if not self.expected:
            return self._of_several() if self._learns and self._several and not number.known else Verdict.RIGHT
        if number.is_open:
            return Verdict.OPEN
        if not number.known:
            return Verdict.WRONG if self._spoken_s >= self._wait_s else Verdict.OPEN
        if number.known != self.expected:
            return Verdict.WRONG
        if self.model and kind.is_open:
            return Verdict.OPEN
        return Verdict.WRONG if self.model and kind.known not in {"", self.model} else Verdict.RIGHT

    def stranger(self) -> str:
        """Of a wrong one: what is there, in words that follow the port's name."""
        if not self.expected:
            return f"carries several devices by turns, one of them {self._saying[0]}; which one is meant is not known"
        if not self._number.known:
            return f"has a device that does not tell its number; {self.expected} is expected"
        if self._number.known == self.expected:
            return f"has device {self.expected}, but it is now {self._kind.known}, not {self.model}"
        return f"has device {self._number.known}, not {self.expected}"

    def pass_on(self, facts: Sequence[DeviceFact]) -> list[DeviceFact]:
        """What may be told of these facts now: with what waited, nothing yet, or nothing at all."""
        verdict = self.verdict()
        if verdict is Verdict.OPEN:
            self._missed = self._missed or len(self._held) + len(facts) > MOST_HELD
            self._held.extend(facts)
            return []
        held = list(self._held) if verdict is Verdict.RIGHT else []
        self._held.clear()
        self._missed = self._missed or verdict is Verdict.WRONG
        return [*held, *facts] if verdict is Verdict.RIGHT else []

    def take_missed(self) -> bool:
        """Whether something was left out before what may be heard again now; asked once."""
        missed = self._missed and self.verdict() is Verdict.RIGHT
        self._missed = self._missed and not missed
        return missed

    def _tell_apart(self, serial: str, model: str) -> None:
        """What waits was said by one device: another number, or another model with the number, is not that one."""
        before_number, before_model = self._saying
        if not serial:
            return
        self._saying = (serial, model or before_model)
        another = bool(before_number) and serial != before_number
        if not another and model in {"", before_model or model}:
            return
        self._several = self._several or another
        if self._held:
            self._held.clear()
            self._missed = True
            self.left_out = before_number if before_number != self.expected else self.left_out

    def _of_several(self) -> Verdict:
        return Verdict.WRONG if self._spoken_s >= self._wait_s else Verdict.OPEN


def told_number(driver: Driver, expected: str) -> tuple[str, str]:
    """The device's number and model; of several behind one station the expected one's, where it is among them."""
    model, serial = driver.identity
    if isinstance(driver, TellsSeveral) and expected in driver.numbers:
        return expected, driver.numbers[expected]
    return serial, model
