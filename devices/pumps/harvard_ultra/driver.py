"""Reads a pump with the ULTRA commands: five words, one reading a second, numbers believed when said twice."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from devices.pumps.harvard_ultra import wire
from devices.spec import WireFault
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault
from exomonitor.signals.pump import AlarmKind, PumpReading, PumpStatus

CYCLE_S = 1.0
REPLY_TIMEOUT_S = 0.5
MAX_ML_H = Decimal(15_000)
MAX_ML = Decimal(10_000)
ROUNDING = Decimal("0.001")
"""Share by which two ways of saying one number may differ besides their last digits."""

STATUS_OF = {
    wire.INFUSING: PumpStatus.INFUSING,
    wire.WITHDRAWING: PumpStatus.WITHDRAWING,
    wire.IDLE: PumpStatus.STOPPED,
    wire.STALLED: PumpStatus.STOPPED,
    wire.AT_TARGET: PumpStatus.COMPLETE,
}
_MOTOR_OF = {wire.INFUSING: "I", wire.WITHDRAWING: "W"}
_CYCLE = (wire.STATUS, wire.RATE, wire.INFUSED, wire.TARGET)
_STANDS_STILL = frozenset({PumpStatus.STOPPED, PumpStatus.COMPLETE, PumpStatus.WITHDRAWING})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one condition says; the pump does not rank its alarms, so the priority is ours."""

    kind: AlarmKind
    text: str
    priority: str


ALARMS = {
    "stall": Meaning(AlarmKind.STALL, "Pump motor stalled: the line may be blocked", "high"),
    "limit": Meaning(AlarmKind.ATTENTION, "Pump reached its limit switch and cannot move on", "high"),
    "target": Meaning(AlarmKind.END_OF_INFUSION, "Pump reached its target volume and stopped", "medium"),
}

