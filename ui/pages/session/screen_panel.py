"""Waves, trend and layout of the live page: open keys, one touch each; what is chosen holds at once."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

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
    wave_pages,
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
        self._more = BigButton(theme, "Other waves", height=_HIGH)
        self._more.clicked.connect(self._turn)
        back = BigButton(theme, "Back", "Esc", height=_HIGH)
        back.clicked.connect(self.closed)
        keys = QHBoxLayout()
        keys.setSpacing(theme.px(6))
        keys.addWidget(self._more)
        keys.addWidget(back)
        self.body.addLayout(keys)
        self.setFocusProxy(self._slots[0][0])
        kept.changed.connect(self._show)
        self._show(kept.screen)
        self.show_known("")

    def _make_waves(self) -> QGridLayout:
        theme = self.theme
        grid = QGridLayout()
        grid.setSpacing(theme.px(6))
        self._slots: list[tuple[BigButton, BigButton]] = []
        self._coming: Collection[str] = ()
        self._page = 0
        for place, wave in enumerate(wave_pages()[0]):
            key = BigButton(theme, KEYS[wave], height=_HIGH, checkable=True)
            gain = BigButton(theme, GAINS["1"], height=_HIGH)
            gain.setFixedWidth(theme.px(72))
            key.clicked.connect(lambda shown, place=place: self._choose_wave(self._names[place], shown))
            gain.clicked.connect(lambda _=False, place=place: self._enlarge(self._names[place]))
            row, column = place // _COLUMNS, place % _COLUMNS * 2
            grid.addWidget(key, row, column)
            grid.addWidget(gain, row, column + 1)
            grid.setColumnStretch(column, 1)
            self._slots.append((key, gain))
        return grid

    @property
    def _names(self) -> tuple[str, ...]:
        """The waves whose keys are shown."""
        return wave_pages()[self._page]

    @property
    def waves(self) -> dict[str, BigButton]:
        """The keys of the waves that are shown."""
        return {wave: key for wave, (key, _) in zip(self._names, self._slots, strict=False)}

    @property
    def gains(self) -> dict[str, BigButton]:
        """Their keys for the size."""
        return {wave: gain for wave, (_, gain) in zip(self._names, self._slots, strict=False)}

    def _turn(self) -> None:
        """The next eight waves, the first after the last."""
        self._page = (self._page + 1) % len(wave_pages())
        for place, (key, gain) in enumerate(self._slots):
            there = place < len(self._names)
            key.setVisible(there)
            gain.setVisible(there)
            if there:
                key.set_text(KEYS[self._names[place]])
        self._show(self._kept.screen)
        self.show_coming(self._coming)

    def show_coming(self, coming: Collection[str]) -> None:
        """Which waves the devices send now."""
        self._coming = coming
        for wave, key in self.waves.items():
            key.set_below(COMING if wave in coming else NOTHING_COMES)

    def show_known(self, why: str) -> None:
        """Why the speed is not true here; "" where it is."""
        set_text(self._note, f"Speed of the waves: NOT CALIBRATED, {why}" if why else "Speed of the waves")

    def _choose_wave(self, wave: str, shown: bool) -> None:
        self._kept.choose(with_wave(self._kept.screen, wave, shown=shown))

    def _enlarge(self, wave: str) -> None:
        self._kept.choose(with_next_gain(self._kept.screen, wave))

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
