"""Real devices that a workstation remembers: bindings kept in its settings, raw bytes kept for each session."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devices.link import Link
from devices.service import LiveDevices
from devices.transport.capture import ENDING
from devices.transport.sealed import SEALING, Seal, is_sealed, seal_file
from exomonitor.clock import Instant
from exomonitor.engine.ports import Binding, DeviceChoice, FoundDevice, PortInfo, WireRow
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.folders import make_private
from exomonitor.records.cipher import SealedBox
from exomonitor.records.keys import key_for_new
from exomonitor.settings import PortSetting, Settings, change_settings

log = logging.getLogger(__name__)
ROLES = ("pump", "monitor")
TOO_LARGE = 32 * 1024 * 1024
"""Bytes that a recording may have while no session is open: some hours of a monitor with waves, weeks of a pump."""
LOOK_EVERY_S = 60.0

Place = tuple[str, str]
"""Chair and role."""


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

    def wire(self, chair: str, role: str) -> tuple[WireRow, ...]:
        """What the role's line carried last."""
        return self._devices.wire(chair, role)

    def save_wire(self, chair: str, role: str, folder: Path) -> Path:
        """The raw bytes that are still kept, in a new file."""
        return self._devices.save_wire(chair, role, folder)

    def identify(
        self, port: str, key: str, tell: Callable[[str], None], stopped: Callable[[], bool]
    ) -> tuple[FoundDevice, ...]:
        """Find out what is on this port."""
        return self._devices.identify(port, key, tell, stopped)

    def test_reading(self, key: str, port: str, baud: int, seconds: float, line: str = "") -> tuple[str, ...]:
        """Listen for a moment."""
        return self._devices.test_reading(key, port, baud, seconds, line)

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
    return Binding(**one.model_dump())


def _setting(b: Binding) -> PortSetting:
    fields = {name: getattr(b, name) for name in PortSetting.model_fields}
    return PortSetting.model_validate(fields)


@dataclass(slots=True)
class _File:
    """A recording, and the sessions whose bytes are in it."""

    path: Path
    sessions: tuple[str, ...] = ()


