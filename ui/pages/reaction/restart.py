"""Going on after a reaction: the prescriber's order, at most half the rate, and a second person who signs."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clinical.ranges import RATE_SPAN
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import NURSE, PRESCRIBER, VERIFIER
from exomonitor.session.parts.emergency_events import ConfirmRestart
from exomonitor.session.state import Reaction
from ui.bridge import Bridge
from ui.presenters import codes
from ui.presenters.orderer import CHOOSE, orderer_words
from ui.presenters.restart import restart_view
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.form import recorded_words
from ui.widgets.keypad import Keypad
from ui.widgets.keys import BigButton, Kind
from ui.widgets.orderer_panel import OrdererPanel
from ui.widgets.prove import ProvePanel
from ui.widgets.text import SEMIBOLD, label, set_role, set_text

SECOND = (NURSE, VERIFIER, PRESCRIBER)


class RestartPart(QWidget):
    """Confirms a restart; what the pump does is recorded anyway."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bedside, self._bridge, self._rules = bedside, bridge, bedside.protocol.rules
        self._snapshot = bedside.latest()
        self._filled = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        column.addWidget(self._stack)
        self._stack.addWidget(self._make_form(theme))
        self.prove = ProvePanel(theme, bedside, bridge, SECOND, "Restart after a reaction: checked by a second person")
        self.prove.proven.connect(self._send)
        self.prove.closed.connect(self._show_form)
        self._stack.addWidget(self.prove)
        self.orderer = OrdererPanel(theme, bedside, bridge, "Who ordered the restart", "I order this restart", rows=3)
        self.orderer.said.connect(self._sync)
        self.orderer.closed.connect(self._show_form)
        self._stack.addWidget(self.orderer)

    def _make_form(self, theme: Theme) -> QWidget:
        form = QWidget()
        grid = QGridLayout(form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(18))
        grid.setVerticalSpacing(theme.px(4))
        self._heading = label(theme, "", 16, SEMIBOLD)
        self.rate = NumberEntry(theme, "New rate on the pump", RATE_SPAN, "mL/h", pixels=20)
        self.prescriber_key = BigButton(theme, CHOOSE, pixels=17, height=58)
        self.prescriber_key.clicked.connect(self._ask_prescriber)
        self.ordered = Choice(theme, codes.ORDERED_AGO, pixels=15, height=58)
        self.present = Choice(theme, codes.PRESENT_GRADES, pixels=15, height=58)
        self.why_rate = TextEntry(theme, "Reason, if the rate is higher", pixels=16, compact=True)
        self.ruled_out = TextEntry(theme, "Prescriber: why not anaphylaxis", pixels=16, compact=True)
        self._status = label(theme, "", 15, wrap=True)
        self.confirm_key = BigButton(theme, "Second person signs", kind=Kind.PRIMARY, pixels=17, height=58)
        self.confirm_key.clicked.connect(self._confirm)
        grid.addWidget(self._heading, 0, 0, 1, 2)
        grid.addWidget(self.rate, 1, 0)
        grid.addWidget(self.prescriber_key, 1, 1)
        grid.addWidget(label(theme, "Order given, how long ago", 14, role="dim"), 3, 0)
        grid.addWidget(self.ordered, 4, 0)
        grid.addWidget(label(theme, "Grade at present", 14, role="dim"), 3, 1)
        grid.addWidget(self.present, 4, 1)
        grid.addWidget(self.why_rate, 5, 0)
        grid.addWidget(self.ruled_out, 5, 1)
        grid.addWidget(self._status, 6, 0)
        grid.addWidget(self.confirm_key, 6, 1)
        self.pad = Keypad(theme)
        self.pad.aim_at(self.rate.line)
        grid.addWidget(self.pad, 1, 2, 6, 1, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(7, 1)
        for column in range(2):
            grid.setColumnStretch(column, 1)
        for entry in (self.rate, self.why_rate, self.ruled_out):
            entry.edited.connect(lambda _: self._sync())
        self.ordered.chosen.connect(lambda _: self._sync())
        self.present.chosen.connect(lambda _: self._sync())
        return form

    def show_snapshot(self, snapshot: Snapshot, reaction: Reaction | None) -> None:
        """Whether there is a restart to confirm, and within which limits."""
        self._snapshot = snapshot
        view = restart_view(snapshot.session, self._rules)
        set_text(self._heading, view.title)
        self.rate.set_hint(view.rate_hint)
        if view.allowed and not self._filled:
            self._filled = True
            self.orderer.propose(view.prescriber)
        for part in (self.rate, self.prescriber_key, self.ordered, self.present, self.why_rate):
            part.setEnabled(view.allowed)
        self.ruled_out.setVisible(view.must_rule_out)
        self._sync()

    def clear(self) -> None:
        """Forget what was entered."""
        self._filled = False
        for entry in (self.rate, self.why_rate, self.ruled_out):
            entry.set_text("")
        self.orderer.clear()
        self._show_form()
        self.ordered.set_value("")
        self.present.set_value("")
        set_text(self._status, "")

    def _sync(self) -> None:
        name, how = orderer_words(self.orderer.value, self._snapshot.registry.users)
        self.prescriber_key.set_text(name)
        self.prescriber_key.set_below(how)
        entered = (self.rate.text(), self.orderer.value.complete)
        chosen = (self.ordered.value(), self.present.value())
        view = restart_view(self._snapshot.session, self._rules)
        ruled_out = not view.must_rule_out or bool(self.ruled_out.text())
        self.confirm_key.setEnabled(view.allowed and all(entered) and all(chosen) and ruled_out)

    def back(self) -> bool:
        """Esc: from the signature to the form; False when there is nothing to close."""
        if self._stack.currentIndex() == 0:
            return False
        if self._stack.currentWidget() is self.prove:
            self.prove.leave()
        elif not self.orderer.back():
            self._show_form()
        return True

    def _show_form(self) -> None:
        self._stack.setCurrentIndex(0)

    def _ask_prescriber(self) -> None:
        self.orderer.open()
        self._stack.setCurrentWidget(self.orderer)

    def _confirm(self) -> None:
        if self.rate.number() is None:
            return
        self._say("")
        self.prove.but = self._snapshot.staff_id
        self.prove.open()
        self._stack.setCurrentIndex(1)

    def _send(self, token: str, _: str) -> None:
        rate = self.rate.number()
        if rate is None:
            self._show_form()
            return
        said = self.orderer.value
        command = ConfirmRestart(
            self._bedside.chair, self._snapshot.staff_id, rate, said.user, Decimal(self.ordered.value()),
            int(self.present.value()), token, self.why_rate.text(), self.ruled_out.text(), said.way, said.proof,
        )  # fmt: skip
        self._bridge.submit(command, self._on_recorded, self._on_refused)

    def _on_refused(self, why: str) -> None:
        self._show_form()
        self._say(f"Not recorded: {why}", wrong=True)

    def _on_recorded(self, receipt: Receipt) -> None:
        self.clear()
        self._say(recorded_words(receipt))

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
