"""What this computer says of itself while it watches: free room on its disk, mains and battery. It asks, and tells."""

from __future__ import annotations

import ctypes
import importlib
import logging
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

EVERY_S = 10.0
POWER = Path("/sys/class/power_supply")
RESTART_MARKS = (Path("/run/reboot-required"), Path("/var/run/reboot-required"))
"""Put there by Debian and Ubuntu when an update wants a restart."""
RESTART = "This computer wants to restart after an update: restart it before the infusion, not during it"
NOT_TOLD = "this computer does not say whether it is on mains"
_MB = 1024 * 1024
_UNKNOWN_PERCENT = 255

log = logging.getLogger(__name__)


def ending() -> tuple[signal.Signals, ...]:
    """The signals by which this computer asks the program to end. A SIGHUP that was ignored when the program was
    started (nohup) is none of them: who did so wants it to outlive its terminal."""
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    kinds = (signal.Signals[name] for name in names)
    return tuple(one for one in kinds if one.name != "SIGHUP" or signal.getsignal(one) is not signal.SIG_IGN)


@dataclass(frozen=True, slots=True)
class Computer:
    """None = not told. free_mb: room where the record lies, in MB of 2^20 bytes; battery_percent of all batteries."""

    free_mb: int | None = None
    on_mains: bool | None = None
    battery_percent: int | None = None
    restart_pending: bool | None = None
    """Whether an update waits for a restart of the operating system."""

    @property
    def restart_words(self) -> str:
        """What to do about a restart that waits, "" where none does or nobody tells."""
        return RESTART if self.restart_pending else ""

    @property
    def power_words(self) -> str:
        """Mains and battery in words, or that nobody tells."""
        if self.on_mains is None:
            return NOT_TOLD
        battery = "" if self.battery_percent is None else f", battery {self.battery_percent} %"
        return f"{'on mains' if self.on_mains else 'ON BATTERY'}{battery}"


def look(folder: Path, power: Path = POWER) -> Computer:
    """Ask once. What cannot be read is None."""
    on_mains, percent = _windows_power() if sys.platform == "win32" else sysfs_power(power)
    return Computer(_free_mb(folder), on_mains, percent, restart_pending())


def restart_pending(marks: tuple[Path, ...] = RESTART_MARKS) -> bool | None:
    """Whether the operating system waits for a restart; None where it does not tell."""
    if sys.platform == "win32":
        return _windows_restart()
    if not sys.platform.startswith("linux"):
        return None
    return any(mark.exists() for mark in marks) or None


def sysfs_power(folder: Path) -> tuple[bool | None, int | None]:
    """(on mains, battery in %) as Linux tells it. A desktop without a battery is on mains."""
    mains: list[bool] = []
    levels: list[int] = []
    discharging = False
    for supply in sorted(folder.iterdir()) if folder.is_dir() else ():
        kind = _word(supply / "type")
        if kind in {"Mains", "USB"}:
            mains.append(_word(supply / "online") == "1")
        elif kind == "Battery" and _word(supply / "scope") != "Device":  # a mouse has a battery too
            capacity = _word(supply / "capacity")
            if capacity.isdigit():
                levels.append(int(capacity))
            discharging = discharging or _word(supply / "status") == "Discharging"
    percent = round(sum(levels) / len(levels)) if levels else None
    if percent is None:
        return (any(mains) or None) if mains else None, None
    return (any(mains) if mains else not discharging), percent


def _word(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _free_mb(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free // _MB
    except OSError:
        return None


class _PowerStatus(ctypes.Structure):
    """SYSTEM_POWER_STATUS."""

    _fields_ = (
        ("line", ctypes.c_ubyte),
        ("flag", ctypes.c_ubyte),
        ("percent", ctypes.c_ubyte),
        ("saver", ctypes.c_ubyte),
        ("life_s", ctypes.c_uint32),
        ("full_s", ctypes.c_uint32),
    )


def _windows_power() -> tuple[bool | None, int | None]:
    status = _PowerStatus()
    kernel = getattr(ctypes, "windll", None)
    if kernel is None or not kernel.kernel32.GetSystemPowerStatus(ctypes.byref(status)):
        return None, None
    percent = None if status.percent == _UNKNOWN_PERCENT else int(status.percent)
    return (None if status.line > 1 else status.line == 1), percent


_UPDATE = r"SOFTWARE\Microsoft\Windows\CurrentVersion"
_RESTART_KEYS = (
    _UPDATE + r"\Component Based Servicing\RebootPending",
    _UPDATE + r"\WindowsUpdate\Auto Update\RebootRequired",
)


def _windows_restart() -> bool:
    """Windows keeps one of these keys for as long as an update waits."""
    registry = importlib.import_module("winreg")  # there is none elsewhere
    for key in _RESTART_KEYS:
        try:
            registry.CloseKey(registry.OpenKey(registry.HKEY_LOCAL_MACHINE, key))
        except OSError:
            continue
        return True
    return False


class ComputerWatch:
    """One thread that looks every ten seconds and tells what it found, if that is something else than before."""

    def __init__(self, ask: Callable[[], Computer], told: Callable[[Computer], None], every_s: float = EVERY_S) -> None:
        self._ask, self._told, self._every_s = ask, told, every_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="computer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End; waits for the look that is under way."""
        self._closing.set()
        self._thread.join(self._every_s)

    def _run(self) -> None:
        before: Computer | None = None
        while True:
            try:
                found = self._ask()
            except Exception:  # a thread's edge: not to know this stops nothing else
                log.exception("this computer could not be asked")
                found = Computer()
            if found != before:
                before = found
                self._told(found)
            if self._closing.wait(self._every_s):
                return
