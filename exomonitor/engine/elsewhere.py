"""Another place of the same station, seen as a bedside of its own: another chair, or a lounge without devices."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.engine.backup_port import BackupService
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.ports import Archive, DeviceService, DraftBook, ProtocolStore, SimulationControl
from exomonitor.engine.situation import Proof
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.signals.waves import WaveChunk


class Elsewhere:
    """Implements Bedside: what belongs to the station comes from it, what belongs to the place from the place."""

    def __init__(
        self,
        station: Bedside,
        chair: str,
        latest: Callable[[], Snapshot],
        listen: Callable[[Callable[[Snapshot], None]], None],
        protocol: Callable[[], ClinicProtocol],
        listen_waves: Callable[[Callable[[WaveChunk], None]], None] | None = None,
    ) -> None:
        """`latest` and `listen` serve the pictures of this place, `protocol` what it works by, `listen_waves` the waves
        of its monitor: None where there are no devices."""
        self._station, self._chair = station, chair
        self._latest, self._listen, self._protocol, self._listen_waves = latest, listen, protocol, listen_waves

    @property
    def chair(self) -> str:
        """The place on screen."""
        return self._chair

    @property
    def simulated(self) -> bool:
        """As the station."""
        return self._station.simulated

    @property
    def read_only(self) -> str:
        """As the station."""
        return self._station.read_only

    @property
    def protocol(self) -> ClinicProtocol:
        """What the session of this place pinned, else the one for new sessions."""
        return self._protocol()

    @property
    def protocols(self) -> ProtocolStore | None:
        """As the station."""
        return self._station.protocols

    @property
    def drafts(self) -> DraftBook | None:
        """As the station."""
        return self._station.drafts

    @property
    def backup_desk(self) -> BackupService | None:
        """As the station."""
        return self._station.backup_desk

    @property
    def archive(self) -> Archive:
        """As the station."""
        return self._station.archive

    @property
    def devices(self) -> DeviceService | None:
        """The station's; a lounge has none."""
        return self._station.devices if self._listen_waves is not None else None

    @property
    def simulation(self) -> SimulationControl | None:
        """The station's; a lounge has none."""
        return self._station.simulation if self._listen_waves is not None else None

    def submit(self, command: Command) -> Future[Receipt]:
        """Ask for something; the command names the place."""
        return self._station.submit(command)

    def prove(self, login: str, pin: str) -> Future[Proof]:
        """As the station."""
        return self._station.prove(login, pin)

    def seal_pin(self, pin: str) -> Future[str]:
        """As the station."""
        return self._station.seal_pin(pin)

    def badge_digest(self, scanned: str) -> str:
        """As the station."""
        return self._station.badge_digest(scanned)

    def latest(self) -> Snapshot:
        """The newest picture of this place."""
        return self._latest()

    def on_snapshot(self, listener: Callable[[Snapshot], None]) -> None:
        """Have every picture of this place."""
        self._listen(listener)

    def on_wave(self, listener: Callable[[WaveChunk], None]) -> None:
        """Have every wave of this place; no device, no wave."""
        if self._listen_waves is not None:
            self._listen_waves(listener)

    def set_audio(self, ok: bool, why: str) -> None:
        """The sounder belongs to the station's own window."""

    def at(self, chair: str) -> Bedside:
        """Another place again."""
        return self._station.at(chair)

    def export(self, session: str, out: Path, formats: tuple[str, ...], reason: str, by: str) -> Future[Path]:
        """As the station."""
        return self._station.export(session, out, formats, reason, by)
