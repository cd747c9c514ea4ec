"""The only place where threads meet Qt: pictures, waves and answers come out of it on the GUI thread."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import CommandRefused, EnvironmentFault, WristbandFirst
from exomonitor.session.commands import Command
from exomonitor.signals.waves import WaveChunk
from ui.drafts import DraftDesk
from ui.sound.tester import SoundTester

log = logging.getLogger(__name__)

SNAPSHOT_EVERY_MS = 200
PAGE_AFTER_MS = 30
"""So long the page waits behind alarm bar and sound: meanwhile the alarm's entry goes to the disk undisturbed."""
WAVES_PER_TURN = 64
"""A flood of waves is shown in several turns, so that keys and alarms are not kept waiting."""
_WAVES_KEPT = 4096  # a minute of everything; a screen that is further behind shows the newest

Failed = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Held:
    """An entry that waits for the wristband: `again` sends it once more, `give_up` tells its form why it was not."""

    why: str
    again: Callable[[], None]
    give_up: Callable[[], None]


_Outcome = tuple[Future[Any], Callable[[Any], None], Failed, Callable[[], None] | None]


class Bridge(QObject):
    """Brings the engine's facts to the GUI thread and the GUI's wishes to the engine. Lives on the GUI thread."""

    alarmed = Signal(object)
    """Something alarms otherwise than before, in this picture: what is heard and the alarm bar come before the page,
    which follows as `snapshot` PAGE_AFTER_MS later."""
    snapshot = Signal(object)
    waves = Signal(object)
    scanned = Signal(str, str)
    """(kind, content) of a scan, from ui/scanner.py: whoever is visible and wants it may take it."""
    _woken = Signal()
    _wave_came = Signal()
    _resolved = Signal(object)

    def __init__(self, bedside: Bedside, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bedside = bedside
        self._lock = threading.Lock()
        self._newest: Snapshot | None = None
        self._shown: Snapshot | None = None
        self._waiting: deque[WaveChunk] = deque(maxlen=_WAVES_KEPT)
        self._wave_announced = False
        self._closed = False
        self.keeper: Callable[[Held], None] | None = None
        """Takes entries that wait for the wristband; None: they are refused as anything else."""
        self.sounder: SoundTester | None = None
        """Plays sound tests; None where there is no helper."""
        self._workers: ThreadPoolExecutor | None = None
        self.drafts = DraftDesk(bedside.drafts, self.run, self)
        self.drafts.show_snapshot(bedside.latest())
        self.snapshot.connect(self.drafts.show_snapshot)
        self._pace = QTimer(self)
        self._pace.setSingleShot(True)
        self._pace.setInterval(SNAPSHOT_EVERY_MS)
        self._pace.timeout.connect(self._deliver)
        queued = Qt.ConnectionType.QueuedConnection
        self._page = QTimer(self)
        self._page.setSingleShot(True)
        self._page.setInterval(PAGE_AFTER_MS)
        self._page.timeout.connect(self._show_page)
        self._woken.connect(self._on_woken, queued)
        self._wave_came.connect(self._drain, queued)
        self._resolved.connect(self._on_resolved, queued)

    def start(self) -> None:
        """Begin to listen; the newest picture is delivered at once."""
        self._bedside.on_snapshot(self._take_snapshot)
        self._bedside.on_wave(self._take_wave)
        self._take_snapshot(self._bedside.latest())

    def close(self) -> None:
        """Deliver nothing more; waits for work that still runs."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
        self._pace.stop()
        self._page.stop()
        if self._workers is not None:
            self._workers.shutdown(wait=True, cancel_futures=True)
        self.drafts.flush()

    @property
    def closed(self) -> bool:
        """Whether the window is closing: long work looks here and ends (any thread)."""
        return self._closed

    def submit(self, command: Command, done: Callable[[Receipt], None], failed: Failed) -> None:
        """Send a command; exactly one of the two is called, later, on the GUI thread. done means: it is committed."""
        try:
            future: Future[Any] = self._bedside.submit(command)
        except (CommandRefused, EnvironmentFault) as refused:
            future = Future()
            future.set_exception(refused)
        self._follow(future, done, failed, lambda: self.submit(command, done, failed))

    def run(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Failed) -> None:
        """Do something slow (ports, archive, export) away from the GUI thread; the answer comes back on it."""
        if self._workers is None:
            self._workers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="screen-work")
        self._follow(self._workers.submit(work), done, failed)

    def follow(self, future: Future[Any], done: Callable[[Any], None], failed: Failed) -> None:
        """Wait for a future of the engine without waiting."""
        self._follow(future, done, failed)

    def _follow(
        self, future: Future[Any], done: Callable[[Any], None], failed: Failed, again: Callable[[], None] | None = None
    ) -> None:
        future.add_done_callback(lambda ended: self._announce((ended, done, failed, again)))

    def _announce(self, outcome: _Outcome) -> None:
        with self._lock:
            if not self._closed:
                self._resolved.emit(outcome)

    def _on_resolved(self, outcome: _Outcome) -> None:
        future, done, failed, again = outcome
        if self._closed:
            return
        try:
            answer = future.result()
        except WristbandFirst as told:
            why = str(told)
            if self.keeper is None or again is None:
                failed(why)
            else:
                self.keeper(Held(why, again, lambda: failed(why)))
            return
        except (CommandRefused, EnvironmentFault) as refused:
            failed(str(refused))
            return
        except CancelledError:
            failed("the program is closing")
            return
        except Exception:  # the program's edge: a bug in the core must not leave a form waiting for ever
            log.exception("a request of the screen failed")
            failed("something went wrong inside the program; it is in the log")
            return
        done(answer)

    # --- called on the engine's thread -------------------------------------------------------------------------------

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        with self._lock:
            before, self._newest = self._newest, snapshot
            if (before is None or _urgent(before, snapshot)) and not self._closed:
                self._woken.emit()

    def _take_wave(self, chunk: WaveChunk) -> None:
        with self._lock:
            if self._closed:
                return
            self._waiting.append(chunk)
            announced, self._wave_announced = self._wave_announced, True
            if not announced:
                self._wave_came.emit()

    # --- on the GUI thread -------------------------------------------------------------------------------------------

    def _on_woken(self) -> None:
        # A change of the alarms is never kept waiting for the pace.
        newest = self._newest
        urgent = newest is not None and (self._shown is None or _urgent(self._shown, newest))
        if urgent or not self._pace.isActive():
            self._deliver()

    def _deliver(self) -> None:
        with self._lock:
            newest, self._newest = self._newest, None
        if newest is None or self._closed:
            return
        first = self._shown is None
        urgent = self._shown is None or _urgent(self._shown, newest)
        self._shown = newest
        self._pace.start()
        if urgent:
            self.alarmed.emit(newest)
        if not urgent or first:
            self._show_page()
        elif not self._page.isActive():  # alarms that go on changing do not put the page off for ever
            self._page.start()

    def _show_page(self) -> None:
        self._page.stop()
        if self._shown is not None and not self._closed:
            self.snapshot.emit(self._shown)

    def _drain(self) -> None:
        with self._lock:
            count = min(WAVES_PER_TURN, len(self._waiting))
            chunks = [self._waiting.popleft() for _ in range(count)]
            self._wave_announced = bool(self._waiting)
            if self._wave_announced:
                self._wave_came.emit()
        if chunks and not self._closed:
            self.waves.emit(chunks)


def _urgent(before: Snapshot, after: Snapshot) -> bool:
    """Whether something alarms otherwise than it did, here or in another chair."""
    return before.alarms != after.alarms or [o.alarms for o in before.others] != [o.alarms for o in after.others]
