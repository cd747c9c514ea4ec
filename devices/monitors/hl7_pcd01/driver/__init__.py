"""Listens to monitors that send HL7: reads each message, answers it, and asks for nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType

from devices.monitors.hl7_pcd01.driver.ages import Ages
from devices.monitors.hl7_pcd01.driver.alarms import events_of, relayed
from devices.monitors.hl7_pcd01.driver.vitals import vital_readings
from devices.monitors.hl7_pcd01.wire import messages, mllp
from devices.monitors.hl7_pcd01.wire.messages import Ack, Malformed, Message
from devices.monitors.hl7_pcd01.wire.mllp import Block, BlockCutter
from devices.spec import Heard, WireFault
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault
from exomonitor.signals.vitals import VitalReading

ACK_GAP_S = 0.1
"""Answers go out no faster, whatever arrives; the SPEC's request budget counts on it."""
MAX_ACKS = 64
REMEMBERED = 32
"""So many messages back a repetition is recognised; a monitor repeats what it saw no answer to."""
MAX_DEVICES = 16
"""Of so many behind one gateway clocks and numbers are remembered."""
_NAME_LENGTH = 40


class Hl7Pcd01Driver:
    """One monitor on one line. Answers AA to what it understood, AE to what is malformed, AR to other message types."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._cutter = BlockCutter()
        self._ages: dict[str, Ages] = {}  # by number: each cart has a clock of its own
        self._acks: deque[Ack] = deque(maxlen=MAX_ACKS)
        self._acked_at: Instant | None = None
        self._number = 0
        self._seen: deque[bytes] = deque(maxlen=REMEMBERED)
        self._told: set[tuple[object, ...]] = set()  # what a message without end mark has said so far
        self._counted = False  # that message has been counted already
        self._held: list[Heard] = []  # of a message that silence ended
        self._heard: list[Heard] = []  # with the last received()
        self._identity = ("", "")
        self._equipment: dict[str, set[str]] = {}  # the numbers that each sender has named
        self._clock_told: tuple[datetime, Instant] | None = None
        self._ok = 0
        self._bad: dict[str, int] = {}

    def opened(self, at: Instant) -> None:
        """The line is (again) open: forget half messages and unsent answers; whoever is owed one sends again."""
        self._cutter.reset()
        self._identity = ("", "")
        self._equipment.clear()
        self._acks.clear()
        self._told.clear()
        self._counted = False

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Facts in these bytes; what is no message, or a malformed one, comes out as LinkFault."""
        held, self._held = self._held, []
        held += self._ended_by_silence(at)
        self._heard = held + self._take(self._cutter.feed(data, at), at)
        return [fact for heard in self._heard for fact in heard.facts]

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends a message that has no end mark, or the wait for the rest of a block."""
        waits = [until for until in (self._cutter.loose_ends, self._cutter.block_ends) if until is not None]
        return min(waits, key=lambda until: until.mono_ns, default=None)

    def _ended_by_silence(self, at: Instant) -> list[Heard]:
        """As of the last byte of a message without end mark, and of a block as of the end of its patience."""
        heard: list[Heard] = []
        ends, last, block = self._cutter.loose_ends, self._cutter.loose_at, self._cutter.block_ends
        if ends is not None and last is not None and at.since(ends) >= 0:
            heard += self._take(self._cutter.end_loose(), last)
        if block is not None and at.since(block) >= 0:
            heard += self._take(self._cutter.feed(b"", block), block)
        return heard

    def due(self, at: Instant) -> bytes | None:
        """The next answer to send now, or None; called again until None."""
        self._held += self._ended_by_silence(at)
        if not self._acks or (self._acked_at is not None and at.since(self._acked_at) < ACK_GAP_S):
            return None
        self._acked_at = at
        return messages.encode_ack(self._acks.popleft())

    def next_due(self, at: Instant) -> Instant | None:
        """The next answer, or the moment when silence ends a message that has no end mark."""
        due = [ends for ends in (self._cutter.loose_ends,) if ends is not None]
        if self._acks:
            due.append(at if self._acked_at is None else self._acked_at.plus(ACK_GAP_S))
        return min(due, key=lambda instant: instant.since(at), default=None)

    def counters(self) -> LinkCounters:
        """Messages good and bad, bytes skipped."""
        bad = MappingProxyType(dict(self._bad))
        return LinkCounters(frames_ok=self._ok, frames_bad=bad, bytes_skipped=self._cutter.bytes_skipped)

    @property
    def clock_told(self) -> tuple[datetime, Instant] | None:
        """The time in the last message's MSH-7, with its zone where it says one."""
        return self._clock_told

    @property
    def identity(self) -> tuple[str, str]:
        """The name in the last message's MSH-3, and the number of the equipment in OBX-18, else that of MSH-3: several
        carts behind one gateway share that."""
        return self._identity

    @property
    def heard(self) -> Sequence[Heard]:
        """What the last received() returned, message by message: several carts may share a connection."""
        return self._heard

    # --- messages

    def _take(self, found: Sequence[Block | WireFault], at: Instant) -> list[Heard]:
        heard: list[Heard] = []
        for item in found:
            before = self._ok
            if isinstance(item, WireFault):
                facts: list[DeviceFact] = [self._fault(item.reason, item.raw, at)]
            else:
                facts = self._whole(item, at) if item.ended else self._part(item, at)
            model, number = self._identity
            heard.append(Heard(number, model, facts, self._ok > before))
        return heard

    def _part(self, block: Block, at: Instant) -> list[DeviceFact]:
        """The observations so far of a message without marks; its answer and its alarms wait for its end."""
        message = messages.parse_message(block.data)
        if isinstance(message, Malformed) or not _is_observations(message) or self._was_seen(_mark(message, block)):
            return []
        fresh = self._observations(message, at)
        if fresh and not self._counted:  # silence may end this message, and silence is no frame
            self._counted = True
            self._understand(message, at)
        return fresh

    def _whole(self, block: Block, at: Instant) -> list[DeviceFact]:
        message = messages.parse_message(block.data)
        counted, self._counted = self._counted, False
        if isinstance(message, Malformed):
            self._told.clear()
            self._answer(message.header, messages.FAILED, message.code, at)
            return [self._fault(message.reason, mllp.without_identity(block.data), at)]
        if message.kind[0] == "ACK":
            return [self._fault("an answer that nobody asked for", mllp.without_identity(block.data), at)]
        mark = _mark(message, block)
        if self._was_seen(mark):
            self._answer(message.header, messages.ACCEPTED, "", at)
            return [self._fault("repeated message", mllp.without_identity(block.data), at)]
        self._seen.append(sha256(mark).digest())
        facts = self._content(message, block, at)
        if not counted and not any(isinstance(fact, LinkFault) for fact in facts):
            self._understand(message, at)
        self._told.clear()
        return facts

    def _content(self, message: Message, block: Block, at: Instant) -> list[DeviceFact]:
        facts: list[DeviceFact] = []
        if message.kind[0] != "ORU":
            self._answer(message.header, messages.REJECTED, messages.UNSUPPORTED, at)
        elif message.kind[1] == "R40" and not events_of(message):
            self._answer(message.header, messages.FAILED, messages.MISSING_FIELD, at)
            return [self._fault("an alarm without an event", mllp.without_identity(block.data), at)]
        else:
            self._answer(message.header, messages.ACCEPTED, "", at)
            if message.kind[1] == "R40":
                facts += relayed(message, self._source, at)
            elif _is_observations(message):
                facts += self._observations(message, at)
        return facts

    def _observations(self, message: Message, at: Instant) -> list[DeviceFact]:
        """What the message says and has not said yet: one without marks grows."""
        _, number = self._sender(message)
        if number not in self._ages and len(self._ages) >= MAX_DEVICES:
            del self._ages[next(iter(self._ages))]
        ages = self._ages.setdefault(number, Ages())
        if not self._told:
            ages.begin(message.header.field(7), at)
        return self._untold(vital_readings(message, ages, self._source, at))

    def _understand(self, message: Message, at: Instant) -> None:
        self._ok += 1
        told = messages.parse_time(message.header.field(7))
        self._clock_told = (told, at) if told is not None else self._clock_told
        self._identity = self._sender(message)
        equipment = messages.equipment_of(message)
        if equipment:
            named = self._equipment.setdefault(message.header.component(3, 2), set())
            if len(named) < MAX_DEVICES:
                named.add(equipment)

    def _sender(self, message: Message) -> tuple[str, str]:
        """Name and number of the device. One that names no equipment is the only one that this sender has named; of
        several it may be any, and has but the sender's number."""
        name = message.header.component(3, 1) or message.header.component(4, 1)
        sender = message.header.component(3, 2)
        named = self._equipment.get(sender, set())
        only = next(iter(named)) if len(named) == 1 else sender
        return name[:_NAME_LENGTH], (messages.equipment_of(message) or only)[:_NAME_LENGTH]

    def _untold(self, readings: list[VitalReading]) -> list[DeviceFact]:
        fresh: list[DeviceFact] = []
        for reading in readings:
            key = (reading.sign, reading.value, reading.validity)
            if key not in self._told:
                self._told.add(key)
                fresh.append(reading)
        return fresh

    def _was_seen(self, mark: bytes) -> bool:
        return sha256(mark).digest() in self._seen

    def _answer(self, header: messages.Segment | None, code: str, error: str, at: Instant) -> None:
        self._number += 1
        self._acks.append(messages.ack_to(header, code, error, self._number, at.utc))

    def _fault(self, reason: str, raw: bytes, at: Instant) -> LinkFault:
        self._bad[reason] = self._bad.get(reason, 0) + 1
        return LinkFault(self._source, reason, raw, at)


def _is_observations(message: Message) -> bool:
    """Waves and infusion events are answered and skipped."""
    return message.kind[0] == "ORU" and message.kind[1] not in ("W01", "R40", "R41", "R42")


def _mark(message: Message, block: Block) -> bytes:
    """What makes a message known again: all of it; its header where nobody knows yet how far it reaches."""
    whole = block.framed or not message.header.field(7)
    return block.data if whole else block.data.split(mllp.CR)[0]
