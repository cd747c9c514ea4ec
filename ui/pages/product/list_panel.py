"""The list of lots, and the question of a recall: who had this one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.registry.recall import recall
from exomonitor.registry.registry import Registry
from ui.presenters.product import RECALL_COLUMNS, LotRow, recall_head, recall_words
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.scan_box import ScanBox
from ui.widgets.text import MEDIUM, label, set_text
from ui.widgets.word_table import WordTable, word_table

LOT_COLUMNS = ("Lot", "Source", "Expires", "State", "Bags")


class LotsPanel(QWidget):
    """All lots; one is chosen by a touch, or by scanning a label."""

    chosen = Signal(str)
    new_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(ScanBox(theme, "Scan the label of a container to open its lot, known or new"))
        self.model = WordTable(LOT_COLUMNS, self)
        self.table = word_table(theme, self.model, wide=3)
        self.table.clicked.connect(lambda index: self._choose(index.row()))
        self.table.activated.connect(lambda index: self._choose(index.row()))
        column.addWidget(self.table, 1)
        self._none = label(theme, "No lot is known yet", 15, MEDIUM, role="dim")
        column.addWidget(self._none)
        self.new_key = BigButton(theme, "New lot without a scan", kind=Kind.NORMAL, height=50)
        self.new_key.clicked.connect(self.new_wanted)
        column.addWidget(self.new_key)

    def show_rows(self, rows: Sequence[LotRow]) -> None:
        """Bring the list up to date."""
        self.model.put([(row.id, row.cell, row.expiry, row.state, row.bags) for row in rows])
        self._none.setVisible(not rows)

    def _choose(self, row: int) -> None:
        self.chosen.emit(self.model.rows[row][0])


class RecallPanel(QWidget):
    """Type or scan a lot: everybody who had it, with the phone number."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._registry = Registry()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        self.lot = TextEntry(theme, "Which patients had lot", hint="type it, or scan a label of the lot")
        self.lot.confirmed.connect(self.look)
        self.look_key = BigButton(theme, "Find patients", kind=Kind.PRIMARY, height=50)
        self.look_key.clicked.connect(self.look)
        row.addWidget(self.lot, 3)
        row.addWidget(self.look_key, 1, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(row)
        card = Card(theme, "")
        self._head = label(theme, "", 18, MEDIUM, wrap=True)
        self.model = WordTable(RECALL_COLUMNS, self)
        self.table = word_table(theme, self.model, wide=1)
        card.body.addWidget(self._head)
        card.body.addWidget(self.table, 1)
        column.addWidget(card, 1)

    def use_registry(self, registry: Registry) -> None:
        """What the clinic knows now."""
        self._registry = registry

    def look_for(self, lot: str) -> None:
        """Ask for this lot."""
        self.lot.set_text(lot)
        self.look()

    def look(self) -> None:
        """Ask for the lot that is typed."""
        if not self.lot.text():
            self.lot.show_error("Type or scan a lot")
            return
        found = recall(self._registry, self.lot.text())
        set_text(self._head, recall_head(self.lot.text(), found))
        self.model.put(recall_words(found))

    def head(self) -> str:
        """The answer in one line."""
        return self._head.text()
