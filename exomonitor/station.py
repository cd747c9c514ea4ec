"""The core's top: assembles recorder, engine and runtime for one workstation; devices and exports come in as ports."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol, TypeVar

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Clock, Instant
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.elsewhere import Elsewhere
from exomonitor.engine.engine import Engine, EngineConfig
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.pinning import pinned_by
from exomonitor.engine.ports import (
    STATION_ACTOR,
    Archive,
    DeviceService,
    Draft,
    ProtocolStore,
    Recorder,
    SimulationControl,
)
from exomonitor.engine.proving import Authenticator, ProofBook
from exomonitor.engine.runtime import Runtime
from exomonitor.engine.situation import Proof
from exomonitor.engine.snapshot import Snapshot
from exomonitor.pins import Argon2Hasher, Hasher, cheap_hasher
from exomonitor.registry.registry import load_registry
from exomonitor.session.commands import Command
from exomonitor.session.machine_events import ExportMade
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.waves import WaveChunk

Exporter = Callable[[str, Path, tuple[str, ...], str, Instant], Path]
"""(session, folder, formats, reason, now) -> the export's folder; reason "" = de-identified."""
RECORD_WAIT_S = 30.0
T = TypeVar("T")


class Closing(Protocol):
    """Something that has its last work to do when everything is recorded."""

    def close(self) -> None:
        """Do it, then end."""
        ...


