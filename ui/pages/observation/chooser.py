"""All sets of a session: open another one, correct one that is done, or say why one was not done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from exomonitor.clinical.observations import BASELINE
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.narrative import set_words, slot_words
from ui.presenters import codes
from ui.presenters.observation import slot_mark
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.keys import BigButton
from ui.widgets.text import MEDIUM, label, set_text

EXTRA = "extra"


class SetChooser(QWidget):
    """chosen(key): open this set. missed(key, why): it was not done."""

    chosen = Signal(str)
    missed = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waiting: set[str] = set()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(label(theme, "Which set?", 15, MEDIUM))
        self._sets = Choice(theme, (), columns=4, height=58, pixels=14)
        self._sets.chosen.connect(self._on_chosen)
        column.addWidget(self._sets)
        self._open = BigButton(theme, "Open this set", height=58)
        self._open.clicked.connect(lambda: self.chosen.emit(self._sets.value()))
        column.addWidget(self._open)
        self._why_title = label(theme, "", 15, MEDIUM)
        column.addWidget(self._why_title)
        self._why = Choice(theme, codes.MISSED, columns=3, height=58, pixels=14)
        self._why.chosen.connect(self._on_why)
        column.addWidget(self._why)
        column.addStretch(1)

    def show_sets(self, snapshot: Snapshot) -> None:
        """Offer the sets as they stand."""
        shown = [view for view in snapshot.slots if not view.slot.covered_by_end]
        self._waiting = {view.slot.key for view in shown if view.status.is_waiting and view.slot.key != BASELINE}
        options = [(v.slot.key, f"{slot_words(v.slot.key)}\n{slot_mark(v)}") for v in shown]
        self._sets.set_options([*options, (EXTRA, "Extra set\nnow")])
        # The set that waits longest is picked already: one tap on a reason says that it was missed.
        waiting = next((view.slot.key for view in shown if view.slot.key in self._waiting), "")
        self._sets.set_value(waiting)
        self._why.set_value("")
        self._on_set(waiting)

    def _on_chosen(self, key: str) -> None:
        self._on_set(key)
        self._open.setFocus()

    def focus_first(self) -> None:
        """Where the keyboard begins: the set that waits longest, else the first one."""
        self._sets.first().setFocus()

    def _on_set(self, key: str) -> None:
        self._open.setVisible(bool(key))
        late = key in self._waiting
        self._why.setVisible(late)
        self._why_title.setVisible(late)
        set_text(self._why_title, f"{set_words(key)} was not done because ..." if late else "")

    def _on_why(self, why: str) -> None:
        self.missed.emit(self._sets.value(), why)
