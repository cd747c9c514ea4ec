"""Large figures: vital signs and the pump's state to be read at four metres, NEXT and the keys; no waves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.signals.vitals import Sign
from ui.pages.session.action_keys import ActionKeys
from ui.pages.session.live_cards import NextCard
from ui.pages.session.pump_card import PumpWord
from ui.pages.session.tiles import News2Tile, VitalTile
from ui.presenters.news2 import News2View
from ui.presenters.next_step import NextView
from ui.presenters.pump import PumpView
from ui.presenters.tiles import Look, TileView
from ui.presenters.timer import TimerView
from ui.presenters.words import join
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.painting import draw_capitals
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, Fitted, label, set_role, set_text

CAP = 90
"""Height of the figures: 22.7 mm on a screen of 15.6 inch and 1366x768, where 20 mm are asked."""
_WORDS = 1.25
"""Limits, ages and notes are so much larger than in the standard layout."""
_KEYS_WIDE = 336
_TWO_LINES = 34
NO_BREAK = "\N{NO-BREAK SPACE}"
_ROWS = 2
"""Of the pump's figures: infused and dose; the others stand in the standard layout."""


class LargeView(QWidget):
    """The same facts as the standard layout, fewer and larger. It stands in front only while nothing is entered."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        larger = replace(theme, scale=theme.scale * _WORDS)
        cap = round(CAP / _WORDS)
        self.tiles = {
            Sign.HR: VitalTile(larger, theme.hr, cap=cap),
            Sign.SPO2: VitalTile(larger, theme.spo2, cap=cap),
            Sign.RR: VitalTile(theme, theme.resp, cap=40),
            Sign.TEMP: VitalTile(theme, theme.temp, cap=40),
        }
        self.nibp = VitalTile(larger, theme.nibp, cap=cap)
        self.pump, self.time = LargePump(theme), LargeTime(theme)
        self.news2, self.next_card, self.keys = News2Tile(theme), NextCard(theme), ActionKeys(theme)
        self.keys.setFixedWidth(theme.px(_KEYS_WIDE))
        column = QVBoxLayout(self)
        margin = theme.px(8)
        column.setContentsMargins(margin, theme.px(5), margin, theme.px(5))
        column.setSpacing(margin)
        column.addLayout(self._row((self.tiles[Sign.HR], 5), (self.tiles[Sign.SPO2], 5), (self.nibp, 8)), 3)
        column.addLayout(self._row((self.pump, 11), (self.time, 7)), 3)
        left = QVBoxLayout()
        left.setSpacing(margin)
        left.addLayout(self._row((self.tiles[Sign.RR], 3), (self.tiles[Sign.TEMP], 3), (self.news2, 5)), 1)
        left.addWidget(self.next_card)
        bottom = QHBoxLayout()
        bottom.setSpacing(margin)
        bottom.addLayout(left, 1)
        bottom.addWidget(self.keys, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(bottom, 1)
        self.setFocusProxy(self.next_card)

    def _row(self, *parts: tuple[QWidget, int]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self.next_card.theme.px(8))
        for widget, stretch in parts:
            row.addWidget(widget, stretch)
        return row

    def show_views(
        self, tiles: Mapping[Sign, TileView], nibp: TileView, news2: News2View, time: TimerView, step: NextView
    ) -> None:
        """Bring everything but pump and keys up to date."""
        for sign, tile in self.tiles.items():
            tile.show_view(tiles[sign])
        self.nibp.show_view(nibp)
        self.news2.show_view(news2)
        self.time.show_view(time)
        self.next_card.show_view(step)


class LargePump(Card):
    """The state as a word, the rate, and what has run in one line."""

    def __init__(self, theme: Theme, *, cap: int = CAP, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Pump", parent=parent)
        self.enlarge_remark()
        self.word = PumpWord(theme, cap=cap)
        self.body.addStretch(1)
        self.body.addWidget(self.word)
        self.body.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        self._rate = label(theme, "", 26, BOLD, role="rate", tabular=True)
        self._rows = _two_lines(theme, MEDIUM)
        row.addWidget(self._rate)
        row.addWidget(self._rows, 1)
        self.body.addLayout(row)
        self._warning = _two_lines(theme, BOLD)
        self._warning.hide()
        self.body.addWidget(self._warning)

    def show_view(self, view: PumpView, beat: int) -> None:
        """Bring the card up to date."""
        self.set_title(view.title)
        self.set_remark(view.remark)
        self.word.show_word(view.word, view.shape, view.look, beat, view.alarm)
        set_text(self._rate, view.rate)
        set_role(self._rate, "rate" if view.look is Look.LIVE else "dim")
        parts = (f"{name} {value}".replace(" ", NO_BREAK) for name, value in view.rows[:_ROWS])
        self._rows.set_text(join(*parts))
        self._rows.set_ink(self.theme.dim if view.look in {Look.STALE, Look.LOST} else self.theme.text)
        warning = view.warning or view.cannot
        self._warning.set_text(warning)
        self._warning.setVisible(bool(warning))


def _two_lines(theme: Theme, weight: QFont.Weight) -> Fitted:
    """Words that become smaller and break into two lines before anything of them is lost."""
    made = Fitted(theme, 17, 11, weight)
    made.setFixedHeight(theme.px(_TWO_LINES))
    return made


class LargeTime(Card):
    """What remains, in figures as high as the vital signs."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Infusion", parent=parent)
        self._figures = Figures(theme)
        self._below = label(theme, "", 17, SEMIBOLD)
        self.body.addWidget(self._figures, 1)
        self.body.addWidget(self._below)

    def show_view(self, view: TimerView) -> None:
        """Bring the card up to date."""
        self.set_title(view.title)
        self.set_remark(join(view.caption, view.mark))
        self._figures.show_text(view.centre)
        set_text(self._below, join(view.below, f"{view.infusing} infused" if view.running else ""))


class Figures(QWidget):
    """One text in capitals of CAP, narrower where there is no room."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._text = theme, ""
        self.setMinimumHeight(theme.px(CAP + 6))

    def show_text(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """In the middle of the height."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cap = theme.px(CAP)
        box = QRectF(self.rect())
        draw_capitals(painter, theme, self._text, 0, box.center().y() + cap / 2, cap, box.width(), theme.text)
