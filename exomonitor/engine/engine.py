"""The engine: passive, told what happened and when; decides, records, and publishes. Belongs to one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from types import MappingProxyType

from exomonitor.alarms.limits import build_limits
from exomonitor.alarms.manager import AlarmManager, RestoredAlarm
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.computer import Computer
from exomonitor.engine import delivery, lounge
from exomonitor.engine.chair import Chair
from exomonitor.engine.clock_at_start import ClockAtStart
from exomonitor.engine.clock_watch import clock_news
from exomonitor.engine.desk import Ask, Desk
from exomonitor.engine.judging import StationFacts, judge
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.on_call_watch import watch_on_call
from exomonitor.engine.outbox import Outbox
from exomonitor.engine.pinning import pin, unpin
from exomonitor.engine.ports import OnCall, ProtocolStore, Recorder
from exomonitor.engine.present import snapshot
from exomonitor.engine.proving import ProofBook
from exomonitor.engine.resuming import begun, take_up
from exomonitor.engine.several import heard, placed
from exomonitor.engine.situation import Situation
from exomonitor.engine.snapshot import AudioView, Snapshot
from exomonitor.engine.standing import standing_alarms
from exomonitor.registry.on_file import reaction_on_file
from exomonitor.registry.registry import Registry, heed
from exomonitor.registry.users import staff_names
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry, RegistryEvent
from exomonitor.session.events import ObservationRecorded, ReactionDetailed, ReactionOpened, SessionOpened
from exomonitor.session.machine_events import StaffNamed
from exomonitor.session.parts.leaving_events import SessionMoved
from exomonitor.settings import Seat
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.signals.waves import WaveChunk

JUDGE_S = 1.0


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """What the engine is told once. batch_s: how long readings may wait before they are stored; known: the registry."""

    protocol: ClinicProtocol
    program: str
    simulated: bool
    batch_s: float = 1.0
    protocols: ProtocolStore | None = None
    seats: tuple[Seat, ...] = ()
    elsewhere: tuple[str, ...] = ()
    on_call: OnCall | None = None
    known: Registry | None = None

    @property
    def several(self) -> bool:
        """Whether the station watches more than one chair."""
        return len(self.seats) > 1


class Engine:
    """All chairs of one station. Every method takes the present instant; none blocks, none asks the time."""

    def __init__(
        self,
        config: EngineConfig,
        recorder: Recorder,
        arrived: Callable[[Callable[[Instant], None]], None],
        publish: Callable[[Snapshot], None] | None = None,
        publish_wave: Callable[[str, WaveChunk], None] | None = None,
        proofs: ProofBook | None = None,
    ) -> None:
        """`arrived` takes a piece of work from another thread (a commit is done) and has it called on this one.

        Without `publish` nobody looks, and snapshots are made only when asked for.
        """
        self._config = config
        self._recorder = recorder
        self._arrived = arrived
        self._publish = publish
        self._publish_wave = publish_wave
        self._chairs: dict[str, Chair] = {}
        self._desk = Desk(self, recorder, arrived)
        self._staff: dict[str, tuple[str, str]] = {}
        self._registry = Registry()
        self._proofs = proofs or ProofBook()
        self._audio = AudioView()
        self._upkeep: dict[str, str] = {}
        self._computer = Computer()
        self._beat = 0
        self._last_tick: Instant | None = None
        self._closing = False

    # --- set-up ---------------------------------------------------------------------------------------------------

    def chair(self, name: str) -> Chair:
        """The chair of that name, made when first asked for."""
        if name not in self._chairs:
            outbox = Outbox(self._recorder, self._config.batch_s, lambda done: self._arrived_for(name, done))
            self._chairs[name] = Chair(name, self._config.protocol, outbox, self.alarms_for(name))
        return self._chairs[name]

    def alarms_for(
        self, name: str, standing: Iterable[RestoredAlarm] = (), measured: Iterable[Sign] = ()
    ) -> AlarmManager:
        """A chair's alarm manager, with what stood and what had been measured before a restart."""
        place = self._chairs.get(name)
        protocol = place.protocol if place is not None else self._config.protocol
        delay_s = protocol.alarm_settings.relayed_sound_delay_s
        return AlarmManager(build_limits(protocol), name, standing, measured=measured, relayed_delay_s=delay_s)

    def restore(
        self,
        name: str,
        entries: Sequence[Entry],
        now: Instant,
        left_off: Mapping[str, Instant] = MappingProxyType({}),
        clock: ClockAtStart | None = None,
        measured: Iterable[Sign] = (),
        lost: int = 0,
        session: str = "",
    ) -> None:
        """Take up a session from its journal, of which `lost` entries cannot be read: timers go on, alarms stand as
        they stood, the time in which nothing was watched is recorded. `left_off`: up to when its record holds all of
        each source; `clock`: why the computer's could not tell how long that was; `measured`: signs with values."""
        chair = self.chair(name)
        gone = pin(chair, entries, self._config.protocols)
        chair.alarms = self.alarms_for(name, standing_alarms(entries), measured)
        chair.state = begun(chair, session, entries, left_off, now, lost, simulated=self._config.simulated)
        take_up(chair, entries, gone, self._registry, now, left_off, clock, lost)

    def know_staff(self, staff: dict[str, tuple[str, str]]) -> None:
        """The people that the record knows."""
        self._staff.update(staff)

    def know_registry(self, registry: Registry) -> None:
        """What the clinic knows beyond its open sessions."""
        self._registry = registry

    @property
    def registry(self) -> Registry:
        """The same, for any thread to look at."""
        return self._registry

    def use_proofs(self, command: Command) -> None:
        """The command is carried out: its signatures are spent."""
        self._proofs.use(command)

    def bind(self, chair: str, info: SourceInfo, now: Instant) -> None:
        """A device is read in this chair from now on."""
        self.chair(chair).live.bind(info, now)

    def unbind(self, chair: str, source: str, now: Instant) -> None:
        """Nothing is read from this source any more."""
        place = self.chair(chair)
        place.live.unbind(source)
        place.frames.forget(source)
        place.record_alarms(place.alarms.forget_source(source, now))

    def set_audio(self, ok: bool, why: str) -> None:
        """The sounder says whether it can be heard."""
        self._audio = replace(self._audio, ok=ok, why=why, told=True)

    def set_computer(self, computer: Computer) -> None:
        """What this computer says of its disk and its mains."""
        self._computer = computer

    def set_upkeep(self, what: str, why: str) -> None:
        """What is wrong with `backup`, `verify` (the record does not prove), `lease` or `clock`; "" = nothing."""
        self._upkeep[what] = why

    @property
    def busy(self) -> bool:
        """Whether a command or a commit is under way or waiting."""
        return self._desk.busy or any(c.outbox.in_flight is not None for c in self._chairs.values())

    # --- what devices say -----------------------------------------------------------------------------------------

    def on_device(self, chair_name: str, fact: DeviceFact, now: Instant) -> None:
        """One fact from a device of this chair; after all that it said at once comes all_told()."""
        chair, seen = self.chair(chair_name), False
        match fact:
            case WaveChunk():
                self._heard(chair, fact.source, fact.at)
                if self._publish_wave is not None:
                    self._publish_wave(chair.name, fact)
                if chair.session:
                    chair.outbox.add_wave(chair.session, fact)
            case VitalReading():
                seen = self._on_vital(chair, fact, now)
            case PumpReading():
                self._on_pump(chair, fact, now)
            case RelayedAlarm():
                self._heard(chair, fact.source, fact.at)
                seen = chair.record_alarms(chair.alarms.on_relayed(fact, now))
            case LinkChange():
                self._on_link(chair, fact, now)
        if seen:
            self.publish_chair(chair, now)  # neither screen nor sound waits for the tick, or for the disk

    def all_told(self, chair_name: str, now: Instant) -> None:
        """What came at once is stored together: a gap that begins with its moment hides nothing that came with it."""
        self.chair(chair_name).outbox.send_events(now)

    def _heard(self, chair: Chair, source: str, at: Instant) -> None:
        gap = chair.live.heard(source, at)
        if gap is not None:
            chair.record_gap(gap, at)

    def _on_vital(self, chair: Chair, reading: VitalReading, now: Instant) -> bool:
        self._heard(chair, reading.source, reading.at)
        chair.live.take_vital(reading)
        chair.watch.take(reading, chair.state)
        seen = chair.record_alarms(chair.alarms.on_vital(reading, now))
        if chair.state is not None and chair.state.open_reaction is not None:
            chair.heed_anaphylaxis(now)
        if chair.session:
            chair.outbox.add_vital(chair.session, reading)
        else:
            chair.live.keep(reading)
        return seen

    def _on_pump(self, chair: Chair, reading: PumpReading, now: Instant) -> None:
        self._heard(chair, reading.source, reading.at)
        chair.live.take_pump(reading, pinned=chair.pins(reading))
        if not chair.session:
            chair.live.keep(reading)
            return
        chair.outbox.add_pump(chair.session, reading)
        # While a command is under way the state is about to change: the next report, a second later, is judged instead.
        if chair.product_pump() is reading and not self._desk.is_deciding(chair):
            since, judged = chair.live.infusing_since.get(reading.channel), chair.live.judged.get(reading.channel)
            for event in delivery.watch(self.situation(chair, now), reading, since, judged):
                chair.record(event, now)
            chair.live.judged_by(reading)

    def _on_link(self, chair: Chair, change: LinkChange, now: Instant) -> None:
        if chair.hear_link(change, now) and change.state in {LinkState.LOST, LinkState.CLOSED}:
            chair.record_alarms(chair.alarms.forget_source(change.source, now, released=False))

    # --- what people ask ------------------------------------------------------------------------------------------

    def on_command(self, ask: Ask, now: Instant) -> None:
        """Take a command; one is in flight at a time, the others wait in order."""
        self._desk.on_command(ask, now)

    # --- what the recorder says -----------------------------------------------------------------------------------

    def _arrived_for(self, name: str, done: Future[tuple[Entry, ...]]) -> None:
        self._arrived(lambda now: self._stored(self.chair(name), done, now))

    def _stored(self, chair: Chair, done: Future[tuple[Entry, ...]], now: Instant) -> None:
        entries = chair.outbox.settle(done, now)
        if chair.outbox.fault:
            self._desk.refuse_waiting(chair, chair.outbox.fault)
        self.take_all(chair, entries, now)
        if self._closing and not chair.outbox.fault:
            chair.outbox.flush(now, at_once=True)
        chair.outbox.send_events(now)  # what came while the disk was busy goes together
        self._desk.go_on(now)

    def take_all(self, chair: Chair, entries: Sequence[Entry], now: Instant) -> None:
        """These entries are stored: only now are they true."""
        for entry in entries:
            chair.saved_at = entry.at
            self._registry = heed(self._registry, entry)
            if isinstance(entry.event, StaffNamed):
                self._staff[entry.event.staff_id] = (entry.event.name, entry.event.role)
            if isinstance(entry.event, RegistryEvent) or not entry.session:
                continue
            if isinstance(entry.event, SessionOpened):
                chair.begin()
                if unpin(chair, self._config.protocol, self._config.protocols):
                    chair.alarms = self.alarms_for(chair.name)
            place = chair if isinstance(entry.event, SessionOpened) else self.holder(entry.session)
            if place is not None:  # else it is of a session that is over: the registry has heeded it
                self._take(place, entry, now)

    def holder(self, session: str) -> Chair | None:
        """Where that session is now: it may have moved since the entry was sent."""
        return next((c for c in self._chairs.values() if c.state is not None and c.state.id == session), None)

    def _take(self, chair: Chair, entry: Entry, now: Instant) -> None:
        was_open = bool(chair.session)
        chair.take(entry)
        if isinstance(entry.event, SessionOpened):
            chair.record_standing_alarms(now)
            chair.record_before(entry.at)
        if was_open and not chair.session:
            chair.end(entry.session, now)
            chair.heed_reaction(now)
        if isinstance(entry.event, ReactionOpened | ReactionDetailed):
            chair.heed_reaction(now)
        if isinstance(entry.event, ObservationRecorded):
            chair.heed_set(entry.event, now)
        if isinstance(entry.event, SessionMoved):
            lounge.move(chair, self.chair(entry.event.to), now)

    # --- time -----------------------------------------------------------------------------------------------------

    def tick(self, now: Instant) -> None:
        """Let time pass for every chair: delays, stale data, late sets, batches; then publish."""
        self._beat += 1
        news = clock_news(self._last_tick, now)
        for chair in tuple(self._chairs.values()):
            if news is not None:
                chair.note_clock(news, now)
            self._judge(chair, now)
            chair.outbox.flush(now)
            self.publish_chair(chair, now)
        self._last_tick = now

    def _judge(self, chair: Chair, now: Instant) -> None:
        """Alarm delays are exact at every tick; technical conditions are looked at once a second and when one
        may change."""
        fault = chair.outbox.trouble(now) or self._desk.trouble(now)
        grounds = (chair.state.last_seq if chair.state else 0, fault, self._audio.ok, chair.live.silent_sources(now))
        due = chair.judged_at is None or abs(now.since(chair.judged_at)) >= JUDGE_S
        chair.heed_age(now)
        if due or grounds != chair.judged_on:
            chair.judged_at, chair.judged_on = now, grounds
            chair.watch.on_file = reaction_on_file(self._registry, chair.state)
            judge(chair, self._facts(), fault, now)
            chair.heed_anaphylaxis(now)  # what a reading says of it is judged when it comes
        chair.record_alarms(chair.alarms.tick(now))
        if self._config.on_call is not None:
            watch_on_call(chair, self._config.on_call, self._arrived, now)

    def _facts(self) -> StationFacts:
        chairs = tuple(self._chairs.values())
        return StationFacts(self._audio, self._upkeep, self._computer, self._registry, chairs, self._config.several)

    def flush_all(self, now: Instant) -> None:
        """The program ends: send everything that waits, also what gathers while the last of it is being written."""
        self._closing = True
        for chair in self._chairs.values():
            if chair.session:
                chair.outbox.close_session(now)
            chair.outbox.flush(now, at_once=True)

    def snapshot(self, name: str, now: Instant) -> Snapshot:
        """The chair as it stands."""
        chair = self.chair(name)
        places = self._chairs.values()
        audio = heard(places, chair, self._audio, now, several=self._config.several)
        seen = snapshot(
            chair,
            now,
            self._beat,
            simulated=self._config.simulated,
            audio=audio,
            staff={**self._staff, **staff_names(self._registry.users)},
            registry=self._registry,
            computer=self._computer,
        )
        return placed(seen, places, chair, self._config.seats, self._config.elsewhere)

    def publish_chair(self, chair: Chair, now: Instant) -> None:
        """Show the chair as it stands, if anybody looks."""
        if self._publish is not None:
            self._publish(self.snapshot(chair.name, now))

    def situation(self, chair: Chair, now: Instant) -> Situation:
        """What a handler may look at."""
        return Situation(
            chair=chair.name,
            now=now,
            protocol=chair.protocol if chair.session else self._config.protocol,
            program=self._config.program,
            simulated=self._config.simulated,
            state=chair.expected,
            pump=chair.fresh_pump(now),
            pump_infusing_since=chair.infusing_since(now),
            pump_counted=chair.last_counted(),
            vitals=chair.live.fresh_vitals(now),
            staff={**self._staff, **staff_names(self._registry.users)},
            registry=self._registry,
            proofs=self._proofs.valid(now, self._registry.users),
            worst=dict(chair.watch.worst),
            signed_in=chair.staff_id,
            alarms=chair.alarms.views(),
            devices=tuple(source.info for source in chair.live.sources.values()),
            told=chair.live.told(),
            places=tuple(c.name for c in self._chairs.values() if c.session),
            no_sound=self._audio.known_silent,
        )
