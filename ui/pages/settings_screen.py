"""The card about this screen: how large it is, so that a millimetre of the waves is one, and what may move on it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtWidgets import QHBoxLayout, QWidget

from exomonitor.units import Span
from ui.kept_screen import KeptScreen
from ui.plots.screen_size import ScreenSize
from ui.presenters.screen import MOTIONS
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry
from ui.widgets.keys import BigButton
from ui.widgets.text import MEDIUM, label, set_text

_SPAN = Span("the diagonal", "inch", Decimal(5), Decimal(120), 1)


class ScreenCard(Card):
    """The diagonal, as somebody has measured it or as the screen says; without it waves are not calibrated. And whether
    chevrons and heart move: waves pass and alarms flash in any case."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Size of this screen, and motion", parent=parent)
        self._kept: KeptScreen | None = None
        self._size: Callable[[], ScreenSize] | None = None
        self.words = label(theme, "", 14, MEDIUM, wrap=True)
        self.body.addWidget(self.words)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.diagonal = NumberEntry(theme, "Diagonal", _SPAN, "inch", compact=True)
        self.keep_key = BigButton(theme, "Keep", height=52)
        self.ask_key = BigButton(theme, "Ask the screen", height=52)
        row.addWidget(self.diagonal, 2)
        row.addWidget(self.keep_key, 1)
        row.addWidget(self.ask_key, 2)
        self.body.addLayout(row)
        self.motion = Choice(theme, MOTIONS, height=52, pixels=14)
        self.motion.setAccessibleName("Motion")
        self.body.addWidget(self.motion)
        self.motion.chosen.connect(self._on_motion)
        self.diagonal.confirmed.connect(self.keep)
        self.keep_key.clicked.connect(self.keep)
        self.ask_key.clicked.connect(lambda: self._choose(0.0))

    def use_screen(self, kept: KeptScreen, size: Callable[[], ScreenSize]) -> None:
        """What is kept, and what is known of the screen."""
        self._kept, self._size = kept, size
        kept.changed.connect(self._show)
        self._show()

    def keep(self) -> None:
        """The number that stands in the entry."""
        if not self.diagonal.check():
            set_text(self.words, self.diagonal.error())
            return
        number = self.diagonal.number()
        if number is not None:
            self._choose(float(number))

    def _choose(self, diagonal_in: float) -> None:
        if self._kept is not None:
            self._kept.choose(self._kept.screen.model_copy(update={"diagonal_in": diagonal_in}))
            self._show()

    def _on_motion(self, motion: str) -> None:
        if self._kept is not None:
            self._kept.choose(self._kept.screen.model_copy(update={"motion": motion}))

    def _show(self) -> None:
        if self._size is None or self._kept is None:
            return
        self.motion.set_value(self._kept.screen.motion)
        size = self._size()
        known = "Waves pass at their true speed" if size.known else "Waves are NOT CALIBRATED"
        set_text(self.words, f"{known}: {size.why}")
