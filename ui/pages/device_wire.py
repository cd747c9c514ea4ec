"""The bytes of a line as they come and go, with what was understood of them beside them; and all of them in a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from exomonitor.engine.ports import DeviceService, WireRow
from ui.bridge import Bridge
from ui.presenters.devices import BYTES_IN_LINE, WireLine, wire_lines
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.keys import BigButton
from ui.widgets.text import MEDIUM, label, set_role, set_text

ROLES = (("pump", "Pump"), ("monitor", "Monitor"))
_LINE, _CELL, _TIME, _WAY = 21, 22, 104, 20
_IDENTITY = "Raw bytes may hold names (HL7): give the file to nobody who may not see the record."


class WireView(QWidget):
    """Lines of time, way, sixteen bytes and words; the newest at the bottom. Each byte has its own place; of a long
    message the middle is left out, the file for support has all of it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[WireRow, ...] = ()
        self.setAccessibleName("Bytes of the line")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(theme.px(4 * _LINE))

    def put(self, rows: tuple[WireRow, ...]) -> None:
        """Show these."""
        if rows != self._rows:
            self._rows = rows
            self.update()

    def lines(self) -> tuple[WireLine, ...]:
        """What is in sight."""
        return wire_lines(self._rows, self.height() // self._theme.px(_LINE))

    def paintEvent(self, event: QPaintEvent) -> None:
        """All lines that fit."""
        theme, painter = self._theme, QPainter(self)
        painter.setFont(theme.font(14, tabular=True))
        high, cell = theme.px(_LINE), theme.px(_CELL)
        metrics = painter.fontMetrics()
        middle = (BYTES_IN_LINE // 2) * cell
        words_at = theme.px(_TIME + _WAY) + BYTES_IN_LINE * cell + theme.px(24)
        lines = self.lines()
        if not lines:
            painter.setPen(QColor(theme.dim))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), "No byte was heard or sent yet")
        for place, line in enumerate(lines):
            base = place * high + metrics.ascent() + theme.px(2)
            painter.setPen(QColor(theme.dim))
            painter.drawText(QPointF(0, base), line.time)
            painter.drawText(QPointF(theme.px(_TIME), base), {"<": "◂", ">": "▸"}.get(line.way, ""))
            painter.setPen(QColor(theme.dim if line.sent else theme.text))
            for number, byte in enumerate(line.data):
                gap = theme.px(8) if number * cell >= middle else 0
                painter.drawText(QPointF(theme.px(_TIME + _WAY) + number * cell + gap, base), f"{byte:02x}")
            if line.left_out:
                painter.setPen(QColor(theme.dim))
                painter.drawText(QPointF(theme.px(_TIME + _WAY), base), f"... {line.left_out} bytes more ...")
            painter.setPen(QColor(theme.error if line.said.startswith("BAD") else theme.text))
            said = metrics.elidedText(line.said, Qt.TextElideMode.ElideRight, max(0, self.width() - words_at))
            painter.drawText(QPointF(words_at, base), said)


class WirePanel(Card):
    """One role's line. `folder`: where a file for support goes."""

    def __init__(
        self, theme: Theme, bridge: Bridge, service: DeviceService | None, chair: str, folder: Callable[[], Path]
    ) -> None:
        super().__init__(theme, "What the line carries: ◂ heard, ▸ sent")
        self._bridge, self._service, self._chair, self._folder = bridge, service, chair, folder
        self._asked = False
        self.role = Choice(theme, ROLES, pixels=15)
        self.role.set_value("pump")
        self.role.chosen.connect(lambda _: self.look(again=True))
        self.hold = BigButton(theme, "Hold", checkable=True, pixels=15)
        self.save = BigButton(theme, "Save the raw bytes for support", pixels=15)
        self.save.clicked.connect(self.save_now)
        keys = QHBoxLayout()
        keys.setSpacing(theme.px(10))
        keys.addWidget(self.role, 2)
        keys.addWidget(self.hold, 1)
        keys.addWidget(self.save, 2)
        self.body.addLayout(keys)
        self.view = WireView(theme)
        self.body.addWidget(self.view, 1)
        self.said = label(theme, _IDENTITY, 14, MEDIUM, role="dim", wrap=True)
        self.body.addWidget(self.said)

    def look(self, *, again: bool = False) -> None:
        """Ask for the newest bytes, unless they are held or asked for already."""
        service = self._service
        if service is None or (self._asked and not again) or (self.hold.isChecked() and not again):
            return
        self._asked = True
        self._bridge.run(partial(service.wire, self._chair, self.role.value()), self._take, self._failed)

    def save_now(self) -> None:
        """Write what is kept into a file."""
        service = self._service
        if service is None:
            return
        work = partial(service.save_wire, self._chair, self.role.value(), self._folder())
        self._bridge.run(work, self._saved, self._failed)

    def _take(self, rows: tuple[WireRow, ...]) -> None:
        self._asked = False
        self.view.put(rows)

    def _saved(self, path: Path) -> None:
        self._say(f"Saved: {path}. {_IDENTITY}")

    def _failed(self, why: str) -> None:
        self._asked = False
        self._say(why, wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self.said, text)
        set_role(self.said, "error" if wrong else "dim")
