"""The symptom tiles of a reaction: those that are seen most, and behind one key the graver signs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clinical.reactions import SymptomTable
from ui.theme import Theme
from ui.widgets.choice import MultiChoice
from ui.widgets.keys import BigButton
from ui.widgets.text import label, set_text

FIRST = "What do you see? (tap all; grade and details come later)"
MORE = "More signs: tap what is there"


class SymptomTiles(QWidget):
    """Two pages of tiles that answer as one choice; changed() when a person taps."""

    changed = Signal()

    def __init__(self, theme: Theme, table: SymptomTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self._heading = label(theme, FIRST, 16, role="dim")
        column.addWidget(self._heading)
        self._stack = QStackedWidget()
        self._pages = tuple(
            MultiChoice(
                theme,
                [(one.key, one.label) for one in table.symptom if one.page == page],
                columns=6,
                pixels=16,
                height=58,
            )
            for page in (1, 2)
        )
        for tiles in self._pages:
            tiles.changed.connect(self.changed)
            holder = QWidget()
            inner = QVBoxLayout(holder)
            inner.setContentsMargins(0, 0, 0, 0)
            inner.addWidget(tiles)
            inner.addStretch(1)
            self._stack.addWidget(holder)
        column.addWidget(self._stack)

    def turn(self) -> None:
        """To the other page."""
        self._stack.setCurrentIndex(1 - self._stack.currentIndex())
        set_text(self._heading, MORE if self._stack.currentIndex() else FIRST)

    def first_page(self) -> None:
        """Back to the signs that are seen most."""
        if self._stack.currentIndex():
            self.turn()

    def key_words(self) -> str:
        """What the key that turns the page says, with how many signs are tapped on the other one."""
        there = 1 - self._stack.currentIndex()
        count = len(self._pages[there].values())
        return ("More signs" if there else "First signs") + (f" ({count} tapped)" if count else "")

    def values(self) -> tuple[str, ...]:
        """The keys of all tiles that are tapped."""
        return tuple(code for tiles in self._pages for code in tiles.values())

    def set_values(self, codes: Sequence[str]) -> None:
        """Choose exactly these; says nothing to anybody."""
        for tiles in self._pages:
            tiles.set_values(codes)

    def key(self, code: str) -> BigButton:
        """The tile of one symptom."""
        return next(tiles.key(code) for tiles in self._pages if code in tiles.codes())
