"""The first ten seconds of a reaction: the moment is stamped already; four large steps, what is seen, grade last."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.state import Reaction
from ui.bridge import Bridge
from ui.pages.reaction_details import ReactionDetails
from ui.presenters.reaction import details_of, reaction_view
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import MultiChoice
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.shapes import ShapeMark
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, Elided, label, set_role, set_text

STEPS = ("stop", "call", "airway", "epinephrine")


class ReactionPage(QWidget):
    """Shows the open reaction of the chair. open_reaction() stamps one where none is open."""

    back_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._snapshot = bedside.latest()
        self._reaction: Reaction | None = None
        self._last_id = ""
        self._stamping = False
        self._sending = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(10))
        column.setSpacing(theme.px(8))
        self._make_head(column)
        self._make_steps(column)
        self._make_strip(column)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_symptoms())
        self.details = ReactionDetails(theme, self._bedside.protocol.rules)
        self.details.saved.connect(self._send_details)
        self.details.changed.connect(self._sync_keys)
        self._stack.addWidget(self.details)
        column.addWidget(self._stack, 1)
        self._status = Elided(theme, "", 16, MEDIUM)
        column.addWidget(self._status)
        self._make_keys(column)

    # --- parts -------------------------------------------------------------------------------------------------------

    def _make_head(self, column: QVBoxLayout) -> None:
        theme = self._theme
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        self._title = label(theme, "", 28, BOLD, tabular=True)
        self._stamped = Elided(theme, "", 16, role="dim")
        self._pressure = label(theme, "", 17, SEMIBOLD)
        row.addWidget(self._title)
        row.addWidget(self._stamped, 1)
        row.addWidget(self._pressure)
        column.addLayout(row)

    def _make_steps(self, column: QVBoxLayout) -> None:
        theme = self._theme
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        self.steps: dict[str, BigButton] = {}
        for action in STEPS:
            key = BigButton(theme, action, kind=Kind.TILE, pixels=26, height=118, checkable=True)
            key.clicked.connect(lambda _=False, done=action: self._do(done))
            self.steps[action] = key
            row.addWidget(key, 1)
        column.addLayout(row)

    def _make_strip(self, column: QVBoxLayout) -> None:
        theme = self._theme
        card = Card(theme)
        row = QHBoxLayout()
        row.setSpacing(theme.px(26))
        self._pump = label(theme, "", 26, BOLD, tabular=True)
        row.addWidget(self._pump)
        self._shape = ShapeMark(theme, 26)
        row.addWidget(self._shape)
        self._vitals: list[tuple[QLabel, QLabel, QLabel]] = []
        for _ in range(4):
            parts = (label(theme, "", 19), label(theme, "", 26, BOLD, tabular=True), label(theme, "", 16, role="dim"))
            group = QHBoxLayout()
            group.setSpacing(theme.px(7))
            for part in parts:
                group.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
            row.addLayout(group)
            self._vitals.append(parts)
        row.addStretch(1)
        card.body.addLayout(row)
        column.addWidget(card)

    def _make_symptoms(self) -> QWidget:
        theme, page = self._theme, QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(label(theme, "What do you see? (tap all; grade and details come later)", 16, role="dim"))
        tiles = [(one.key, one.label) for one in self._bedside.protocol.rules.symptoms.content.symptom]
        self.symptoms = MultiChoice(theme, tiles, columns=6, pixels=16, height=64)
        self.symptoms.changed.connect(self._send_symptoms)
        column.addWidget(self.symptoms)
        column.addStretch(1)
        return page

    def _make_keys(self, column: QVBoxLayout) -> None:
        theme, row = self._theme, QHBoxLayout()
        row.setSpacing(theme.px(12))
        self.details_key = BigButton(theme, "Details and grade", "F7", pixels=18, height=54)
        self.save_key = BigButton(theme, "Save details", "Enter", Kind.PRIMARY, pixels=18, height=54)
        self.over_key = BigButton(theme, "It is over: save", kind=Kind.PRIMARY, pixels=18, height=54)
        self.back_key = BigButton(theme, "Back to the session", "Esc", pixels=18, height=54)
        self.details_key.clicked.connect(self.toggle_details)
        self.save_key.clicked.connect(lambda: self.details.save(resolved=False))
        self.over_key.clicked.connect(lambda: self.details.save(resolved=True))
        self.back_key.clicked.connect(self.back_wanted)
        for key in (self.details_key, self.save_key, self.over_key, self.back_key):
            row.addWidget(key, 1)
        column.addLayout(row)
        self._sync_keys()

    # --- what is done ------------------------------------------------------------------------------------------------

    def open_reaction(self) -> None:
        """F8: stamp the moment at once, without a question; where one is open already, show it."""
        self._stack.setCurrentIndex(0)
        self._sync_keys()
        if self._stamping or self._reaction is not None:
            return
        self._stamping = True
        self.symptoms.set_values(())
        self._say("Recording ...")
        self._bridge.submit(
            cmd.OpenReaction(self._bedside.chair, self._snapshot.staff_id), self._on_stamped, self._on_not_stamped
        )

    def toggle_details(self) -> None:
        """F7: grade, treatment, outcome; again: back to the symptoms."""
        self._stack.setCurrentIndex(1 - self._stack.currentIndex())
        if self._stack.currentIndex() == 1 and self._reaction is not None:
            self.details.show_reaction(details_of(self._reaction, self._bedside.chair, self._snapshot.staff_id))
            self.details.focus_first()
        self._sync_keys()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter saves the details while they are open."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._stack.currentIndex() == 1:
            self.details.save(resolved=False)
            return
        super().keyPressEvent(event)

    def back(self) -> bool:
        """Esc inside the page: from the details to the symptoms; False when there is nothing to close."""
        if self._stack.currentIndex() == 0:
            return False
        self.toggle_details()
        return True

    def spare(self) -> QWidget:
        """The part that something may lie over for a moment: no vital sign, no pump state, no step."""
        return self._stack

    def _do(self, action: str) -> None:
        self._show_steps()  # a tile turns white when the record has it, not when it is touched
        if self._reaction is None:
            return
        self._submit(cmd.DoReactionAction(self._bedside.chair, self._snapshot.staff_id, self._reaction.id, action))

    def _send_symptoms(self) -> None:
        if self._reaction is None:
            return
        known = details_of(self._reaction, self._bedside.chair, self._snapshot.staff_id)
        self._submit(replace(known, symptoms=self.symptoms.values()))

    def _send_details(self, details: cmd.DetailReaction) -> None:
        self._submit(replace(details, by=self._snapshot.staff_id, symptoms=self.symptoms.values()))

    def _submit(self, command: cmd.Command) -> None:
        self._sending += 1
        self._say("Recording ...")
        over = isinstance(command, cmd.DetailReaction) and command.resolved

        def done(receipt: Receipt) -> None:
            self._sending -= 1
            self._say(recorded_words(receipt))
            if over:
                self._stack.setCurrentIndex(0)
                self.back_wanted.emit()
            self._sync_keys()

        self._bridge.submit(command, done, self._on_refused)

    def _on_stamped(self, receipt: Receipt) -> None:
        self._stamping = False
        self._say(recorded_words(receipt))

    def _on_not_stamped(self, why: str) -> None:
        self._stamping = False
        self._say(f"Not recorded: {why}", wrong=True)

    def _on_refused(self, why: str) -> None:
        self._sending -= 1
        self._say(f"Not recorded: {why}", wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the page up to date."""
        self._snapshot = snapshot
        session = snapshot.session
        self._reaction = session.open_reaction if session is not None else None
        view = reaction_view(snapshot, self._reaction)
        set_text(self._title, view.title if self._reaction is not None or self._stamping else "No open reaction")
        set_text(self._stamped, view.stamped)
        set_text(self._pressure, view.pressure)
        set_text(self._pump, view.pump)
        set_role(self._pump, "" if view.pump_live else "dim")
        self._shape.show_shape(view.shape, self._theme.text if view.pump_live else self._theme.dim)
        for parts, vital in zip(self._vitals, view.vitals, strict=True):
            for part, text in zip(parts, (vital.label, vital.value, vital.note), strict=True):
                set_text(part, text)
            set_role(parts[1], "" if vital.live else "dim")
        self._show_steps()
        self._show_symptoms()
        self._sync_keys()

    def _show_steps(self) -> None:
        for tile in reaction_view(self._snapshot, self._reaction).steps:
            key = self.steps[tile.action]
            key.set_text(tile.title)
            key.set_below(tile.below)
            key.setChecked(tile.done)
            key.setEnabled(self._reaction is not None)

    def _show_symptoms(self) -> None:
        reaction = self._reaction
        self.symptoms.setEnabled(reaction is not None)
        if reaction is None or self._sending:
            return  # what was tapped last is on its way
        known = reaction.details.symptoms if reaction.details is not None else ()
        self.symptoms.set_values(known)
        if reaction.id != self._last_id:
            self._last_id = reaction.id
            self.details.clear()

    def _sync_keys(self) -> None:
        inside = self._stack.currentIndex() == 1
        for key in self.steps.values():
            key.setVisible(not inside)  # the details need the room; F7 brings the steps back
        self.details_key.set_text("Steps, symptoms" if inside else "Details and grade")
        self.details_key.setEnabled(self._reaction is not None)
        self.save_key.setVisible(inside)
        self.over_key.setVisible(inside)
        self.save_key.setEnabled(self.details.is_complete(resolved=False))
        ending = self.details.is_complete(resolved=True)
        self.over_key.setEnabled(ending)
        self.over_key.set_text("It is over: save" if ending else "It is over: needs a grade or an outcome")
