"""Waves, trend and layout of the live page: open keys, one touch each; what is chosen holds at once."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from exomonitor.settings import ScreenSettings
from ui.kept_screen import KeptScreen
from ui.presenters.screen import (
    COMING,
    GAINS,
    KEYS,
    LAYOUTS,
    NOTHING_COMES,
    SPANS,
    SPEEDS,
    gain_of,
    with_next_gain,
    with_wave,
)
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.keys import BigButton
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_text

_COLUMNS, _HIGH = 2, 58


class ScreenPanel(Card):
    """closed: Back was pressed."""

    closed = Signal()

    def __init__(self, theme: Theme, kept: KeptScreen, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._kept = kept
        self.body.addWidget(label(theme, "Waves: touch to show; the key beside it makes them larger", 16, SEMIBOLD))
        self.body.addLayout(self._make_waves())
        self._note = label(theme, "", 14, MEDIUM, role="dim")
        self.speed, self.span, self.layout_choice = (
            Choice(theme, options, height=_HIGH) for options in (SPEEDS, SPANS, LAYOUTS)
        )
        for words, choice, field in (
            ("Speed of the waves", self.speed, "speed"),
            ("The trend shows", self.span, "span"),
            ("Layout", self.layout_choice, "layout"),
        ):
            self.body.addWidget(self._note if field == "speed" else label(theme, words, 14, MEDIUM, role="dim"))
            self.body.addWidget(choice)
            choice.chosen.connect(lambda code, name=field: self._choose(name, code))
        self.body.addStretch(1)
        back = BigButton(theme, "Back", "Esc", height=_HIGH)
        back.clicked.connect(self.closed)
        self.body.addWidget(back)
        self.setFocusProxy(self.waves[next(iter(KEYS))])
        kept.changed.connect(self._show)
        self._show(kept.screen)
        self.show_known("")

    def _make_waves(self) -> QGridLayout:
        theme = self.theme
        grid = QGridLayout()
        grid.setSpacing(theme.px(6))
        self.waves: dict[str, BigButton] = {}
        self.gains: dict[str, BigButton] = {}
        for place, (wave, words) in enumerate(KEYS.items()):
            key = BigButton(theme, words, height=_HIGH, checkable=True)
            gain = BigButton(theme, GAINS["1"], height=_HIGH)
            gain.setFixedWidth(theme.px(72))
            key.clicked.connect(lambda shown, name=wave: self._choose_wave(name, shown))
            gain.clicked.connect(lambda _=False, name=wave: self._kept.choose(with_next_gain(self._kept.screen, name)))
            row, column = place // _COLUMNS, place % _COLUMNS * 2
            grid.addWidget(key, row, column)
            grid.addWidget(gain, row, column + 1)
            grid.setColumnStretch(column, 1)
            self.waves[wave], self.gains[wave] = key, gain
        return grid

    def show_coming(self, coming: Collection[str]) -> None:
        """Which waves the devices send now."""
        for wave, key in self.waves.items():
            key.set_below(COMING if wave in coming else NOTHING_COMES)

    def show_known(self, why: str) -> None:
        """Why the speed is not true here; "" where it is."""
        set_text(self._note, f"Speed of the waves: NOT CALIBRATED, {why}" if why else "Speed of the waves")

    def _choose_wave(self, wave: str, shown: bool) -> None:
        self._kept.choose(with_wave(self._kept.screen, wave, shown=shown))

    def _choose(self, field: str, code: str) -> None:
        self._kept.choose(self._kept.screen.model_copy(update={field: code}))

    def _show(self, screen: ScreenSettings) -> None:
        shown = {one.wave for one in screen.wave}
        for wave, key in self.waves.items():
            key.setChecked(wave in shown)
            gain = self.gains[wave]
            gain.set_text(GAINS[gain_of(screen, wave)])
            gain.setAccessibleName(f"{KEYS[wave]} size {gain.text()}")
            gain.setEnabled(wave in shown)
        self.speed.set_value(screen.speed)
        self.span.set_value(screen.span)
        self.layout_choice.set_value(screen.layout)
