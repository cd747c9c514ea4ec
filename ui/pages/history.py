"""Past sessions: a table, one of them opened read-only with its figures, trend and log, and its export."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.engine.stored import SessionRow
from exomonitor.session.parts.trust import NAMES, RECORD, ViewRecord
from ui.bridge import Bridge
from ui.pages.export_card import ExportCard
from ui.pages.history_correct import CorrectPanel
from ui.pages.history_view import COLUMNS, Review, figures, load_review, row_words
from ui.plots.palette import plot_colours
from ui.plots.trend import TrendView
from ui.presenters.versions import log_html
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.keys import BigButton
from ui.widgets.text import BOLD, MEDIUM, Elided, label, set_text
from ui.widgets.word_table import WordTable, word_table

_PARTS = (("figures", "Figures"), ("trend", "Trend"), ("log", "Log"), ("correct", "Correct"))
_FIGURES = 14
"""So many rows has a signed session with an emergency after it."""


class HistoryPage(QWidget):
    """Reads the archive away from the GUI thread; changes nothing in it."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._rows: tuple[SessionRow, ...] = ()
        self._open = self._here = ""
        self._review: Review | None = None
        self._without = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(10), theme.px(10), theme.px(10))
        row.setSpacing(theme.px(10))
        row.addWidget(self._make_table(), 1)
        row.addWidget(self._make_detail(), 1)
        self.look()

    def _make_table(self) -> QWidget:
        theme = self._theme
        card = Card(theme, "Past sessions")
        self.model = WordTable(COLUMNS, self)
        self.table = word_table(theme, self.model, wide=1)
        self.table.selectionModel().selectionChanged.connect(self._on_selected)
        card.body.addWidget(self.table, 1)
        self._said = label(theme, "", 14, MEDIUM, role="dim", wrap=True)
        card.body.addWidget(self._said)
        row = QHBoxLayout()
        self.names = BigButton(theme, "Show names", pixels=14, checkable=True)
        self.names.clicked.connect(self._want_names)
        again = BigButton(theme, "Look again", pixels=14)
        again.clicked.connect(self.look)
        row.addWidget(self.names)
        row.addWidget(again)
        card.body.addLayout(row)
        return card

    def _make_detail(self) -> QWidget:
        theme = self._theme
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self._heading = label(theme, "Choose a session", 20, BOLD)
        column.addWidget(self._heading)
        self.part = Choice(theme, _PARTS)
        self.part.set_value("figures")
        self.part.chosen.connect(self._on_part)
        column.addWidget(self.part)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_figures())
        self._trend_card = trend = Card(theme, "HR · SpO₂ · NIBP · rate")
        self.trend = TrendView(plot_colours(theme))
        window = self._bedside.protocol.window
        self.trend.set_window(window.shortest_min, window.longest_min)
        trend.body.addWidget(self.trend, 1)
        self._stack.addWidget(trend)
        self._stack.addWidget(self._make_log())
        self.correct = CorrectPanel(self._bedside, self._bridge, theme)
        self.correct.corrected.connect(self.reread)
        self._stack.addWidget(self.correct)
        column.addWidget(self._stack, 1)
        self.export = ExportCard(self._bedside, self._bridge, theme)
        column.addWidget(self.export)
        return holder

    def _make_log(self) -> QWidget:
        theme, holder = self._theme, QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self.log = QTextEdit()
        self.log.setReadOnly(True)
        self.log.setTabChangesFocus(True)
        self.log.setFont(theme.font(14))
        self.log.setAccessibleName("Session log")
        column.addWidget(self.log, 1)
        self.every = BigButton(theme, "Show all versions and voids", pixels=14, height=48, checkable=True)
        self.every.clicked.connect(self._show_log)
        column.addWidget(self.every)
        return holder

    def _make_figures(self) -> QWidget:
        theme = self._theme
        card = Card(theme)
        self._figures = []
        for _ in range(_FIGURES):
            row = QHBoxLayout()
            name, words = label(theme, "", 14, role="dim"), Elided(theme, "", 15, MEDIUM)
            name.setFixedWidth(theme.px(172))
            row.addWidget(name)
            row.addWidget(words, 1)
            card.body.addLayout(row)
            self._figures.append((name, words))
        card.body.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName("The session")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(card)
        return area

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Keep up with who is at work (an export carries their name) and with whose session is in the chair."""
        self._here = snapshot.session.id if snapshot.session is not None else ""
        changed = self.export.by != snapshot.staff_id
        self.export.by = self.correct.by = snapshot.staff_id
        if changed and self._open:  # somebody else may see something else
            self.names.setChecked(False)
            self._fill(self._rows)
            self._read(self._open)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The page comes to the front: look what has been added."""
        super().focusInEvent(event)
        self.look()
        self.table.setFocus()

    def look(self) -> None:
        """Read the list of sessions."""
        self._bridge.run(self._bedside.archive.sessions, self._fill, lambda why: set_text(self._said, why))

    def _fill(self, rows: Sequence[SessionRow]) -> None:
        self._rows = tuple(rows)
        set_text(self._said, "" if rows else "No session has been recorded yet")
        self._said.setVisible(not rows)
        kept = self._open or self._here  # while none is chosen, the one in the chair
        names = self.names.isChecked()
        self.model.put([row_words(row, names=names) for row in self._rows])
        place = next((n for n, row in enumerate(self._rows) if row.session == kept), None)
        if place is not None:
            self.table.selectRow(place)

    def _on_selected(self, *_: object) -> None:
        chosen = self.table.selectionModel().selectedRows()
        place = chosen[0].row() if chosen else -1
        if not 0 <= place < len(self._rows) or self._rows[place].session == self._open:
            return
        row = self._rows[place]
        self._open = row.session
        set_text(self._heading, f"{row.study_id} · reading ...")
        self.export.show_session(row.session)
        self._say("")
        self._read(row.session)

    def _read(self, session: str) -> None:
        """With names where whoever is signed in may see them, which is an entry of its own; else without."""
        archive = self._bedside.archive

        def load(why: str = "") -> None:
            self._without = f" · no names: {why}" if why else ""
            self._bridge.run(lambda: load_review(archive, session, names=not why), self._show, self._failed)

        self._bridge.submit(ViewRecord(self._bedside.chair, self.export.by, RECORD, session), lambda _: load(), load)

    def _want_names(self) -> None:
        """The list with names: an entry of its own too."""
        if not self.names.isChecked():
            self._fill(self._rows)
            return
        self.names.setChecked(False)
        command = ViewRecord(self._bedside.chair, self.export.by, NAMES)
        self._bridge.submit(command, lambda _: self._show_names(), lambda why: self._say(f"No names: {why}"))

    def _show_names(self) -> None:
        self.names.setChecked(True)
        self._fill(self._rows)

    def _say(self, words: str) -> None:
        set_text(self._said, words)
        self._said.setVisible(bool(words))

    def _failed(self, why: str) -> None:
        set_text(self._heading, why)

    def _show(self, review: Review) -> None:
        if review.state.id != self._open:
            return  # another one was chosen meanwhile
        simulated = " · SIMULATED" if review.state.simulated else ""
        damaged = " · DAMAGED" if review.damaged else ""
        if review.damaged or review.around:
            around = review.around[:1].upper() + review.around[1:]  # a sentence of its own
            self._say(" ".join(filter(None, (review.damaged, around))))
        set_text(self._heading, f"{review.state.study_id}{simulated} · read-only{self._without}{damaged}")
        rows = figures(review)
        for place, (name, words) in enumerate(self._figures):
            there = place < len(rows)
            set_text(name, rows[place][0] if there else "")
            set_text(words, rows[place][1] if there else "")
        self._review = review
        self.correct.show_review(review)
        self._show_log()
        self.trend.clear()
        self.trend.set_state(review.state, review.progress, review.now)
        self._trend_card.set_remark(self.trend.legend())
        for minute, sign, value in review.vitals:
            self.trend.add_vitals(minute, {sign: value})
        for minute, systolic, diastolic in review.pressures:
            self.trend.add_pressure(minute, systolic, diastolic)

    def _on_part(self, part: str) -> None:
        self._stack.setCurrentIndex([code for code, _ in _PARTS].index(part))
        self.export.setVisible(part != "correct")

    def _show_log(self) -> None:
        every = self.every.isChecked()
        if self._review is not None:
            self.log.setHtml(log_html(self._review.lines(every=every), numbers=every))

    def reread(self) -> None:
        """Something was added to the session that is shown."""
        if self._open:
            self._read(self._open)
