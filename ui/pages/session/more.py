"""Everything of a running session that has no key of its own on the page: large tiles, one digit each."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton
from ui.widgets.text import SEMIBOLD, label

COLUMNS = 3
TILES = (
    ("note", "Note"),
    ("said", "Patient said"),
    ("away", "Patient away"),
    ("site", "Site, line problem"),
    ("line", "New line"),
    ("container", "Next container"),
    ("take_over", "Take over"),
    ("score", "NEWS2 in parts"),
    ("what_if", "What if"),
    ("wipe", "Wipe the screen"),
    ("changes", "Another bag, order or patient; second check"),
    ("screen", "Waves, trend, layout"),
)
BADGES = {"changes": "0", "away": "F10", "site": "F11", "wipe": "Ctrl+L", "screen": "PgUp"}
DIGITS = "123456789"


class MorePanel(Card):
    """chosen(code): a tile was pressed, by touch or by its digit."""

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.body.addWidget(label(theme, "What is it?", 20, SEMIBOLD))
        grid = QGridLayout()
        grid.setSpacing(theme.px(10))
        self.tiles: dict[str, BigButton] = {}
        for place, (code, words) in enumerate(TILES):
            tile = BigButton(theme, words, self._badge(code, place), height=92, pixels=17)
            tile.clicked.connect(lambda _=False, picked=code: self.chosen.emit(picked))
            grid.addWidget(tile, place // COLUMNS, place % COLUMNS)
            self.tiles[code] = tile
        for column in range(COLUMNS):
            grid.setColumnStretch(column, 1)
        self.body.addLayout(grid)
        self.body.addStretch(1)
        back = BigButton(theme, "Back", "Esc", height=58)
        back.clicked.connect(self.closed)
        self.body.addWidget(back)
        self.setFocusProxy(self.tiles["note"])

    def _badge(self, code: str, place: int) -> str:
        return " ".join(part for part in (DIGITS[place : place + 1], BADGES.get(code, "")) if part)

    def show_away(self, away: str) -> None:
        """The tile of the absence says how long it lasts and ends it."""
        self.tiles["away"].set_text("Patient is back" if away else "Patient away")
        self.tiles["away"].set_below(away)

    def offer(self, code: str, offered: bool) -> None:
        """Show a tile only where there is something behind it."""
        self.tiles[code].setVisible(offered)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit presses its tile."""
        digits = {digit: code for digit, (code, _) in zip(DIGITS, TILES, strict=False)}
        code = {**digits, "0": "changes"}.get(event.text())
        if code is None or not self.tiles[code].isVisibleTo(self):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.chosen.emit(code)
