"""The tasks before leaving: each a question with its answers as large keys, recorded as they are touched."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from exomonitor.clinical.checklists import ChecklistRow, ItemRow
from exomonitor.engine.bedside import Receipt
from exomonitor.engine.parts.leaving_facts import task_answers
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts import leaving_events as lv
from ui.bridge import Bridge
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.entry import TextEntry
from ui.widgets.form import recorded_words
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_role, set_text

_COLUMNS = 2


class TasksPanel(Card):
    """Every item of the clinic's list; an answer counts when the record has it."""

    def __init__(
        self, theme: Theme, bridge: Bridge, chair: str, checklist: ChecklistRow, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, checklist.title, parent=parent)
        self._bridge, self._chair, self._by = bridge, chair, ""
        self._list = checklist
        self._sending = 0
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(18))
        grid.setVerticalSpacing(theme.px(6))
        self.choices: dict[str, Choice] = {}
        self.texts: dict[str, TextEntry] = {}
        self._cells: dict[str, QWidget] = {}
        for place, row in enumerate(checklist.item):
            self._cells[row.key] = self._cell(theme, row)
            grid.addWidget(self._cells[row.key], place // _COLUMNS, place % _COLUMNS)
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        self.body.addLayout(grid)
        self.body.addStretch(1)
        self._status = label(theme, "", 15, MEDIUM, wrap=True)
        self.body.addWidget(self._status)
        first = next(iter(self.choices.values()), None)
        if first is not None:
            self.setFocusProxy(first.first())

    def _cell(self, theme: Theme, row: ItemRow) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(3))
        options = row.options or (("yes",) if row.kind == "tick" else ())
        if options:
            column.addStretch(1)  # the keys of a row stand in line, however many lines the question takes
            column.addWidget(label(theme, row.text, 15, SEMIBOLD, wrap=True))
            choice = Choice(theme, [(one, one) for one in options], height=58, pixels=17)
            choice.chosen.connect(lambda answer, key=row.key: self._send(key, answer))
            self.choices[row.key] = choice
            column.addWidget(choice)
        else:
            entry = TextEntry(theme, row.text, row.unit, "Enter records it")
            entry.confirmed.connect(lambda key=row.key: self._send(key, self.texts[key].text()))
            self.texts[row.key] = entry
            column.addWidget(entry)
        return holder

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The answers that the record has; what was touched last is on its way."""
        self._by = snapshot.staff_id
        session = snapshot.session
        if session is None or self._sending:
            return
        said = task_answers(session)
        for key, choice in self.choices.items():
            if choice.value() != said.get(key, ""):
                choice.set_value(said.get(key, ""))
        for key, entry in self.texts.items():
            if not entry.line.hasFocus():
                entry.set_text(said.get(key, ""))
        asked = {row.key for row in self._list.asked(said)}
        for key, cell in self._cells.items():
            cell.setVisible(key in asked)

    def _send(self, key: str, answer: str) -> None:
        self._sending += 1
        self._say("Recording ...")
        self._bridge.submit(lv.AnswerDischargeTasks(self._chair, self._by, {key: answer}), self._done, self._refused)

    def _done(self, receipt: Receipt) -> None:
        self._sending -= 1
        self._say(recorded_words(receipt))

    def _refused(self, why: str) -> None:
        self._sending -= 1
        self._say(f"Not recorded: {why}", wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
