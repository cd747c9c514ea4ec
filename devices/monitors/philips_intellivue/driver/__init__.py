"""The driver: keeps an association with the monitor and turns the results of its polls into facts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from types import MappingProxyType

from devices.monitors.philips_intellivue.driver.alarms import MonitorAlarms
from devices.monitors.philips_intellivue.driver.cuff import MonitorTime
from devices.monitors.philips_intellivue.driver.dialogue import ABORT, USER, WAVE_LABELS, Dialogue, Phase
from devices.monitors.philips_intellivue.driver.vitals import Told, VitalSigns
from devices.monitors.philips_intellivue.driver.waves import WaveStreams
from devices.monitors.philips_intellivue.wire import codes, frames, results, session, values
from devices.monitors.philips_intellivue.wire.fields import Malformed, Reader, decode_clock
from devices.monitors.philips_intellivue.wire.operations import Failure, Result, decode_operation
from devices.monitors.philips_intellivue.wire.results import MdsCreate, Observed, PollResult
from devices.monitors.philips_intellivue.wire.session import Session
from devices.spec import WireFault
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault

KEPT_PAYLOADS = 8
"""So many messages of one kind are compared with a new one: what comes twice was echoed, not measured twice."""
KEPT_BYTES = 256
PARTS_S = 0.5
"""Parts of one result follow each other at once, and the longest takes half of this on the wire."""


class PhilipsIntellivueDriver:
    """One monitor on one MIB port. Numbers every second, ECG II, pleth and respiration four times a second, alarms."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._cutter = frames.make_cutter()
        self._dialogue = Dialogue()
        self._signs = VitalSigns(source)
        self._waves = WaveStreams(source)
        self._alarms = MonitorAlarms(source)
        self._model = self._serial = ""
        self._clock_told: tuple[datetime, Instant] | None = None
        self._created = MonitorTime(0)
        self._parts: list[PollResult] = []
        self._parts_at: Instant | None = None
        self._seen: dict[int, deque[bytes]] = {}
        self._bad: dict[str, int] = {}
        self._rejected = 0
        self._refusals: set[int] = set()
        self._introduced_at: int | None = None

    def opened(self, at: Instant) -> None:
        """The transport is (again) open: forget half frames, ask for an association."""
        self._cutter.reset()
        self._dialogue.opened(at)
        self._alarms.forget()
        self._anew()
        self._model = self._serial = ""
        self._introduced_at = None

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Facts in these bytes; bad frames come out as LinkFault."""
        facts = self._parts_alone(at)
        for found, when in self._cutter.dated(data, at):
            if isinstance(found, WireFault):
                facts.append(LinkFault(self._source, found.reason, found.raw, when))
                continue
            try:
                facts += self._message(found, when)
            except Malformed as cause:
                self._rejected += 1
                facts.append(self._fault(f"the message {cause}", found, when))
        return facts if data else facts + self._parts_alone(at)

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends the wait for the rest of half a frame, or for the parts of a result that are missing."""
        waits = [until for until in (self._cutter.waits_until, self._parts_until()) if until is not None]
        return min(waits, key=lambda until: until.mono_ns, default=None)

    def due(self, at: Instant) -> bytes | None:
        """The next frame to send now, or None; called again until None."""
        payload = self._dialogue.due(at)
        return None if payload is None else frames.frame(payload)

    def closing(self) -> bytes | None:
        """End the association that we have, so that the port's only one is free at once; one that is not ours stays."""
        associated = self._dialogue.phase in {Phase.WAITING, Phase.TALKING}
        return frames.frame(ABORT) if associated else None

    def next_due(self, at: Instant) -> Instant | None:
        """When due() should be asked next; None while the transport was never open."""
        return self._dialogue.next_due()

    def counters(self) -> LinkCounters:
        """Frames good and bad, bytes skipped."""
        bad = dict(self._cutter.frames_bad)
        for reason, count in self._bad.items():
            bad[reason] = bad.get(reason, 0) + count
        good = self._cutter.frames_ok - self._rejected
        return LinkCounters(frames_ok=good, frames_bad=MappingProxyType(bad), bytes_skipped=self._cutter.bytes_skipped)

    @property
    def clock_told(self) -> tuple[datetime, Instant] | None:
        """The monitor's own clock with its last numbers; its zone is not said."""
        return self._clock_told

    @property
    def identity(self) -> tuple[str, str]:
        """Maker and model from the monitor's introduction, the serial number from its production specification."""
        return (self._model, self._serial)

    # --- messages

    def _message(self, payload: bytes, at: Instant) -> list[DeviceFact]:
        kind = session.session_kind(payload)
        if kind is not None:
            self._dialogue.heard(at)
            self._dialogue.on_session(kind, at)
            if kind is Session.REFUSED and self._dialogue.is_taken:
                return [self._fault("the monitor refuses: it talks with another computer", payload, at)]
            return self._granted(payload, at) if kind is Session.ACCEPTED else []
        operation = decode_operation(payload)
        self._dialogue.heard(at)
        create = results.decode_create(operation)
        if create is not None:
            self._introduced(operation.number, create, at)
            return []
        if isinstance(operation, Failure):
            self._dialogue.on_answer(operation.number)
            return self._refused(operation, payload, at)
        if not isinstance(operation, Result):
            return []
        self._dialogue.on_answer(operation.number)
        result = results.decode_poll_result(operation)
        return [] if result is None else self._result(result, operation, payload, at)

    def _refused(self, failure: Failure, payload: bytes, at: Instant) -> list[DeviceFact]:
        """Said once in an association: the requests themselves go on."""
        if failure.number in self._refusals:
            return []
        self._refusals.add(failure.number)
        return [self._fault(f"the monitor refuses request {failure.number} (error {failure.error})", payload, at)]

    def _granted(self, payload: bytes, at: Instant) -> list[DeviceFact]:
        self._anew()
        user = session.read_accept(payload)
        if user is None or (user.poll.extended or 0) & session.NUMERICS_1_S:
            return []
        return [self._fault("the monitor grants no extended poll of numbers", payload, at)]

    def _introduced(self, number: int, create: MdsCreate, at: Instant) -> None:
        self._dialogue.on_create(number, create.event_time, create.confirmed, at)
        if create.event_time != self._introduced_at:  # a repeated one means that our confirmation was lost
            self._introduced_at = create.event_time
            self._anew()
            self._serial = ""
        if codes.MODEL in create.attributes:
            self._model = " ".join(results.decode_model(create.attributes[codes.MODEL])).strip()
        relative = create.attributes.get(codes.RELATIVE_TIME)
        ticks = create.event_time if relative is None else Reader(relative).u32()
        self._created = MonitorTime(ticks, decode_clock(create.attributes.get(codes.ABSOLUTE_TIME, b"")))

    def _result(self, result: PollResult, operation: Result, payload: bytes, at: Instant) -> list[DeviceFact]:
        seen = self._seen.setdefault(result.kind, deque(maxlen=KEPT_PAYLOADS))
        if payload in seen:
            self._rejected += 1
            return [self._fault("repeated message", payload, at)]
        seen.append(payload)
        self._dialogue.on_result(result.kind, at)
        match result.kind:
            case codes.NUMERICS:
                return self._numbers(result, operation, at)
            case codes.WAVES:
                return self._each(result, lambda one: self._waves.chunks(one, result.relative_time, at), payload, at)
            case codes.ALERT_MONITOR:
                return self._each(result, lambda one: self._alarms.changes(one.attributes, at), payload, at)
            case codes.MDS:
                for one in result.objects:
                    self._serial = results.decode_serial(one.attributes.get(codes.PRODUCTION, _NOTHING)) or self._serial
        return []

    def _numbers(self, result: PollResult, operation: Result, at: Instant) -> list[DeviceFact]:
        """Parts of one result are judged together; a part that never comes does not cost those that came."""
        facts: list[DeviceFact] = []
        if self._parts and _which(self._parts[0]) != _which(result):
            facts += self._judge_parts(self._parts_at or at)
        self._parts.append(result)
        self._parts_at = at
        if operation.is_last:
            facts += self._judge_parts(at)
        return facts

    def _parts_until(self) -> Instant | None:
        return self._parts_at.plus(PARTS_S) if self._parts and self._parts_at is not None else None

    def _parts_alone(self, at: Instant) -> list[DeviceFact]:
        """What came of a result whose other parts do not come, as of its last one."""
        until = self._parts_until()
        if until is None or self._parts_at is None or at.since(until) < 0:
            return []
        return self._judge_parts(self._parts_at)

    def _judge_parts(self, at: Instant) -> list[DeviceFact]:
        parts, self._parts = self._parts, []
        told: list[Told] = []
        facts: list[DeviceFact] = []
        for one in (one for part in parts for one in part.objects):
            try:
                told += [Told(number, one.attributes) for number in values.decode_numbers(one.attributes)]
            except Malformed as cause:
                facts.append(self._fault(f"a number {cause}", b"".join(one.attributes.values()), at))
        now = self._created.at_ticks(parts[-1].relative_time)
        if parts[-1].clock is not None:
            now = MonitorTime(now.ticks, parts[-1].clock)
        self._clock_told = (now.clock, at) if now.clock is not None else None
        return [*facts, *self._signs.readings(told, now, at)]

    def _each(
        self, result: PollResult, read: Callable[[Observed], Sequence[DeviceFact]], payload: bytes, at: Instant
    ) -> list[DeviceFact]:
        """The facts of every object; one that cannot be read does not cost the others."""
        facts: list[DeviceFact] = []
        for one in result.objects:
            try:
                facts += read(one)
            except Malformed as cause:
                facts.append(self._fault(f"an object {cause}", payload, at))
        return facts

    def _anew(self) -> None:
        self._signs.associated()
        self._waves.reopened()
        self._parts.clear()
        self._seen.clear()
        self._refusals.clear()

    def _fault(self, reason: str, raw: bytes, at: Instant) -> LinkFault:
        self._bad[reason] = self._bad.get(reason, 0) + 1
        return LinkFault(self._source, reason, raw[:KEPT_BYTES], at)


_NOTHING = bytes(4)


def _which(result: PollResult) -> tuple[int, int | None, int]:
    """What the parts of one result have in common."""
    return (result.number, result.sequence, result.relative_time)


__all__ = ["USER", "WAVE_LABELS", "PhilipsIntellivueDriver"]
