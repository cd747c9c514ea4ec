"""What waits to be recorded: machine events, readings and wave seconds. While the record cannot be written they are
kept and tried again, as much as memory can hold; what is given up beyond that is counted and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from exomonitor.clock import Instant
from exomonitor.engine.ports import STATION_ACTOR, Draft, ReadingRow, Recorder, WaveSecond
from exomonitor.engine.wave_seconds import WaveAssembler
from exomonitor.session.entry import Entry, Event
from exomonitor.session.machine_events import RowsLost
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk, WaveName

PUMP_REPEAT_S = 5.0
RETRY_S = 2.0
# About an hour of readings and ten minutes of waves: what is held while the disk refuses.
MAX_READINGS = 40_000
MAX_WAVES = 1_800
NO_ANSWER_S = 10.0
NO_ANSWER = "the disk does not answer"


@dataclass(slots=True)
class Outbox:
    """One chair's waiting room. Owned by the engine's thread; `in_flight` is the single submit under way."""

    recorder: Recorder
    batch_s: float
    arrived: Callable[[Future[tuple[Entry, ...]]], None]
    drafts: list[Draft] = field(default_factory=list)
    readings: list[ReadingRow] = field(default_factory=list)
    waves: list[WaveSecond] = field(default_factory=list)
    in_flight: Future[tuple[Entry, ...]] | None = None
    fault: str = ""
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows given up, by session and kind (readings, waves); told to the journal once it can be written again."""
    _sent: tuple[list[Draft], list[ReadingRow], list[WaveSecond]] = field(default_factory=lambda: ([], [], []))
    _oldest: Instant | None = None
    _sent_at: Instant | None = None
    _retry_at: Instant | None = None
    _assemblers: dict[tuple[str, str, WaveName], WaveAssembler] = field(default_factory=dict)
    _last_numbers: dict[tuple[str, str], tuple[Instant, PumpReading]] = field(default_factory=dict)
    _last_nibp: dict[str, Instant] = field(default_factory=dict)

    def add_event(self, session: str, at: Instant, event: Event, actor: str = STATION_ACTOR) -> None:
        """An event, a machine's unless `actor` did it: sent within this turn of the engine, kept until it is stored."""
        self.drafts.append(Draft(session, at, actor, event))

    def add_vital(self, session: str, reading: VitalReading) -> None:
        """A vital sign as it came; the same cuff measurement is stored once."""
        if reading.measured_at is not None:
            if self._last_nibp.get(reading.sign.value) == reading.measured_at:
                return
            self._last_nibp[reading.sign.value] = reading.measured_at
        self._note(reading.at)
        self.readings.append(
            ReadingRow(
                session,
                reading.at,
                reading.source,
                "",
                reading.sign.value,
                reading.value,
                reading.unit,
                reading.validity.value,
                reading.origin.value,
                reading.measured_at,
            )
        )

    def add_pump(self, session: str, reading: PumpReading) -> None:
        """A channel's numbers when they changed, and every 5 s."""
        key = (reading.source, reading.channel)
        last = self._last_numbers.get(key)
        numbers = reading.numbers()
        if last is not None and reading.at.since(last[0]) < PUMP_REPEAT_S and last[1].numbers() == numbers:
            return
        self._last_numbers[key] = (reading.at, reading)
        self._note(reading.at)
        for name, (value, unit) in numbers.items():
            if value is not None:
                self.readings.append(
                    ReadingRow(
                        session,
                        reading.at,
                        reading.source,
                        reading.channel,
                        name,
                        value,
                        unit,
                        "valid",
                        reading.origin.value,
                    )
                )

    def add_wave(self, session: str, chunk: WaveChunk) -> None:
        """A piece of a wave."""
        key = (session, chunk.source, chunk.wave)
        if key not in self._assemblers:
            self._assemblers[key] = WaveAssembler(session)
        self._add_seconds(self._assemblers[key].add(chunk), chunk.at)

    def close_session(self, now: Instant) -> None:
        """The session ends: unfinished seconds are stored as they are, and the next one begins with everything new."""
        for assembler in self._assemblers.values():
            self._add_seconds(assembler.rest(), now)
        self._assemblers.clear()
        self._last_numbers.clear()
        self._last_nibp.clear()

    @property
    def unsettled(self) -> bool:
        """Whether an event of a machine is not in the state yet."""
        return bool(self.drafts) or (self.in_flight is not None and bool(self._sent[0]))

    @property
    def empty(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return self.in_flight is None and not (self.drafts or self.readings or self.waves)

    @property
    def lost_rows(self) -> int:
        """Rows given up that the journal does not know of yet."""
        return self.lost.total()

    def waiting_events(self, session: str) -> Iterator[Draft]:
        """The session's machine events that are not stored yet, in order."""
        under_way = self._sent[0] if self.in_flight is not None else []
        return (draft for draft in (*under_way, *self.drafts) if draft.session == session)

    def trouble(self, now: Instant) -> str:
        """Why the record is not being kept, or ""."""
        stuck = self.in_flight is not None and self._sent_at is not None and now.since(self._sent_at) > NO_ANSWER_S
        why = self.fault or (NO_ANSWER if stuck else "")
        return f"{why}; {self.lost_rows} values given up" if why and self.lost else why

    def flush(self, now: Instant, at_once: bool = False) -> None:
        """Send what waits: events at once, readings when the oldest is a batch old; one submit at a time."""
        for assembler in self._assemblers.values():
            for rest in assembler.silent(now):
                self._add_seconds([rest], rest.began)
        self._bound()
        if self.in_flight is not None or not (self.drafts or self.readings or self.waves):
            return
        if self._retry_at is not None and now.since(self._retry_at) < 0 and not at_once:
            return
        due = self._oldest is not None and now.since(self._oldest) >= self.batch_s
        if not (self.drafts or due or at_once):
            return
        self._sent = (self.drafts, self.readings, self.waves)
        self.drafts, self.readings, self.waves, self._oldest = [], [], [], None
        self._sent_at = now
        self.in_flight = self.recorder.submit(*self._sent)
        self.in_flight.add_done_callback(self.arrived)

    def send_events(self, now: Instant) -> None:
        """What happened is on the disk before anything else: with the readings that led to it, not at the next tick."""
        if self.drafts:
            self.flush(now)

    def settle(self, future: Future[tuple[Entry, ...]], now: Instant) -> tuple[Entry, ...]:
        """The submit is over: its entries, or none and everything is back in the waiting room for another try."""
        self.in_flight = None
        sent, self._sent = self._sent, ([], [], [])
        error = future.exception()
        if error is None:
            self.fault, self._retry_at = "", None
            self._tell_lost(now)
            return future.result()
        self.fault = str(error)
        self._retry_at = now.plus(RETRY_S)
        self.drafts = sent[0] + self.drafts
        self.readings = sent[1] + self.readings
        self.waves = sent[2] + self.waves
        self._oldest = self._sent_at
        self._bound()
        return ()

    def _add_seconds(self, seconds: list[WaveSecond], at: Instant) -> None:
        if seconds:
            self._note(at)
            self.waves.extend(seconds)

    def _bound(self) -> None:
        """Hold at most so much: the oldest goes first."""
        for rows, most, kind in ((self.readings, MAX_READINGS, "readings"), (self.waves, MAX_WAVES, "waves")):
            if len(rows) > most:
                self.lost.update((row.session, kind) for row in rows[:-most])
                del rows[:-most]

    def _tell_lost(self, now: Instant) -> None:
        for session in dict.fromkeys(session for session, _ in self.lost):
            told = RowsLost(self.lost[session, "readings"], self.lost[session, "waves"])
            self.add_event(session, now, told)
        self.lost.clear()

    def _note(self, at: Instant) -> None:
        if self._oldest is None:
            self._oldest = at
