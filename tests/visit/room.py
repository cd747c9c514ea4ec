"""The room of a scripted visit: a whole station on simulated time with simulated devices, and the real window on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from devices.demo import SimulatedDevices
from devices.simulation.scenarios import load_scenario
from devices.spec import Role
from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.engine.conductor import Conductor
from exomonitor.engine.snapshot import Snapshot
from exomonitor.rehearsal import attach_all, welcome
from exomonitor.session.state import SessionState
from exomonitor.station import Station
from tests.visit.hands import Hands
from ui.bridge import Bridge
from ui.main_window import MainWindow
from ui.theme import DARK, apply

CHAIR = "4"
NURSE, VERIFIER, PRESCRIBER = "R. DEMO-OKAFOR", "V. DEMO-SANTOS", "Dr DEMO-LINDQVIST"
PINS = {NURSE: "1111", VERIFIER: "2222", PRESCRIBER: "3333"}
SIZE = (1366, 768)
A_MOMENT_S = 1.0
"""What an action of the hands takes on simulated time."""
STRIDE_S = 5.0
"""How far time goes at once at the most."""
_ASIDE = {"prove", "seal", "export"}

WORLD = """
name = "visit"
title = "A visit in the real window"
minutes = 600
seed = 7
pump = "bbraun-space"
monitor = "hl7-pcd01"
[pump_setup]
rate_ml_h = 41.4
vtbi_ml = 100.0
[monitor_setup]
interval_s = 15.0
nibp_interval_s = 0
ecg = true
[patient]
hr = 78
spo2 = 97
rr = 15
temp = 36.6
nibp_sys = 124
nibp_dia = 76
"""


class WaitingBridge(Bridge):
    """A bridge that knows how many answers are still on their way."""

    def __init__(self, station: Station) -> None:
        super().__init__(station)
        self._pace.setInterval(0)
        self._page.setInterval(0)
        self.open = 0

    def _follow(self, *asked: Any) -> None:
        self.open += 1
        super()._follow(*asked)

    def _on_resolved(self, outcome: Any) -> None:
        self.open -= 1
        super()._on_resolved(outcome)


class Room:
    """One chair, one pump, one monitor, one screen. Time passes only by `wait`, and a second with every action."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        folder.mkdir(exist_ok=True)
        script = folder / "visit.toml"
        script.write_text(WORLD, encoding="utf-8")
        self.station = assemble(
            self.clock, folder / "demo.sqlite3", "ExoMonitor (test)", simulated=True, chair=CHAIR, batch_s=10.0
        )
        self.devices = SimulatedDevices(load_scenario(str(script)), "memory", self.clock, CHAIR, self.station.hear)
        self.station.devices = self.devices
        self.station.set_audio(True, "")
        attach_all(self.station, self.devices)
        self.conductor = Conductor(self.clock, self.station.runtime, self.devices, lambda: self.devices.links)
        welcome(self.station)
        self.bridge = WaitingBridge(self.station)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme = DARK.scaled_for(*SIZE)
        apply(app, theme)
        self.window = MainWindow(self.station, self.bridge, theme)
        self.window._watch.stop()  # it counts real seconds
        self.window.setFixedSize(*SIZE)
        self.window.show()
        self.bridge.start()
        QTest.qWaitForWindowExposed(self.window)
        self.window.activateWindow()
        self.hands = Hands(self.window, lambda: self.wait(A_MOMENT_S))
        self.wait(A_MOMENT_S)

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
        self.bridge.close()
        self.devices.close()
        self.station.close()

    # --- time --------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Until every answer has come and has been painted."""
        for _ in range(400):
            self.station.runtime.settle()
            QApplication.processEvents()
            aside = [thread for thread in threading.enumerate() if thread.name in _ASIDE]
            for thread in aside:
                thread.join()
            if not self.bridge.open and not aside:
                break
            if not aside:
                QTest.qWait(1)
        self.station.runtime.settle()
        QApplication.processEvents()
        assert QApplication.activeWindow() is self.window, "another window has taken the keyboard"

    def wait(self, seconds: float) -> None:
        """Let simulated time pass."""
        self.settle()
        end = self.conductor.t + seconds
        while self.conductor.t < end - 1e-6:  # in strides, at each of which every device is read
            self.clock.advance(min(STRIDE_S, end - self.conductor.t))
            self.conductor._turn()
        self.settle()

    def next_day(self) -> None:
        """A day goes by in which nobody is at the chair."""
        self.clock.advance(24 * 3600.0)
        self.station.runtime.settle()
        self.wait(A_MOMENT_S)

    def wait_until(self, true: Callable[[Snapshot], bool], most_s: float = 3600.0) -> None:
        """Let simulated time pass until the picture is so."""
        end = self.conductor.t + most_s
        while not true(self.now):
            assert self.conductor.t < end, "it never came"
            self.wait(5.0)

    # --- what stands there -------------------------------------------------------------------------------------------

    @property
    def now(self) -> Snapshot:
        return self.station.latest()

    @property
    def state(self) -> SessionState:
        state = self.now.session
        assert state is not None
        return state

    @property
    def front(self) -> QWidget:
        """The page in front."""
        page = self.window.stack.currentWidget()
        assert page is not None
        return page

    def page(self, name: str) -> Any:
        """A page by its name; it must be the one in front."""
        page = self.window.pages[name]
        assert page is self.front, f"in front is {self.front}, not {name}"
        return page

    # --- hands beside the screen -------------------------------------------------------------------------------------

    def pump(self, action: str, **values: float) -> None:
        """Press a key of the pump."""
        self.devices.scene.press(Role.PUMP, action, **values)
        self.wait(2.0)

    def cuff(self) -> None:
        """Start on the monitor, and wait for the pressure."""
        self.devices.scene.press(Role.MONITOR, "nibp")
        self.wait(60.0)

    def sign(self, name: str) -> None:
        """Name and PIN on the panel in sight."""
        self.hands.touch(name)
        self.hands.pin(PINS[name])


@contextmanager
def open_room(folder: Path) -> Iterator[Room]:
    """A room that is closed again."""
    made = Room(folder)
    try:
        yield made
    finally:
        made.close()
