"""Whether a window can be shown here, found out before Qt is asked: Qt ends the whole program where it cannot."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

NO_DISPLAY = "There is no display here: the bedside window needs one. `demo --headless` runs without."
X_SOCKETS = Path("/tmp/.X11-unix")
"""Where the X servers of this machine listen."""
_CONNECT_S = 1.0
_TRIAL_S = 10.0
_TRIAL = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"
_LOCAL_X = re.compile(r"(?:unix)?:(\d+)(?:\.\d+)?")
_NEEDS_NONE = frozenset({"offscreen", "minimal"})


def have_display() -> bool:
    """Whether a window can be shown: at once where a local display answers, else Qt is tried in a process of its own.

    Elsewhere than on Linux there is always a display, unless QT_QPA_PLATFORM asks for another kind.
    """
    asked = os.environ.get("QT_QPA_PLATFORM", "")
    kinds = {kind.partition(":")[0] for kind in asked.split(";") if kind}
    if not kinds:
        if not sys.platform.startswith("linux"):
            return True
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            return False
        return _x_answers() or _wayland_answers() or _qt_starts()
    if kinds <= _NEEDS_NONE:
        return True
    if kinds == {"xcb"} and _x_answers():
        return True
    if kinds == {"wayland"} and _wayland_answers():
        return True
    return _qt_starts()


def _x_answers() -> bool:
    local = _LOCAL_X.fullmatch(os.environ.get("DISPLAY", ""))
    return local is not None and _answers(X_SOCKETS / f"X{local[1]}")


def _wayland_answers() -> bool:
    name, folder = os.environ.get("WAYLAND_DISPLAY", ""), os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(name) and _answers(Path(folder) / name)  # an absolute name stands for itself


def _answers(path: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import socket  # only where a display must be asked; the first paint waits for neither

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_CONNECT_S)
        try:
            line.connect(str(path))
        except OSError:
            return False
    return True


def _qt_starts() -> bool:
    """The judge in all other cases: a display elsewhere, a kind of Qt's own, or a server that is gone."""
    import subprocess

    command = [sys.executable, "-c", _TRIAL]
    quiet = subprocess.DEVNULL
    try:
        tried = subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=_TRIAL_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0
