"""What a screen or a script may ask of the running station: the one face that ui/ and headless.py see."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.engine.backup_port import BackupService
from exomonitor.engine.ports import Archive, DeviceService, DraftBook, ProtocolStore, SimulationControl
from exomonitor.engine.situation import Proof
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry
from exomonitor.signals.waves import WaveChunk


@dataclass(frozen=True, slots=True)
class Receipt:
    """A command was carried out and its entries are committed; `answer` is what was asked for (a staff id, a
    reaction id)."""

    entries: tuple[Entry, ...] = ()
    answer: str = ""


class Bedside(Protocol):
    """One station. All methods may be called from any thread and return at once."""

    @property
    def chair(self) -> str:
        """The chair on screen."""
        ...

    @property
    def simulated(self) -> bool:
        """Whether everything here is simulated: then every screen says so."""
        ...

    @property
    def read_only(self) -> str:
        """Who records into this database instead, in one sentence; "" = this program does."""
        ...

    @property
    def protocol(self) -> ClinicProtocol:
        """The clinic's configuration in force for new sessions."""
        ...

    @property
    def protocols(self) -> ProtocolStore | None:
        """The protocols that this computer keeps, None where there is no data folder."""
        ...

    @property
    def drafts(self) -> DraftBook | None:
        """Half-filled forms of this station, None where there is no data folder."""
        ...

    @property
    def backup_desk(self) -> BackupService | None:
        """Backups of the record and putting one in place, None where another program records."""
        ...

    @property
    def archive(self) -> Archive:
        """The record, read-only."""
        ...

    @property
    def devices(self) -> DeviceService | None:
        """The device side, None where there is none."""
        ...

    @property
    def simulation(self) -> SimulationControl | None:
        """The simulated world's controls, None outside a demo."""
        ...

    def submit(self, command: Command) -> Future[Receipt]:
        """Ask for something. The future resolves when it is committed; it raises CommandRefused or
        EnvironmentFault otherwise."""
        ...

    def prove(self, login: str, pin: str) -> Future[Proof]:
        """Check who this is: `login` is a user id, a name or a scanned badge. The future gives a proof for one command
        within two minutes, or CommandRefused with one sentence."""
        ...

    def seal_pin(self, pin: str) -> Future[str]:
        """The hash of a new PIN, for AddUser, ChangeUser and ChangeOwnPin; CommandRefused where it is none."""
        ...

    def badge_digest(self, scanned: str) -> str:
        """What is kept of a scanned badge, for AddUser and ChangeUser."""
        ...

    def latest(self) -> Snapshot:
        """The newest picture of the chair."""
        ...

    def on_snapshot(self, listener: Callable[[Snapshot], None]) -> None:
        """Call `listener` on the engine's thread with every new snapshot; it must be quick and must not call back."""
        ...

    def on_wave(self, listener: Callable[[WaveChunk], None]) -> None:
        """Call `listener` on the engine's thread with every wave chunk."""
        ...

    def set_audio(self, ok: bool, why: str) -> None:
        """The sounder reports whether alarms can be heard."""
        ...

    def export(self, session: str, out: Path, formats: tuple[str, ...], reason: str, by: str) -> Future[Path]:
        """Export into a new folder under `out`; reason "" = de-identified. Resolves to the folder."""
        ...

    def at(self, chair: str) -> Bedside:
        """Another place of this station, one that a snapshot names among the others, as a bedside of its own."""
        ...
