"""The trainer's keys in a demo: each names what it lets happen, and what the nurse will see then."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.ports import SimulationControl, Trick
from ui.bridge import Bridge
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton
from ui.widgets.text import MEDIUM, SEMIBOLD, Fitted, label, set_role, set_text

_KEY, _SEES = 44, 30
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
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        tricks = control.tricks(chair)
        groups = list(dict.fromkeys(trick.group for trick in tricks))
        joined = [groups[:1], groups[1:2], groups[2:]]
        for together in (one for one in joined if one):
            side = QVBoxLayout()
            side.setSpacing(theme.px(10))
            for group in together:
                side.addWidget(self._card(theme, group, [trick for trick in tricks if trick.group == group]))
            side.addStretch(1)
            row.addLayout(side, 1)
        column.addLayout(row, 1)
        self.said = label(theme, _HOW if tricks else "Nothing is simulated in this place", 15, MEDIUM, wrap=True)
        column.addWidget(self.said)

    def _card(self, theme: Theme, group: str, tricks: list[Trick]) -> Card:
        card = Card(theme, group)
        card.body.setSpacing(theme.px(3))
        for trick in tricks:
            line = QHBoxLayout()
            line.setSpacing(theme.px(8))
            key = BigButton(theme, trick.words, pixels=13, height=_KEY)
            key.setAccessibleDescription(trick.sees)
            key.clicked.connect(partial(self.play, trick))
            sees = Fitted(theme, 13, 10, SEMIBOLD)
            sees.setMinimumHeight(theme.px(_SEES))
            sees.set_text(trick.sees)
            line.addWidget(key, 1)
            line.addWidget(sees, 1)
            card.body.addLayout(line)
            self.keys[trick.key] = key
        return card

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
