"""After the start: the second person's check of what changed, another bag, another order. One touch leads back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import PRESCRIBER, VERIFIER
from exomonitor.session.commands import Command
from exomonitor.session.state import SessionState
from ui.bridge import Bridge
from ui.pages.changes.forms import BagForm, ChangeForm, OrderForm, PatientForm
from ui.pages.prepare.double_step import DoubleForm
from ui.presenters.words import hm
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.prove import ProvePanel
from ui.widgets.text import BOLD, MEDIUM, label, set_role, set_text

CHECK, BAG, ORDER, PATIENT = "check", "bag", "order", "patient"
_TABS = ((CHECK, "Second check"), (BAG, "Another bag"), (ORDER, "Another order"), (PATIENT, "Another patient"))
_NOTHING = "Nothing was changed after the start that waits for a second check."
_STANDS_BY = "I stand by: this is what hangs and what is ordered"


class ChangesPage(QWidget):
    """blind_changed: the second person is at work. page_wanted: the patients' page, where a name is put right."""

    back_wanted = Signal()
    page_wanted = Signal(str)
    reaction_wanted = Signal()
    blind_changed = Signal(bool)

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bridge, self._theme = bridge, theme
        self._sending = False
        self._snapshot = bedside.latest()
        self._take: Callable[[str], None] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(14), theme.px(8), theme.px(14), theme.px(8))
        column.setSpacing(theme.px(8))
        self.head = label(theme, "", 19, BOLD, wrap=True)
        column.addWidget(self.head)
        self.tabs = Choice(theme, _TABS, height=58, pixels=17)
        self.tabs.chosen.connect(self.open_tab)
        column.addWidget(self.tabs)
        self._stack = QStackedWidget()
        self.double = DoubleForm(theme, bedside, bridge, after_start=True)
        self.bag, self.order = BagForm(theme, bridge, bedside.chair), OrderForm(theme, bridge, bedside.chair)
        self.second = ProvePanel(theme, bedside, bridge, (VERIFIER, PRESCRIBER), _STANDS_BY)
        self.patient = PatientForm(theme, bridge, bedside.chair)
        self._panes: dict[str, QWidget] = {
            CHECK: self.double,
            BAG: self.bag,
            ORDER: self.order,
            PATIENT: self.patient,
        }
        for pane in (*self._panes.values(), self.second):
            self._stack.addWidget(pane)
        column.addWidget(self._stack, 1)
        self._status = label(theme, "", 15, MEDIUM, wrap=True)
        column.addWidget(self._status)
        column.addLayout(self._make_keys())
        self._connect()
        self.say("")
        self.open_tab(CHECK)
        self.show_snapshot(self._snapshot)

    def _make_keys(self) -> QHBoxLayout:
        theme, row = self._theme, QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.back_key = BigButton(theme, "Back to the session", "Esc", height=58)
        self.back_key.clicked.connect(self.back_wanted)
        self.patient_key = BigButton(theme, "Name or date of birth wrongly written ...", height=58, pixels=16)
        self.patient_key.clicked.connect(lambda: self.page_wanted.emit("patients"))
        self.reaction_key = BigButton(theme, "✚ Reaction", "F8", Kind.REACTION, pixels=20, height=64)
        self.reaction_key.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.reaction_key.clicked.connect(self.reaction_wanted)
        row.addWidget(self.back_key, 2)
        row.addWidget(self.patient_key, 3)
        row.addWidget(self.reaction_key, 2)
        return row

    def _connect(self) -> None:
        self.double.confirmed.connect(self._go_on)
        self.double.blind_changed.connect(self._on_blind)
        for form in (self.bag, self.order, self.patient):
            form.proof_wanted.connect(self._ask_second)
            form.closed.connect(self.back_wanted)
            form.recorded.connect(self._recorded)
        self.second.proven.connect(self._on_proven)
        self.second.closed.connect(lambda: self.open_tab(self.tabs.value()))

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What changed, and how the check of it stands."""
        self._snapshot = snapshot
        self.double.show_snapshot(snapshot)
        self.bag.show_snapshot(snapshot)
        self.order.show_snapshot(snapshot)
        self.patient.show_snapshot(snapshot)
        self.second.but = snapshot.staff_id
        set_text(self.head, changed_words(snapshot.session))

    def open_tab(self, tab: str) -> None:
        """Bring a sheet to the front; what was entered in the others stays there."""
        self.tabs.set_value(tab)
        pane = self._panes[tab]
        self._stack.setCurrentWidget(pane)
        self.back_key.setVisible(pane is self.double)
        if isinstance(pane, ChangeForm):
            pane.open()
            pane.setFocus()

    def back(self) -> bool:
        """Esc: whoever signs or checks goes back first."""
        if self.double.blind:
            self.double.hand_back()
        elif self._stack.currentWidget() is self.second:
            self.open_tab(self.tabs.value())
        else:
            return False
        return True

    def hideEvent(self, event: QHideEvent) -> None:
        """Something more urgent came: nobody's sheet stays open behind it."""
        super().hideEvent(event)
        if self.double.blind:
            self.double.hand_back()

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line below."""
        set_text(self._status, text)
        self._status.setVisible(bool(text))
        set_role(self._status, "error" if wrong else "dim")

    def status(self) -> str:
        """What the line below says."""
        return self._status.text()

    def _on_blind(self, blind: bool) -> None:
        for widget in (self.head, self.tabs, self.back_key, self.patient_key):  # the check is in front
            widget.setVisible(not blind)
        self.blind_changed.emit(blind)

    # --- what is recorded --------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on in the check; a line of text has said so itself."""
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if enter and self._stack.currentWidget() is self.double and not isinstance(self.focusWidget(), QLineEdit):
            self._go_on()
        else:
            super().keyPressEvent(event)

    def _go_on(self) -> None:
        """Hand over, or compare what the second person found."""
        if self._sending:
            return
        commands = self.double.commands()
        if commands:
            self._send(commands)

    def _send(self, commands: Sequence[Command]) -> None:
        self._sending = True
        self.say("Recording ...")
        self._bridge.submit(commands[0], self._checked, self._refused)

    def _checked(self, receipt: Receipt) -> None:
        self._sending = False
        self.say(recorded_words(receipt))
        done = self.double.on_receipt(receipt)
        if done and receipt.answer == "agrees":
            self.back_wanted.emit()

    def _refused(self, why: str) -> None:
        self._sending = False
        self.say(f"Not recorded: {why}", wrong=True)

    def _ask_second(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._stack.setCurrentWidget(self.second)
        self.second.open()

    def _on_proven(self, token: str, _name: str) -> None:
        take, self._take = self._take, None
        self.open_tab(self.tabs.value())
        if take is not None:
            take(token)

    def _recorded(self, words: str) -> None:
        self.say(words)
        self.open_tab(CHECK)


def changed_words(session: SessionState | None) -> str:
    """`Changed after the start: bag (lot) 14:05`: what waits for the second person, the newest of each kind."""
    if session is None or not session.changes.unchecked:
        return _NOTHING
    newest = {change.what: change for change in session.changes.made}
    told = [newest[what] for what in session.changes.unchecked if what in newest]
    return "Changed after the start: " + "; ".join(
        f"{one.what} ({', '.join(one.fields)}) {hm(one.at)}{'' if one.second else ', single nurse'}" for one in told
    )
