"""Reads B. Braun Space pumps through a SpaceCom: the BCC dialogue, and one reading for each pump in each cycle."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from devices.pumps.bbraun_space import wire
from devices.pumps.bbraun_space.driver.alarms import MAINS_LOST, STATION_SETUP, STATION_SILENT, judge, meaning_of
from devices.pumps.bbraun_space.driver.fields import Identity, label, on_mains, reading_of
from devices.spec import WireFault
from devices.wire.framing import Broken, FrameCutter
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkCounters, LinkFault
from exomonitor.signals.pump import PumpReading, PumpStatus

CYCLE_S = 1.0
BEFORE_ACK_S = 0.1
BEFORE_GET_S = 0.5
REPLY_TIMEOUT_S = 2.0
"""Longest silence while an answer is due; bytes that trickle in start it anew."""
HELLO_EVERY_S = 1.0
TRIES = 3
GONE_S = 5.0
"""A pump that says nothing in so many seconds of cycles is not on the station any more."""
CLOCK_SLACK_S = 2
"""A station's seconds that go back by more than this mean that it was switched off and on."""

_PUMP_ADDRESS = re.compile(r"501([1-3])([1-9A-O])")
# 11 (no more data, or no pump) needs nothing: the block is the last one, and silent channels grow stale by themselves.
_REMOVED, _SYNTAX, _WRONG_BED = "39", "68", "811"
_SILENT_ERROR, _SETUP_ERROR = re.compile(r"4[0-9A-O]"), re.compile(r"5[0-9A-O]")
_STATION = "station"


class _Stage(Enum):
    HELLO = wire.ALIVE
    VERSION = wire.VERSION
    POLL = wire.MEM_GET


@dataclass(slots=True)
class _Channel:
    """What is remembered of one pump from cycle to cycle: who it is and which alarms have begun."""

    identity: Identity = field(default_factory=Identity)
    heard: Instant | None = None
    alarms: set[str] = field(default_factory=set)
    mains: bool | None = None


@lru_cache(maxsize=256)  # the same few addresses, thousands of times
def channel_name(address: str) -> str | None:
    """`pillar/slot` of a pump's address (slots counted from the bottom), None for anything that is no pump."""
    match = _PUMP_ADDRESS.fullmatch(address)
    return None if match is None else f"{match[1]}/{match[2]}"


