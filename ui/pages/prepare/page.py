"""The preparation: steps at the left, the present step in the middle, what it means and what is open at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from ui.bridge import Bridge
from ui.pages.prepare.device_step import DeviceForm
from ui.pages.prepare.double_step import DoubleForm
from ui.pages.prepare.order import OrderForm
from ui.pages.prepare.product import ProductForm
from ui.pages.prepare.side import GatesCard, MeaningCard
from ui.pages.prepare.step_form import StepForm
from ui.pages.prepare.step_list import StepList
from ui.pages.prepare.step_stack import StepStack
from ui.pages.prepare.steps import (
    BASELINE,
    COURSE,
    DEVICES,
    DOUBLE,
    ORDER,
    OWN_LIMIT,
    PATIENT,
    PRODUCT,
    START,
    STEPS,
    first_open,
    needs_typed_rate,
    newly_asked,
    next_key,
    open_gates,
    step_of_gate,
    step_views,
)
from ui.pages.prepare.without import WithoutSigner
from ui.scan_burst import ISBT, LABEL
from ui.theme import Theme
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import BOLD, MEDIUM, label, set_role, set_text

_LABELS = dict(STEPS)


class PreparePage(StepStack):
    """Enter records the step and goes to the next open one, F9 starts the record.

    blind_changed: the second person is at work, and nothing that was entered may be seen anywhere in the window."""

    blind_changed = Signal(bool)

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(bedside, bridge, theme, parent)
        self.setObjectName("page")
        self._session = ""
        self._present = first_open(step_views(bedside.latest()))
        self._sending = False
        self._steered = False
        bridge.scanned.connect(self._on_scanned)
        self.baseline_recorded.connect(self._on_baseline)
        self.baseline_closed.connect(self.setFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._left, self._right = self._make_left(), self._make_right()
        row.addWidget(self._left)
        row.addWidget(self._make_middle(), 1)
        row.addWidget(self._right)
        self.page_of(ORDER)  # whatever step is in front, what the order means stands at the right
        self._show_present()

    # --- building ----------------------------------------------------------------------------------------------------

    def wire(self, key: str, form: StepForm) -> None:
        """Join a form that was just made to the page."""
        form.confirmed.connect(self.next_step)
        if isinstance(form, ProductForm):
            form.status_wanted.connect(lambda words, wrong: self.say(words, wrong=wrong))
        elif isinstance(form, OrderForm):
            form.meaning_changed.connect(lambda view: self.meaning.show_rows(view.meaning))
        elif isinstance(form, DoubleForm):
            form.blind_changed.connect(self._on_blind)

    def _make_left(self) -> QWidget:
        theme = self._theme
        frame = QFrame()
        frame.setObjectName("nav")
        frame.setFixedWidth(theme.px(222))
        column = QVBoxLayout(frame)
        column.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        self.steps = StepList(theme)
        self.steps.chosen.connect(self._on_step_chosen)
        column.addWidget(self.steps, 1)
        return frame

    def _make_middle(self) -> QWidget:
        theme, holder = self._theme, QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(theme.px(20), theme.px(6), theme.px(20), theme.px(6))
        column.setSpacing(theme.px(8))
        self._heading = label(theme, "", 21, BOLD)
        column.addLayout(self.drafts.beside(self._heading))
        self.signer = WithoutSigner(theme, self._bedside, self._bridge, self._stack)
        self.gates.accepted.connect(self.signer.accept)
        self.gates.close_wanted.connect(self.signer.close)
        self.signer.ready.connect(self._send_alone)
        self.signer.ended.connect(self._show_present)
        column.addWidget(self._stack, 1)
        self._status = label(theme, "", 15, MEDIUM, wrap=True)
        self._status.setVisible(False)
        column.addWidget(self._status)
        return holder

    def _make_right(self) -> QWidget:
        theme = self._theme
        frame = QFrame()
        frame.setObjectName("nav")
        frame.setFixedWidth(theme.px(318))
        column = QVBoxLayout(frame)
        column.setContentsMargins(theme.px(12), theme.px(10), theme.px(12), theme.px(10))
        column.setSpacing(theme.px(10))
        self.meaning = MeaningCard(theme)
        self.gates = GatesCard(theme)
        self.next_key = BigButton(theme, "Next", "Enter", Kind.PRIMARY, height=54)
        self.start_key = BigButton(theme, "Start record", "F9", Kind.PRIMARY, height=54)
        self.next_key.clicked.connect(self.next_step)
        self.start_key.clicked.connect(self.start_record)
        column.addWidget(self.meaning)
        column.addWidget(self.gates)
        column.addStretch(1)
        column.addWidget(self.next_key)
        column.addWidget(self.start_key)
        column.addWidget(label(theme, "If the pump runs first, the record starts itself.", 13, role="dim", wrap=True))
        return frame

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the page up to date; a new session begins at its first open step."""
        before = self._snapshot
        super().show_snapshot(snapshot)
        session = snapshot.session.id if snapshot.session is not None else ""
        if session != self._session or before is None:
            self._session, self._steered = session, False
            self.say("")
            self.open_step(first_open(step_views(snapshot)))
        elif not self._steered and self.signer.panel is None and self._present != first_open(step_views(snapshot)):
            # Nobody has touched the page: it keeps to the first step that is open (a demo prepares itself).
            self.open_step(first_open(step_views(snapshot)))
        elif self._present == START and newly_asked(before.gates, snapshot.gates):
            # The baseline just recorded asks for one step more, and the page has gone past it.
            self.open_step(OWN_LIMIT)
        self._sync()

    def open_step(self, key: str) -> None:
        """Bring a step to the front; what was typed in the others stays there."""
        self._present = key
        if key == BASELINE:
            self.baseline.open_slot("baseline")
        elif key == DEVICES:
            self.devices.open()
        self._show_present()
        self._sync()
        if self.isVisible():
            self._focus_present()

    def open_baseline(self) -> None:
        """F5: the baseline set; nobody is drawn away from the sheet of the second person."""
        if self.is_blind:
            return
        self._steered = True
        self.open_step(BASELINE)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The page comes to the front: the first field of the present step is where one types."""
        super().focusInEvent(event)
        self._focus_present()

    def _focus_present(self) -> None:
        if self._present == BASELINE:
            self.baseline.setFocus()
        else:
            self.forms[self._present].first_field().setFocus()

    def back(self) -> bool:
        """Esc: whoever was to sign goes back first."""
        signs = self.signer.panel is not None
        self.signer.forget()
        if self.is_blind and not signs:
            self.double.hand_back()
        return signs

    def present(self) -> str:
        """The step in front."""
        return self._present

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line under the form."""
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
        self._status.setVisible(bool(text))

    def status(self) -> str:
        """What the line under the form says."""
        return self._status.text()

    def _show_present(self) -> None:
        self._stack.setCurrentWidget(self.page_of(self._present))
        set_text(self._heading, _LABELS[self._present])
        self.drafts.show(self._present)
        self._heading.setVisible(self._present != BASELINE)  # that form has a heading of its own

    def _sync(self) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        views = step_views(snapshot)
        self.steps.show_views(views, self._present)
        here = {gate.key for gate in snapshot.gates if step_of_gate(gate.key) == self._present}
        self.gates.show_gates(snapshot.gates, here)
        following = next_key(self._present, views)
        # The set has its own key to save it, and the last step leads nowhere.
        is_done = next((view.done for view in views if view.key == self._present), False)
        hidden = {BASELINE, START} if is_done else {BASELINE, START, DOUBLE}
        self.next_key.setVisible(self._present not in hidden)
        self.next_key.set_text(f"Next: {_LABELS[following]}")
        self.next_key.setEnabled(not self._sending and snapshot.session is not None)
        self.start_key.setEnabled(not self._sending and self._may_start(snapshot))

    def _may_start(self, snapshot: Snapshot) -> bool:
        session = snapshot.session
        missing = [gate for gate in open_gates(snapshot) if step_of_gate(gate.key) != START]
        return session is not None and session.started is None and not missing

    def _on_scanned(self, kind: str, raw: str) -> None:
        """A bag was scanned, whatever step is in front: it is recorded when the scan says all. Nobody's scan reaches
        past the sheet of the second person."""
        if (
            not self.isVisible()
            or self.is_blind
            or self._sending
            or not (kind in {LABEL, ISBT} or self.product.knows(raw))
        ):
            return
        self._steered = True
        self.open_step(PRODUCT)
        if self.product.take_scan(kind, raw):
            self.next_step()

    def _on_blind(self, blind: bool) -> None:
        for side in (self._left, self._right):
            side.setVisible(not blind)
        self._status.setText("")
        self.blind_changed.emit(blind)

    def _on_step_chosen(self, key: str) -> None:
        self._steered = True
        self.open_step(key)

    def on_edited(self) -> None:
        """Somebody has entered something in the step."""
        self._steered = True
        if not self._sending:
            self.say("")

    # --- what the keys do --------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and F9, where no window above takes them."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            # A line of text has said so itself, and passes the key on: it must not count twice.
            if not isinstance(self.focusWidget(), QLineEdit):
                self.next_step()
        elif event.key() == Qt.Key.Key_F9:
            self.start_record()
        else:
            super().keyPressEvent(event)

    def next_step(self) -> None:
        """Record the present step if something was entered, then go on."""
        self._steered = True
        if self._sending or self._snapshot is None or self._snapshot.session is None:
            return
        if self._present == BASELINE:
            self.baseline.save()
            return
        if self._present == START:
            self.start_record()
            return
        form = self.forms[self._present]
        done = next((v.done for v in step_views(self._snapshot) if v.key == self._present), False)
        if done and not form.dirty:
            self._go_on()
            return
        commands = form.commands()
        if commands is None:
            return
        self._begin()
        if isinstance(form, DeviceForm) and (form.to_bind() or form.to_release()):
            self.say("Opening the ports ...")
            self._bridge.run(form.bind_chosen, lambda _: self._send(form, commands), self._refused)
        else:
            self._send(form, commands)

    def start_record(self) -> None:
        """Start the record; says what is missing where it cannot."""
        snapshot = self._snapshot
        if self._sending or snapshot is None or snapshot.session is None:
            return
        missing = [gate for gate in open_gates(snapshot) if step_of_gate(gate.key) != START]
        if missing:
            self.say(f"Before the start: {', '.join(gate.label for gate in missing)}", wrong=True)
            return
        commands = self.start.commands()
        rate = self.start.rate.number() if needs_typed_rate(snapshot) else None
        if commands is None or (needs_typed_rate(snapshot) and not rate):
            self.open_step(START)
            if not self.start.rate.error() and needs_typed_rate(snapshot) and not rate:
                self.start.rate.show_error("Type the rate on the pump's display")
            return
        self._begin()
        start = cmd.StartSession(self._bedside.chair, snapshot.staff_id, rate)
        self._send_all((*commands, start), lambda receipt: self._ended(f"Started. {recorded_words(receipt)}"))

    def _send_alone(self, command: Command) -> None:
        if not self._sending:
            self._begin()
            # The reason stays in its entry until the gate is closed in the record.
            self._bridge.submit(command, lambda receipt: self._ended(recorded_words(receipt)), self._refused)

    # --- sending -----------------------------------------------------------------------------------------------------

    def _send(self, form: StepForm, commands: Sequence[Command]) -> None:
        self._send_all(commands, partial(self._sent, form))

    def _send_all(self, commands: Sequence[Command], then: Callable[[Receipt], None]) -> None:
        """One after the other, as each is recorded; the first refusal ends it."""
        first, rest = commands[0], commands[1:]
        self._bridge.submit(first, (lambda _: self._send_all(rest, then)) if rest else then, self._refused)

    def _sent(self, form: StepForm, receipt: Receipt) -> None:
        self.drafts.recorded(form)
        goes_on = form.on_receipt(receipt)
        self._ended(recorded_words(receipt))
        if goes_on:
            self._go_on()

    def _begin(self) -> None:
        self._sending = True
        self.say("Recording ...")
        self._sync()

    def _ended(self, words: str) -> None:
        self._sending = False
        self.say(words)
        self._sync()

    def _refused(self, why: str) -> None:
        self._sending = False
        self.say(f"Not recorded: {why}", wrong=True)
        self._sync()

    def _on_baseline(self, words: str) -> None:
        self.say(words)
        self._go_on()

    def _go_on(self) -> None:
        """To the next step that is open; the one just recorded may not be shown as done yet."""
        if self._snapshot is not None:
            if self._present == PATIENT and self.patient.needs_course():
                self.open_step(COURSE)
            else:
                self.open_step(next_key(self._present, step_views(self._snapshot)))
