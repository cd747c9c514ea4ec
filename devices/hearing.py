"""What of all that a driver reads is told, and as whose: the right device's facts, and of its alarms each once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from devices.silence import half_holder, look_as_of
from devices.spec import Driver, Heard, HoldsHalves, NamesSender, TellsSeveral
from devices.standing_alarms import StandingAlarms
from devices.who_is_there import Verdict, WhoIsThere, told_number
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault, LinkState
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.quality import Origin
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk


class Hearing:
    """The ear of one link, for the link's thread."""

    def __init__(self, who: WhoIsThere, emit: Callable[[DeviceFact], None], origin: Origin) -> None:
        self._who, self._emit, self._origin = who, emit, origin
        self._alarms = StandingAlarms()
        self._driver: Driver | None = None
        self._names_sender: NamesSender | None = None
        self._holder: HoldsHalves | None = None
        self._tells_several = False
        self._frames_ok = 0

    def _listen_to(self, driver: Driver) -> None:
        """What this driver can say beyond the usual is looked up once, not with each of its messages."""
        if driver is not self._driver:
            self._driver = driver
            self._names_sender = driver if isinstance(driver, NamesSender) else None
            self._holder = half_holder(driver)
            self._tells_several = isinstance(driver, TellsSeveral)
            self._frames_ok = driver.counters().frames_ok

    def waits_until(self, driver: Driver) -> Instant | None:
        """When silence ends the driver's wait for the rest of what it holds, None while it holds nothing."""
        self._listen_to(driver)
        return None if self._holder is None else self._holder.waits_until

    def look(self, driver: Driver, at: Instant, *, over: bool = False) -> Sequence[Heard]:
        """What the driver finds in what silence has ended; `over`: nothing more of it can come."""
        self._listen_to(driver)
        moment = look_as_of(self._holder, at, over=over)
        return () if moment is None else self.read(driver, b"", moment)

    def read(self, driver: Driver, data: bytes, at: Instant) -> Sequence[Heard]:
        """What the driver finds in these bytes, message by message where each names its sender."""
        self._listen_to(driver)
        facts = driver.received(data, at)
        if self._names_sender is not None:
            return self._names_sender.heard
        before, self._frames_ok = self._frames_ok, driver.counters().frames_ok
        model, number = driver.identity
        if self._tells_several:
            number, model = told_number(driver, self._who.expected)
        return (Heard(number, model, facts, self._frames_ok > before),)

    def judge(self, heard: Heard, port: str, at: Instant) -> tuple[LinkState, str]:
        """How the link is after this good message, and why, in a sentence. Of another device than before the alarms
        are taken back."""
        verdict = self._who.judge(heard.number, heard.model, at)
        if verdict is Verdict.WRONG:
            self.tell(self._alarms.take_back(at))
            return LinkState.WRONG_DEVICE, f"{port} {self._who.stranger()}"
        open_yet = ", waiting for the device's own number" if verdict is Verdict.OPEN else ""
        left_out = f"; what device {self._who.left_out} says on this line is left out" if self._who.left_out else ""
        return LinkState.TALKING, f"receiving{open_yet}{left_out}"

    def pass_on(self, heard: Heard, driver: Driver) -> bool:
        """Tell what may be told of this message: no other device may enter this one's record. False = the driver may
        have told an alarm while nobody listened, and must say them all again."""
        self._listen_to(driver)
        faults = [fact for fact in heard.facts if isinstance(fact, LinkFault)]
        said = [fact for fact in heard.facts if not isinstance(fact, LinkFault)]
        self._alarms.hear(heard.number, said)
        passed = self._who.pass_on(said)
        missed = self._who.take_missed()
        if missed and self._names_sender is None:
            self.tell([*faults, *(fact for fact in passed if not isinstance(fact, RelayedAlarm))])
            return False
        self.tell([*faults, *self._alarms.pass_on(passed)])
        if self._names_sender is not None and self._who.verdict() is Verdict.RIGHT:
            self.tell(self._alarms.tell_again(heard.number))  # what it announced while it was not to be heard
        return True

    def tell(self, facts: Sequence[DeviceFact]) -> None:
        """Tell this as it is, stamped with where it comes from."""
        for fact in facts:
            self._emit(_stamped(fact, self._origin))

    def asked_anew(self, driver: Driver, at: Instant) -> None:
        """The driver has forgotten what it knew: what stands is taken back until the device says it again."""
        self._listen_to(driver)
        self._frames_ok = driver.counters().frames_ok
        if self._names_sender is None:  # else the device announces the end, to whoever listens then
            self.tell(self._alarms.take_back(at))
            self._alarms.forget()

    def lost(self) -> None:
        """Nothing is known of the device's alarms any more; the engine forgets them by itself."""
        self._alarms.forget()


def _stamped(fact: DeviceFact, origin: Origin) -> DeviceFact:
    if origin is not Origin.DEVICE and isinstance(fact, VitalReading | PumpReading | WaveChunk | RelayedAlarm):
        return replace(fact, origin=origin)
    return fact
