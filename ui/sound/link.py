"""The screen's end of the sound helper: keeps it fed and alive, and tells the engine whether alarms can be heard."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from exomonitor.clock import stopwatch
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.sound_tests import NOT_HEARD
from ui.sound.mark import Mark

log = logging.getLogger(__name__)

BEAT_MS = 1000
SILENT_S = 25.0
"""A helper that reports every 10 s and says nothing for this long hangs: it is replaced."""
BACK_OFF_S = (1.0, 2.0, 5.0)
HOME = Path(__file__).resolve().parents[2]
"""Where the program lies: the helper is found there from whatever folder the program was started."""
_LEAVE_S = 2.0


def helper_command(mark: Mark | None = None) -> list[str]:
    """How to start the helper with the interpreter that runs us. mark: tells an orphan that a newer program runs."""
    return [sys.executable, "-m", "ui.sounder", *(mark.words() if mark is not None else ())]


class SounderLink(QObject):
    """Owned by the window, on the GUI thread: when that stands still, so do the heartbeats, and the helper sounds."""

    audio_changed = Signal(bool, str)
    _line_came = Signal(object, str)

    def __init__(
        self,
        set_audio: Callable[[bool, str], None],
        command: Sequence[str] = (),
        parent: QObject | None = None,
        *,
        seconds: Callable[[], float] = stopwatch,
    ) -> None:
        """set_audio: told (works, why not) at every change; Bedside.set_audio. command: starts the helper."""
        super().__init__(parent)
        self._set_audio, self._command, self._seconds = set_audio, list(command) or helper_command(), seconds
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._beat = self._beat_sent = -1
        self._sound: tuple[str | None, bool] = (None, False)
        self._state: tuple[bool, str] | None = None
        self._reported_s = 0.0
        self._restarts, self._restart_at_s = 0, 0.0
        self._refuted = self._tells_volume = False
        self._line_came.connect(self._on_line, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self.turn)

    def start(self) -> None:
        """Start the helper and the heartbeats."""
        self._launch()
        self._timer.start()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Pass on what should be heard; the beat goes with the next heartbeat, and only if it moved."""
        self._beat = snapshot.beat
        sounding = snapshot.audio.sounding
        sound = (sounding.word if sounding is not None else None, snapshot.audio.escalated and sounding is not None)
        if sound != self._sound:
            self._sound = sound
            self._send_sound()

    @property
    def tells_volume(self) -> bool:
        """Whether this computer says that it is muted or turned down."""
        return self._tells_volume

    def test(self, *, full: bool) -> bool:
        """Let the three sounds (or one short one) be heard; False when there is nothing to hear them on."""
        if self._state is None or not self._process:
            return False
        self._send({"test": "full" if full else "short"})
        return self._state[0]

    def answer_test(self, *, heard: bool) -> None:
        """What the person says after the test outweighs what the computer believes."""
        self._refuted = not heard
        if self._state is not None:
            self._publish(*self._state)

    def close(self) -> None:
        """Say bye and wait a moment for the helper to go."""
        self._timer.stop()
        self._send({"bye": True})
        self._end(_LEAVE_S)

    def turn(self) -> None:
        """Once a second: heartbeat if the picture moved, and look after the helper."""
        now_s = self._seconds()
        if self._process is None:
            if now_s >= self._restart_at_s:
                self._launch()
            return
        if self._process.poll() is not None:
            self._lost(f"the sound helper stopped (code {self._process.returncode})")
        elif now_s - self._reported_s > SILENT_S:
            self._lost("the sound helper does not answer")
        elif self._beat != self._beat_sent:
            self._beat_sent = self._beat
            self._send({"beat": self._beat})

    def _launch(self) -> None:
        try:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True, encoding="utf-8", bufsize=1, start_new_session=True, cwd=HOME,
            )  # fmt: skip
        except OSError as cause:
            self._lost(f"the sound helper cannot be started: {cause.strerror or cause}")
            return
        self._reported_s = self._seconds()
        self._reader = threading.Thread(target=self._read, args=(self._process,), name="sounder-reports", daemon=True)
        self._reader.start()
        if self._sound[0] is not None:
            self._send_sound()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._line_came.emit(process, line)

    def _on_line(self, process: subprocess.Popen[str], line: str) -> None:
        if process is not self._process:
            return
        try:
            said = json.loads(line)
        except ValueError:
            log.warning("the sound helper said something that is no report")
            return
        self._reported_s = self._seconds()
        if "audio" in said:
            self._restarts = 0
            self._tells_volume = said.get("volume") is True
            self._publish(bool(said["audio"]), str(said.get("why", "")))

    def _publish(self, works: bool, why: str) -> None:
        self._state = works, why
        if works and self._refuted:
            works, why = False, NOT_HEARD
        self._set_audio(works, why)
        self.audio_changed.emit(works, why)

    def _lost(self, why: str) -> None:
        log.warning("%s; it is started again", why)
        self._publish(False, why)
        self._end(0.0)
        wait_s = BACK_OFF_S[min(self._restarts, len(BACK_OFF_S) - 1)]
        self._restarts += 1
        self._restart_at_s = self._seconds() + wait_s

    def _send_sound(self) -> None:
        word, loud = self._sound
        self._send({"sound": word, "loud": loud})

    def _send(self, content: dict[str, object]) -> None:
        if self._process is None or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(json.dumps(content) + "\n")
        except (OSError, ValueError):  # it went away; the next turn sees that and replaces it
            log.debug("the sound helper takes no more lines")

    def _end(self, patience_s: float) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            try:
                process.stdin.close()
            except OSError:
                log.debug("the pipe to the sound helper was broken already")
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._reader is not None:
            self._reader.join(_LEAVE_S)
        if process.stdout is not None:
            process.stdout.close()
