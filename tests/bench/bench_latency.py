"""How long from a device's byte to the slot, the painted alarm, the request for a sound, and the disk."""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from devices.monitors.nellcor.wire import NellcorLine, encode_line
from devices.service import LiveDevices
from devices.transport.pty import PtyServer
from exomonitor.clinical.protocol import load_protocol
from exomonitor.clock import SystemClock, stopwatch
from exomonitor.engine.engine import EngineConfig
from exomonitor.engine.ports import Binding
from exomonitor.engine.snapshot import Snapshot
from exomonitor.records.database import open_database
from exomonitor.records.queries import open_archive
from exomonitor.records.writer import RecorderThread
from exomonitor.session.commands import OpenSession
from exomonitor.session.entry import Entry
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.signals.waves import WaveChunk, WaveName
from exomonitor.station import Station
from tests.exomonitor.station_bench import CHAIR, do, sign_in, written
from ui.app import settle_down
from ui.bridge import Bridge
from ui.main_window import MainWindow
from ui.sound.link import SounderLink
from ui.theme import DARK

ROUNDS, EACH, PATIENCE_S, REST_S, WAVES_HZ = 5, 20, 5.0, 0.3, 500.0
RELAYED = "relayed:monitor"
QUIET = NellcorLine("02-MAR-26 09:00:00", 97, 78, 50)
ALARM = NellcorLine("02-MAR-26 09:00:02", 84, 78, 50, spo2_marked=True, codes=("SL",))
LANES = tuple(WaveName)[:8]
STOPS = ("slot", "painted", "sound", "durable")
SOUND = "sound asked for"
"""The helper is a process of its own: this is the moment at which it would be written to."""


class Ear(SounderLink):
    """The link to the helper, up to the moment at which it writes to it."""

    def __init__(self, stops: dict[str, float]) -> None:
        super().__init__(lambda works, why: None)
        self._stops = stops

    def _send_sound(self) -> None:
        if self._sound[0] is not None:
            self._stops.setdefault("sound", stopwatch())


