"""One chair of several: its window lies in the station's, asks for the wristband, and rests while another is shown."""

from __future__ import annotations

from PySide6.QtCore import Signal

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts.wristband import ShowChair
from ui.bridge import Bridge, Held
from ui.frame.wristband_panel import WristbandPanel
from ui.main_window import MainWindow
from ui.sound.link import SounderLink
from ui.theme import Theme


class ChairWindow(MainWindow):
    """Keeps its pages as they were left. blind_changed(bool): a second person is at work in this chair."""

    blind_changed = Signal(bool)
    in_front = True

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, sounder: SounderLink | None = None) -> None:
        super().__init__(bedside, bridge, theme, sounder)
        self.setMinimumSize(0, 0)  # the station's window has the smallest size that is allowed
        body = self.centralWidget()
        assert body is not None
        self.wristband = WristbandPanel(theme, bedside, bridge, body)
        self.wristband.told.connect(self.toast.say)
        self.wristband.closed.connect(self.focus_page)
        bridge.keeper = self._hold
        self.alarm_bar.place_wanted.connect(self.place_wanted)
        self.alarm_list.place_wanted.connect(self.place_wanted)

    def come_forward(self, *, switched: bool) -> None:
        """This chair is shown from now on; switched: another one was, so the wristband is wanted before an entry."""
        self.in_front = True
        self.show_snapshot(self._snapshot)
        self.focus_page()
        if switched:
            self.bridge.submit(ShowChair(self.bedside.chair, self._snapshot.staff_id), lambda _: None, self.toast.say)

    def step_back(self) -> None:
        """Another chair is shown: pages stay as they are, nothing is drawn."""
        self.in_front = False
        self.alarm_list.hide()
        if self.wristband.isVisible():
            self.wristband.leave()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The newest picture; behind another chair only the trend goes on."""
        if self.in_front:
            super().show_snapshot(snapshot)
            self.nav.show_others(())  # the strip leads to the other places
        else:
            self._silent_s, self._snapshot = 0, snapshot
            self.session_page.keep(snapshot)
        if hasattr(self, "wristband"):
            self.wristband.show_snapshot(snapshot)

    def _choose(self) -> None:
        super()._choose()
        if hasattr(self, "wristband") and self.wristband.isVisible():
            self.wristband.lie_down()  # gone with the page it lay on: a reaction came over it

    def back(self) -> None:
        """Esc: the question for the wristband first."""
        if self.wristband.isVisible():
            self.wristband.leave()
        else:
            super().back()

    def _hold(self, held: Held) -> None:
        self.alarm_list.hide()
        self.wristband.hold(held, self.spare())

    def _show_blind(self, blind: bool) -> None:
        super()._show_blind(blind)
        self.blind_changed.emit(blind)
