"""The emergency page: a second F8 from anywhere, without a sign-in; steps tick with their times, drugs with theirs."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clinical.emergency import EPINEPHRINE
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.parts.emergency_events import DoEmergencyStep, GiveDrug, VoidEmergencyEntry
from exomonitor.session.state import Reaction
from ui.bridge import Bridge
from ui.pages.emergency.drug import TOUCH_15_MM, DrugPanel, column_of
from ui.pages.emergency.record import RecordPanel
from ui.pages.emergency.set_part import EmergencySet
from ui.pages.emergency.who import WhoPanel
from ui.pages.reaction.head import ReactionHead
from ui.presenters.emergency import (
    dose_view,
    drug_below,
    emergency_of,
    given_lines,
    last_entry,
    step_keys,
    unnamed_words,
    waiting_doses,
)
from ui.presenters.reaction import count_up, reaction_view
from ui.presenters.words import hms
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, Elided, label, set_role, set_text

COLUMNS = 3
OVERVIEW, DRUG, WHO, RECORD = range(4)


class EmergencyPage(QWidget):
    """Steps at the left, epinephrine and drugs at the right; every tap is recorded at once."""

    back_wanted = Signal()
    page_wanted = Signal(str)
    details_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._rules = bedside.protocol.rules
        self._snapshot = bedside.latest()
        self._reaction: Reaction | None = None
        self._completes: int | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(16), theme.px(4), theme.px(16), theme.px(4))
        column.setSpacing(theme.px(6))
        self._head = ReactionHead(theme)
        self._head.place(column)
        self._front = QStackedWidget()
        self._overview = QWidget()
        self._front.addWidget(self._overview)
        body = QHBoxLayout(self._overview)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(theme.px(14))
        body.addWidget(self._make_steps(), 5)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_overview())
        self.drug_panel, self.who_panel = DrugPanel(theme), WhoPanel(bedside, bridge, theme)
        self.drug_panel.given.connect(self._give)
        self.drug_panel.closed.connect(self._show_overview)
        self.who_panel.closed.connect(self._show_overview)
        self._stack.addWidget(self.drug_panel)
        self._stack.addWidget(self.who_panel)
        self.record_panel = RecordPanel(bedside, bridge, theme)
        self.record_panel.closed.connect(self._show_overview)
        self.record_panel.sign_wanted.connect(lambda: self.page_wanted.emit("signoff"))
        self._stack.addWidget(self.record_panel)
        body.addWidget(self._stack, 3)
        column.addWidget(self._front, 1)
        self.set_form: EmergencySet | None = None
        self._status = Elided(theme, "", 16, MEDIUM)
        column.addWidget(self._status)
        self._keys = self._make_keys()
        column.addWidget(self._keys)

    def _make_steps(self) -> QWidget:
        theme, holder = self._theme, QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.px(8))
        self.steps: dict[str, BigButton] = {}
        for place, row in enumerate(self._rules.emergency.content.step):
            key = BigButton(theme, row.label, kind=Kind.TILE, pixels=19, height=92, checkable=True)
            key.clicked.connect(lambda _=False, step=row.key: self._do(step))
            grid.addWidget(key, place // COLUMNS, place % COLUMNS)
            self.steps[row.key] = key
        for column in range(COLUMNS):
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        return holder

    def _make_overview(self) -> QWidget:
        theme = self._theme
        card = Card(theme, outlined=True)
        self._dose_title = label(theme, "", 18, SEMIBOLD)
        row = QHBoxLayout()
        self._count_up = label(theme, "", 34, BOLD, tabular=True)
        self._mark = Elided(theme, "", 15, MEDIUM)
        row.addWidget(self._count_up)
        row.addSpacing(theme.px(12))
        row.addWidget(self._mark, 1)
        self._amount = label(theme, "", 18, BOLD, wrap=True)
        self._says = label(theme, "", 14, role="dim", wrap=True)
        card.body.addWidget(self._dose_title)
        card.body.addLayout(row)
        card.body.addWidget(self._amount)
        card.body.addWidget(self._says)
        drugs = QWidget()
        grid = QGridLayout(drugs)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.px(6))
        self.drugs: dict[str, BigButton] = {}
        for place, drug in enumerate(self._rules.emergency.content.drug):
            key = BigButton(theme, drug.label, pixels=16, height=TOUCH_15_MM)
            key.clicked.connect(lambda _=False, wanted=drug.key: self._open_drug(wanted))
            grid.addWidget(key, place // 2, place % 2)
            self.drugs[drug.key] = key
        holder = column_of(card, drugs, spacing=theme.px(8))
        layout = holder.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addStretch(1)
        return holder

    def _make_keys(self) -> QWidget:
        theme, holder = self._theme, QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        self.undo_key = BigButton(theme, "Take back", pixels=16, height=TOUCH_15_MM)
        self.who_key = BigButton(theme, "Who did it?", pixels=16, height=TOUCH_15_MM)
        self.back_key = BigButton(theme, "Reaction: signs, grade", "Esc", pixels=16, height=TOUCH_15_MM)
        self.undo_key.clicked.connect(self._undo)
        self.who_key.clicked.connect(self.open_who)
        self.back_key.clicked.connect(self._leave)
        self.record_key = BigButton(theme, "Whose record, end it", pixels=16, height=TOUCH_15_MM)
        self.record_key.clicked.connect(self.open_record)
        self.set_key = BigButton(theme, "Vital signs", "F5", pixels=16, height=TOUCH_15_MM)
        self.set_key.clicked.connect(self.open_set)
        for key, share in (
            (self.undo_key, 3), (self.who_key, 2), (self.set_key, 2), (self.record_key, 2), (self.back_key, 2)
        ):  # fmt: skip
            row.addWidget(key, share)
        return holder

    # --- what is done ------------------------------------------------------------------------------------------------

    def open_who(self) -> None:
        """Ask who made the entries that bear no name."""
        self._stack.setCurrentIndex(WHO)
        self.who_panel.show_snapshot(self._snapshot)

    def open_record(self) -> None:
        """An emergency without a session: whose it was, signed, or opened by mistake."""
        self._stack.setCurrentIndex(RECORD)
        self.record_panel.show_snapshot(self._snapshot)

    def open_set(self) -> None:
        """F5: vital signs, typed or from the monitor, in the record of an emergency."""
        session = self._snapshot.session
        if session is None or not session.is_emergency or not session.phase.is_open:
            return
        if self.set_form is None:
            self.set_form = EmergencySet(self._bedside, self._bridge, self._theme)
            self.set_form.closed.connect(self.close_set)
            self.set_form.recorded.connect(self._on_set)
            self._front.addWidget(self.set_form)
        if self._front.currentWidget() is self.set_form:
            return
        self.set_form.show_snapshot(self._snapshot)
        self.set_form.open_slot()
        self._show_front(self.set_form)
        self.set_form.open()
        self.set_form.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_set(self) -> None:
        """Back to steps and drugs; what was typed stays as a draft."""
        self._show_front(self._overview)
        self.setFocus()

    def _on_set(self, words: str) -> None:
        self.close_set()
        self._say(words)

    def _show_front(self, part: QWidget) -> None:
        self._front.setCurrentWidget(part)
        for below in (self._status, self._keys):
            below.setVisible(part is self._overview)

    def back(self) -> bool:
        """Esc: from a set, a drug or the names to the overview, then to the reaction; False where none is open."""
        if self.set_form is not None and self._front.currentWidget() is self.set_form:
            if not self.set_form.step_back():
                self.close_set()
            return True
        if self._stack.currentIndex() == RECORD and self.record_panel.back():
            return True
        if self._stack.currentIndex() != OVERVIEW:
            self._show_overview()
            return True
        session = self._snapshot.session
        if session is None or session.open_reaction is None:
            return False
        self.page_wanted.emit("reaction")
        return True

    def spare(self) -> QWidget:
        """The part that something may lie over for a moment."""
        return self._stack

    def _leave(self) -> None:
        self._show_overview()
        session = self._snapshot.session
        if session is not None and session.is_emergency and session.open_reaction is None:
            self.details_wanted.emit()
        elif not self.back():
            self.back_wanted.emit()

    def _show_overview(self) -> None:
        self._stack.setCurrentIndex(OVERVIEW)

    def _do(self, step: str) -> None:
        known = next(one for one in step_keys(self._snapshot, self._reaction, self._rules) if one.key == step)
        self._show_steps()  # a key turns white when the record has it, not when it is touched
        if not known.again:
            self._say(f"{known.title}: recorded already. A wrong one is taken back below.")
            return
        text = known.below.split("\n", maxsplit=1)[0] if self._rules.emergency.content.step_of(step).names else ""
        self._submit(DoEmergencyStep(self._bedside.chair, self._snapshot.staff_id, step, text))

    def _open_drug(self, drug: str) -> None:
        self._completes, completes = None, ""
        waiting = emergency_of(self._snapshot.session).undescribed(self._reaction.id if self._reaction else "")
        if drug == EPINEPHRINE and waiting:
            self._completes, completes = waiting[0].seq, f"the dose tapped at {hms(waiting[0].when)}"
        self.drug_panel.open(self._rules.emergency.content.drug_of(drug), completes)
        self._stack.setCurrentIndex(DRUG)

    def _give(self, drug: str, dose: Decimal, unit: str, route: str) -> None:
        reaction = self._reaction.id if self._reaction is not None else ""
        self._submit(
            GiveDrug(
                self._bedside.chair, self._snapshot.staff_id, drug, dose, unit, route, reaction,
                completes=self._completes,
            )
        )  # fmt: skip
        self._show_overview()

    def _undo(self) -> None:
        last = last_entry(self._snapshot.session, self._reaction, self._rules)
        if last is not None:
            self._submit(VoidEmergencyEntry(self._bedside.chair, self._snapshot.staff_id, last.seq))

    def _submit(self, command: Command) -> None:
        self._say("Recording ...")

        def done(receipt: Receipt) -> None:
            self._say(recorded_words(receipt))

        self._bridge.submit(command, done, lambda why: self._say(f"Not recorded: {why}", wrong=True))

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the page up to date."""
        self._snapshot = snapshot
        session = snapshot.session
        self._reaction = None
        if session is not None:
            self._reaction = session.open_reaction or (session.reactions[-1] if session.reactions else None)
        since = f" · {count_up(snapshot.now.since(self._reaction.when))}" if self._reaction is not None else ""
        self._head.show_view(reaction_view(snapshot, self._reaction), f"Emergency{since}")
        self._show_steps()
        doses = dose_view(snapshot, self._reaction, self._rules)
        for part, text in (
            (self._dose_title, doses.title),
            (self._count_up, doses.count_up),
            (self._mark, doses.mark),
            (self._amount, doses.amount),
            (self._says, doses.says),
        ):
            set_text(part, text)
        given = given_lines(session, self._reaction, self._rules)
        waits = waiting_doses(session, self._reaction)
        for drug in self._rules.emergency.content.drug:
            self.drugs[drug.key].set_below(drug_below(drug, given.get(drug.key, ""), waits=waits.get(drug.key, 0)))
        self._sync_keys()
        if self._stack.currentIndex() == WHO:
            self.who_panel.show_snapshot(snapshot)
        alone = session is not None and session.is_emergency
        self.record_key.setVisible(alone)
        self.set_key.setVisible(alone)
        if self.set_form is not None and self._front.currentWidget() is self.set_form:
            self.set_form.show_snapshot(snapshot)
            if not alone:
                self.close_set()
        if self._stack.currentIndex() == RECORD:
            self.record_panel.show_snapshot(snapshot)
            if not alone:
                self._show_overview()

    def _show_steps(self) -> None:
        for one in step_keys(self._snapshot, self._reaction, self._rules):
            key = self.steps[one.key]
            key.set_below(one.below)
            key.setChecked(one.done)

    def _sync_keys(self) -> None:
        last = last_entry(self._snapshot.session, self._reaction, self._rules)
        self.undo_key.setEnabled(last is not None)
        self.undo_key.set_text(f"Wrong tap: take back “{last.words}”" if last is not None else "Take back a wrong tap")
        words = unnamed_words(self._snapshot.session)
        self.who_key.setEnabled(bool(words))
        self.who_key.set_text(f"Who did it? {words}" if words else "Every entry has a name")
