"""The core's top: assembles recorder, engine and runtime for one workstation; devices and exports come in as ports."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Protocol

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Clock, Instant
from exomonitor.computer import Computer
from exomonitor.engine.access import export_refused
from exomonitor.engine.aside import aside
from exomonitor.engine.backup_port import BackupService
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.clock_at_start import ClockAtStart, clock_at_start, left_off_at
from exomonitor.engine.elsewhere import Elsewhere
from exomonitor.engine.engine import Engine, EngineConfig
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.losses import Losses
from exomonitor.engine.pinning import pinned_by
from exomonitor.engine.places_taken import OpenOne, opened_in, place_each
from exomonitor.engine.ports import (
    STATION_ACTOR,
    Archive,
    DeviceService,
    Draft,
    DraftBook,
    ProtocolStore,
    Readable,
    Recorder,
    Refuses,
    SimulationControl,
)
from exomonitor.engine.proving import Authenticator, ProofBook
from exomonitor.engine.resuming import heard_anew
from exomonitor.engine.runtime import Runtime
from exomonitor.engine.situation import Proof
from exomonitor.engine.snapshot import Snapshot
from exomonitor.engine.unnamed import NameGuard
from exomonitor.errors import CommandRefused
from exomonitor.pins import Argon2Hasher, Hasher, PinPolicy, cheap_hasher
from exomonitor.registry.registry import load_registry
from exomonitor.registry.users import User
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry
from exomonitor.session.machine_events import ExportMade
from exomonitor.session.one_line import on_one_line, onto
from exomonitor.session.parts.trust import NoteDoubtfulProof, NoteFailedSignIn
from exomonitor.session.trust_events import PeopleTakenOver, badges_of
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.waves import WaveChunk

log = logging.getLogger(__name__)

Exporter = Callable[[Readable, Path, tuple[str, ...], str, Instant], Path]
"""(what can be read of the session, folder, formats, reason, now) -> the export's folder; reason "" = de-identified."""
RECORD_WAIT_S, COUNT_WAIT_S = 30.0, 5.0


class Closing(Protocol):
    """Something that has its last work to do when everything is recorded."""

    def close(self) -> None:
        """Do it, then end."""
        ...


