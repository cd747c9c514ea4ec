"""Reads an Alaris Asena syringe pump: three questions a second, one reading for each round of answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from devices.pumps.alaris_asena import wire
from devices.pumps.alaris_asena.driver.alarms import UNNAMED, meaning_of
from devices.pumps.alaris_asena.driver.reading import reading_of
from devices.spec import WireFault
from devices.wire.framing import FrameCutter
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault

CYCLE_S = 1.0
REPLY_TIMEOUT_S = 4.0
"""What the pump itself states as the longest time that it takes to answer (COMMS_RESPONSE_MAX)."""
AFTER_DAMAGE_S = 0.5
"""A damaged answer will not come again: no need to wait for it any longer."""
MISSES_TOLERATED = 1
"""A question that stays without an answer more often than this, while INF is answered, is one this pump ignores."""
MISSES_UNTIL_RARE = 3
RARE_S = 30.0
CHANNEL = "1"
MODEL = "Alaris Asena"

# What the answer to each question must look like; anything else is not the answer. INF comes last: it ends the round.
ROUND = (wire.ALARM, wire.VTBI, wire.INFUSION)
FORMS: dict[str, Callable[[wire.Message], bool]] = {
    wire.SERIAL: lambda message: wire.serial_of(message) is not None,
    wire.ALARM: lambda message: wire.alarm_code_of(message) is not None,
    wire.VTBI: lambda message: wire.vtbi_of(message) is not None,
    wire.INFUSION: lambda message: wire.infusion_of(message) is not None,
}


class AlarisAsenaDriver:
    """Sans-IO driver of one pump. It only asks; it never takes part in the pump's remote control."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._cutter = FrameCutter(wire.find_start, wire.parse_at, wire.MAX_RAW, wire.PARTIAL_TIMEOUT_S, wire.run_at)
        self._serial = ""
        self._alarms: set[str] = set()
        self._flag_without_code = 0
        self._questions: deque[str] = deque()
        self._asked: str | None = None
        self._deadline: Instant | None = None
        self._round_due: Instant | None = None
        self._serial_due = True
        self._answers: dict[str, wire.Message] = {}
        self._missed: set[str] = set()
        self._misses: dict[str, int] = {}
        self._rare_due: Instant | None = None

    @property
    def identity(self) -> tuple[str, str]:
        """The family (the wire does not tell the model) and the pump's serial number."""
        return (MODEL, self._serial) if self._serial else ("", "")

    def counters(self) -> LinkCounters:
        """Frames good and bad, bytes skipped."""
        cutter = self._cutter
        return LinkCounters(
            frames_ok=cutter.frames_ok, frames_bad=dict(cutter.frames_bad), bytes_skipped=cutter.bytes_skipped
        )

    def opened(self, at: Instant) -> None:
        """Begin with the serial number; what alarms still is reported anew, for nobody remembers it from before."""
        self._cutter.reset()
        self._alarms.clear()
        self._serial = ""
        self._serial_due = True
        self._misses.clear()
        self._rare_due = None
        self._end_round(at)

    # --- what to send

    def due(self, at: Instant) -> bytes | None:
        """The next question, when the last one was answered or its time is over."""
        if self._asked is not None:
            if self._deadline is None or at.since(self._deadline) < 0:
                return None
            self._missed.add(self._asked)
            self._asked = None
            if not self._questions:
                self._end_round(at)
        if not self._questions and self._round_due is not None and at.since(self._round_due) >= 0:
            self._begin_round(at)
        if not self._questions:
            return None
        self._asked = self._questions.popleft()
        self._deadline = at.plus(REPLY_TIMEOUT_S)
        return wire.encode(self._asked)

    def next_due(self, at: Instant) -> Instant | None:
        """The end of the patience for an answer, or the next round."""
        if self._asked is not None:
            return self._deadline
        return at if self._questions else self._round_due

    def _begin_round(self, at: Instant) -> None:
        rare = self._rare_due is None or at.since(self._rare_due) >= 0
        if rare:
            self._rare_due = at.plus(RARE_S)
        wanted = [word for word in ROUND if rare or self._misses.get(word, 0) < MISSES_UNTIL_RARE]
        self._questions.extend([wire.SERIAL, *wanted] if self._serial_due else wanted)
        self._answers.clear()
        self._missed.clear()
        self._round_due = at.plus(CYCLE_S)

    def _end_round(self, next_at: Instant | None) -> None:
        self._asked = None
        self._deadline = None
        self._questions.clear()
        if next_at is not None:
            self._round_due = next_at

    # --- what arrives

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends the wait for the rest of half a frame."""
        return self._cutter.waits_until

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Readings, alarm transitions and faults in these bytes."""
        facts: list[DeviceFact] = []
        for item, when in self._cutter.dated(data, at):
            message = wire.parse(item) if isinstance(item, bytes) else None
            if isinstance(item, WireFault):
                facts.append(LinkFault(self._source, item.reason, item.raw, when))
                if item.reason != "noise" and self._asked is not None:
                    self._deadline = when.plus(AFTER_DAMAGE_S)
            elif message is None or message.word != self._asked or not FORMS[message.word](message):
                facts.append(LinkFault(self._source, "not an answer to the question", item, when))
            else:
                facts += self._take(message, when)
        return facts

    def _take(self, message: wire.Message, at: Instant) -> list[DeviceFact]:
        self._asked = None
        self._misses[message.word] = 0
        self._answers[message.word] = message
        facts: list[DeviceFact] = []
        if message.word == wire.SERIAL:
            self._serial_due = False
            facts = self._met(wire.serial_of(message) or "", at)
        elif message.word == wire.INFUSION:
            facts = self._end_of_round(message, at)
        return facts

    def _met(self, serial: str, at: Instant) -> list[DeviceFact]:
        """Another serial number is another pump: what the last one complained of has ended with it."""
        if not serial or serial == self._serial:
            return []
        known, self._serial = self._serial, serial
        return list(self._now_on(set(), at)) if known else []

    def _end_of_round(self, message: wire.Message, at: Instant) -> list[DeviceFact]:
        """The answer to INF closes the round; it becomes a reading unless an answer that is usual got lost."""
        infusion = wire.infusion_of(message)
        if infusion is None:  # the form has been checked
            return []
        self._end_round(None)
        self._serial_due = False  # INF has told it, should the pump not answer INST_SERIALNO
        for word in self._missed:
            self._misses[word] = self._misses.get(word, 0) + 1
        facts = self._met(infusion.serial, at)
        if wire.ALARM not in self._lost():
            facts += self._judge_alarms(infusion.alarm, at)
        if self._lost():
            return facts
        vtbi = self._answers.get(wire.VTBI)
        set_ml = (wire.vtbi_of(vtbi) or (None,))[0] if vtbi is not None else None
        return [reading_of(self._source, CHANNEL, infusion, set_ml, frozenset(self._alarms), MODEL, at), *facts]

    def _lost(self) -> set[str]:
        """Questions of this round whose usual answer got lost, so that nothing is known of them."""
        return {word for word in self._missed & set(ROUND) if self._misses.get(word, 0) <= MISSES_TOLERATED}

    # --- alarms

    def _judge_alarms(self, flag: bool, at: Instant) -> list[DeviceFact]:
        """The code that the pump names; its bare flag counts when no code follows it for two rounds."""
        answer = self._answers.get(wire.ALARM)
        code = wire.alarm_code_of(answer) if answer is not None else None
        named = {code} if code is not None and code != wire.NO_ALARM else set()
        self._flag_without_code = self._flag_without_code + 1 if flag and not named else 0
        if self._flag_without_code > 1 or (self._flag_without_code and UNNAMED in self._alarms):
            named = {UNNAMED}
        return list(self._now_on(named, at))

    def _now_on(self, codes: set[str], at: Instant) -> list[RelayedAlarm]:
        ended, begun = sorted(self._alarms - codes), sorted(codes - self._alarms)
        self._alarms = set(codes)
        return [self._alarm(code, False, at) for code in ended] + [self._alarm(code, True, at) for code in begun]

    def _alarm(self, code: str, active: bool, at: Instant) -> RelayedAlarm:
        meaning = meaning_of(code)
        return RelayedAlarm(self._source, CHANNEL, code, meaning.kind, meaning.text, meaning.priority, active, at)
