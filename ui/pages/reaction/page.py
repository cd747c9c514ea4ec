"""The first ten seconds of a reaction: the moment is stamped already; four large steps, what is seen, grade last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from exomonitor.clinical.reaction_report import NOT_OVER
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.state import Reaction
from ui.bridge import Bridge
from ui.pages.reaction.details import ReactionDetails
from ui.pages.reaction.head import ReactionHead
from ui.pages.reaction.symptoms import SymptomTiles
from ui.presenters.emergency import card_lines
from ui.presenters.reaction import details_of, on_file_words, reaction_view
from ui.presenters.words import join
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import make_tall
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.late_stack import LateStack
from ui.widgets.text import MEDIUM, SEMIBOLD, Elided, label, set_role, set_text

STEPS = ("stop", "call", "airway", "epinephrine")
FRONT, DETAILS = range(2)


class ReactionPage(QWidget):
    """Shows the open reaction of the chair; open_reaction() stamps one where none is open. F7 also the last.

    not_stamped(why): the record has not got the moment."""

    back_wanted = Signal()
    emergency_wanted = Signal()
    not_stamped = Signal(str)

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._rules = bedside.protocol.rules
        self._snapshot = bedside.latest()
        self._reaction: Reaction | None = None
        self._last_id = ""
        self._stamping = False
        self._awaits = False
        self._sending = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(16), theme.px(4), theme.px(16), theme.px(4))
        column.setSpacing(theme.px(6))
        self._head = ReactionHead(theme)
        self._head.place(column, self._make_steps())
        self._stack = LateStack()
        self._front = self._make_front()
        self._stack.addWidget(self._front)
        self._details: ReactionDetails | None = None
        self._stack.currentChanged.connect(lambda _: self._share_room())
        column.addWidget(self._stack, 1)
        self._status = Elided(theme, "", 16, MEDIUM)
        column.addWidget(self._status)
        self._make_keys(column)

    @property
    def details(self) -> ReactionDetails:
        """Grade, cause, treatment, going on: made when first wanted, after the first steps of the first reaction."""
        if self._details is None:
            self._details = made = ReactionDetails(self._bedside, self._bridge, self._theme)
            make_tall(made)
            self._stack.addWidget(made)
            made.saved.connect(self._send_details)
            made.changed.connect(self._sync_keys)
            made.show_snapshot(self._snapshot, self._reaction)
            self._share_room()
        return self._details

    def _share_room(self) -> None:
        """What lies behind takes no room: the details are higher than the symptoms, and the steps stay in place."""
        if self._details is not None:
            behind = self._stack.currentWidget() is not self._details
            policy = QSizePolicy.Policy.Ignored if behind else QSizePolicy.Policy.Preferred
            self._details.setSizePolicy(policy, policy)
            self._stack.updateGeometry()  # what is hidden does not say by itself that it has changed

    # --- parts -------------------------------------------------------------------------------------------------------

    def _make_steps(self) -> QWidget:
        theme, holder = self._theme, QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        self.steps: dict[str, BigButton] = {}
        for action in STEPS:
            key = BigButton(theme, action, kind=Kind.TILE, pixels=26, height=118, checkable=True)
            key.give_way(106)
            key.clicked.connect(lambda _=False, done=action: self._do(done))
            self.steps[action] = key
            row.addWidget(key, 1)
        self._steps_row = holder
        return holder

    def _make_front(self) -> QWidget:
        theme, page = self._theme, QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self.symptoms = SymptomTiles(theme, self._rules.symptoms.content)
        self.symptoms.changed.connect(self._send_symptoms)
        column.addWidget(self.symptoms)
        self._card = Card(theme, outlined=True)
        self._says = Elided(theme, "", 15, SEMIBOLD)
        self._lines = label(theme, "", 13, wrap=True)
        self._card.body.addWidget(self._says)
        self._card.body.addWidget(self._lines)
        column.addWidget(self._card)
        column.addStretch(1)
        return page

    def _make_keys(self, column: QVBoxLayout) -> None:
        theme, row = self._theme, QHBoxLayout()
        row.setSpacing(theme.px(12))
        self.more_key = BigButton(theme, "More signs", pixels=17, height=58)
        self.emergency_key = BigButton(theme, "Emergency page", "F8", pixels=17, height=58)
        self.details_key = BigButton(theme, "Details and grade", "F7", pixels=17, height=58)
        self.save_key = BigButton(theme, "Save details", "Enter", Kind.PRIMARY, pixels=17, height=58)
        self.over_key = BigButton(theme, "It is over: save", kind=Kind.PRIMARY, pixels=17, height=58)
        self.back_key = BigButton(theme, "Back to the session", "Esc", pixels=17, height=58)
        self.more_key.clicked.connect(self._turn_symptoms)
        self.emergency_key.clicked.connect(self.emergency_wanted)
        self.details_key.clicked.connect(self.toggle_details)
        self.save_key.clicked.connect(lambda: self.details.save(resolved=self._is_over()))
        self.over_key.clicked.connect(lambda: self.details.save(resolved=True))
        self.back_key.clicked.connect(self.back_wanted)
        for key in (
            self.more_key, self.emergency_key, self.details_key, self.save_key, self.over_key, self.back_key
        ):  # fmt: skip
            row.addWidget(key, 1)
        column.addLayout(row)
        self._sync_keys()

    # --- what is done ------------------------------------------------------------------------------------------------

    def open_reaction(self) -> None:
        """F8: stamp the moment at once, without a question; where one is open already, show it."""
        self._stack.setCurrentIndex(FRONT)
        self.symptoms.first_page()
        self._sync_keys()
        if self._stamping or (self._reaction is not None and self._reaction.is_open):
            return
        self._stamping, self._awaits = True, True
        self.symptoms.set_values(())
        self._say("Recording ...")
        self._bridge.submit(
            cmd.OpenReaction(self._bedside.chair, self._snapshot.staff_id), self._on_stamped, self._on_not_stamped
        )

    @property
    def awaits_record(self) -> bool:
        """Whether a moment was stamped that no picture shows yet: without a session its record is on its way."""
        return self._awaits

    def toggle_details(self, *, opens: bool = False) -> None:
        """F7: grade, treatment, outcome; again: back to the symptoms (of a reaction that is over: back). Who comes
        from another page (`opens`) finds the details, also where they were in front before."""
        if opens:
            self._stack.setCurrentIndex(FRONT)
        if self._stack.currentIndex() == DETAILS and self._is_over():
            self.back_wanted.emit()
            return
        self._stack.setCurrentWidget(self.details if self._stack.currentIndex() == FRONT else self._front)
        self.show_snapshot(self._snapshot)
        if self._stack.currentIndex() == DETAILS and self._reaction is not None:
            self.details.show_reaction(details_of(self._reaction, self._bedside.chair, self._snapshot.staff_id))
            self.details.focus_first()
        self._sync_keys()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter saves the details while they are open."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._stack.currentIndex() == DETAILS:
            self.details.save(resolved=self._is_over())
            return
        super().keyPressEvent(event)

    def back(self) -> bool:
        """Esc inside the page: from the details to the symptoms; False when there is nothing to close."""
        if self._stack.currentIndex() == DETAILS and self.details.back():
            return True
        if self._stack.currentIndex() == FRONT or self._is_over():
            self._stack.setCurrentIndex(FRONT)
            return False
        self.toggle_details()
        return True

    def spare(self) -> QWidget:
        """The part that something may lie over for a moment: no vital sign, no pump state, no step."""
        return self._stack

    def _is_over(self) -> bool:
        return self._reaction is not None and not self._reaction.is_open

    def _turn_symptoms(self) -> None:
        self.symptoms.turn()
        self._sync_keys()

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
        said = replace(details, by=self._snapshot.staff_id, symptoms=self.symptoms.values())
        self._submit(said, self.details.kept)

    def _submit(self, command: cmd.Command, then: Callable[[], None] | None = None) -> None:
        self._sending += 1
        self._say("Recording ...")
        over = isinstance(command, cmd.DetailReaction) and command.resolved

        def done(receipt: Receipt) -> None:
            self._sending -= 1
            self._say(recorded_words(receipt))
            if then is not None:
                then()
            if over:
                self._stack.setCurrentIndex(FRONT)
                self.back_wanted.emit()
            self._sync_keys()

        self._bridge.submit(command, done, self._on_refused)

    def _on_stamped(self, receipt: Receipt) -> None:
        self._stamping = False
        self._say(recorded_words(receipt))

    def _on_not_stamped(self, why: str) -> None:
        self._stamping = self._awaits = False
        self._say(f"Not recorded: {why}", wrong=True)
        self.not_stamped.emit(why)

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
        self._reaction = session.open_reaction if session is not None and session.phase.is_open else None
        self._awaits = self._awaits and self._reaction is None
        looking_back = self._reaction is None and self._stack.currentIndex() == DETAILS
        if looking_back and session is not None and session.reactions:
            self._reaction = session.reactions[-1]
        view = reaction_view(snapshot, self._reaction)
        title = view.title if self._reaction is not None or self._awaits else "No open reaction"
        self._head.show_view(view, title)
        self._show_steps()
        self._show_symptoms()
        says, lines = card_lines(session, self._reaction, self._rules)
        self._card.setVisible(bool(says))
        set_text(self._says, says)
        set_text(self._lines, join(on_file_words(snapshot) if says else "", lines))
        if self._details is not None:
            self._details.show_snapshot(snapshot, self._reaction)
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
            if self._details is not None:
                self._details.clear()

    def _sync_keys(self) -> None:
        inside, over = self._stack.currentIndex() == DETAILS, self._is_over()
        self._steps_row.setVisible(not inside)  # the details need the room; F7 brings the steps back
        self.more_key.setVisible(not inside)
        self.more_key.set_text(self.symptoms.key_words())
        self.emergency_key.setVisible(not inside)
        self.details_key.set_text(("Close" if over else "Steps, symptoms") if inside else "Details and grade")
        self.details_key.setEnabled(self._reaction is not None)
        details = self._details
        form = inside and details is not None and details.is_form()
        self.save_key.setVisible(form)
        self.over_key.setVisible(form and not over)
        self.save_key.setEnabled(details is not None and details.is_complete(resolved=over))
        ending, closing = details is not None and details.is_complete(resolved=True), "It is over: save"
        if details is not None and ending and details.outcome.value() in NOT_OVER:
            ending = self._snapshot.session is not None and self._snapshot.session.may_hand_over
            closing = "Handed over, not over: save" if ending else "Not over: hand over after the end"
        elif not ending:
            closing = "It is over: needs a grade or an outcome"
        self.over_key.setEnabled(ending)
        self.over_key.set_text(closing)
