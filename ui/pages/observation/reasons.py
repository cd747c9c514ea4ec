"""Why a value of a set was not taken: one tap for each, or one for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.presenters import codes
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.text import MEDIUM, label

_ALL = "all of them"


class SetReasons(QWidget):
    """answered: every value has its reason. show_missing() says which ones are asked about."""

    answered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._given: dict[str, str] = {}
        self._names: tuple[tuple[str, tuple[str, ...]], ...] = ()
        self.choices: dict[str, Choice] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(label(theme, "Not taken: why?", 17, MEDIUM))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(theme.px(6))
        column.addLayout(self._rows)
        self._holders: list[QWidget] = []
        column.addStretch(1)

    def show_missing(self, missing: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        """Ask about these: (words, names of the values); what was answered before stays answered."""
        self._names = tuple(missing)
        for holder in self._holders:
            self._rows.removeWidget(holder)
            holder.hide()
            holder.deleteLater()
        self._holders, self.choices = [], {}
        asked = [words for words, _ in missing]
        for words in ([_ALL] if len(asked) > 1 else []) + asked:
            self._holders.append(self._row(words))

    def reasons(self) -> dict[str, str]:
        """Value name -> coded reason."""
        return dict(self._given)

    def begin(self, before: Mapping[str, str]) -> None:
        """A set begins, with the reasons that it was recorded with before."""
        self._given = dict(before)

    def forget(self, given: set[str]) -> None:
        """Drop the reasons of values that are there by now."""
        self._given = {name: why for name, why in self._given.items() if name not in given}

    def first(self) -> QWidget:
        """Where the keyboard begins."""
        return next(iter(self.choices.values())).first()

    def _row(self, words: str) -> QWidget:
        theme, holder = self._theme, QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        name = label(theme, words, 16, MEDIUM)
        name.setFixedWidth(theme.px(120))
        choice = Choice(theme, codes.NOT_TAKEN, pixels=15, height=58)
        choice.chosen.connect(lambda why, asked=words: self._on_chosen(asked, why))
        row.addWidget(name)
        row.addWidget(choice, 1)
        self._rows.addWidget(holder)
        self.choices[words] = choice
        return holder

    def _on_chosen(self, words: str, why: str) -> None:
        for asked, names in self._names:
            if words in {asked, _ALL}:
                self._given.update(dict.fromkeys(names, why))
        if all(name in self._given for _, names in self._names for name in names):
            self.answered.emit()