# What the answer to each question must look like; anything else is not the answer.
FORMS: dict[str, Callable[[wire.Reply], bool]] = {
    wire.STATUS: lambda reply: wire.parse_status(reply.text) is not None,
    wire.RATE: lambda reply: wire.rate_ml_h(reply.text) is not None,
    wire.INFUSED: lambda reply: wire.volume_ml(reply.text) is not None,
    wire.TARGET: lambda reply: wire.is_no_target(reply.text) or wire.volume_ml(reply.text) is not None,
    wire.VERSION: lambda reply: bool(reply.lines),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and when its question was put: between two answers the volume moves."""

    reply: wire.Reply
    asked: Instant
    heard: Instant


class HarvardUltraDriver:
    """Sans-IO driver of one pump; begins with the status, a word that no pump of the family acts on."""

    def __init__(self, source: str, address: int = 0) -> None:
        self._source = source
        self._address = address
        self._channel = str(address)
        self._cutter = wire.make_cutter()
        self._identity = ("", "")
        self._identified = False
        self._questions: deque[str] = deque()
        self._asked: str | None = None
        self._asked_at: Instant | None = None
        self._retried = False
        self._cycle_due: Instant | None = None
        self._answers: dict[str, Answer] = {}
        self._active: set[str] = set()
        self._disagreeing: frozenset[str] = frozenset()

    @property
    def identity(self) -> tuple[str, str]:
        """Model and serial number, as far as the pump's version tells them."""
        return self._identity

    @property
    def awaits_answer(self) -> bool:
        """Whether the pump was asked and has not answered yet."""
        return self._asked is not None

    def counters(self) -> LinkCounters:
        """Frames good and bad, bytes skipped."""
        cutter = self._cutter
        return LinkCounters(
            frames_ok=cutter.frames_ok, frames_bad=dict(cutter.frames_bad), bytes_skipped=cutter.bytes_skipped
        )

    def opened(self, at: Instant) -> None:
        """Begin a cycle at once, and ask again who is there; what alarms still is reported anew."""
        self._cutter.reset()
        self._active = set()
        self._identity = ("", "")
        self._identified = False
        self._end_cycle(at)

    # --- what to send

    def due(self, at: Instant) -> bytes | None:
        """The next question, or an unanswered one for the second and last time."""
        if self._asked is not None:
            deadline = self.next_due(at)
            if deadline is None or at.since(deadline) < 0:
                return None
            if not self._retried:
                self._retried = True
                return self._send(self._asked, at)
            self._identified = False  # whoever answers next may be another pump
            if self._asked == wire.VERSION:
                self._identity = ("", "")
            self._end_cycle(at.plus(CYCLE_S))
        if not self._questions and self._cycle_due is not None and at.since(self._cycle_due) >= 0:
            self._questions.extend(self._cycle())
            self._cycle_due = at.plus(CYCLE_S)
            self._answers.clear()
        if not self._questions:
            return None
        self._retried = False
        return self._send(self._questions.popleft(), at)

    def next_due(self, at: Instant) -> Instant | None:
        """The end of the patience for an answer, or the next cycle."""
        if self._asked is not None and self._asked_at is not None:
            patience, whole = self._asked_at.plus(REPLY_TIMEOUT_S), self._cutter.ends_at
            return whole if whole is not None and whole.since(patience) > 0 else patience
        return at if self._questions else self._cycle_due

    def _cycle(self) -> tuple[str, ...]:
        """One that has said its number says it before anything else after a silence; else it is asked last."""
        if self._identified:
            return _CYCLE
        return (wire.VERSION, *_CYCLE) if self._identity[1] else (*_CYCLE, wire.VERSION)

    def _send(self, word: str, at: Instant) -> bytes:
        self._asked, self._asked_at = word, at
        return wire.request(word, self._address)

    def _end_cycle(self, next_at: Instant) -> None:
        self._asked = None
        self._questions.clear()
        self._cycle_due = next_at

    # --- what arrives

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends the wait for the rest of half a frame."""
        return self._cutter.waits_until

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Readings, alarms and faults in these bytes."""
        facts: list[DeviceFact] = []
        for item, when in self._cutter.dated(wire.without_flow_control(data), at):
            if isinstance(item, WireFault):
                facts.append(LinkFault(self._source, item.reason, item.raw, when))
                continue
            reply = wire.parse_reply(item)
            if reply is None or (reply.address or 0) != self._address:  # only the pump at 0 may leave it out
                facts.append(LinkFault(self._source, "another pump's address", item, when))
            else:
                facts += self._take(reply, item, when)
        return facts

    def _take(self, reply: wire.Reply, raw: bytes, at: Instant) -> list[DeviceFact]:
        asked = self._asked
        if asked is None or self._asked_at is None or not reply.lines:
            return []  # nobody asked, or a prompt alone: the pump says that something changed, the next status tells
        if not reply.is_error and not FORMS[asked](reply):
            return [LinkFault(self._source, "not an answer to the question", raw, at)]
        if not reply.is_error:
            self._answers[asked] = Answer(reply, self._asked_at, at)
        self._asked = None
        if asked == wire.VERSION:
            self._identified = True
            if not reply.is_error:
                self._identity = wire.model_and_serial(reply.lines)
            return []
        return self._conclude(at) if asked == _CYCLE[-1] else []

    # --- one cycle's answers as one reading

    def _conclude(self, at: Instant) -> list[DeviceFact]:
        answer = self._answers.get(wire.STATUS)
        told = None if answer is None else wire.parse_status(answer.reply.text)
        prompt = "" if answer is None else answer.reply.prompt
        status = _status(prompt, told)
        rate_set = _within(self._quantity(wire.RATE, wire.rate_ml_h), MAX_ML_H)
        infused = _within(self._quantity(wire.INFUSED, wire.volume_ml), MAX_ML)
        target = _within(self._quantity(wire.TARGET, wire.volume_ml), MAX_ML)
        odd = self._disagreements(status, told, rate_set, infused)
        rate, inferred = _rate(status, told, rate_set), set()
        if "rate" in odd:
            rate = rate_set = None
        elif status in _STANDS_STILL:
            inferred.add("rate_ml_h")
        volume = None if infused is None or "volume" in odd else infused.value
        remaining = None if target is None or volume is None or volume > target.value else target.value - volume
        seconds = remaining * 3600 / rate if remaining is not None and rate else None
        inferred |= {"volume_remaining_ml"} if remaining is not None else set()
        inferred |= {"time_remaining_s"} if seconds is not None else set()
        reading = PumpReading(
            source=self._source,
            channel=self._channel,
            status=status,
            raw_status=f"{prompt} {answer.reply.text.rpartition(' ')[2]}" if answer is not None else "",
            at=at,
            rate_ml_h=_number(rate),
            rate_set_ml_h=_number(None if rate_set is None else rate_set.value),
            volume_infused_ml=_number(volume),
            vtbi_ml=_number(None if target is None else target.value) or None,
            volume_remaining_ml=_number(remaining),
            time_remaining_s=_number(seconds),
            model=self._identity[0],
            serial=self._identity[1],
            inferred=frozenset(inferred),
        )
        return [*self._told_of(odd, at), *self._alarms(prompt, told, at), reading]

    def _quantity(self, word: str, parse: Callable[[str], wire.Quantity | None]) -> wire.Quantity | None:
        answer = self._answers.get(word)
        return None if answer is None else parse(answer.reply.text)

    def _disagreements(
        self, status: PumpStatus, told: wire.Status | None, rate: wire.Quantity | None, infused: wire.Quantity | None
    ) -> frozenset[str]:
        """Which of rate and volume the pump says in two ways that do not fit, beyond rounding and beyond the time
        between the two answers."""
        odd: set[str] = set()
        if told is None:
            return frozenset()
        flow = Decimal(told.rate_fl_s) * wire.ML_H_PER_FL_S
        if status is PumpStatus.INFUSING and rate is not None and not _fits(flow, rate):
            odd.add("rate")
        if told.motor in "Ii" and infused is not None:
            volume = Decimal(told.volume_fl) * wire.ML_PER_FL
            moved = max(flow, rate.value if rate is not None else flow) * Decimal(self._between_s()) / 3600
            if not _fits(volume, infused, moved):
                odd.add("volume")
        return frozenset(odd)

    def _between_s(self) -> float:
        """The longest time that can lie between the status and the volume."""
        status, infused = self._answers[wire.STATUS], self._answers[wire.INFUSED]
        return max(0.0, infused.heard.since(status.asked))

    def _told_of(self, odd: frozenset[str], at: Instant) -> list[DeviceFact]:
        """A fault for each disagreement as it begins; the raw bytes are the status line."""
        fresh, self._disagreeing = odd - self._disagreeing, odd
        raw = self._answers[wire.STATUS].reply.text.encode("ascii") if wire.STATUS in self._answers else b""
        words = {"rate": "status and irate disagree", "volume": "status and ivolume disagree"}
        return [LinkFault(self._source, words[name], raw, at) for name in sorted(fresh)]

    def _alarms(self, prompt: str, told: wire.Status | None, at: Instant) -> list[DeviceFact]:
        """Alarms that began or ended; what the pump does not tell in this cycle stays as it is."""
        if told is None:
            return []
        now = {
            "stall": prompt == wire.STALLED or told.stalled,
            "limit": told.limit != ".",
            "target": prompt == wire.AT_TARGET or told.at_target,
        }
        changed = [code for code, active in now.items() if active != (code in self._active)]
        self._active = {code for code, active in now.items() if active}
        return [self._alarm(code, now[code], at) for code in changed]

    def _alarm(self, code: str, active: bool, at: Instant) -> RelayedAlarm:
        meaning = ALARMS[code]
        return RelayedAlarm(self._source, self._channel, code, meaning.kind, meaning.text, meaning.priority, active, at)


def _status(prompt: str, told: wire.Status | None) -> PumpStatus:
    """What the prompt says, when the motor's flag in the same answer does not deny it."""
    if told is None or prompt not in STATUS_OF:
        return PumpStatus.UNKNOWN
    running = told.motor if told.motor.isupper() else None
    if running != _MOTOR_OF.get(prompt):
        return PumpStatus.UNKNOWN
    if prompt == wire.IDLE and told.at_target:
        return PumpStatus.COMPLETE
    return STATUS_OF[prompt]


def _rate(status: PumpStatus, told: wire.Status | None, rate_set: wire.Quantity | None) -> Decimal | None:
    """The rate now in mL/h: what irate says, which the status line has confirmed by then."""
    if status in _STANDS_STILL:
        return Decimal(0)
    if status is not PumpStatus.INFUSING or told is None or rate_set is None:
        return None
    return rate_set.value


def _fits(exact: Decimal, shown: wire.Quantity, moved: Decimal = Decimal(0)) -> bool:
    return abs(exact - shown.value) <= shown.last_digit + ROUNDING * shown.value + moved


def _within(quantity: wire.Quantity | None, limit: Decimal) -> wire.Quantity | None:
    return quantity if quantity is not None and quantity.value <= limit else None


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(round(value, 6))
