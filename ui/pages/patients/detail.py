"""One patient read-only: facts, earlier sessions, the next window; and the keys that change something."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.course import CourseTable
from exomonitor.errors import CommandRefused
from exomonitor.registry.course_of import CourseOf, course_of
from exomonitor.registry.patients import PatientRecord
from exomonitor.registry.registry import Registry
from ui.presenters.patients import below_name, fact_rows, lifted_words, next_words, visit_words
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton
from ui.widgets.text import BOLD, MEDIUM, Elided, label, set_text

VISITS = 7
LIFTED = 2
"""So many lifted holds have room."""
FACT_ROWS = 12


class PatientDetail(QWidget):
    """Says what is to be done with the patient who is shown: `change`, `scale2`, `phase`, `earlier`, `hold`."""

    wanted = Signal(str)

    def __init__(self, theme: Theme, table: CourseTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._table = theme, table
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self._name = Elided(theme, "", 22, BOLD)
        self._below = label(theme, "", 15, MEDIUM, role="dim")
        column.addWidget(self._name)
        column.addWidget(self._below)
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        row.addWidget(self._make_facts(), 1)
        row.addWidget(self._make_course(), 1)
        column.addLayout(row, 1)
        column.addLayout(self._make_keys())

    def _make_facts(self) -> QWidget:
        card = Card(self._theme, "What is known")
        grid = QGridLayout()
        grid.setVerticalSpacing(self._theme.px(3))
        grid.setHorizontalSpacing(self._theme.px(14))
        self._facts = []
        for place in range(FACT_ROWS):
            name = label(self._theme, "", 14, role="dim")
            words = label(self._theme, "", 15, MEDIUM, wrap=True)
            grid.addWidget(name, place, 0)
            grid.addWidget(words, place, 1)
            self._facts.append((name, words))
        grid.setColumnStretch(1, 1)
        card.body.addLayout(grid)
        card.body.addStretch(1)
        return card

    def _make_course(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(10))
        course = Card(self._theme, "Next dose")
        self._next = label(self._theme, "", 15, MEDIUM, wrap=True)
        course.body.addWidget(self._next)
        column.addWidget(course)
        self._visits_card = Card(self._theme, "Sessions and reactions")
        self._visits = []
        for _ in range(VISITS):
            head, below = Elided(self._theme, "", 15, MEDIUM), Elided(self._theme, "", 14, role="dim")
            self._visits_card.body.addWidget(head)
            self._visits_card.body.addWidget(below)
            self._visits.append((head, below))
        self._visits_card.body.addStretch(1)
        column.addWidget(self._visits_card, 1)
        return holder

    def _make_keys(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(8))
        self.keys: dict[str, BigButton] = {}
        for wish, words in (
            ("change", "Change ..."),
            ("scale2", "SpO₂ scale ..."),
            ("phase", "Phase ..."),
            ("earlier", "Earlier dose ..."),
            ("hold", "Lift the hold ..."),
        ):
            key = BigButton(self._theme, words, pixels=15, height=50)
            key.clicked.connect(lambda _=False, wish=wish: self.wanted.emit(wish))
            row.addWidget(key, 1)
            self.keys[wish] = key
        return row

    def show_patient(self, record: PatientRecord, registry: Registry, today: date, tz: str) -> None:
        """Bring everything up to date."""
        set_text(self._name, record.name)
        set_text(self._below, below_name(record.born, record.mrn))
        rows = fact_rows(record, registry.users)
        for place, (name, words) in enumerate(self._facts):
            set_text(name, rows[place][0] if place < len(rows) else "")
            set_text(words, rows[place][1] if place < len(rows) else "")
            name.setVisible(place < len(rows))
            words.setVisible(place < len(rows))
        course = self._course(record, registry, today, tz)
        said = next_words(course) if course is not None else ()
        set_text(self._next, "\n".join((*said, *lifted_words(record.lifted, registry.users)[:LIFTED])))
        self.keys["hold"].setVisible(course is not None and course.can_lift)
        visits = course.visits if course is not None else ()
        more = len(visits) - VISITS
        self._visits_card.set_remark(f"{more} older ones in History" if more > 0 else "")
        for place, (head, below) in enumerate(self._visits):
            there = place < len(visits)
            day, session, given, reaction = visit_words(visits[place]) if there else ("", "", "", "")
            set_text(head, f"{day} · {session} · {reaction}" if there else "")
            set_text(below, given)
            head.setVisible(there or place == 0)
            below.setVisible(there)
        if not visits:
            set_text(self._visits[0][0], "No session of this patient is on record")

    def _course(self, record: PatientRecord, registry: Registry, today: date, tz: str) -> CourseOf | None:
        try:
            return course_of(registry, record.id, today, self._table, tz)
        except CommandRefused:  # a session lies after today: the clock was set back
            return None
