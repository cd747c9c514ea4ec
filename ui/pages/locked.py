"""The monitor-only page of a screen that was left alone: vital signs, pump and timer, a reaction, and signing in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.signals.vitals import Sign
from ui.bridge import Bridge
from ui.kept_screen import KeptScreen
from ui.pages.session.large import LargePump, LargeTime
from ui.pages.session.tiles import VitalTile
from ui.plots.screen_size import ScreenSize
from ui.presenters.locked import LEFT_ALONE, LOCKED, MEANWHILE, UNNAMED, UNNAMED_WHY
from ui.presenters.pump import pump_card
from ui.presenters.tiles import nibp_tile, vital_tile
from ui.presenters.timer import timer
from ui.theme import GLOVED, Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, label, set_text

_RIGHT = 560
_CAP = 64


class LockedPage(QWidget):
    """reaction_wanted: F8, also without anybody signed in. staff_wanted: somebody wants to sign in."""

    reaction_wanted = Signal()
    staff_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        window = bedside.protocol.window
        self._window = window.shortest_min, window.longest_min
        self.tiles = {
            Sign.HR: VitalTile(theme, theme.hr, cap=_CAP),
            Sign.SPO2: VitalTile(theme, theme.spo2, cap=_CAP),
            Sign.RR: VitalTile(theme, theme.resp, cap=40),
            Sign.TEMP: VitalTile(theme, theme.temp, cap=40),
        }
        self.nibp = VitalTile(theme, theme.nibp, cap=_CAP)
        self.pump, self.time = LargePump(theme, cap=_CAP), LargeTime(theme)
        gap = theme.px(8)
        row = QHBoxLayout(self)
        row.setContentsMargins(gap, gap, gap, gap)
        row.setSpacing(gap)
        left = QVBoxLayout()
        left.setSpacing(gap)
        for widgets in (
            (self.tiles[Sign.HR], self.tiles[Sign.SPO2]),
            (self.nibp, self.tiles[Sign.RR], self.tiles[Sign.TEMP]),
            (self.pump, self.time),
        ):
            line = QHBoxLayout()
            line.setSpacing(gap)
            for place, widget in enumerate(widgets):
                line.addWidget(widget, 2 if place == 0 else 1 if len(widgets) == 3 else 2)
            left.addLayout(line, 1)
        row.addLayout(left, 1)
        row.addLayout(self._make_right(theme))

    def _make_right(self, theme: Theme) -> QVBoxLayout:
        right = QVBoxLayout()
        right.setSpacing(theme.px(8))
        self._card = Card(theme, LOCKED)
        self._card.setFixedWidth(theme.px(_RIGHT))
        self._why = label(theme, LEFT_ALONE, 19, MEDIUM, wrap=True)
        self._card.body.addWidget(self._why)
        self._card.body.addWidget(label(theme, MEANWHILE, 17, MEDIUM, role="dim", wrap=True))
        self._card.body.addStretch(1)
        self.staff_key = BigButton(theme, "Sign in", "F12", Kind.PRIMARY, pixels=20, height=GLOVED)
        self.staff_key.clicked.connect(self.staff_wanted)
        self.reaction_key = BigButton(theme, "REACTION", "F8", Kind.REACTION, pixels=22, height=66)
        self.reaction_key.clicked.connect(self.reaction_wanted)
        self._card.body.addWidget(self.staff_key)
        right.addWidget(self._card, 1)
        right.addWidget(self.reaction_key)  # beside whatever lies over the card
        self.setFocusProxy(self.staff_key)
        return right

    def use_screen(self, kept: KeptScreen, size: Callable[[], ScreenSize]) -> None:
        """What moves here."""
        self.pump.word.follow(kept)

    def spare(self) -> QWidget:
        """The part that the sign-in and the list of alarms may lie over."""
        return self._card

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the figures up to date."""
        self._card.set_title(UNNAMED if snapshot.unnamed else LOCKED)
        set_text(self._why, UNNAMED_WHY if snapshot.unnamed else LEFT_ALONE)
        for sign, tile in self.tiles.items():
            tile.show_view(vital_tile(snapshot, sign))
        self.nibp.show_view(nibp_tile(snapshot))
        self.pump.show_view(pump_card(snapshot), snapshot.beat)
        self.time.show_view(timer(snapshot, *self._window))
