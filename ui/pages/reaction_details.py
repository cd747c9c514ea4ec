"""Term, grade, treatment and outcome of a reaction: only grades that exist are offered."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.reactions import grade_text, grades_of
from exomonitor.clinical.rulebook import Rulebook
from exomonitor.session.commands import DetailReaction
from ui.presenters import codes
from ui.presenters.reaction import terms_in_order
from ui.theme import Theme
from ui.widgets.choice import Choice, MultiChoice
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import label, set_text

PER_PAGE = 6


class ReactionDetails(QWidget):
    """saved(command): what the form says, with everything that was known before."""

    saved = Signal(object)
    changed = Signal()

    def __init__(self, theme: Theme, rules: Rulebook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._rules = theme, rules
        self._known: DetailReaction | None = None
        self._terms: tuple[tuple[str, bool], ...] = ()
        self._page = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        row.addWidget(self._make_terms(theme), 5)
        row.addWidget(self._make_rest(theme), 8)

    def _make_terms(self, theme: Theme) -> QWidget:
        holder, column = _column(theme)
        self._heading = label(theme, f"CTCAE {self._rules.ctcae.content.version} term", 15, role="dim")
        column.addWidget(self._heading)
        self.terms = Choice(theme, (), columns=1, pixels=15)
        self.terms.chosen.connect(self._on_chosen)
        column.addWidget(self.terms)
        column.addStretch(1)
        pages = QHBoxLayout()
        pages.setSpacing(theme.px(8))
        self.earlier = BigButton(theme, "Earlier terms", kind=Kind.QUIET, pixels=15)
        self.later = BigButton(theme, "More terms", kind=Kind.QUIET, pixels=15)
        self.earlier.clicked.connect(lambda: self._turn(-1))
        self.later.clicked.connect(lambda: self._turn(1))
        pages.addWidget(self.earlier)
        pages.addWidget(self.later)
        column.addLayout(pages)
        return holder

    def _make_rest(self, theme: Theme) -> QWidget:
        holder, column = _column(theme)
        self._grade_title = label(theme, "Grade: choose a term first", 15, role="dim")
        column.addWidget(self._grade_title)
        self.grades = Choice(theme, (), columns=1, pixels=14)
        self.grades.chosen.connect(lambda _: self.changed.emit())
        column.addWidget(self.grades)
        column.addStretch(1)
        self.treatments = MultiChoice(theme, codes.REACTION_ACTIONS, columns=6, pixels=13, height=44)
        self.treatments.changed.connect(self.changed)
        column.addWidget(self.treatments)
        self.outcome = Choice(theme, codes.OUTCOMES, pixels=14)
        self.outcome.chosen.connect(lambda _: self.changed.emit())
        column.addWidget(self.outcome)
        self.text = TextEntry(theme, "Words (may stay empty)", pixels=16, compact=True)
        self.text.edited.connect(lambda _: self.changed.emit())
        column.addWidget(self.text)
        return holder

    def show_reaction(self, known: DetailReaction) -> None:
        """Begin with what is recorded; what was entered here and not saved stays."""
        fresh = self._known is None
        self._known = known
        self._terms = terms_in_order(known.symptoms, self._rules)
        if fresh:
            self._fill(known)
        self._show_page()

    def _fill(self, known: DetailReaction) -> None:
        names = [name for name, _ in self._terms]
        self._page = names.index(known.term) // PER_PAGE if known.term in names else 0
        self._show_page()
        self.terms.set_value(known.term)
        self._on_term(known.term)
        self.grades.set_value(str(known.grade) if known.grade is not None else "")
        self.treatments.set_values(known.actions)
        self.outcome.set_value(known.outcome)
        self.text.set_text(known.text)

    def clear(self) -> None:
        """Forget the reaction."""
        self._known = None
        self._term = ""
        self.terms.set_value("")
        self.grades.set_options(())
        self.treatments.set_values(())
        self.outcome.set_value("")
        self.text.set_text("")

    def is_complete(self, *, resolved: bool) -> bool:
        """A term needs its grade; an end needs a term or an outcome."""
        if self._known is None:
            return False
        graded = not self._term or bool(self.grades.value())
        return graded and (not resolved or bool(self._term or self.outcome.value()))

    def save(self, *, resolved: bool) -> None:
        """Say what the form says."""
        known = self._known
        if known is None or not self.is_complete(resolved=resolved):
            return
        grade = self.grades.value()
        self.saved.emit(
            DetailReaction(
                known.chair, known.by, known.reaction, known.symptoms, self._term, int(grade) if grade else None,
                self.treatments.values(), self.outcome.value(), resolved, self.text.text(),
            )
        )  # fmt: skip

    _term = ""

    def _turn(self, by: int) -> None:
        self._page += by
        self._show_page()

    def _show_page(self) -> None:
        pages = max(1, -(-len(self._terms) // PER_PAGE))
        self._page = max(0, min(self._page, pages - 1))
        shown = self._terms[self._page * PER_PAGE : (self._page + 1) * PER_PAGE]
        self.terms.set_options([(name, f"{name} · suggested" if hint else name) for name, hint in shown])
        self.terms.set_value(self._term)
        self.earlier.setEnabled(self._page > 0)
        self.later.setEnabled(self._page < pages - 1)
        chosen = f" · chosen: {self._term}" if self._term else ""
        set_text(
            self._heading, f"CTCAE {self._rules.ctcae.content.version} term · page {self._page + 1} of {pages}{chosen}"
        )

    def focus_first(self) -> None:
        """Where the keyboard begins: the term."""
        self.terms.first().setFocus()

    def _on_chosen(self, term: str) -> None:
        self._on_term(term)
        self.grades.first().setFocus()

    def _on_term(self, term: str) -> None:
        if term != self._term:
            self.grades.set_value("")
        self._term = term
        ctcae = self._rules.ctcae.content
        grades = grades_of(term, ctcae) if term else ()
        self.grades.set_options([(str(grade), f"{grade}: {grade_text(term, grade, ctcae)}") for grade in grades])
        set_text(self._grade_title, f"Grade of {term}" if term else "Grade: choose a term first")
        self._show_page()
        self.changed.emit()


def _column(theme: Theme) -> tuple[QWidget, QVBoxLayout]:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.px(5))
    return holder, column