class Station:
    """One workstation with one chair on screen; implements engine.bedside.Bedside."""

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
        self._config = config
        self._recorder = recorder
        self._archive = archive
        self._exporter = exporter
        self._chair = chair
        self._listeners: list[Callable[[Snapshot], None]] = []
        self._wave_listeners: list[Callable[[WaveChunk], None]] = []
        self._latest: Snapshot | None = None
        self._pictures: dict[str, Snapshot] = {}
        self._listeners_at: dict[str, list[Callable[[Snapshot], None]]] = {}
        self._resuming: ClinicProtocol | None = None
        self.devices: DeviceService | None = None
        self.simulation: SimulationControl | None = None
        self.backups: Closing | None = None
        publish = self._publish if watched else None
        publish_wave = self._publish_wave if watched else None
        book = ProofBook()
        self.runtime = Runtime(clock, lambda post: Engine(config, recorder, post, publish, publish_wave, book))
        self.runtime.engine.chair(chair)
        self.runtime.engine.know_staff(archive.staff())
        self.runtime.engine.know_registry(load_registry(archive.registry_entries()))
        hasher = hasher or (cheap_hasher() if config.simulated else Argon2Hasher())
        self._authenticator = Authenticator(
            hasher, archive.database_id(), lambda: self.runtime.engine.registry.users, book
        )

    # --- Bedside --------------------------------------------------------------------------------------------------

    @property
    def chair(self) -> str:
        """The chair on screen."""
        return self._chair

    @property
    def simulated(self) -> bool:
        """Whether everything here is simulated."""
        return self._config.simulated

    @property
    def protocol(self) -> ClinicProtocol:
        """The clinic's configuration: the one that the open session pinned, else the one for new sessions."""
        chair = self.runtime.engine.chair(self._chair)
        if chair.state is None and self._resuming is not None:  # it is being taken up again at this moment
            return self._resuming
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
        return self.runtime.submit(command)

    def prove(self, login: str, pin: str) -> Future[Proof]:
        """Check who this is, away from the engine's thread."""
        now = self._clock.now()
        return _aside("prove", lambda: self._authenticator.prove(login, pin, now))

    def seal_pin(self, pin: str) -> Future[str]:
        """The hash of a new PIN, made away from the engine's thread."""
        return _aside("seal", lambda: self._authenticator.seal_pin(pin))

    def badge_digest(self, scanned: str) -> str:
        """What is kept of a scanned badge."""
        return self._authenticator.badge_digest(scanned)

    def latest(self) -> Snapshot:
        """The newest picture of the chair; made now when nobody is watching."""
        if self._latest is None:
            return self.runtime.engine.snapshot(self._chair, self._clock.now())
        return self._latest

    def on_snapshot(self, listener: Callable[[Snapshot], None]) -> None:
        """Have every snapshot."""
        self._listeners.append(listener)

    def at(self, chair: str) -> Bedside:
        """Another place of this station."""
        if chair == self._chair:
            return self
        return Elsewhere(
            self, chair, lambda: self._latest_at(chair), self._listeners_at.setdefault(chair, []).append
        )  # fmt: skip

    def _latest_at(self, chair: str) -> Snapshot:
        found = self._pictures.get(chair)
        return found if found is not None else self.runtime.engine.snapshot(chair, self._clock.now())

    def on_wave(self, listener: Callable[[WaveChunk], None]) -> None:
        """Have every wave chunk."""
        self._wave_listeners.append(listener)

    def set_audio(self, ok: bool, why: str) -> None:
        """The sounder reports."""
        self.runtime.post(lambda now: self.runtime.engine.set_audio(ok, why))

    def set_backup(self, why: str) -> None:
        """The backups report: why the last one failed, "" when it was made."""
        self.runtime.post(lambda now: self.runtime.engine.set_backup(why))

    def export(self, session: str, out: Path, formats: tuple[str, ...], reason: str, by: str) -> Future[Path]:
        """Export on a thread of its own; the journal gets ExportMade first, so that no export is unrecorded."""
        return _aside("export", lambda: self.export_now(session, out, formats, reason, by))

    def export_now(self, session: str, out: Path, formats: tuple[str, ...], reason: str, by: str) -> Path:
        """Export on this thread. Raises CommandRefused or EnvironmentFault."""
        found = self._archive.resolve(session)
        now = self._clock.now()
        made = ExportMade(found, formats, bool(reason), reason)
        self._recorder.submit([Draft("", now, by or STATION_ACTOR, made)]).result(RECORD_WAIT_S)
        return self._exporter(found, out, formats, reason, now)

    # --- devices --------------------------------------------------------------------------------------------------

    def attach(self, chair: str, info: SourceInfo) -> None:
        """A device is read in this chair from now on."""
        self.runtime.post(lambda now: self.runtime.engine.bind(chair, info, now))

    def detach(self, chair: str, source: str) -> None:
        """Nothing is read from this source any more."""
        self.runtime.post(lambda now: self.runtime.engine.unbind(chair, source, now))

    def hear(self, chair: str, fact: DeviceFact) -> None:
        """Something a device of this chair said."""
        self.runtime.post_fact(chair, fact)

    # --- life -----------------------------------------------------------------------------------------------------

    def resume(self) -> str:
        """Take up the newest open session, if there is one: its timers go on, the gap is recorded; and those that
        are observed in the lounge. Answers the id of the session in the chair or ""."""
        waiting = self._archive.open_sessions()
        moved = {session: place for session in waiting if (place := self._place_of(session))}
        for session, place in moved.items():
            self._resume_in(place, session)
        waiting = [session for session in waiting if session not in moved]
        if not waiting:
            return ""
        session = waiting[-1]
        entries = self._archive.entries(session)
        self._resuming = pinned_by(entries, self._config.protocol, self._config.protocols)
        self.runtime.post(lambda now: self.runtime.engine.restore(self._chair, entries, now))
        return session

    def _place_of(self, session: str) -> str:
        record = self.runtime.engine.registry.aftercare.get(session)
        return record.place if record is not None else ""

    def _resume_in(self, place: str, session: str) -> None:
        entries = self._archive.entries(session)
        self.runtime.post(lambda now: self.runtime.engine.restore(place, entries, now))

    def close(self) -> None:
        """Finish what is under way and store what waits; links must be closed before."""
        self.runtime.post(self.runtime.engine.flush_all)
        self.runtime.close()
        self._recorder.close()
        if self.backups is not None:
            self.backups.close()

    def _publish(self, snapshot: Snapshot) -> None:
        self._pictures[snapshot.chair] = snapshot
        for listener in tuple(self._listeners_at.get(snapshot.chair, ())):
            listener(snapshot)
        if snapshot.chair == self._chair:
            self._latest = snapshot
            for listener in self._listeners:
                listener(snapshot)

    def _publish_wave(self, chunk: WaveChunk) -> None:
        for listener in self._wave_listeners:
            listener(chunk)


def _aside(name: str, work: Callable[[], T]) -> Future[T]:
    """Do something slow on a thread of its own."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except Exception as error:  # noqa: BLE001 - a thread's edge: whoever asked is told
            answer.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return answer