class BBraunSpaceDriver:
    """Sans-IO driver of one SpaceCom and all pumps behind it; each pump is a channel such as `1/3`."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._cutter = FrameCutter(wire.find_start, wire.parse_at, wire.MAX_RAW, wire.PARTIAL_TIMEOUT_S, wire.run_at)
        self._channels: dict[str, _Channel] = {}
        self._firmware = ""
        self._stage = _Stage.HELLO
        self._bed_id = wire.HELLO_BED
        self._stuffed = True
        self._plan: deque[tuple[Instant, bytes]] = deque()
        self._deadline: Instant | None = None
        self._cycle_began: Instant | None = None
        self._asked_again = False
        self._failures = 0
        self._clock_of: dict[str, int] = {}
        self._pending: dict[str, dict[str, str | None]] = {}
        self._setup_error = False
        self._taken = b""
        """The last block of data, until our next word goes out: the station sends nothing new before."""

    @property
    def identity(self) -> tuple[str, str]:
        """The pump's model and serial number while there is one pump; with more of them the station and no number."""
        present = self._present()
        if len(present) == 1:
            return present[0].identity.model, present[0].identity.serial
        return f"SpaceCom {self._firmware}".strip(), ""

    @property
    def numbers(self) -> Mapping[str, str]:
        """Serial number and model of each pump that has told them since the port was opened."""
        told = [channel.identity for channel in self._present()]
        return {one.serial: one.model for one in told if one.serial}

    def _present(self) -> list[_Channel]:
        """Those that spoke in the last cycles: one that was taken out is no part of who is there."""
        heard = [(channel.heard, channel) for channel in self._channels.values() if channel.heard is not None]
        if not heard:
            return []
        last = max((at for at, _ in heard), key=lambda at: at.mono_ns)
        return [channel for at, channel in heard if last.since(at) <= GONE_S]

    def counters(self) -> LinkCounters:
        """Frames good and bad, bytes skipped."""
        cutter = self._cutter
        return LinkCounters(
            frames_ok=cutter.frames_ok, frames_bad=dict(cutter.frames_bad), bytes_skipped=cutter.bytes_skipped
        )

    def opened(self, at: Instant) -> None:
        """Begin with ALIVE; what alarms still is reported anew, for nobody remembers it from before."""
        self._cutter.reset()
        self._taken = b""
        for channel in self._channels.values():
            channel.alarms.clear()
            channel.identity = Identity()  # whoever is there now has not said who it is
            channel.heard = None if channel.heard is None else at
        self._stuffed = True
        self._begin(at)

    # --- what to send

    def due(self, at: Instant) -> bytes | None:
        """The planned bytes whose moment has come."""
        if self._deadline is not None and at.since(self._deadline) >= 0:
            self._no_answer(at)
        if not self._plan or at.since(self._plan[0][0]) < 0:
            return None
        _, data = self._plan.popleft()
        self._taken = b""
        if not self._plan:
            self._deadline = at.plus(REPLY_TIMEOUT_S)
        if data not in (wire.ACK, wire.NAK) and self._stage is _Stage.POLL:
            self._cycle_began = at
        return data

    def next_due(self, at: Instant) -> Instant | None:
        """The next planned moment, or the end of the patience for an answer."""
        if not self._plan:
            return self._deadline
        planned = self._plan[0][0]
        return planned if self._deadline is None or planned.since(self._deadline) <= 0 else self._deadline

    def _begin(self, at: Instant, after_s: float = 0.0) -> None:
        self._bed_id = wire.HELLO_BED
        self._clock_of.clear()
        self._ask(_Stage.HELLO, at.plus(after_s))
        self._failures = 0

    def _ask(self, stage: _Stage, when: Instant) -> None:
        """Plan this stage's request as the next thing that is sent; whatever came of a broken cycle is dropped."""
        self._stage = stage
        self._asked_again = False
        self._pending.clear()
        self._deadline = None
        self._plan.clear()
        self._plan.append((when, wire.encode(self._bed_id, stage.value, stuffed=self._stuffed)))

    def _no_answer(self, at: Instant) -> None:
        self._failures += 1
        self._deadline = None
        match self._stage:
            case _Stage.HELLO:
                # A station with stuffing switched off does not understand a stuffed ALIVE, nor the other way round.
                self._stuffed = not self._stuffed
                self._ask(_Stage.HELLO, at.plus(HELLO_EVERY_S))
            case _Stage.VERSION:
                self._ask(_Stage.POLL, at)
            case _Stage.POLL if self._failures < TRIES:
                self._ask(_Stage.POLL, at)
            case _Stage.POLL:
                self._begin(at)

    # --- what arrives

    @property
    def waits_until(self) -> Instant | None:
        """When silence ends the wait for the rest of half a frame."""
        return self._cutter.waits_until

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        """Readings, alarm transitions and faults in these bytes."""
        facts: list[DeviceFact] = []
        if self._deadline is not None and data:
            self._deadline = at.plus(REPLY_TIMEOUT_S)
        damaged: Instant | None = None
        for item, when in self._cutter.dated(data, at):
            if isinstance(item, WireFault):
                damaged = when if item.reason != "noise" else damaged
                facts.append(LinkFault(self._source, item.reason, item.raw, when))
                continue
            block = wire.decode(item)
            if isinstance(block, Broken):  # the cutter lets good frames through only
                continue
            damaged = None
            self._failures = 0
            facts += self._take(block, item, when)
        if damaged is not None:
            self._ask_again(damaged)
        return facts

    def _ask_again(self, at: Instant) -> None:
        """A damaged answer: NAK brings it once more; when that is damaged too, the cycle begins anew."""
        if self._plan:
            return
        if self._asked_again:
            self._ask(self._stage, at.plus(BEFORE_GET_S))
        else:
            self._asked_again = True
            self._deadline = None
            self._plan.append((at.plus(BEFORE_ACK_S), wire.NAK))

    def _take(self, block: wire.Block, raw: bytes, at: Instant) -> list[DeviceFact]:
        rows = wire.entries(block.information)
        if self._stage is _Stage.HELLO:
            self._take_hello(block, rows, at)
            return []
        if block.bed_id != self._bed_id:
            self._begin(at)
            return [LinkFault(self._source, "another bed id: beginning anew", raw, at)]
        if self._went_back(rows):
            self._channels = {name: _Channel(alarms=kept.alarms) for name, kept in self._channels.items()}
            self._begin(at)
            return [LinkFault(self._source, "the station was restarted: beginning anew", raw, at)]
        if block.stuffed is not None:
            self._stuffed = block.stuffed
        if self._stage is _Stage.VERSION and any(row.name == "VERSION" for row in rows):
            self._firmware = next(row.value or "" for row in rows if row.name == "VERSION")
            self._ask(_Stage.POLL, at.plus(BEFORE_ACK_S))
            return []
        if raw == self._taken:
            return [LinkFault(self._source, "repeated block", raw, at)]
        self._taken = raw
        return self._take_data(block, rows, at)

    def _take_hello(self, block: wire.Block, rows: tuple[wire.Entry, ...], at: Instant) -> None:
        if any(row.name == "GNACK" for row in rows) and wire.is_bed_id(block.bed_id):
            self._bed_id = block.bed_id
            self._stuffed = self._stuffed if block.stuffed is None else block.stuffed
            self._went_back(rows)
            self._ask(_Stage.VERSION, at.plus(BEFORE_ACK_S))

    def _went_back(self, rows: tuple[wire.Entry, ...]) -> bool:
        back = any(row.time_s < self._clock_of.get(row.address, 0) - CLOCK_SLACK_S for row in rows)
        for row in rows:
            self._clock_of[row.address] = row.time_s
        return back

    def _take_data(self, block: wire.Block, rows: tuple[wire.Entry, ...], at: Instant) -> list[DeviceFact]:
        facts: list[DeviceFact] = []
        here = {row.address for row in rows if channel_name(row.address) is not None}
        for address in [known for known in self._pending if known not in here]:
            facts += self._snapshot(address, at)
        for row in rows:
            if row.name == "GNERR":
                facts += self._take_error(row, at)
                if row.value in (_SYNTAX, _WRONG_BED):
                    return facts
            elif row.address in here:
                self._pending.setdefault(row.address, {})[row.name] = row.value
        self._asked_again = False
        self._deadline = None
        self._plan.clear()
        self._plan.append((at.plus(BEFORE_ACK_S), wire.ACK))
        if block.last:
            facts += [fact for address in list(self._pending) for fact in self._snapshot(address, at)]
            facts += self._end_cycle(rows, at)
        return facts

    def _end_cycle(self, rows: tuple[wire.Entry, ...], at: Instant) -> list[DeviceFact]:
        soonest = at.plus(BEFORE_GET_S)
        regular = soonest if self._cycle_began is None else self._cycle_began.plus(CYCLE_S)
        when = max(soonest, regular, key=lambda moment: moment.since(at))
        self._plan.append((when, wire.encode(self._bed_id, wire.MEM_GET, stuffed=self._stuffed)))
        wrong = any(row.name == "GNERR" and _SETUP_ERROR.fullmatch(row.value or "") for row in rows)
        if wrong == self._setup_error:
            return []
        self._setup_error = wrong
        return [self._alarm(_STATION, STATION_SETUP, wrong, at)]

    def _take_error(self, row: wire.Entry, at: Instant) -> list[DeviceFact]:
        """Errors that concern the dialogue restart it; those that concern a pump become facts about its channel."""
        code = row.value or ""
        channel = channel_name(row.address)
        if code == _WRONG_BED:
            self._begin(at, BEFORE_GET_S)
        elif code == _SYNTAX and self._stage is _Stage.VERSION:
            self._ask(_Stage.POLL, at.plus(BEFORE_GET_S))
        elif code == _SYNTAX:
            self._begin(at, BEFORE_GET_S)
        elif code == _REMOVED and channel is not None:
            return self._removed(row, channel, at)
        elif _SILENT_ERROR.fullmatch(code) and channel is not None:
            self._pending.pop(row.address, None)
            return self._transitions(channel, {STATION_SILENT: True}, at)
        return []

    def _removed(self, row: wire.Entry, channel: str, at: Instant) -> list[DeviceFact]:
        self._pending.pop(row.address, None)
        known = self._channels.pop(channel, _Channel())
        facts: list[DeviceFact] = [self._alarm(channel, code, False, at) for code in sorted(known.alarms)]
        facts.append(
            PumpReading(
                self._source,
                channel,
                PumpStatus.REMOVED,
                f"GNERR={row.value}",
                at,
                serial=known.identity.serial,
                model=known.identity.model,
                device_time_s=float(row.time_s),
            )
        )
        return facts

    def _snapshot(self, address: str, at: Instant) -> list[DeviceFact]:
        """What one pump said in this cycle, as one reading and its alarm transitions."""
        values = self._pending.pop(address)
        name = channel_name(address) or address
        channel = self._channels.setdefault(name, _Channel())
        channel.heard = at
        known = channel.identity
        channel.identity = Identity(
            label(values.get("INSERNUM")) or known.serial, label(values.get("GNMODEL")) or known.model
        )
        told = judge(values) | {STATION_SILENT: False}
        mains = on_mains(values)
        if mains is not None:
            # A pump that we first meet on its battery has lost nothing; only the change is news.
            told[MAINS_LOST] = not mains and (channel.mains is True or MAINS_LOST in channel.alarms)
            channel.mains = mains
        reading = reading_of(self._source, name, values, channel.identity, self._clock_of[address], at)
        return [reading, *self._transitions(name, told, at)]

    def _transitions(self, name: str, told: dict[str, bool], at: Instant) -> list[DeviceFact]:
        active = self._channels.setdefault(name, _Channel()).alarms
        changed = [code for code, state in told.items() if state != (code in active)]
        for code in changed:
            active.symmetric_difference_update({code})
        return [self._alarm(name, code, told[code], at) for code in changed]

    def _alarm(self, channel: str, code: str, active: bool, at: Instant) -> RelayedAlarm:
        meaning = meaning_of(code)
        return RelayedAlarm(self._source, channel, code, meaning.kind, meaning.text, meaning.priority, active, at)
