"""Going on after a reaction: the prescriber's order, at most half the rate, and a second person who signs."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from exomonitor.clinical.ranges import RATE_SPAN
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.situation import Proof
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts.emergency_events import ConfirmRestart
from exomonitor.session.state import Reaction
from ui.bridge import Bridge
from ui.presenters import codes
from ui.presenters.restart import restart_view
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import SEMIBOLD, label, set_role, set_text


class RestartPart(QWidget):
    """Confirms a restart; what the pump does is recorded anyway."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bedside, self._bridge, self._rules = bedside, bridge, bedside.protocol.rules
        self._snapshot = bedside.latest()
        self._filled = False
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(18))
        grid.setVerticalSpacing(theme.px(4))
        self._heading = label(theme, "", 16, SEMIBOLD)
        self.rate = NumberEntry(theme, "New rate on the pump", RATE_SPAN, "mL/h", pixels=20)
        self.prescriber = TextEntry(theme, "Ordered by (prescriber)", pixels=18)
        self.ordered = Choice(theme, codes.ORDERED_AGO, pixels=15)
        self.present = Choice(theme, codes.PRESENT_GRADES, pixels=15)
        self.why_rate = TextEntry(theme, "Reason, if the rate is higher", pixels=16, compact=True)
        self.ruled_out = TextEntry(theme, "Prescriber: why not anaphylaxis", pixels=16, compact=True)
        self.second = TextEntry(theme, "Second person: name or badge", pixels=18)
        self.pin = TextEntry(theme, "PIN of the second person", pixels=18)
        self.pin.line.setEchoMode(QLineEdit.EchoMode.Password)
        self._status = label(theme, "", 15, wrap=True)
        self.confirm_key = BigButton(theme, "Confirm restart", kind=Kind.PRIMARY, pixels=17, height=58)
        self.confirm_key.clicked.connect(self._confirm)
        grid.addWidget(self._heading, 0, 0, 1, 2)
        for row, (left, right) in enumerate(((self.rate, self.second), (self.prescriber, self.pin)), 1):
            grid.addWidget(left, row, 0)
            grid.addWidget(right, row, 1)
        grid.addWidget(label(theme, "Order given", 14, role="dim"), 3, 0)
        grid.addWidget(self.ordered, 4, 0)
        grid.addWidget(label(theme, "Grade at present", 14, role="dim"), 3, 1)
        grid.addWidget(self.present, 4, 1)
        grid.addWidget(self.why_rate, 5, 0)
        grid.addWidget(self.ruled_out, 5, 1)
        grid.addWidget(self._status, 6, 0)
        grid.addWidget(self.confirm_key, 6, 1)
        grid.setRowStretch(7, 1)
        for column in range(2):
            grid.setColumnStretch(column, 1)
        for entry in (self.rate, self.prescriber, self.second, self.pin, self.why_rate, self.ruled_out):
            entry.edited.connect(lambda _: self._sync())
        self.ordered.chosen.connect(lambda _: self._sync())
        self.present.chosen.connect(lambda _: self._sync())

    def show_snapshot(self, snapshot: Snapshot, reaction: Reaction | None) -> None:
        """Whether there is a restart to confirm, and within which limits."""
        self._snapshot = snapshot
        view = restart_view(snapshot.session, self._rules)
        set_text(self._heading, view.title)
        self.rate.set_hint(view.rate_hint)
        if view.allowed and not self._filled:
            self._filled = True
            self.prescriber.set_text(view.prescriber)
        for part in (self.rate, self.prescriber, self.ordered, self.present, self.why_rate, self.second, self.pin):
            part.setEnabled(view.allowed)
        self.ruled_out.setVisible(view.must_rule_out)
        self._sync()

    def clear(self) -> None:
        """Forget what was entered."""
        self._filled = False
        for entry in (self.rate, self.prescriber, self.second, self.pin, self.why_rate, self.ruled_out):
            entry.set_text("")
        self.ordered.set_value("")
        self.present.set_value("")
        set_text(self._status, "")

    def _sync(self) -> None:
        entered = (self.rate.text(), self.prescriber.text(), self.second.text(), self.pin.text())
        chosen = (self.ordered.value(), self.present.value())
        view = restart_view(self._snapshot.session, self._rules)
        ruled_out = not view.must_rule_out or bool(self.ruled_out.text())
        self.confirm_key.setEnabled(view.allowed and all(entered) and all(chosen) and ruled_out)

    def _confirm(self) -> None:
        rate = self.rate.number()
        if rate is None:
            return
        login, pin = self.second.text(), self.pin.text()
        self.pin.set_text("")
        self._say("Checking the signature ...")
        self._bridge.follow(
            self._bedside.prove(login, pin),
            lambda proof: self._send(rate, proof),
            lambda why: self._say(f"Not recorded: {why}", wrong=True),
        )

    def _send(self, rate: Decimal, proof: Proof) -> None:
        command = ConfirmRestart(
            self._bedside.chair, self._snapshot.staff_id, rate, self.prescriber.text(), Decimal(self.ordered.value()),
            int(self.present.value()), proof.token, self.why_rate.text(), self.ruled_out.text(),
        )  # fmt: skip
        self._bridge.submit(command, self._on_recorded, lambda why: self._say(f"Not recorded: {why}", wrong=True))

    def _on_recorded(self, receipt: Receipt) -> None:
        self.clear()
        self._say(recorded_words(receipt))

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