class Station:
    """One workstation with one chair, or up to eight (`config.seats`); for the first one on screen it is itself the
    engine.bedside.Bedside, for the others `at` gives theirs."""

    def __init__(
        self,
        *,
        clock: Clock,
        config: EngineConfig,
        recorder: Recorder,
        archive: Archive,
        exporter: Exporter,
        chair: str = "1",
        watched: bool = True,
        hasher: Hasher | None = None,
    ) -> None:
        """`watched` False: nobody looks, snapshots are made only when asked for. `hasher`: how PINs are kept, by
        default with the least work where everything is simulated and argon2id's usual work otherwise."""
        self._clock = clock
        self.read_only = ""
        """Who records here instead: every command is refused with it."""
        self.lease: Closing | None = None
        self._config = config
        self._recorder = recorder
        self._archive = archive
        self._exporter = exporter
        self._chair = chair
        self._pictures: dict[str, Snapshot] = {}
        self._guards: defaultdict[str, NameGuard] = defaultdict(NameGuard)
        self._listeners: dict[str, list[Callable[[Snapshot], None]]] = {}
        self._wave_listeners: dict[str, list[Callable[[WaveChunk], None]]] = {}
        self._resuming: dict[str, ClinicProtocol | None] = {}
        self.devices: DeviceService | None = None
        self.simulation: SimulationControl | None = None
        self.counting: Future[None] | None = None
        """What is lost of the open sessions is counted since the start."""
        self.backups: Closing | None = None
        self.record_watch: Closing | None = None
        self.computer: Closing | None = None
        self.drafts: DraftBook | None = None
        self.backup_desk: BackupService | None = None
        publish = self._publish if watched else None
        publish_wave = self._publish_wave if watched else None
        book = ProofBook()
        self.runtime = Runtime(clock, lambda post: Engine(config, recorder, post, publish, publish_wave, book))
        for name in self.chairs:
            self.runtime.engine.chair(name)
        self.runtime.engine.know_staff(archive.staff())
        known = config.known or load_registry(archive.registry_entries())
        self.runtime.engine.know_registry(known)
        self.runtime.engine.set_upkeep("registry", known.doubts.sentence)
        hasher = hasher or (cheap_hasher() if config.simulated else Argon2Hasher())
        self._authenticator = Authenticator(
            hasher,
            badges_of(archive.registry_entries((PeopleTakenOver,)), archive.database_id()),
            lambda: self.runtime.engine.registry.users,
            book,
            strict=not config.simulated,
            failed=lambda user, tried: self._note(NoteFailedSignIn(self._chair, "", user, tried)),
            doubt=self._doubt,
        )

    # --- Bedside --------------------------------------------------------------------------------------------------

    @property
    def chair(self) -> str:
        """The chair on screen."""
        return self._chair

    @property
    def chairs(self) -> tuple[str, ...]:
        """All chairs that are watched here."""
        return tuple(seat.name for seat in self._config.seats) or (self._chair,)

    @property
    def simulated(self) -> bool:
        """Whether everything here is simulated."""
        return self._config.simulated

    @property
    def protocol(self) -> ClinicProtocol:
        """The clinic's configuration: the one that the open session pinned, else the one for new sessions."""
        return self._protocol_at(self._chair)

    def _protocol_at(self, name: str) -> ClinicProtocol:
        chair = self.runtime.engine.chair(name)
        pinned = self._resuming.get(name)
        if chair.state is None and pinned is not None:  # it is being taken up again at this moment
            return pinned
        return chair.protocol if chair.session else self._config.protocol

    @property
    def protocols(self) -> ProtocolStore | None:
        """The protocols that this computer keeps."""
        return self._config.protocols

    @property
    def archive(self) -> Archive:
        """The record, read-only."""
        return self._archive

    def submit(self, command: Command) -> Future[Receipt]:
        """Ask for something."""
        if self.read_only:
            refused: Future[Receipt] = Future()
            refused.set_exception(CommandRefused(self.read_only))
            return refused
        return self.runtime.submit(command)

    def prove(self, login: str, pin: str) -> Future[Proof]:
        """Check who this is, away from the engine's thread."""
        now = self._clock.now()
        return aside("prove", lambda: self._authenticator.prove(login, pin, now))

    def _doubt(self, user: User) -> str:
        """What this person is told that may be lost about them; each time that they prove who they are is an entry."""
        if told := self.runtime.engine.registry.doubts.told_to(user):
            self._note(NoteDoubtfulProof(self._chair, "", user.id))
        return told

    def _note(self, command: Command) -> None:
        """Something that the station itself has to record; where that fails, it is in the log."""

        def tell(done: Future[Receipt]) -> None:
            if (error := done.exception()) is not None:
                log.warning("a %s was not recorded: %s", type(command).__name__, error)

        self.submit(command).add_done_callback(tell)

    def seal_pin(self, pin: str) -> Future[str]:
        """The hash of a new PIN, made away from the engine's thread."""
        return aside("seal", lambda: self._authenticator.seal_pin(pin))

    def use_pins(self, policy: PinPolicy) -> None:
        """What this clinic asks of PINs."""
        self._authenticator.policy = policy

    def badge_digest(self, scanned: str) -> str:
        """What is kept of a scanned badge."""
        return self._authenticator.badge_digest(scanned)

    def latest(self) -> Snapshot:
        """The newest picture of the chair; made now when nobody is watching."""
        return self._latest_at(self._chair)

    def on_snapshot(self, listener: Callable[[Snapshot], None]) -> None:
        """Have every snapshot of the chair on screen."""
        self._listeners.setdefault(self._chair, []).append(listener)

    def at(self, chair: str) -> Bedside:
        """Another place of this station: with devices where it is one of its chairs."""
        if chair == self._chair:
            return self
        waves = self._wave_listeners.setdefault(chair, []).append if chair in self.chairs else None
        listen = self._listeners.setdefault(chair, []).append
        return Elsewhere(self, chair, lambda: self._latest_at(chair), listen, lambda: self._protocol_at(chair), waves)

    def _latest_at(self, chair: str) -> Snapshot:
        found = self._pictures.get(chair)
        made = found if found is not None else self.runtime.engine.snapshot(chair, self._clock.now())
        return self._guards[chair].guarded(made)

    def on_wave(self, listener: Callable[[WaveChunk], None]) -> None:
        """Have every wave chunk of the chair on screen."""
        self._wave_listeners.setdefault(self._chair, []).append(listener)

    def set_audio(self, ok: bool, why: str) -> None:
        """The sounder reports."""
        self.runtime.post(lambda now: self.runtime.engine.set_audio(ok, why))

    def set_computer(self, computer: Computer) -> None:
        """This computer tells of its disk and its mains."""
        self.runtime.post(lambda now: self.runtime.engine.set_computer(computer))

    def refuse_record(self, why: str) -> None:
        """In a demo: as if the disk refused every entry from now on, "" = no more. Nowhere else."""
        if self._config.simulated and isinstance(self._recorder, Refuses):
            self._recorder.refuses = why

    def set_backup(self, why: str) -> None:
        """The backups report: why the last one failed, "" when it was made."""
        self.set_upkeep("backup", why)

    def set_upkeep(self, what: str, why: str) -> None:
        """What is wrong with the record's `backup`, `verify`, `lease` or `clock`; "" = nothing."""
        self.runtime.post(lambda now: self.runtime.engine.set_upkeep(what, why))

    def export(self, session: str, out: Path, formats: tuple[str, ...], reason: str, by: str) -> Future[Path]:
        """Export on a thread of its own; the journal gets ExportMade first, so that no export is unrecorded."""
        if why := export_refused(self.runtime.engine.registry.users, by, identified=bool(reason)):
            refused: Future[Path] = Future()
            refused.set_exception(CommandRefused(why))
            return refused
        return aside("export", lambda: self.export_now(session, out, formats, reason, by))

    def export_now(self, session: str, out: Path, formats: tuple[str, ...], reason: str, by: str) -> Path:
        """Export on this thread. Raises CommandRefused or EnvironmentFault."""
        found = self._archive.resolve(session)
        now = self._clock.now()
        readable = self._archive.readable(found)
        made = ExportMade(found, formats, bool(reason), reason, readable.damage.sentence)
        self._recorder.submit([Draft("", now, by or STATION_ACTOR, made)]).result(RECORD_WAIT_S)
        return self._exporter(readable, out, formats, reason, now)

    # --- devices --------------------------------------------------------------------------------------------------

    def attach(self, chair: str, info: SourceInfo) -> None:
        """A device is read in this chair from now on."""
        self.runtime.post(lambda now: self.runtime.engine.bind(chair, info, now))

    def detach(self, chair: str, source: str) -> None:
        """Nothing is read from this source any more."""
        self.runtime.post(lambda now: self.runtime.engine.unbind(chair, source, now))

    def hear(self, chair: str, /, *facts: DeviceFact) -> None:
        """What a device of this chair said at once."""
        self.runtime.post_facts(chair, *facts)

    # --- life -----------------------------------------------------------------------------------------------------

    def resume(self) -> str:
        """Take up the newest open session, if there is one: its timers go on, the gap is recorded; and those that
        are observed in the lounge. Where there are several chairs: every open session in its own chair, the newest
        where one has two. Answers the id of the session in the chair on screen or ""."""
        kept = [self._kept(one) for one in (self._archive.open_sessions() if not self.read_only else ())]
        found, homeless = place_each(kept, self.chairs)
        if self._config.several or any(one.damage.sentence for one in homeless):
            self._tell_homeless(homeless)
        left_off = {place: self._archive.left_off(one.session, heard_anew(one.entries)) for place, one in found.items()}
        clock = self._believe_clock([one.entries for one in found.values()])
        for place, one in found.items():
            self._resume_in(place, one, left_off[place], clock)
        self.counting = Losses(self._archive, self.runtime).tell(found)
        return found[self._chair].session if self._chair in found else ""

    def _kept(self, session: str) -> OpenOne:
        """What of a session's journal is as it was written: what is damaged keeps nobody from watching the patient, and
        what was changed is not shown as if a person had written it. A chair that is not watched here any more is a
        place without devices; of a lost first entry that which stands there names it, if it is one of the chairs."""
        entries, damage = self._archive.proved(session)
        if damage.sentence:
            log.error("an open session is taken up without what of it is lost: %s", damage.sentence)
        chair: str | None = self._chair
        if self._config.several and (chair := opened_in(entries)) is None:
            seems = self._archive.seems_opened_in(session)
            chair = seems if seems in self.chairs else ""
        return OpenOne(session, entries, damage, self._place_of(session) or chair or "")

    def _tell_homeless(self, homeless: Sequence[OpenOne]) -> None:
        """There is no place for these: another one of their chair is taken up. Those that are damaged are told."""
        for one in homeless:
            which = "newer" if one.is_whole_in_front else "intact"
            log.warning("two sessions are open in chair %s: the %s one is taken up", one.place or "unknown", which)
        lost = " ".join(
            f"open session {one.session} cannot be taken up: no chair is free."
            for one in homeless
            if one.damage.sentence
        )
        if lost:
            doubts = self.runtime.engine.registry.doubts.sentence
            self.set_upkeep("registry", f"{lost} {doubts}".strip())

    def _place_of(self, session: str) -> str:
        record = self.runtime.engine.registry.aftercare.get(session)
        return record.place if record is not None else ""

    def _believe_clock(self, sessions: Sequence[Sequence[Entry]]) -> ClockAtStart | None:
        """Compare the computer's clock with the last moment on record; where it cannot be, time goes on from there."""
        ends = [left for left in map(left_off_at, sessions) if left is not None]
        if not ends:
            return None
        newest = max(
            (left for left in ends if left.last.boot_id == ends[-1].last.boot_id), key=lambda e: e.last.mono_ns
        )
        longest_s = self._config.protocol.schedule.longest_away_h * 3600
        found = clock_at_start(newest, self._clock.now(), longest_s)
        if found is not None:
            self._clock.go_on_from(found.base)
        return found

    def _resume_in(self, place: str, one: OpenOne, left_off: dict[str, Instant], clock: ClockAtStart | None) -> None:
        entries, left = on_one_line(one.entries), left_off
        if clock is not None:
            entries, left = onto(one.entries, left_off, clock.last)
        self._resuming[place] = pinned_by(entries, self._config.protocol, self._config.protocols)
        measured, lost = self._archive.measured(one.session), one.damage.entries
        restore = self.runtime.engine.restore
        self.runtime.post(lambda now: restore(place, entries, now, left, clock, measured, lost, one.session))

    def close(self) -> None:
        """Finish what is under way and store what waits; links must be closed before."""
        for watch in (self.computer, self.record_watch):
            if watch is not None:
                watch.close()
        self.runtime.post(self.runtime.engine.flush_all)
        self.runtime.close()
        self._recorder.close()
        for closing in (self.backups, self.lease):
            if closing is not None:
                closing.close()
        if self.counting is not None:  # last: nothing is lost where a log-out cuts this off
            wait([self.counting], COUNT_WAIT_S)

    def _publish(self, snapshot: Snapshot) -> None:
        snapshot = self._guards[snapshot.chair].guarded(snapshot)
        self._pictures[snapshot.chair] = snapshot
        for listener in tuple(self._listeners.get(snapshot.chair, ())):
            listener(snapshot)

    def _publish_wave(self, chair: str, chunk: WaveChunk) -> None:
        for listener in tuple(self._wave_listeners.get(chair, ())):
            listener(chunk)
