"""The people who may act, one large tile each; where there are more than fit, one more key turns the page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from exomonitor.registry.demo_people import DEMO_PEOPLE
from exomonitor.registry.users import User
from ui.theme import Theme
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import SEMIBOLD

_HEIGHT = 62
_WIDTH = 320
_SIZES = (18, 16, 14, 13, 12)
_ONE_COLUMN = 5
_DEMO_PINS = {person.name: person.pin for person in DEMO_PEOPLE}


class PeopleTiles(QWidget):
    """chosen: a user id. The tile of whoever is chosen stays marked."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, columns: int = 2, rows: int = 5, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._columns, self._places = theme, columns, columns * rows
        self._people: tuple[User, ...] = ()
        self._page = 0
        self._value = ""
        self._simulated = False
        self._tiles: dict[str, BigButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.px(6))
        for place in range(columns):
            self._grid.setColumnStretch(place, 1)
        column.addLayout(self._grid)
        self.more_key = BigButton(theme, "More people", kind=Kind.QUIET)
        self.more_key.clicked.connect(self._turn)
        column.addWidget(self.more_key)
        column.addStretch(1)
        self.more_key.hide()

    def show_people(self, people: Sequence[User], *, simulated: bool = False) -> None:
        """Offer these people; in a simulated run the tile says the PIN."""
        if tuple(people) == self._people and simulated == self._simulated:
            return
        self._people, self._simulated = tuple(people), simulated
        self._page = 0
        if self._value not in {one.id for one in people}:
            self._value = ""
        self._fill()

    def _fill(self) -> None:
        for tile in self._tiles.values():
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self._tiles = {}
        shown = self._people[self._page * self._places : (self._page + 1) * self._places]
        columns = 1 if len(self._people) <= _ONE_COLUMN else self._columns
        for place in range(self._columns):
            self._grid.setColumnStretch(place, 1 if place < columns else 0)
        for place, person in enumerate(shown):
            tile = BigButton(self._theme, _one_line(person.name), height=_HEIGHT, checkable=True)
            tile.setAccessibleName(person.name)
            tile.setFont(self._font_for(tile.text(), columns))
            pin = _DEMO_PINS.get(person.name) if self._simulated else None
            tile.set_below(
                "retired" if person.retired else f"{person.role_words} · PIN {pin}" if pin else person.role_words
            )
            tile.setChecked(person.id == self._value)
            tile.clicked.connect(lambda _=False, who=person.id: self._choose(who))
            self._grid.addWidget(tile, place // columns, place % columns)
            tile.show()
            self._tiles[person.id] = tile
        self.more_key.setVisible(len(self._people) > self._places)

    def _font_for(self, name: str, columns: int) -> QFont:
        """The largest size at which the whole name stands in one line."""
        room = self._theme.px(_WIDTH if columns == 1 else _WIDTH / columns - 24)
        for pixels in _SIZES:
            font = self._theme.font(pixels, SEMIBOLD)
            if QFontMetrics(font).horizontalAdvance(name) <= room:
                break
        return font

    def _turn(self) -> None:
        self._page = (self._page + 1) % -(-len(self._people) // self._places)
        self._fill()

    def _choose(self, who: str) -> None:
        self.set_value(who)
        self.chosen.emit(who)

    def value(self) -> str:
        """Who is chosen, or ""."""
        return self._value

    def set_value(self, who: str) -> None:
        """Mark one person, turning the page where needed; says nothing to anybody."""
        self._value = who
        place = next((n for n, one in enumerate(self._people) if one.id == who), -1)
        if place >= 0 and who not in self._tiles:
            self._page = place // self._places
            self._fill()
        for user, tile in self._tiles.items():
            tile.setChecked(user == who)

    def tile(self, who: str) -> BigButton:
        """The tile of one person."""
        return self._tiles[who]

    def first(self) -> QWidget:
        """Where the keyboard begins."""
        return self._tiles.get(self._value) or next(iter(self._tiles.values()), self.more_key)


def _one_line(name: str) -> str:
    """A name that breaks nowhere."""
    return name.replace(" ", "\u00a0").replace("-", "\u2011")