class Bedside(QObject):
    """A whole station with its window; an oximeter on a pseudo-terminal raises an alarm, and takes it back."""

    def __init__(self, folder: Path, ending: ExitStack) -> None:
        super().__init__()
        self.stops: dict[str, float] = {}
        self._stands = self._painting = False
        clock = SystemClock()
        database = open_database(folder / "clinic.sqlite3", "bench", True, clock)
        self.station = Station(
            clock=clock,
            config=EngineConfig(load_protocol(), "bench", True),
            recorder=RecorderThread(database, self._committed),
            archive=open_archive(folder / "clinic.sqlite3"),
            exporter=written,
            chair=CHAIR,
        )
        ending.callback(self.station.close)
        do(self.station, OpenSession(CHAIR, sign_in(self.station)))
        self.station.set_audio(True, "")
        self.station.runtime.start()
        self._wire = PtyServer("oximeter")
        self._wire.open()
        ending.callback(self._wire.close)
        devices = LiveDevices(clock, self.station.hear, self.station.attach, self.station.detach)
        ending.callback(devices.close)
        self.bridge = Bridge(self.station)
        ending.callback(self.bridge.close)
        self._ear = Ear(self.stops)
        self.bridge.alarmed.connect(self._on_slot)
        self.bridge.alarmed.connect(self._ear.show_snapshot)  # before the pages, as ui/app.py does
        self.bridge.snapshot.connect(self._ear.show_snapshot)
        self.window = MainWindow(self.station, self.bridge, DARK)
        self.window.resize(1366, 768)
        self.window.show()
        ending.callback(self.window.close)
        self.window.alarm_bar.installEventFilter(self)
        self.bridge.alarmed.connect(self._on_painted)  # after the window: the bar has been painted, or has not
        self.bridge.start()
        settle_down()
        devices.bind(Binding(CHAIR, "monitor", "nellcor", self._wire.port, 0))
        turn_until(self._wire.has_client)
        self._say(QUIET)

    def alarm(self) -> dict[str, float]:
        """Milliseconds from the bytes of one alarm to each stop."""
        self.stops.clear()
        self._painting = False
        begun = stopwatch()
        self._say(ALARM)
        turn_until(lambda: len(self.stops) == len(STOPS))
        taken = {stop: 1000 * (self.stops[stop] - begun) for stop in STOPS}
        self._say(QUIET)
        turn_until(lambda: not self._stands)
        rest()  # the end of the alarm is on the disk before the next one begins
        return taken

    def _say(self, line: NellcorLine) -> None:
        self._wire.write(encode_line(line))

    def _on_slot(self, snapshot: Snapshot) -> None:
        self._stands = any(alarm.key.startswith(RELAYED) for alarm in snapshot.alarms)
        if self._stands:
            self.stops.setdefault("slot", stopwatch())

    def _committed(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if isinstance(entry.event, AlarmChanged) and entry.event.key.startswith(RELAYED):
                self.stops.setdefault("durable", stopwatch())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The alarm bar is about to be painted; the stop comes when that is done."""
        if event.type() is QEvent.Type.Paint and "slot" in self.stops and not self._painting:
            self._painting = True
            QTimer.singleShot(0, lambda: self.stops.setdefault("painted", stopwatch()))
        return False

    def _on_painted(self, _: Snapshot) -> None:
        """What the window had to paint at once is on the screen."""
        if self._painting:
            self.stops.setdefault("painted", stopwatch())

    @contextmanager
    def loaded(self) -> Iterator[None]:
        """Eight waves at 500/s, as a monitor would send them, and the whole page drawing them."""
        ended = threading.Event()
        count = round(WAVES_HZ / 10)
        samples = (500 * np.sin(np.arange(count) / 8)).astype(np.int16)

        def feed() -> None:
            while not ended.wait(0.1):
                now = SystemClock().now()
                for wave in LANES:
                    chunk = WaveChunk("monitor", wave, WAVES_HZ, samples.copy(), 0.001, "mV", now)
                    self.station.hear(CHAIR, chunk)

        thread = threading.Thread(target=feed, name="waves", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


class Floor(QObject):
    """A bare pseudo-terminal, a thread that reads it, and a Qt slot."""

    came = Signal()

    def __init__(self, ending: ExitStack) -> None:
        super().__init__()
        self._far, self._near = os.openpty()
        self._at = 0.0
        self.came.connect(self._on_came, Qt.ConnectionType.QueuedConnection)
        thread = threading.Thread(target=self._read, name="floor", daemon=True)
        thread.start()
        ending.callback(self._close, thread)

    def trip(self) -> float:
        """Milliseconds from a byte to the slot."""
        self._at, begun = 0.0, stopwatch()
        os.write(self._far, b"x\n")
        turn_until(lambda: self._at > 0)
        return 1000 * (self._at - begun)

    def _read(self) -> None:
        while b"q" not in os.read(self._near, 64):
            self.came.emit()

    def _on_came(self) -> None:
        self._at = stopwatch()

    def _close(self, thread: threading.Thread) -> None:
        os.write(self._far, b"q\n")
        thread.join()
        os.close(self._far)
        os.close(self._near)


def turn_until(done: Callable[[], bool]) -> None:
    """Let Qt work until it is so; AssertionError after five seconds."""
    until_s, loop, wake = stopwatch() + PATIENCE_S, QEventLoop(), QTimer()
    wake.start(20)  # what does not happen in Qt is seen so; in between the thread sleeps, as the program's does
    while not done():
        loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        assert stopwatch() < until_s, "nothing came"


def rest() -> None:
    """Nothing happens for a moment: threads sleep, as they do between two messages of a device."""
    until_s = stopwatch() + REST_S
    turn_until(lambda: stopwatch() > until_s)


def rested(trip: Callable[[], float]) -> float:
    """A trip in the rhythm of the alarms: what follows its like at once finds everything awake."""
    rest()
    return trip()


def synced(folder: Path) -> float:
    """Milliseconds of writing a page and having it on the disk."""
    with (folder / "floor").open("wb") as file:
        file.write(b"x" * 4096)
        file.flush()
        begun = stopwatch()
        os.fdatasync(file.fileno())
        return 1000 * (stopwatch() - begun)


def run() -> list[dict[str, object]]:
    """Milliseconds; floor, idle and loaded take turns within one run."""
    app = QApplication.instance() or QApplication([])
    assert app is not None
    taken: dict[str, list[float]] = {f"{stop} {when}": [] for stop in STOPS for when in ("idle", "load")}
    floors: list[float] = []
    awake: list[float] = []
    disk: list[float] = []
    begun = stopwatch()
    with tempfile.TemporaryDirectory() as name, ExitStack() as ending:
        folder = Path(name)
        floor, bedside = Floor(ending), Bedside(folder, ending)
        for _ in range(ROUNDS):
            awake += [floor.trip() for _ in range(EACH)]
            floors += [rested(floor.trip) for _ in range(EACH // 2)]
            disk += [rested(lambda: synced(folder)) for _ in range(EACH // 2)]
            _measure(bedside, taken, "idle")
            with bedside.loaded():
                _measure(bedside, taken, "load")
    rows = _rows(taken, statistics.median(floors), statistics.median(disk))
    rows += _longest(taken, (stopwatch() - begun) / 60)
    rows += _against_its_like(taken, floors)
    ends = (("median", statistics.median(floors)), ("p99", float(np.percentile(floors, 99))))
    rows += [{"name": f"bare pty -> slot, {end}", "value": value, "unit": "ms"} for end, value in ends]
    awake_ms = statistics.median(awake)
    return [*rows, {"name": "the same, one after the other, median", "value": awake_ms, "unit": "ms"}]


def _measure(bedside: Bedside, taken: dict[str, list[float]], when: str) -> None:
    for _ in range(EACH):
        for stop, milliseconds in bedside.alarm().items():
            taken[f"{stop} {when}"].append(milliseconds)


def _rows(taken: dict[str, list[float]], floor: float, disk: float) -> list[dict[str, object]]:
    bare, sync = f"bare pty -> slot, median {floor:.3g} ms", f"fdatasync, median {disk:.3g} ms"
    worst = {name: float(np.percentile(values, 99)) for name, values in taken.items()}
    rows = [
        _row(
            "byte -> slot, p99 under load",
            worst["slot load"],
            f"idle {worst['slot idle']:.3g} ms",
            worst["slot idle"],
            2,
        )
    ]
    for when in ("idle", "load"):
        rows += [
            _row(f"byte -> painted alarm, p99 {when}", worst[f"painted {when}"], bare, floor, 20),
            _row(f"byte -> {SOUND}, p99 {when}", worst[f"sound {when}"], bare, floor, 20),
            _row(f"byte -> durable, p99 {when}", worst[f"durable {when}"], sync, disk, 15),
        ]
    for name, values in taken.items():
        rows.append(
            {
                "name": f"byte -> {name.replace('sound', SOUND)}, median",
                "value": statistics.median(values),
                "unit": "ms",
            }
        )
    return rows


def _longest(taken: dict[str, list[float]], minutes: float) -> list[dict[str, object]]:
    """The longest of all against the median, within one run of so many minutes."""
    rows = []
    for when in ("idle", "load"):
        values = taken[f"slot {when}"]
        median = statistics.median(values)
        name = f"byte -> slot, longest of {len(values)} {when} in {minutes:.1f} min"
        rows.append(_row(name, max(values), f"its median {median:.3g} ms", median, 20))
    return rows


def _against_its_like(taken: dict[str, list[float]], floors: list[float]) -> list[dict[str, object]]:
    """What a machine that others use as well does to a bare trip, it does to an alarm: p99 against p99, no target."""
    floor = float(np.percentile(floors, 99))
    rows: list[dict[str, object]] = []
    for stop in STOPS:
        worst = float(np.percentile(taken[f"{stop} load"], 99))
        against = f"p99 of a bare pty -> slot {floor:.3g} ms"
        row = {
            "name": f"byte -> {stop.replace('sound', SOUND)}, p99 load",
            "value": worst,
            "unit": "ms",
            "against": against,
        }
        rows.append({**row, "ratio": worst / floor})
    return rows


def _row(name: str, value: float, against: str, other: float, target: float) -> dict[str, object]:
    ratio = value / other
    return {
        "name": name,
        "value": value,
        "unit": "ms",
        "against": against,
        "ratio": ratio,
        "target": f"<= {target:.3g}",
        "ok": ratio <= target,
    }
