"""Whether this computer asks for less motion: the desktop's own setting, as Windows, macOS, GNOME, GTK and KDE keep it.

Qt tells its contrast and its colours, not this. A system that tells nothing asks for nothing.
"""

from __future__ import annotations

import configparser
import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from exomonitor.bounded import TABLE_BYTES, read_bounded

Ask = Callable[[Sequence[str]], str]
_GNOME = ("gsettings", "get", "org.gnome.desktop.interface", "enable-animations")
_MACOS = ("defaults", "read", "com.apple.universalaccess", "reduceMotion")
_FILES = (
    ("gtk-4.0/settings.ini", "Settings", "gtk-enable-animations"),
    ("gtk-3.0/settings.ini", "Settings", "gtk-enable-animations"),
    ("kdeglobals", "KDE", "AnimationDurationFactor"),
)
_OFF = frozenset({"false", "0", "0.0", "off", "no"})
_TIMEOUT_S = 2.0
_CLIENT_AREA_ANIMATION = 0x1042


def said(command: Sequence[str]) -> str:
    """What a program of the system answers; "" where there is none, or where it fails."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout if answer.returncode == 0 else ""


def wanted_less(platform: str = sys.platform, ask: Ask = said, config: Path | None = None) -> bool:
    """Whether the person at this computer has asked for less motion. May wait for the system for a second or two."""
    if platform == "win32":
        return _windows()
    if platform == "darwin":
        return ask(_MACOS).strip() == "1"
    folder = config or Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return _is_off(ask(_GNOME)) or any(_is_off(_kept(folder / path, part, key)) for path, part, key in _FILES)


def _is_off(word: str) -> bool:
    return word.strip().lower() in _OFF


def _kept(path: Path, part: str, key: str) -> str:
    """A value of an ini file; "" where there is no such file, part or value."""
    table = configparser.RawConfigParser(strict=False)
    try:
        table.read_string(read_bounded(path, TABLE_BYTES).decode("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return ""
    return table.get(part, key, fallback="")


def _windows() -> bool:
    animates = ctypes.c_int(1)
    windows = getattr(ctypes, "windll", None)
    if windows is None:
        return False
    told = windows.user32.SystemParametersInfoW(_CLIENT_AREA_ANIMATION, 0, ctypes.byref(animates), 0)
    return bool(told) and not animates.value
