"""Real devices that a workstation remembers: bindings kept in its settings, raw bytes kept for each session."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devices.service import LiveDevices
from exomonitor.engine.ports import Binding, DeviceChoice, PortInfo
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.settings import PortSetting, Settings, change_settings

log = logging.getLogger(__name__)
ROLES = ("pump", "monitor")


class RememberedDevices:
    """A DeviceService over LiveDevices that writes every change into settings.toml."""

    def __init__(self, devices: LiveDevices, folder: Path, settings: Settings) -> None:
        self._devices = devices
        self._folder = folder
        self._wanted = settings.device

    def bind_all(self) -> None:
        """Read what was read last time; what cannot be read any more is said in the log and stays in the settings."""
        for one in self._wanted:
            try:
                self._devices.bind(Binding(one.chair, one.role, one.key, one.port, one.baud))
            except (CommandRefused, EnvironmentFault) as told:
                log.warning("%s is not read: %s", one.role, told)

    def catalogue(self) -> tuple[DeviceChoice, ...]:
        """Every family this program can read."""
        return self._devices.catalogue()

    def ports(self) -> tuple[PortInfo, ...]:
        """Serial ports present now."""
        return self._devices.ports()

    def bindings(self) -> tuple[Binding, ...]:
        """What is bound now."""
        return self._devices.bindings()

    def bind(self, binding: Binding) -> None:
        """Read this device from now on, and next time."""
        self._devices.bind(binding)
        self._remember()

    def release(self, chair: str, role: str) -> None:
        """Read nothing in this role, and nothing next time."""
        self._devices.release(chair, role)
        self._remember()

    def test_reading(self, key: str, port: str, baud: int, seconds: float) -> tuple[str, ...]:
        """Listen for a moment."""
        return self._devices.test_reading(key, port, baud, seconds)

    def _remember(self) -> None:
        known = tuple(
            PortSetting.model_validate({"chair": b.chair, "role": b.role, "key": b.key, "port": b.port, "baud": b.baud})
            for b in self._devices.bindings()
        )
        change_settings(self._folder, device=known)


class CaptureKeeper:
    """Listens to the snapshots of every chair: while a session is open there, its links' raw bytes go into files.

    The files are opened on a thread of its own: the engine, whose thread brings the snapshots, never waits for a disk.
    """

    def __init__(self, devices: LiveDevices, folder: Path) -> None:
        self._devices = devices
        self._folder = folder
        self._wanted: dict[tuple[str, str], str] = {}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="captures")

    def __call__(self, snapshot: Snapshot) -> None:
        """Start recording for a session that has opened or a device that was bound, stop for one that has ended."""
        session = snapshot.session
        open_id = session.study_id if session is not None and session.phase.is_open else ""
        bound = {link.role: link.key.replace("/", "-") for link in snapshot.links}  # part of a file's name
        for role in ROLES:
            wanted = f"{open_id}-{bound[role]}" if open_id and role in bound else ""
            place = snapshot.chair, role
            if self._wanted.get(place, "") != wanted:
                self._wanted[place] = wanted
                stamp = snapshot.now.utc.strftime("%Y%m%dT%H%M%S%f")
                self._worker.submit(self._follow, snapshot.chair, role, f"{wanted}-{role}-{stamp}" if wanted else "")

    def close(self) -> None:
        """Finish what was begun."""
        self._worker.shutdown(wait=True)

    def _follow(self, chair: str, role: str, name: str) -> None:
        try:
            self._devices.stop_capture(chair, role)
            if name:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._devices.start_capture(chair, role, self._folder / f"{name}.excap")
        except (CommandRefused, EnvironmentFault, OSError) as told:
            log.warning("no raw recording of the %s: %s", role, told)
