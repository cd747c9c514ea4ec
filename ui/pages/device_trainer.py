"""The trainer's keys in a demo: each names what it lets happen, and what the nurse will see then."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.ports import SimulationControl, Trick
from ui.bridge import Bridge
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.keys import BigButton
from ui.widgets.text import MEDIUM, SEMIBOLD, Fitted, label, set_role, set_text

_KEY, _SEES, _TAB = 46, 32, 44
_HOW = (
    "Only what is simulated is harmed. The alarm bar above shows at once what the nurse sees; Session shows her page."
)


class TrainerPanel(QWidget):
    """A page for each thing that something can happen to; for a line, how long a fault lasts is chosen first."""

    def __init__(
        self, theme: Theme, bridge: Bridge, control: SimulationControl, chair: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._bridge, self._control, self._chair = theme, bridge, control, chair
        tricks = control.tricks(chair)
        self._groups = list(dict.fromkeys(trick.group for trick in tricks))
        self._tricks: dict[str, tuple[Trick, ...]] = {
            stem: tuple(trick for trick in tricks if trick.stem == stem)
            for stem in dict.fromkeys(trick.stem for trick in tricks)
        }
        self.keys: dict[str, BigButton] = {}
        self._sees: dict[str, Fitted] = {}
        self.lengths: dict[str, Choice] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self.tabs = Choice(theme, [(group, group) for group in self._groups], pixels=14, height=_TAB)
        self.tabs.chosen.connect(self.turn)
        self._pages = QStackedWidget()
        for group in self._groups:
            self._pages.addWidget(self._page(group))
        column.addWidget(self.tabs)
        column.addWidget(self._pages, 1)
        self.said = label(theme, _HOW if tricks else "Nothing is simulated in this place", 15, MEDIUM, wrap=True)
        column.addWidget(self.said)
        if self._groups:
            self.turn(self._groups[0])

    def turn(self, group: str) -> None:
        """To what can happen to this."""
        self.tabs.set_value(group)
        self._pages.setCurrentIndex(self._groups.index(group))

    def last(self, group: str, length: str) -> None:
        """The faults of this page last so many seconds from now on."""
        self.lengths[group].set_value(length)
        for stem in self._stems(group):
            trick = self._trick(stem)
            self.keys[stem].set_text(trick.words)
            self.keys[stem].setAccessibleDescription(trick.sees)
            if stem in self._sees:
                self._sees[stem].set_text(trick.sees)

    def _stems(self, group: str) -> list[str]:
        return [stem for stem, tricks in self._tricks.items() if tricks[0].group == group]

    def _trick(self, stem: str) -> Trick:
        """The one of the length that is chosen."""
        tricks = self._tricks[stem]
        choice = self.lengths.get(tricks[0].group)
        return next((one for one in tricks if choice and choice.value() == f"{one.lasts_s:g}"), tricks[0])

    def _page(self, group: str) -> QWidget:
        theme = self._theme
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        stems = self._stems(group)
        lengths = list(dict.fromkeys(one.lasts_s for stem in stems for one in self._tricks[stem] if one.lasts_s))
        if lengths:
            column.addLayout(self._how_long(group, lengths))
        card = Card(theme, group)
        if len(stems) > 1 and len({one.sees for stem in stems for one in self._tricks[stem]}) == 1:
            self._fill_alike(card, stems)
        else:
            self._fill(card, stems)
        column.addWidget(card)
        column.addStretch(1)
        if lengths:
            self.last(group, f"{lengths[-2 if len(lengths) > 1 else -1]:g}")
        return page

    def _how_long(self, group: str, lengths: Sequence[float]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(8))
        row.addWidget(label(self._theme, "How long each fault lasts", 15, SEMIBOLD))
        options = [(f"{length:g}", f"{length:g} s") for length in lengths]
        choice = self.lengths[group] = Choice(self._theme, options, pixels=14, height=_TAB)
        choice.chosen.connect(partial(self.last, group))
        row.addWidget(choice, 1)
        return row

    def _fill_alike(self, card: Card, stems: Sequence[str]) -> None:
        """The nurse sees the same of all of them: it is said once."""
        card.body.addWidget(label(self._theme, self._trick(stems[0]).sees, 14, SEMIBOLD, wrap=True))
        grid = QGridLayout()
        grid.setSpacing(self._theme.px(8))
        for place, stem in enumerate(stems):
            grid.addWidget(self._key(stem), place // 3, place % 3)
        card.body.addLayout(grid)

    def _fill(self, card: Card, stems: Sequence[str]) -> None:
        """Two columns: each key and beside it what is seen."""
        theme = self._theme
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(10))
        grid.setVerticalSpacing(theme.px(4))
        rows = -(-len(stems) // 2)
        for place, stem in enumerate(stems):
            side, row = divmod(place, rows)
            sees = self._sees[stem] = Fitted(theme, 13, 10, SEMIBOLD)
            sees.setMinimumHeight(theme.px(_SEES))
            sees.set_text(self._trick(stem).sees)
            grid.addWidget(self._key(stem), row, 2 * side)
            grid.addWidget(sees, row, 2 * side + 1)
        for column, share in enumerate((4, 5, 4, 5)):
            grid.setColumnStretch(column, share)
        card.body.addLayout(grid)

    def _key(self, stem: str) -> BigButton:
        trick = self._trick(stem)
        key = self.keys[stem] = BigButton(self._theme, trick.words, pixels=13, height=_KEY)
        key.setAccessibleDescription(trick.sees)
        key.clicked.connect(partial(self.play, stem))
        return key

    def play(self, stem: str) -> None:
        """Let it happen, as long as is chosen."""
        trick = self._trick(stem)
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
