"""Real devices that a workstation remembers: bindings kept in its settings, raw bytes kept for each session."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devices.service import LiveDevices
from exomonitor.engine.ports import Binding, DeviceChoice, FoundDevice, PortInfo
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
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="remember")
        self._unread: dict[tuple[str, str], PortSetting] = {}
        self._writing = threading.Lock()
        devices.on_met = self._met

    def bind_all(self) -> None:
        """Read what was read last time; what cannot be read any more is said in the log and stays in the settings."""
        for one in self._wanted:
            try:
                self._devices.bind(_binding(one))
            except (CommandRefused, EnvironmentFault) as told:
                log.warning("%s is not read: %s", one.role, told)
                self._unread[one.chair, one.role] = one

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
        self._unread.pop((binding.chair, binding.role), None)
        self._remember()

    def release(self, chair: str, role: str) -> None:
        """Read nothing in this role, and nothing next time."""
        self._devices.release(chair, role)
        self._unread.pop((chair, role), None)
        self._remember()

    def accept(self, chair: str, role: str, serial: str) -> None:
        """This device from now on, and next time."""
        self._devices.accept(chair, role, serial)
        self._remember()

    def identify(
        self, port: str, key: str, tell: Callable[[str], None], stopped: Callable[[], bool]
    ) -> tuple[FoundDevice, ...]:
        """Find out what is on this port."""
        return self._devices.identify(port, key, tell, stopped)

    def test_reading(self, key: str, port: str, baud: int, seconds: float) -> tuple[str, ...]:
        """Listen for a moment."""
        return self._devices.test_reading(key, port, baud, seconds)

    def close(self) -> None:
        """Read nothing any more, and write what was learned last; the settings keep the bindings."""
        self._devices.on_met = _nobody_asks
        self._worker.shutdown(wait=True)
        self._devices.close()

    def _remember(self) -> None:
        """What is read now, and by what it is known again; what could not be read this time stays remembered."""
        with self._writing:
            known = tuple(_setting(binding) for binding in self._devices.bindings())
            change_settings(self._folder, device=(*known, *self._unread.values()))

    def _met(self) -> None:
        self._worker.submit(self._remember_quietly)

    def _remember_quietly(self) -> None:
        try:
            self._remember()
        except EnvironmentFault as told:  # it is learned again next time
            log.warning("the device's own number is not remembered: %s", told)


def _nobody_asks() -> None:
    """The program is closing: what a device says now is learned next time."""


def _binding(one: PortSetting) -> Binding:
    return Binding(one.chair, one.role, one.key, one.port, one.baud, one.adapter, one.location, one.serial)


def _setting(b: Binding) -> PortSetting:
    fields = {name: getattr(b, name) for name in PortSetting.model_fields}
    return PortSetting.model_validate(fields)


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
