"""Who is at work, over a page: it lies where neither vital signs nor pump nor alarms stand."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from ui.bridge import Bridge
from ui.pages.start.sign_in import SignInPanel
from ui.theme import Theme
from ui.widgets.entry import make_tall


class StaffPanel(QFrame):
    """signed_in(words): somebody is at work from now on; the panel has closed itself by then."""

    signed_in = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, bedside: Bedside, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("outlined")
        self._place: QWidget | None = None
        self._snapshot = bedside.latest()
        self._is_made = False
        self._theme, self._bedside, self._bridge = theme, bedside, bridge
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.px(10), theme.px(8), theme.px(10), theme.px(8))
        self.hide()

    @cached_property
    def panel(self) -> SignInPanel:
        """Made when it is first wanted; it begins with the newest picture and follows it from then on."""
        made = SignInPanel(self._theme, self._bedside, self._bridge, tall=True)
        made.closed.connect(self.leave)
        made.signed_in.connect(self._on_signed_in)
        self._column.addWidget(made)
        make_tall(made)
        self._is_made = True
        made.show_snapshot(self._snapshot)
        return made

    def toggle_over(self, place: QWidget) -> None:
        """Lie over this part of the page; where it lies already, go."""
        if self.isVisible():
            self.leave()
        else:
            self.open_over(place)

    def open_over(self, place: QWidget) -> None:
        """Lie over this part of the page."""
        self._place = place
        self.panel.begin()
        self.lie_down()
        self.show()
        self.raise_()
        self.panel.focus_first()

    def lie_down(self) -> None:
        """Cover the place exactly, wherever it is now; gone with it."""
        over = self.parentWidget()
        if self._place is None or over is None:
            return
        if not self._place.isVisible():
            self.leave()
            return
        box = QRect(self._place.mapTo(over, QPoint(0, 0)), self._place.size())
        if box != self.geometry():
            self.setGeometry(box)

    def back(self) -> None:
        """Esc: one step back inside, then away."""
        if not self.panel.back():
            self.leave()

    def leave(self) -> None:
        """Nothing has changed."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring it up to date."""
        self._snapshot = snapshot
        if self._is_made:
            self.panel.show_snapshot(snapshot)
        if self.isVisible():
            self.lie_down()

    def _on_signed_in(self, words: str) -> None:
        self.leave()
        self.signed_in.emit(words)
