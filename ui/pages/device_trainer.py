"""The trainer's keys in a demo: each names what it lets happen, and what the nurse will see then."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.ports import SimulationControl, Trick
from ui.bridge import Bridge
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton
from ui.widgets.text import MEDIUM, SEMIBOLD, Fitted, label, set_role, set_text

_KEY, _SEES = 44, 30
_MORE, _BACK = "Every fault of a line ...", "Back to the usual ones"
_HOW = (
    "Only what is simulated is harmed. The alarm bar above shows at once what the nurse sees; Session shows her page."
)


class TrainerPanel(QWidget):
    """One column for each thing that something can happen to."""

    def __init__(
        self, theme: Theme, bridge: Bridge, control: SimulationControl, chair: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge, self._control, self._chair = bridge, control, chair
        self.keys: dict[str, BigButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        tricks = control.tricks(chair)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._first(theme, [trick for trick in tricks if not trick.more]))
        self._pages.addWidget(self._more(theme, [trick for trick in tricks if trick.more]))
        column.addWidget(self._pages, 1)
        self.said = label(theme, _HOW if tricks else "Nothing is simulated in this place", 15, MEDIUM, wrap=True)
        self.more = BigButton(theme, _MORE, pixels=14, height=_KEY)
        self.more.clicked.connect(self.turn)
        below = QHBoxLayout()
        below.setSpacing(theme.px(10))
        below.addWidget(self.said, 3)
        below.addWidget(self.more, 1)
        column.addLayout(below)

    def turn(self) -> None:
        """To the faults of a line one by one, or back."""
        other = 1 - self._pages.currentIndex()
        self._pages.setCurrentIndex(other)
        self.more.set_text(_BACK if other else _MORE)

    def _first(self, theme: Theme, tricks: list[Trick]) -> QWidget:
        groups = list(dict.fromkeys(trick.group for trick in tricks))
        return self._columns(theme, (groups[:1], groups[1:2], groups[2:]), tricks)

    def _more(self, theme: Theme, tricks: list[Trick]) -> QWidget:
        groups = list(dict.fromkeys(trick.group for trick in tricks))
        return self._columns(theme, tuple([group] for group in groups), tricks)

    def _columns(self, theme: Theme, groups: Sequence[list[str]], tricks: list[Trick]) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(10))
        for together in (one for one in groups if one):
            side = QVBoxLayout()
            side.setSpacing(theme.px(10))
            for group in together:
                side.addWidget(self._card(theme, group, [trick for trick in tricks if trick.group == group]))
            side.addStretch(1)
            row.addLayout(side, 1)
        return page

    def _card(self, theme: Theme, group: str, tricks: list[Trick]) -> Card:
        card = Card(theme, group)
        card.body.setSpacing(theme.px(3))
        if len({trick.sees for trick in tricks}) > 1:
            for trick in tricks:
                card.body.addLayout(self._line(theme, trick))
            return card
        card.body.addWidget(label(theme, tricks[0].sees, 14, SEMIBOLD, wrap=True))  # the same of all of them
        grid = QGridLayout()
        grid.setSpacing(theme.px(8))
        for place, trick in enumerate(tricks):
            grid.addWidget(self._key(theme, trick), place // 2, place % 2)
        card.body.addLayout(grid)
        return card

    def _line(self, theme: Theme, trick: Trick) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(theme.px(8))
        sees = Fitted(theme, 13, 10, SEMIBOLD)
        sees.setMinimumHeight(theme.px(_SEES))
        sees.set_text(trick.sees)
        line.addWidget(self._key(theme, trick), 1)
        line.addWidget(sees, 1)
        return line

    def _key(self, theme: Theme, trick: Trick) -> BigButton:
        key = self.keys[trick.key] = BigButton(theme, trick.words, pixels=13, height=_KEY)
        key.setAccessibleDescription(trick.sees)
        key.clicked.connect(partial(self.play, trick))
        return key

    def play(self, trick: Trick) -> None:
        """Let it happen."""
        self._bridge.run(
            partial(self._control.play, self._chair, trick.key), lambda _: self._say(_done(trick)), self._fail
        )

    def _fail(self, why: str) -> None:
        self._say(why)
        set_role(self.said, "error")

    def _say(self, text: str) -> None:
        set_role(self.said, "")
        set_text(self.said, text)


def _done(trick: Trick) -> str:
    return f"{trick.words}. The nurse will see: {trick.sees}"
