"""PRO-CTCAE on the call of day 7: one item at a time with all its attributes, over the last 7 days."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.followup import ProCtcae, ProItem
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import BOLD, MEDIUM, Elided, label, set_text

Answers = dict[str, dict[str, int]]


class ProPanel(QWidget):
    """answered: an answer is another one. closed: back to the questions of the call. Nothing is chosen beforehand."""

    answered = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, table: ProCtcae, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table, self._at = table, 0
        self._answers: Answers = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self._heading = Elided(theme, "", 18, BOLD)
        column.addWidget(self._heading)
        self._questions: dict[str, tuple[QWidget, Choice]] = {}
        for scale in table.scale:
            words = label(theme, scale.label, 15, MEDIUM)
            options = tuple((str(score), said) for score, said in enumerate(scale.words))
            choice = Choice(theme, options, pixels=14, height=52)
            choice.chosen.connect(lambda score, key=scale.key: self._on_chosen(key, int(score)))
            column.addWidget(words)
            column.addWidget(choice)
            self._questions[scale.key] = (words, choice)
        column.addStretch(1)
        column.addWidget(label(theme, f"{table.note} {table.library}.", 13, role="dim", wrap=True))
        keys = QHBoxLayout()
        keys.setSpacing(theme.px(8))
        self.earlier = BigButton(theme, "Item before", kind=Kind.QUIET, pixels=15, height=48)
        self.later = BigButton(theme, "Next item", pixels=15, height=48)
        self.skip = BigButton(theme, "Item not asked", kind=Kind.QUIET, pixels=15, height=48)
        self.close_key = BigButton(theme, "Back to the questions", pixels=15, height=48)
        self.earlier.clicked.connect(lambda: self._turn(-1))
        self.later.clicked.connect(lambda: self._turn(1))
        self.skip.clicked.connect(self._forget)
        self.close_key.clicked.connect(self.closed)
        for key in (self.earlier, self.later, self.skip, self.close_key):
            keys.addWidget(key, 1)
        column.addLayout(keys)
        self._show()

    # --- answers -----------------------------------------------------------------------------------------------------

    def answers(self) -> Answers:
        """What is answered so far, item by item."""
        return {key: dict(given) for key, given in self._answers.items() if given}

    def put(self, answers: Mapping[str, Mapping[str, int]]) -> None:
        """Take up what was answered before; what the table does not know is left out."""
        known = {item.key: item for item in self._table.item}
        self._answers = {
            key: {name: score for name, score in given.items() if name in known[key].attributes}
            for key, given in answers.items()
            if key in known
        }
        self._at = 0
        self._show()

    def clear(self) -> None:
        """Nothing is answered."""
        self.put({})

    def unfinished(self) -> str:
        """The first item that is answered in part, "" where each is whole or was not asked."""
        for item in self._table.item:
            given = self._answers.get(item.key, {})
            if given and set(given) != set(item.attributes):
                return item.label
        return ""

    def words(self) -> str:
        """`5 of 12 items`."""
        done = sum(set(self._answers.get(item.key, {})) == set(item.attributes) for item in self._table.item)
        return f"{done} of {len(self._table.item)} items"

    def _on_chosen(self, attribute: str, score: int) -> None:
        self._answers.setdefault(self._item.key, {})[attribute] = score
        self._show()
        self.answered.emit()

    def _forget(self) -> None:
        self._answers.pop(self._item.key, None)
        self._show()
        self.answered.emit()

    # --- what is shown -----------------------------------------------------------------------------------------------

    @property
    def _item(self) -> ProItem:
        return self._table.item[self._at]

    def _turn(self, by: int) -> None:
        self._at = max(0, min(len(self._table.item) - 1, self._at + by))
        self._show()

    def _show(self) -> None:
        item, given = self._item, self._answers.get(self._item.key, {})
        place = f"{self._at + 1} of {len(self._table.item)}"
        set_text(self._heading, f"PRO-CTCAE {place} · {item.label} · {self._table.recall}")
        for key, (words, choice) in self._questions.items():
            asked = key in item.attributes
            words.setVisible(asked)
            choice.setVisible(asked)
            choice.set_value(str(given[key]) if key in given else "")
        self.earlier.setEnabled(self._at > 0)
        self.later.setEnabled(self._at < len(self._table.item) - 1)
        self.skip.setEnabled(bool(given))
