"""Reads a New Era NE-1000 family pump in basic mode: five questions, one reading a second, alarms held once said."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from devices.pumps.new_era import wire
from devices.spec import WireFault
from devices.wire.framing import FrameCutter
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault
from exomonitor.signals.pump import AlarmKind, PumpReading, PumpStatus

CYCLE_S = 1.0
REPLY_TIMEOUT_S = 0.5
MAX_ML_H = 10_000.0
MAX_ML = 10_000.0

STATUS_OF = {
    "I": PumpStatus.INFUSING,
    "W": PumpStatus.WITHDRAWING,
    "S": PumpStatus.STOPPED,
    "P": PumpStatus.PAUSED,
    "T": PumpStatus.PAUSED,
    "U": PumpStatus.PAUSED,
    "X": PumpStatus.PURGING,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one alarm letter says; the pump does not rank its alarms, so the priority is ours."""

    kind: AlarmKind
    text: str
    priority: str


ALARMS = {
    "S": Meaning(AlarmKind.STALL, "Pump motor stalled: the line may be blocked", "high"),
    "R": Meaning(AlarmKind.POWER_RESET, "Pump power was interrupted", "medium"),
    "T": Meaning(AlarmKind.COMM_TIMEOUT, "Pump stopped: its safe mode heard nothing in time", "medium"),
    "E": Meaning(AlarmKind.MALFUNCTION, "Error in the pump's program", "medium"),
    "O": Meaning(AlarmKind.MALFUNCTION, "The pump's program is out of range", "medium"),
}

# What the answer to each question must look like; anything else is not the answer.
FORMS: dict[str, Callable[[str], bool]] = {
    wire.STATUS: lambda data: data == "",
    wire.RATE: lambda data: wire.rate_ml_h(data) is not None,
    wire.DISPENSED: lambda data: wire.dispensed_ml(data) is not None,
    wire.VOLUME: lambda data: wire.volume_ml(data) is not None,
    wire.FIRMWARE: lambda data: wire.firmware(data) is not None,
}
_CYCLE = (wire.STATUS, wire.RATE, wire.DISPENSED, wire.VOLUME)
_STANDS_STILL = frozenset({PumpStatus.STOPPED, PumpStatus.PAUSED, PumpStatus.COMPLETE, PumpStatus.WITHDRAWING})


