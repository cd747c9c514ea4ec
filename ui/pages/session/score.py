"""NEWS2 of the newest set in its seven parts, with what each was made of."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from exomonitor.clinical.hemodynamics import HemodynamicsTable
from exomonitor.engine.snapshot import Snapshot
from ui.presenters.news2 import news2_view, part_rows, remarks
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, label, set_text

_PARTS = 7


class ScorePanel(Card):
    """closed: Back was pressed."""

    closed = Signal()

    def __init__(self, theme: Theme, table: HemodynamicsTable, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._table = table
        self._snapshot: Snapshot | None = None
        self._head = label(theme, "NEWS2", 22, SEMIBOLD)
        self._note = label(theme, "", 15, MEDIUM, role="dim", wrap=True)
        self.body.addWidget(self._head)
        self.body.addWidget(self._note)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(14))
        grid.setVerticalSpacing(theme.px(8))
        self._rows: list[tuple[QLabel, QLabel, QLabel, QLabel]] = []
        for line in range(_PARTS):
            cells = (
                label(theme, "", 17, SEMIBOLD),
                label(theme, "", 17, tabular=True),
                label(theme, "", 15, role="dim"),
                label(theme, "", 20, BOLD, tabular=True),
            )
            for column, cell in enumerate(cells):
                grid.addWidget(cell, line, column)
            cells[3].setAlignment(Qt.AlignmentFlag.AlignRight)
            self._rows.append(cells)
        grid.setColumnStretch(2, 1)
        self.body.addLayout(grid)
        self._remarks = label(theme, "", 16, MEDIUM, wrap=True)
        self.body.addWidget(self._remarks)
        self.body.addStretch(1)
        back = BigButton(theme, "Back", "Esc", height=58)
        back.clicked.connect(self.closed)
        self.body.addWidget(back)
        self.setFocusProxy(back)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the table up to date, now or when it comes to the front."""
        self._snapshot = snapshot
        if not self.isHidden():
            self._show(snapshot)

    def showEvent(self, event: QShowEvent) -> None:
        """In front: what is newest."""
        super().showEvent(event)
        if self._snapshot is not None:
            self._show(self._snapshot)

    def _show(self, snapshot: Snapshot) -> None:
        view, rows = news2_view(snapshot), part_rows(snapshot)
        set_text(self._head, f"NEWS2 {view.score} · {view.rule}")
        set_text(self._note, " · ".join(part for part in (view.note, view.before) if part))
        for place, cells in enumerate(self._rows):
            row = rows[place] if place < len(rows) else None
            words = ("", "", "", "") if row is None else (row.name, row.seen, row.source, row.points)
            for cell, text in zip(cells, words, strict=True):
                set_text(cell, text)
        set_text(self._remarks, "\n".join(remarks(snapshot, self._table)))