class CaptureKeeper:
    """Keeps the raw bytes of every session, from the first one after its device was bound: a recording that begins in
    the middle of a dialogue could not be read again.

    So everything that is read is recorded, at first under a name of its own. A session gives the file its name too;
    when it has ended a new file is begun, and with it the dialogue. What no session needs is deleted: at the end, and
    when it grows too large. Listens to the snapshots of every chair; the engine, whose thread brings them, never waits
    for a disk. Beside an encrypted record all of it is sealed.

    A program that only reads touches no file: those in the clear may just be sealed by the one that records.
    """

    def __init__(self, devices: LiveDevices, folder: Path, *, read_only: bool = False) -> None:
        self._devices = devices
        self._folder = folder
        self._open: dict[str, str] = {}
        self._looked: dict[str, Instant] = {}
        self._files: dict[Place, _File] = {}
        self._done: list[_File] = []
        self._count = 0
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="captures")
        self._sealer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sealing")  # nothing waits for it
        self._ending = threading.Event()
        if not read_only:
            self._sealer.submit(_seal_older, folder, sorted(folder.glob(f"*{ENDING}")), self._ending)
        devices.on_start = self._started

    def __call__(self, snapshot: Snapshot) -> None:
        """A session has opened or ended, or nobody needs what was recorded for long."""
        session, chair, now = snapshot.session, snapshot.chair, snapshot.now
        open_id = session.study_id if session is not None and session.phase.is_open else ""
        ended = self._open.get(chair, "")
        if open_id != ended:
            self._open[chair] = open_id
            self._worker.submit(self._change, chair, ended, open_id, _stamp(now))
        elif not open_id and now.since(self._looked.setdefault(chair, now)) > LOOK_EVERY_S:
            self._looked[chair] = now
            self._worker.submit(self._limit, chair, _stamp(now))

    def close(self) -> None:
        """Finish what was begun; every link has ended by now."""
        self._devices.on_start = _nobody_records
        self._ending.set()
        self._sealer.shutdown(wait=True)
        self._worker.shutdown(wait=True)
        self._done += self._files.values()
        self._files.clear()
        self._tidy()

    def _started(self, chair: str, link: Link) -> None:
        """A device is bound: all that it says is recorded, from the first byte."""
        file = self._file(link.spec.choice, link.source, _stamp(link.clock.now()))
        try:
            link.recorder.seal = _seal_for(self._folder)
            make_private(self._folder)
            link.start_capture(file.path)
        except (EnvironmentFault, OSError) as told:
            log.warning("no raw recording of the %s: %s", link.source, told)
            link.not_recorded((told.strerror if isinstance(told, OSError) else "") or str(told))
            return
        self._take(chair, link.source, file)
        if session := self._open.get(chair, ""):
            self._worker.submit(self._keep, file, session)

    def _change(self, chair: str, ended: str, opened: str, stamp: str) -> None:
        for role in ROLES:
            if ended:
                self._begin_anew(chair, role, stamp)
            file = self._files.get((chair, role))
            if opened and file is not None:
                self._keep(file, opened)

    def _limit(self, chair: str, stamp: str) -> None:
        for role in ROLES:
            file = self._files.get((chair, role))
            if file is not None and file.path.exists() and file.path.stat().st_size > TOO_LARGE:
                self._begin_anew(chair, role, stamp)

    def _begin_anew(self, chair: str, role: str, stamp: str) -> None:
        keys = [one.key for one in self._devices.bindings() if (one.chair, one.role) == (chair, role)]
        if not keys or (chair, role) not in self._files:
            return
        file = self._file(keys[0], role, stamp)
        try:
            self._devices.capture_anew(chair, role, file.path)
        except CommandRefused:  # let go in this moment
            return
        self._take(chair, role, file)
        self._tidy()

    def _file(self, key: str, role: str, stamp: str) -> _File:
        with self._lock:
            self._count += 1
            name = f"{key.replace('/', '-')}-{role}-{stamp}-{self._count}{ENDING}"
        return _File(self._folder / f"line-{name}")

    def _take(self, chair: str, role: str, file: _File) -> None:
        with self._lock:
            before = self._files.get((chair, role))
            self._files[chair, role] = file
            if before is not None:
                self._done.append(before)

    def _keep(self, file: _File, session: str) -> None:
        """The session's own name for the file, at once: a program that dies here leaves it behind."""
        file.sessions = (*file.sessions, session)
        try:
            _named(file, session).hardlink_to(file.path)
        except OSError as told:  # not every disk can: the file gets its name when it is finished
            log.info("%s has no second name yet: %s", file.path, told)

    def _tidy(self) -> None:
        """Files that are finished keep only the names of their sessions; what cannot be done yet is tried again."""
        with self._lock:
            done, self._done = self._done, []
        for file in done:
            try:
                if file.sessions and not any(_named(file, session).exists() for session in file.sessions):
                    file.path.rename(_named(file, file.sessions[-1]))
                else:
                    file.path.unlink(missing_ok=True)
            except OSError as told:
                log.info("%s stays for now: %s", file.path, told)
                with self._lock:
                    self._done.append(file)


def _seal_for(folder: Path) -> Seal | None:
    """Recordings may hold names: beside an encrypted record they are sealed with its key. EnvironmentFault where that
    is missing: then nothing is recorded."""
    key = key_for_new(folder.parent)
    return None if key is None else SealedBox(key)


def _seal_older(folder: Path, there: Sequence[Path], ending: threading.Event) -> None:
    """Recordings from before the record was encrypted: none that is being written. At the program's end the one at
    hand and the others wait for the next start. What a killed program left half sealed goes."""
    try:
        seal = _seal_for(folder)
    except EnvironmentFault as told:
        log.warning("older recordings stay as they are: %s", told)
        return
    for left in folder.glob(f"*{SEALING}"):
        with suppress(OSError):  # it is in nobody's way
            left.unlink()
    for path in there:
        if seal is None or ending.is_set():
            return
        try:
            if not is_sealed(path):
                seal_file(path, seal, ending.is_set)
        except OSError as told:  # the others are sealed all the same
            log.warning("an older recording stays in the clear: %s", told)


def _named(file: _File, session: str) -> Path:
    return file.path.with_name(f"{session}-{file.path.name.removeprefix('line-')}")


def _stamp(now: Instant) -> str:
    return now.utc.strftime("%Y%m%dT%H%M%S%f")


def _nobody_records(chair: str, link: Link) -> None:
    """The program is closing."""