class NewEraDriver:
    """Sans-IO driver of one pump. Any answer to us acknowledges the pump's alarm: it is said once, and held here."""

    def __init__(self, source: str, address: int = 0) -> None:
        self._source = source
        self._address = address
        self._channel = str(address)
        self._cutter = FrameCutter(wire.find_start, wire.parse_at, wire.MAX_RAW, wire.PARTIAL_TIMEOUT_S, wire.run_at)
        self._model = ""
        self._model_asked = False
        self._questions: deque[str] = deque()
        self._asked: str | None = None
        self._retried = False
        self._deadline: Instant | None = None
        self._cycle_due: Instant | None = None
        self._answers: dict[str, str] = {}
        self._raw_status = ""
        self._just_said = ""

    @property
    def identity(self) -> tuple[str, str]:
        """Model and firmware; the family has no serial number on the wire."""
        return self._model, ""

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
        """Begin a cycle at once, with the question who is there."""
        self._cutter.reset()
        self._model_asked = False
        self._end_cycle(at)

    # --- what to send

    def due(self, at: Instant) -> bytes | None:
        """The next question, or an unanswered one for the second and last time."""
        if self._asked is not None:
            if self._deadline is None or at.since(self._deadline) < 0:
                return None
            if not self._retried:  # a pump ignores the first command after its power came on
                self._retried = True
                return self._send(self._asked, at)
            self._end_cycle(at.plus(CYCLE_S))
        if not self._questions and self._cycle_due is not None and at.since(self._cycle_due) >= 0:
            self._begin_cycle(at)
        if not self._questions:
            return None
        self._retried = False
        return self._send(self._questions.popleft(), at)

    def next_due(self, at: Instant) -> Instant | None:
        """The end of the patience for an answer, or the next cycle."""
        if self._asked is not None:
            return self._deadline
        return at if self._questions else self._cycle_due

    def _send(self, command: str, at: Instant) -> bytes:
        self._asked = command
        self._deadline = at.plus(REPLY_TIMEOUT_S)
        return wire.request(command, self._address)

    def _begin_cycle(self, at: Instant) -> None:
        self._questions.extend(_CYCLE if self._model_asked else (wire.FIRMWARE, *_CYCLE))
        self._cycle_due = at.plus(CYCLE_S)
        self._answers.clear()

    def _end_cycle(self, next_at: Instant | None) -> None:
        self._asked = None
        self._deadline = None
        self._questions.clear()
        if next_at is not None:
            self._cycle_due = next_at

    # --- what arrives

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends the wait for the rest of half a frame."""
        return self._cutter.waits_until

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Readings, alarms and faults in these bytes."""
        facts: list[DeviceFact] = []
        for item, when in self._cutter.dated(data, at):
            if isinstance(item, WireFault):
                facts.append(LinkFault(self._source, item.reason, item.raw, when))
                continue
            reply = wire.parse_reply(item)
            if reply is None or reply.address != self._address:
                facts.append(LinkFault(self._source, "another pump's address", item, when))
            elif reply.alarm:
                facts += self._take_alarm(reply, when)
            else:
                facts += self._take_answer(reply, item, when)
        return facts

    def _take_alarm(self, reply: wire.Reply, at: Instant) -> list[DeviceFact]:
        """An alarm comes in place of the answer: hold it, and put the same question again."""
        self._raw_status = f"A?{reply.alarm}"
        if reply.alarm == "R":
            self._model_asked = False
        if self._asked is not None:
            self._questions.appendleft(self._asked)
            self._asked = None
        if self._just_said == reply.alarm:
            # Said again without an ordinary answer in between it is the same alarm, and there is nothing else to hear.
            self._end_cycle(at.plus(CYCLE_S))
            self._answers.clear()
            return [self._reading(at)]
        self._just_said = reply.alarm
        return [self._alarm(reply.alarm, at)]

    def _take_answer(self, reply: wire.Reply, raw: bytes, at: Instant) -> list[DeviceFact]:
        asked = self._asked
        if asked is None or self._deadline is None or at.since(self._deadline) < -REPLY_TIMEOUT_S:
            return []  # nobody asked, or only after it was said: behind a false beginning it was found late
        if not reply.is_error and not FORMS[asked](reply.data):
            return [LinkFault(self._source, "not an answer to the question", raw, at)]
        self._just_said = ""
        self._raw_status = reply.status
        self._asked = None
        if not reply.is_error:
            self._answers[asked] = reply.data
        if asked == wire.FIRMWARE:
            self._model_asked = True
            self._model = wire.firmware(reply.data) or ""
        if self._questions or asked == wire.FIRMWARE:
            return []
        self._end_cycle(None)
        return [self._reading(at)]

    def _alarm(self, letter: str, at: Instant) -> RelayedAlarm:
        """The pump says it once and never its end: whoever is told holds it until a person has seen it."""
        meaning = ALARMS[letter]
        return RelayedAlarm(
            self._source,
            self._channel,
            f"A?{letter}",
            meaning.kind,
            meaning.text,
            meaning.priority,
            True,
            at,
            latched=True,
        )

    def _reading(self, at: Instant) -> PumpReading:
        """The cycle's answers as one snapshot."""
        dispensed = wire.dispensed_ml(self._answers.get(wire.DISPENSED, ""))
        infused = _within(None if dispensed is None else dispensed[0], MAX_ML)
        target = _within(wire.volume_ml(self._answers.get(wire.VOLUME, "")), MAX_ML) or None  # 0 means no target
        rate_set = _within(wire.rate_ml_h(self._answers.get(wire.RATE, "")), MAX_ML_H)
        status = STATUS_OF.get(self._raw_status, PumpStatus.UNKNOWN)
        inferred: set[str] = set()
        if status is PumpStatus.STOPPED and target is not None and infused is not None and infused >= target:
            status = PumpStatus.COMPLETE
            inferred.add("status")
        rate = rate_set if status is PumpStatus.INFUSING else None
        if status in _STANDS_STILL:
            rate = 0.0
            inferred.add("rate_ml_h")
        remaining = _remaining(status, target, infused)
        seconds = remaining * 3600 / rate if remaining is not None and rate else None
        derived = {"volume_remaining_ml": remaining, "time_remaining_s": seconds}
        inferred.update(name for name, value in derived.items() if value is not None)
        return PumpReading(
            source=self._source,
            channel=self._channel,
            status=status,
            raw_status=self._raw_status,
            at=at,
            rate_ml_h=rate,
            rate_set_ml_h=rate_set,
            volume_infused_ml=infused,
            vtbi_ml=target,
            volume_remaining_ml=remaining,
            time_remaining_s=seconds,
            model=self._model,
            inferred=frozenset(inferred),
        )


def _within(value: float | None, limit: float) -> float | None:
    return value if value is not None and value <= limit else None


def _remaining(status: PumpStatus, target_ml: float | None, infused_ml: float | None) -> float | None:
    if target_ml is None or infused_ml is None:
        return None
    left = round(target_ml - infused_ml, 6)
    if left >= 0:
        return left
    # More than the target: complete, or the counter was not cleared before this target was set.
    return 0.0 if status is PumpStatus.COMPLETE else None
