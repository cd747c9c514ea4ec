"""Details of a reaction: terms and grades that exist, then cause, treatment and outcome, then the order to go on."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.action_cards import card_for
from exomonitor.clinical.reaction_report import Grading
from exomonitor.clinical.reactions import grade_text, grades_of
from exomonitor.drafts import DraftField
from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import DetailReaction
from exomonitor.session.state import Reaction
from ui.bridge import Bridge
from ui.pages.reaction.cause import SHEETS, CausePart
from ui.pages.reaction.restart import RestartPart
from ui.presenters.reaction import grade_suggestions, terms_in_order, worst_words
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.drafting import Drafting, DraftStrip, Part, Parts, choice_part, parts_of
from ui.widgets.entry import make_tall
from ui.widgets.keys import BigButton, Kind
from ui.widgets.late_stack import LateStack
from ui.widgets.text import Elided, label, set_text

PER_PAGE = 4
PARTS = (
    ("grade", "1  Terms and grades"),
    ("cause", "2  Cause"),
    ("outcome", "3  Treatment, outcome"),
    ("restart", "4  Going on"),
)
MOST_MORE = 3
ANAPHYLAXIS = "Anaphylaxis"


class ReactionDetails(QWidget):
    """saved(command): what the form says, with everything that was known before."""

    saved = Signal(object)
    changed = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._rules, self._bridge, self._bedside = theme, bedside.protocol.rules, bridge, bedside
        self._seen: tuple[Snapshot, Reaction | None] = (bedside.latest(), None)
        self._ctcae = self._rules.ctcae.content
        self._known: DetailReaction | None = None
        self._terms: tuple[tuple[str, bool], ...] = ()
        self._term = ""
        self._more: list[Grading] = []
        self._suggested: tuple[tuple[Grading, str], ...] = ()
        self._page = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self.parts = Choice(theme, PARTS, pixels=15, height=58)
        self.parts.set_value("grade")
        self.parts.chosen.connect(self.show_part)
        self.strip = DraftStrip(theme)
        self.strip.discarded.connect(self._discard_draft)
        self.drafting = Drafting(bridge.drafts, self._draft_key, self._draft_parts, self.strip.show_draft)
        self.changed.connect(self.drafting.note)
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        head.addWidget(self.parts, 1)
        head.addWidget(self.strip)
        column.addLayout(head)
        self._stack = LateStack()
        self.cause = CausePart(theme)
        self.cause.changed.connect(self.changed)
        self.outcome, self.treatments = self.cause.outcome, self.cause.treatments
        self._grades_page = self._make_grades(theme)
        for part in (self._grades_page, self.cause):
            self._stack.addWidget(part)
        self._restart: RestartPart | None = None
        column.addWidget(self._stack, 1)

    @property
    def restart(self) -> RestartPart:
        """Going on: made when first wanted."""
        if self._restart is None:
            self._restart = RestartPart(self._bedside, self._bridge, self._theme)
            make_tall(self._restart)
            self._stack.addWidget(self._restart)
            self._restart.show_snapshot(*self._seen)
        return self._restart

    def _make_grades(self, theme: Theme) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        row.addWidget(self._make_terms(theme), 5)
        row.addWidget(self._make_rest(theme), 8)
        return holder

    def _make_terms(self, theme: Theme) -> QWidget:
        holder, column = _column(theme)
        self._heading = Elided(theme, "", 14, role="dim")
        column.addWidget(self._heading)
        self.terms = Choice(theme, (), columns=1, pixels=15, height=58)
        self.terms.chosen.connect(self._on_chosen)
        column.addWidget(self.terms)
        column.addStretch(1)
        pages = QHBoxLayout()
        pages.setSpacing(theme.px(8))
        self.earlier = BigButton(theme, "Earlier terms", kind=Kind.QUIET, pixels=15, height=58)
        self.later = BigButton(theme, "More terms", kind=Kind.QUIET, pixels=15, height=58)
        self.earlier.clicked.connect(lambda: self._turn(-1))
        self.later.clicked.connect(lambda: self._turn(1))
        pages.addWidget(self.earlier)
        pages.addWidget(self.later)
        column.addLayout(pages)
        return holder

    def _make_rest(self, theme: Theme) -> QWidget:
        holder, column = _column(theme)
        self._grade_title = Elided(theme, "Grade: choose a term first", 14, role="dim")
        column.addWidget(self._grade_title)
        self.note = Elided(theme, "", 13, role="dim")
        self.note.setVisible(False)
        column.addWidget(self.note)
        self.grades = Choice(theme, (), columns=2, pixels=13, height=58)
        self.grades.chosen.connect(lambda _: self._on_graded())
        column.addWidget(self.grades)
        column.addStretch(1)
        self._says = label(theme, "", 13, wrap=True)
        self._worst, self._numbers = Elided(theme, "", 13, role="dim"), Elided(theme, "", 13, role="dim")
        for line in (self._says, self._worst, self._numbers):
            column.addWidget(line)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.px(8))
        self.add_key = BigButton(theme, "Add another term", kind=Kind.QUIET, pixels=13, height=58)
        self.add_key.clicked.connect(self._add)
        self._row.addWidget(self.add_key, 1)
        self.more_keys = [
            BigButton(theme, "", kind=Kind.QUIET, pixels=13, height=58, checkable=True) for _ in range(MOST_MORE)
        ]
        self.hint_keys = [BigButton(theme, "", kind=Kind.QUIET, pixels=13, height=58) for _ in range(2)]
        for place, key in enumerate(self.more_keys):
            key.clicked.connect(lambda _=False, at=place: self._drop(at))
            self._row.addWidget(key, 1)
        for place, key in enumerate(self.hint_keys):
            key.clicked.connect(lambda _=False, at=place: self._take_hint(at))
            self._row.addWidget(key, 1)
        column.addLayout(self._row)
        return holder

    # --- what is known -----------------------------------------------------------------------------------------------

    def show_reaction(self, known: DetailReaction) -> None:
        """Begin with what is recorded; what was entered here and not saved stays."""
        fresh = self._known is None
        self._known = known
        self._terms = terms_in_order(known.symptoms, self._rules)
        if fresh:
            self._fill(known)
            self.drafting.begin_again()
        self._show_page()
        self._show_more()

    def show_snapshot(self, snapshot: Snapshot, reaction: Reaction | None) -> None:
        """What the numbers suggest, and whether a restart is to be confirmed."""
        self._suggested = grade_suggestions(snapshot, reaction, self._rules)
        set_text(self._worst, worst_words(snapshot, reaction))
        self._seen = (snapshot, reaction)
        if self._restart is not None:
            self._restart.show_snapshot(snapshot, reaction)
        self._show_more()

    def _fill(self, known: DetailReaction) -> None:
        self._more = list(known.more)
        names = [name for name, _ in self._terms]
        self._page = names.index(known.term) // PER_PAGE if known.term in names else 0
        self._show_page()
        self.terms.set_value(known.term)
        self._on_term(known.term)
        self.grades.set_value(str(known.grade) if known.grade is not None else "")
        self.cause.fill(known)

    def clear(self) -> None:
        """Forget the reaction."""
        self._known = None
        self._term = ""
        self._more = []
        self.terms.set_value("")
        self.grades.set_options(())
        self.cause.clear()
        if self._restart is not None:
            self._restart.clear()

    # --- what was half entered ---------------------------------------------------------------------------------------

    def kept(self) -> None:
        """What the form says is in the record."""
        self.drafting.forget()
        self.drafting.emptied()

    def _draft_key(self) -> tuple[str, str]:
        return self._bridge.drafts.session, f"reaction {self._known.reaction}" if self._known is not None else ""

    def _draft_parts(self) -> Parts:
        """Terms with their grades, then cause and outcome; an order to go on is given anew."""
        return {
            "term": Part(lambda: self._term, lambda field: self._put_term(field.text)),
            "grade": choice_part(self.grades),
            "more": Part(self._more_words, self._put_more),
            **parts_of(self.cause),
        }

    def _put_term(self, term: str) -> None:
        if term in self._ctcae.terms:
            self._on_term(term)

    def _more_words(self) -> str:
        return "\n".join(f"{one.grade} {one.term}" for one in self._more)

    def _put_more(self, field: DraftField) -> None:
        said = [line.partition(" ") for line in field.text.splitlines()]
        self._more = [Grading(term, int(grade)) for grade, _, term in said if term in self._ctcae.terms][:MOST_MORE]
        self._on_graded()

    def _discard_draft(self) -> None:
        known = self._known
        self.drafting.forget()
        self.clear()
        if known is not None:
            self.show_reaction(known)
        self.drafting.emptied()

    # --- what it says ------------------------------------------------------------------------------------------------

    def is_complete(self, *, resolved: bool) -> bool:
        """A term needs its grade; an end needs a term or an outcome."""
        if self._known is None:
            return False
        graded = not self._term or bool(self.grades.value())
        return graded and (not resolved or bool(self._gradings() or self.outcome.value()))

    def save(self, *, resolved: bool) -> None:
        """Say what the form says."""
        known = self._known
        if known is None or not self.is_form() or not self.is_complete(resolved=resolved):
            return
        gradings = self._gradings()
        first = gradings[0] if gradings else None
        said = DetailReaction(
            known.chair, known.by, known.reaction, known.symptoms, first.term if first else "",
            first.grade if first else None, resolved=resolved, more=tuple(gradings[1:]),
        )  # fmt: skip
        self.saved.emit(self.cause.said(said))

    def back(self) -> bool:
        """Esc: from a signature to its form; False when there is nothing to close."""
        shown = self._stack.currentWidget()
        return isinstance(shown, RestartPart) and shown.back()

    def show_part(self, part: str) -> None:
        """Terms and grades, cause and outcome, or going on."""
        self.parts.set_value(part)
        if part in SHEETS:
            self.cause.show_sheet(part)
        self._stack.setCurrentWidget(
            self.cause if part in SHEETS else self.restart if part == "restart" else self._grades_page
        )
        self.changed.emit()

    def is_form(self) -> bool:
        """Whether what is in front is saved with the details; a restart is confirmed by its own key."""
        return not isinstance(self._stack.currentWidget(), RestartPart)

    def focus_first(self) -> None:
        """Where the keyboard begins: the term."""
        self.show_part("grade")
        self.terms.first().setFocus()

    # --- terms and grades --------------------------------------------------------------------------------------------

    def _gradings(self) -> list[Grading]:
        grade = self.grades.value()
        return [*([Grading(self._term, int(grade))] if self._term and grade else []), *self._more]

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
        set_text(self._heading, f"CTCAE {self._ctcae.version} term · page {self._page + 1} of {pages}{chosen}")

    def _on_chosen(self, term: str) -> None:
        self._on_term(term)
        self.grades.first().setFocus()

    def _on_term(self, term: str) -> None:
        if term != self._term:
            self.grades.set_value("")
        self._term = term
        grades = grades_of(term, self._ctcae) if term else ()
        self.grades.set_options([(str(grade), f"{grade}: {grade_text(term, grade, self._ctcae)}") for grade in grades])
        set_text(self._grade_title, f"Grade of {term}: the worst that it was" if term else "Grade: choose a term first")
        note = self._ctcae.terms[term].note if term in self._ctcae.terms else ""
        set_text(self.note, f"Note: {note}")
        self.note.setVisible(bool(note))
        self._show_page()
        self._show_more()
        self.changed.emit()

    def _on_graded(self) -> None:
        self._show_more()
        self.changed.emit()

    def _add(self) -> None:
        gradings = self._gradings()
        if len(gradings) > len(self._more) and len(self._more) < MOST_MORE:
            self._more = [*self._more, gradings[0]]
            self._on_term("")

    def _drop(self, place: int) -> None:
        self._more = [one for at, one in enumerate(self._more) if at != place]
        self._show_more()
        self.changed.emit()

    def _take_hint(self, place: int) -> None:
        hints = self._hints()
        if place >= len(hints):
            return
        grading = hints[place][0]
        if not self._term:
            self._on_term(grading.term)
            self.grades.set_value(str(grading.grade))
            self._on_graded()
        elif len(self._more) < MOST_MORE:
            self._more = [*self._more, grading]
            self._on_graded()

    def _hints(self) -> list[tuple[Grading, str]]:
        taken = {one.term for one in self._gradings()}
        return [one for one in self._suggested if one[0].term not in taken]

    def _show_more(self) -> None:
        for place, key in enumerate(self.more_keys):
            has = place < len(self._more)
            key.setVisible(has)
            key.setChecked(has)
            if has:
                key.set_text(f"{self._more[place].term} {self._more[place].grade} ✕")
        hints = self._hints()
        room = max(0, MOST_MORE - len(self._more))
        for place, key in enumerate(self.hint_keys):
            has = place < min(len(hints), room)
            key.setVisible(has)
            if has:
                key.set_text(f"{hints[place][0].term} {hints[place][0].grade}?")
        gradings, card = self._gradings(), self._rules.actions.content
        worst = max((one.grade for one in gradings), default=None)
        anaphylaxis = any(one.term == ANAPHYLAXIS for one in gradings)
        says = card_for(worst, anaphylaxis, card) if worst is not None else None
        set_text(self._says, f"{card.says}: {says.title}. Restart: {says.restart}" if says is not None else "")
        told = "; ".join(words for _, words in hints)
        set_text(self._numbers, f"The numbers suggest (you decide): {told}" if told else "")
        complete = bool(self._term and self.grades.value())
        self.add_key.setEnabled(complete and len(self._more) < MOST_MORE)


def _column(theme: Theme) -> tuple[QWidget, QVBoxLayout]:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.px(4))
    return holder, column
