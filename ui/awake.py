"""Keeps the screen lit and the computer awake while a session is open; asked of the system, given back at its end."""

from __future__ import annotations

import ctypes
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QObject

from exomonitor.engine.snapshot import Snapshot

log = logging.getLogger(__name__)

WHO, WHY = "ExoMonitor", "a patient is being watched"
_TIMEOUT_MS = 1500


class Wakefulness(Protocol):
    """One way to keep a computer awake. Both may wait for the system for a second or two."""

    def hold(self) -> bool:
        """No screen saver, no sleep from now on; False where the system did not agree."""
        ...

    def release(self) -> None:
        """Back to what the computer does by itself."""
        ...


class Bus(Protocol):
    """A D-Bus as far as it is needed here."""

    def call(self, place: Sequence[str], method: str, arguments: Sequence[Any]) -> Any:
        """The first value of the answer; None where nobody answers. place: service, path, interface."""
        ...

    def close(self) -> None:
        """Hang up: what was asked for on this connection ends with it."""
        ...


_SAVER = ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver")
_LOGIND = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")


class LinuxWakefulness:
    """The desktop's screen saver (session bus), and sleep, idle and the lid (logind on the system bus)."""

    def __init__(self, session: Bus, system: Bus) -> None:
        self._session, self._system = session, system
        self._cookie: Any = None
        self._lock: Any = None

    def hold(self) -> bool:
        """Both are asked for; a bare X server has no screen saver to ask, a container no logind."""
        if self._cookie is None:
            self._cookie = self._session.call(_SAVER, "Inhibit", [WHO, WHY])
        if self._lock is None:
            what = "sleep:idle:handle-lid-switch"
            # logind lets go as soon as the file that it hands out is closed: it is kept.
            self._lock = self._system.call(_LOGIND, "Inhibit", [what, WHO, WHY, "block"])
        return self._cookie is not None or self._lock is not None

    def release(self) -> None:
        """An inhibition ends with the connection that asked for it, and logind's when its file is closed."""
        self._cookie = self._lock = None
        self._session.close()
        self._system.close()


class WindowsWakefulness:
    """SetThreadExecutionState: holds for the thread that asks, so it is asked on the GUI thread."""

    CONTINUOUS, SYSTEM, DISPLAY = 0x8000_0000, 0x0000_0001, 0x0000_0002

    def __init__(self, ask: Callable[[int], int] | None = None) -> None:
        self._ask = ask or _execution_state

    def hold(self) -> bool:
        """System and display are needed until further notice."""
        return self._ask(self.CONTINUOUS | self.SYSTEM | self.DISPLAY) != 0

    def release(self) -> None:
        """Not needed any more."""
        self._ask(self.CONTINUOUS)


class MacWakefulness:
    """caffeinate: display, idle and system sleep, for as long as this program lives."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = list(command) or ["caffeinate", "-d", "-i", "-s", "-w", str(os.getpid())]
        self._process: subprocess.Popen[bytes] | None = None

    def hold(self) -> bool:
        """Start it, if it does not run."""
        if self._process is None or self._process.poll() is not None:
            try:
                self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)
            except OSError as cause:
                log.debug("caffeinate: %s", cause)
                return False
        return True

    def release(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait()


class QtBus:
    """D-Bus through Qt; answers None where there is no bus."""

    def __init__(self, *, system: bool) -> None:
        self._is_system = system
        self._name = f"exomonitor-awake-{'system' if system else 'session'}"

    def call(self, place: Sequence[str], method: str, arguments: Sequence[Any]) -> Any:
        """One call; an error of the other side is no answer."""
        from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage

        kind = QDBusConnection.BusType.SystemBus if self._is_system else QDBusConnection.BusType.SessionBus
        bus = QDBusConnection.connectToBus(kind, self._name)  # a connection of its own, to hang up
        if not bus.isConnected():
            return None
        service, path, interface = place
        message = QDBusMessage.createMethodCall(service, path, interface, method)
        message.setArguments(list(arguments))
        answer = bus.call(message, QDBus.CallMode.Block, _TIMEOUT_MS)
        if answer.type() is not QDBusMessage.MessageType.ReplyMessage:
            log.debug("%s.%s: %s", place[0], method, answer.errorMessage())
            return None
        return next(iter(answer.arguments()), None)

    def close(self) -> None:
        """The next call connects anew."""
        from PySide6.QtDBus import QDBusConnection

        QDBusConnection.disconnectFromBus(self._name)


def _execution_state(flags: int) -> int:
    windows = getattr(ctypes, "windll", None)
    return int(windows.kernel32.SetThreadExecutionState(ctypes.c_uint32(flags))) if windows is not None else 0


def wakefulness() -> Wakefulness | None:
    """How this computer is kept awake; None where there is no known way."""
    system: str = sys.platform
    if system == "win32":
        return WindowsWakefulness()
    if system == "darwin":
        return MacWakefulness()
    if system.startswith("linux"):
        return LinuxWakefulness(QtBus(system=False), QtBus(system=True))
    return None


class Awake(QObject):
    """Follows the pictures: awake while a session is open in any place of this station."""

    def __init__(self, way: Wakefulness | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._way = way
        self.held = False

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Hold or release when it changes. Where the system does not agree it is not asked again and again."""
        wanted = watched(snapshot)
        if wanted == self.held or self._way is None:
            return
        self.held = wanted
        if not wanted:
            self._way.release()
        elif not self._way.hold():
            log.info("this computer does not let its screen saver and sleep be held off")

    def close(self) -> None:
        """The program ends."""
        if self.held and self._way is not None:
            self._way.release()
        self.held = False


def watched(snapshot: Snapshot) -> bool:
    """Whether somebody is being watched here, in this place or another one of the station."""
    here = snapshot.session is not None and snapshot.session.phase.is_open
    return here or any(other.patient or other.alarms for other in snapshot.others)
