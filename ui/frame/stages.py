"""The four stages of a visit, beside the alarm bar on every page: one touch leads to the page of a stage."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QSizePolicy, QWidget

from exomonitor.engine.snapshot import Snapshot
from ui.presenters.stages import STAGES, Mark, StageView, stages
from ui.theme import Theme
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD

WIDTH = 468
"""px of the 1366x768 layout; the rest of the row is the alarm bar's."""
_OTHER = 84


class StageStrip(QFrame):
    """wanted(key): a stage was touched. Hidden while nobody is in the chair; its cells never change places."""

    wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setFixedWidth(theme.px(WIDTH))
        self.setAccessibleName("Stages of the visit")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, theme.px(1))
        row.setSpacing(0)
        self.cells: dict[str, StageCell] = {}
        for key, _ in STAGES:
            cell = StageCell(theme)
            cell.clicked.connect(lambda _=False, picked=key: self.wanted.emit(picked))
            row.addWidget(cell)
            self.cells[key] = cell
        self._there = False
        self._blind = self._covered = False

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the strip up to date."""
        shown = stages(snapshot)
        self._there = bool(shown)
        self._show_or_hide()
        for view in shown:
            self.cells[view.key].show_stage(view)

    def set_blind(self, blind: bool) -> None:
        """A second person is at work: there is nowhere else to go."""
        self._blind = blind
        self._show_or_hide()

    def set_covered(self, covered: bool) -> None:
        """Something stands in its place for a moment."""
        self._covered = covered
        self._show_or_hide()

    def _show_or_hide(self) -> None:
        self.setVisible(self._there and not self._blind and not self._covered)


class StageCell(QAbstractButton):
    """One stage. The present one is wide and says how far it is and what is missing; one that is done has its tick."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: StageView | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_stage(self, view: StageView) -> None:
        """Show the stage as it stands."""
        if view == self._view:
            return
        changed = self._view is None or self._view.mark is not view.mark
        self._view = view
        self.setText(view.word)
        self.setAccessibleName(view.spoken())
        if changed:
            policy = QSizePolicy.Policy.Expanding if view.mark is Mark.NOW else QSizePolicy.Policy.Fixed
            self.setSizePolicy(policy, QSizePolicy.Policy.Expanding)
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a thumb; the present stage takes what is left."""
        return QSize(self._theme.px(_OTHER), self._theme.px(58))

    def minimumSizeHint(self) -> QSize:
        """Never too small to be touched."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Word, tick or number, and below the present one what is done and what is missing."""
        view, theme = self._view, self._theme
        if view is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = view.mark is Mark.NOW
        if now:
            painter.fillRect(self.rect(), QColor(theme.track))
            bar = theme.px(3)
            painter.fillRect(0, self.height() - bar, self.width(), bar, QColor(theme.accent_border))
        else:
            painter.fillRect(self.width() - 1, 0, 1, self.height(), QColor(theme.border))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), theme.px(2)))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.px(4), theme.px(4))
        if now:
            self._paint_present(painter, view)
        else:
            self._paint_other(painter, view)

    def _paint_other(self, painter: QPainter, view: StageView) -> None:
        theme = self._theme
        done = view.mark is Mark.DONE
        middle = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
        top = QRect(0, theme.px(8), self.width(), theme.px(22))
        below = QRect(0, theme.px(30), self.width(), theme.px(20))
        painter.setPen(QColor(theme.text if done else theme.dim))
        painter.setFont(theme.font(15, SEMIBOLD if done else MEDIUM))
        painter.drawText(top, middle, view.word)
        painter.setPen(QColor(theme.dim))
        painter.setFont(theme.font(13, MEDIUM, tabular=True))
        painter.drawText(below, middle, f"✓ {view.done}".strip() if done else str(view.number))

    def _paint_present(self, painter: QPainter, view: StageView) -> None:
        theme = self._theme
        left, room = theme.px(10), self.width() - theme.px(16)
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        lines = [f"missing: {view.missing}"] if view.missing else []
        lines += [view.next] if view.next else []
        painter.setFont(theme.font(13, MEDIUM))
        if len(lines) == 1 and painter.fontMetrics().horizontalAdvance(lines[0]) > room:
            lines = _broken(lines[0], painter.fontMetrics(), room)
        high = theme.px(18)
        top = (self.height() - theme.px(20) - high * min(2, len(lines))) // 2 - theme.px(1)
        head = f"{view.number} {view.word}"
        painter.setPen(QColor(theme.text))
        painter.setFont(theme.font(15, BOLD))
        width = painter.fontMetrics().horizontalAdvance(head)
        painter.drawText(QRect(left, top, width + 2, theme.px(20)), flags, head)
        painter.setFont(theme.font(14, SEMIBOLD, tabular=True))
        told = QRect(left + width + theme.px(10), top, room - width - theme.px(10), theme.px(20))
        painter.drawText(told, flags, view.done)
        top += theme.px(20)
        painter.setFont(theme.font(13, MEDIUM))
        for place, line in enumerate(lines[:2]):
            shown = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRect(left, top + place * high, room, high), flags, shown)


def _broken(line: str, metrics: QFontMetrics, width: int) -> list[str]:
    """As many words as there is room for, and the rest."""
    words = line.split(" ")
    first = words[0]
    for place, word in enumerate(words[1:], 1):
        if metrics.horizontalAdvance(f"{first} {word}") > width:
            return [first, " ".join(words[place:])]
        first = f"{first} {word}"
    return [first]
