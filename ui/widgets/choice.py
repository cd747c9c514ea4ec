"""Choices that lie open: segmented keys instead of drop-downs, with nothing chosen beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QWidget

from ui.theme import TOUCH, Theme
from ui.widgets.keys import BigButton, Kind

Options = Sequence[tuple[str, str]]
"""(code, words) in the order shown."""


class Choice(QWidget):
    """Exactly one of several; "" until somebody chooses."""

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        options: Options,
        *,
        columns: int = 0,
        pixels: float = 15,
        height: int = TOUCH,
        least: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        """least: how low the keys may become where the page is short of room; 0 = never lower than `height`."""
        super().__init__(parent)
        self._theme, self._columns, self._pixels, self._height, self._least = theme, columns, pixels, height, least
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.px(6))
        self._group = QButtonGroup(self)
        self._keys: dict[str, BigButton] = {}
        self.set_options(options)

    def set_options(self, options: Options, columns: int | None = None) -> None:
        """Offer other options, in so many columns; what was chosen stays chosen if it is among them."""
        if columns is not None:
            self._columns = columns
        before = self.value()
        for key in self._keys.values():
            self._group.removeButton(key)
            self._grid.removeWidget(key)
            key.hide()
            key.deleteLater()
        self._keys = {}
        columns = self._columns or max(1, len(options))
        for place, (code, words) in enumerate(options):
            key = BigButton(
                self._theme,
                words,
                kind=Kind.NORMAL,
                pixels=self._pixels,
                height=self._height,
                checkable=True,
            )
            if self._least:
                key.give_way(self._least)
            key.clicked.connect(lambda _=False, picked=code: self.chosen.emit(picked))
            self._group.addButton(key)
            self._grid.addWidget(key, place // columns, place % columns)
            key.show()  # at once, so that it can take the keyboard now and not after the next turn
            self._keys[code] = key
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        if before in self._keys:
            self._keys[before].setChecked(True)
        self._take_places()

    def _take_places(self) -> None:
        """The keys follow this choice in the order of Tab; new widgets would come last in the whole window."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Qt puts nothing behind a widget that takes no focus
        place: QWidget = self
        for key in self._keys.values():
            QWidget.setTabOrder(place, key)
            place = key
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def has_options(self) -> bool:
        """Whether there is anything to choose from."""
        return bool(self._keys)

    def value(self) -> str:
        """The code chosen, or ""."""
        return next((code for code, key in self._keys.items() if key.isChecked()), "")

    def set_value(self, code: str) -> None:
        """Choose, or with "" choose nothing; says nothing to anybody."""
        self._group.setExclusive(False)
        for other, key in self._keys.items():
            key.setChecked(other == code)
        self._group.setExclusive(True)

    def first(self) -> BigButton:
        """Where the keyboard begins: the key that was chosen, else the first one."""
        return self._keys.get(self.value()) or next(iter(self._keys.values()))

    def key(self, code: str) -> BigButton:
        """The key of one option."""
        return self._keys[code]


class MultiChoice(QWidget):
    """Any number of several, each a tile of its own."""

    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        options: Options,
        *,
        columns: int = 6,
        pixels: float = 15,
        height: int = 52,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.px(8))
        self._keys: dict[str, BigButton] = {}
        for place, (code, words) in enumerate(options):
            key = BigButton(theme, words, kind=Kind.QUIET, pixels=pixels, height=height, checkable=True)
            key.clicked.connect(lambda _=False: self.changed.emit())
            grid.addWidget(key, place // columns, place % columns)
            self._keys[code] = key
        for column in range(columns):
            grid.setColumnStretch(column, 1)

    def codes(self) -> tuple[str, ...]:
        """All codes, in the order shown."""
        return tuple(self._keys)

    def values(self) -> tuple[str, ...]:
        """The codes chosen, in the order shown."""
        return tuple(code for code, key in self._keys.items() if key.isChecked())

    def set_values(self, codes: Sequence[str]) -> None:
        """Choose exactly these; says nothing to anybody."""
        for code, key in self._keys.items():
            key.setChecked(code in codes)

    def first(self) -> BigButton:
        """Where the keyboard begins."""
        return next(iter(self._keys.values()))

    def key(self, code: str) -> BigButton:
        """The tile of one option."""
        return self._keys[code]
