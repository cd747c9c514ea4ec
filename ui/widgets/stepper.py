"""A number to be tried out: keys for less and more, and a slider between them that the arrow keys move too."""

from __future__ import annotations

from math import ceil, floor

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from ui.theme import Theme
from ui.widgets.keys import BigButton, Kind

_TENTH = 10
_SAME = 1e-6


class Stepper(QWidget):
    """Whole steps of `step` between two ends. `moved` comes with every change by a person, never from put()."""

    moved = Signal(float)

    def __init__(
        self,
        theme: Theme,
        name: str,
        ends: tuple[float, float],
        step: float = 1.0,
        *,
        slides: bool = True,
        height: int = 44,
        parent: QWidget | None = None,
    ) -> None:
        """slides: False where nothing may be dragged: keys alone."""
        super().__init__(parent)
        self._step = step
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        self.less = BigButton(theme, "−", kind=Kind.NORMAL, pixels=22, height=height)
        self.more = BigButton(theme, "+", kind=Kind.NORMAL, pixels=22, height=height)
        self.less.setAccessibleName(f"{name}: less")
        self.more.setAccessibleName(f"{name}: more")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(name)
        self.slider.setRange(round(ends[0] * _TENTH), round(ends[1] * _TENTH))
        self.slider.setSingleStep(round(step * _TENTH))
        self.slider.setPageStep(round(5 * step * _TENTH))
        self.slider.setMinimumHeight(theme.px(height))
        self.slider.setStyleSheet(_style(theme))
        row.addWidget(self.less)
        row.addWidget(self.slider, 1)
        self.slider.setVisible(slides)
        row.addWidget(self.more)
        if not slides:
            row.addStretch(1)
        for key, sign in ((self.less, -1), (self.more, 1)):
            key.setFixedWidth(theme.px(max(64, height)))
            key.setAutoRepeat(True)
            key.clicked.connect(lambda _=False, way=sign: self._by(way))
        self.slider.valueChanged.connect(self._on_slid)
        self._quiet = False

    def value(self) -> float:
        """Where it stands."""
        return self.slider.value() / _TENTH

    def put(self, value: float) -> None:
        """Follow a number that was typed elsewhere; says nothing to anybody."""
        self._quiet = True
        self.slider.setValue(round(value * _TENTH))
        self._quiet = False

    def _by(self, way: int) -> None:
        # From 45.5 the next steps of 1 are 45 and 46, not 44.5 and 46.5.
        steps = self.value() / self._step
        nearest = round(steps)
        whole = nearest + way if abs(steps - nearest) < _SAME else (floor(steps) if way < 0 else ceil(steps))
        self.slider.setValue(round(whole * self._step * _TENTH))

    def _on_slid(self, tenths: int) -> None:
        if not self._quiet:
            self.moved.emit(tenths / _TENTH)


def _style(theme: Theme) -> str:
    groove, handle = theme.px(6), theme.px(28)
    return (
        f"QSlider {{ background: transparent; }}"
        f"QSlider::groove:horizontal {{ height: {groove}px; background: {theme.track};"
        f" border-radius: {groove // 2}px; }}"
        f"QSlider::handle:horizontal {{ width: {handle}px; margin: -{(handle - groove) // 2}px 0;"
        f" background: {theme.raised}; border: 2px solid {theme.strong_border}; border-radius: {handle // 2}px; }}"
        f"QSlider::handle:horizontal:focus {{ border-color: {theme.focus}; }}"
    )
