"""The helper process that makes alarms heard; it also sounds when the screen itself stands still."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal

from exomonitor.clock import stopwatch
from ui.sound.mark import Mark
from ui.sound.notice import Notice
from ui.sound.player import Player, QtPlayer
from ui.sound.watch import FAILURE, PATIENCE_S, SoundWatch

log = logging.getLogger(__name__)

TICK_MS = 50
LOOK_MS = 1000
REPORT_MS = 10_000
KEEP_SOUNDING_S = 120.0
"""A screen that is gone for good is called out for this long."""
FROZEN = (
    "ExoMonitor stands still",
    """Nothing on its screen can be trusted now. Look at the patient, the pump and the monitor themselves.
Write on paper. Then close the program and start it again: the session goes on where the record ends.""",
)


class Sounder(QObject):
    """Reads lines, plays sounds, reports. Ends after `bye`, or when a screen that is gone has been called out."""

    _heard = Signal(str)
    _ended = Signal()

    def __init__(
        self,
        player: Player,
        lines: IO[str],
        out: IO[str],
        *,
        patience_s: float = PATIENCE_S,
        window: bool = False,
        mark: Mark | None = None,
    ) -> None:
        """window: whether a frozen screen may also be said in a window of our own. mark: ends us once we are orphaned
        and a newer program has come."""
        super().__init__()
        self._player, self._lines, self._out = player, lines, out
        self._watch = SoundWatch(patience_s)
        self._may_show, self._mark = window, mark
        self._notice: Notice | None = None
        self._gone_s: float | None = None
        self._was_calling = self._was_loud = False
        self._told: object = None
        queued = Qt.ConnectionType.QueuedConnection
        self._heard.connect(self._hear, queued)
        self._ended.connect(self._on_end_of_input, queued)
        self._reader = threading.Thread(target=self._read, name="sounder-input", daemon=True)
        self._ticks = _timer(self, TICK_MS, self._tick)
        self._looks = _timer(self, LOOK_MS, self._look)
        self._reports = _timer(self, REPORT_MS, self._report)

    def start(self) -> None:
        """Report once and begin to listen."""
        self._report()
        self._reader.start()
        self._ticks.start()
        self._looks.start()
        self._reports.start()

    def _read(self) -> None:
        for line in self._lines:
            self._heard.emit(line)
        self._ended.emit()

    def _hear(self, line: str) -> None:
        wrong = self._watch.hear(line, stopwatch())
        if wrong:
            log.warning("line from the screen ignored: %s", wrong)
        if self._watch.closing:
            self._quit(0)

    def _on_end_of_input(self) -> None:
        # The screen is gone. Without a heartbeat before, there never was one to watch over.
        self._gone_s = stopwatch()

    def _tick(self) -> None:
        now_s = stopwatch()
        for name in self._watch.due(now_s):
            self._player.play(name)
            if name != FAILURE:
                self._say({"due": name})
        if self._watch.loud != self._was_loud:
            self._was_loud = self._watch.loud
            self._player.loud(wanted=self._was_loud)
        if self._watch.calling != self._was_calling:
            self._was_calling = self._watch.calling
            self._call_out() if self._watch.calling else self._call_off()
        if self._gone_s is not None:
            self._leave_a_gone_screen(now_s - self._gone_s)

    def _call_out(self) -> None:
        self._say({"failure": True})
        if self._may_show:
            self._notice = Notice(*FROZEN)
            self._notice.closed.connect(self._on_seen)
            self._notice.show()

    def _on_seen(self) -> None:
        """A program that is gone for good needs no second call; one that may still come back, or hang on, does."""
        if self._gone_s is not None:
            self._quit(1)
        else:
            self._watch.hush(stopwatch())

    def _call_off(self) -> None:
        self._say({"failure": False})
        if self._notice is not None:
            self._notice.deleteLater()
            self._notice = None

    def _leave_a_gone_screen(self, gone_s: float) -> None:
        if self._mark is not None and self._mark.replaced():
            self._quit(1)  # whoever started the program again has seen it; our notice must not lie over the new one
            return
        heard, _ = self._player.state() if self._watch.frozen else (False, "")
        calling = self._watch.frozen and (heard or self._notice is not None)
        if gone_s > (KEEP_SOUNDING_S if calling else self._watch.patience_s + 1):
            self._quit(1)

    def _look(self) -> None:
        """Once a second: mute, volume and device are told as soon as they change, not with the next report."""
        if self._told != self._player.state():
            self._report()

    def _report(self) -> None:
        self._told = works, why = self._player.state()
        self._say({"audio": works, "why": why, "volume": self._player.tells_volume()})

    def _say(self, content: dict[str, object]) -> None:
        try:
            self._out.write(json.dumps(content) + "\n")
            self._out.flush()
        except (OSError, ValueError):  # nobody reads any more; the sounds go on
            self._out = io.StringIO()

    def _quit(self, code: int) -> None:
        for timer in (self._ticks, self._looks, self._reports):
            timer.stop()
        QCoreApplication.exit(code)


def main(argv: Sequence[str]) -> int:
    """The process: lines in on stdin, reports out on stdout; 0 after `bye`, 1 when the screen was given up."""
    parser = argparse.ArgumentParser(prog="sounder", description="Plays alarm sounds for the bedside window.")
    parser.add_argument("--patience", type=float, default=PATIENCE_S, help="seconds without a heartbeat that are borne")
    parser.add_argument("--mark", default="", help="the file in which the newest program leaves its sign")
    parser.add_argument("--sign", default="", help="the sign of the program that started this one")
    asked = parser.parse_args(argv)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the window; it says bye
    os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false")
    shown = has_display()
    app = _application(shown)
    player = QtPlayer()
    mark = Mark(Path(asked.mark), asked.sign) if asked.mark else None
    sounder = Sounder(player, sys.stdin, sys.stdout, patience_s=asked.patience, window=shown, mark=mark)
    QTimer.singleShot(0, sounder, sounder.start)
    code = app.exec()
    player.close()
    sys.stdout.flush()
    # The reader may still wait for a line that never comes; nothing of it is worth waiting for.
    os._exit(code)


def has_display() -> bool:
    """Whether a window of ours could be seen."""
    if os.environ.get("QT_QPA_PLATFORM") in {"offscreen", "minimal"}:
        return False
    return not sys.platform.startswith("linux") or any(os.environ.get(v) for v in ("DISPLAY", "WAYLAND_DISPLAY"))


def _application(shown: bool) -> QCoreApplication:
    if not shown:
        return QCoreApplication([])
    from PySide6.QtWidgets import QApplication

    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    return app


def _timer(owner: Sounder, milliseconds: int, work: object) -> QTimer:
    timer = QTimer(owner)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(milliseconds)
    timer.timeout.connect(work)
    return timer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
