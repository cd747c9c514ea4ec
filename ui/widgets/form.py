"""A form that says `Recorded` only when it is: what was typed stays until the record has it, or it says why not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from exomonitor.engine.bedside import Receipt
from exomonitor.session.commands import Command
from ui.bridge import Bridge
from ui.presenters.words import hms
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.drafting import Drafting, DraftStrip, Parts, parts_of
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, SEMIBOLD, Elided, label, set_role, set_text


def recorded_words(receipt: Receipt) -> str:
    """`Recorded 14:22:07`, with the time that stands in the record."""
    return f"Recorded {hms(receipt.entries[-1].at)}" if receipt.entries else "Recorded"


class Sender:
    """Sends commands one after the other and stops at the first that is refused."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._left: list[Command] = []

    def send(self, commands: Sequence[Command], form: Form) -> None:
        """Send; the form hears of the end or of the first refusal."""
        self._left = list(commands)
        self._next(form, Receipt())

    def _next(self, form: Form, receipt: Receipt) -> None:
        if not self._left:
            form.on_recorded(receipt)
            return
        command = self._left.pop(0)
        self._bridge.submit(command, lambda receipt: self._next(form, receipt), form.on_refused)


class Form(Card):
    """Title, content, one line about the record, and the keys Back (Esc) and Save (Enter)."""

    recorded = Signal(str)
    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        bridge: Bridge,
        title: str,
        save_text: str = "Save",
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent=parent)
        self.bridge = bridge
        self._sender = Sender(bridge)
        self._sending = False
        self._save_text = ""
        self._heading = Elided(theme, title, 20, SEMIBOLD)
        self._draft_strip = DraftStrip(theme)
        self._draft_strip.discarded.connect(self.discard_draft)
        self.drafting = Drafting(bridge.drafts, self.draft_key, self.draft_parts, self._draft_strip.show_draft)
        head = QHBoxLayout()
        head.setSpacing(theme.px(10))
        head.addWidget(self._heading, 1)
        head.addWidget(self._draft_strip)
        self.body.addLayout(head)
        self.content = QWidget()
        self.body.addWidget(self.content, 1)
        self._status = label(theme, "", 15, MEDIUM, wrap=True)
        self.body.addWidget(self._status)
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        self.back_key = BigButton(theme, "Back", "Esc", height=58)
        self.save_key = BigButton(theme, save_text, "Enter", Kind.PRIMARY, height=58)
        self.back_key.clicked.connect(self.closed)
        self.save_key.clicked.connect(self.save)
        self.save_key.setAutoRepeat(False)
        row.addWidget(self.back_key, 1)
        row.addWidget(self.save_key, 2)
        self.keys_row = row
        self.body.addLayout(row)

    def set_heading(self, text: str) -> None:
        """Change the title."""
        set_text(self._heading, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter saves from wherever one is in the form."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if not event.isAutoRepeat():
                self.save()
            return
        super().keyPressEvent(event)

    def save(self) -> None:
        """Send what the form says; does nothing while the last one is on its way, or where the form is not complete."""
        if self._sending or not self.save_key.isEnabled():
            return
        commands = self.commands()
        if not commands:
            return
        self._sending = True
        if self.save_key.hasFocus():
            self.content.setFocus()  # a key that is disabled hands the keyboard to whatever stands next: not from here
        self._sync()
        self.say("Recording ...")
        self._sender.send(commands, self)

    def commands(self) -> Sequence[Command]:
        """What to send; empty when something is missing, and then the form has said what."""
        return ()

    def missing(self) -> Sequence[str]:
        """What is still to be said before it can be saved, in the words of the page; the key names it."""
        return ()

    def is_complete(self) -> bool:
        """Whether there is something to save."""
        return not self.missing()

    def clear(self) -> None:
        """Forget what was entered."""

    def open(self) -> None:
        """The form comes to the front; what was entered before is still there."""
        self.drafting.restore()
        self.say("")
        self._sync()

    def changed(self) -> None:
        """Somebody has entered something: an old message goes, the key follows."""
        if not self._sending:
            self.say("")
            self.drafting.note()
        self._sync()

    def showEvent(self, event: QShowEvent) -> None:
        """In sight again, after a restart perhaps: what was half entered stands there again."""
        super().showEvent(event)
        self.drafting.restore()

    # --- what was half entered ---------------------------------------------------------------------------------------

    draft_name = ""
    """The form's name among the drafts of a session; "" = it keeps none."""

    def draft_key(self) -> tuple[str, str]:
        """Scope and name of the draft: usually the session's."""
        return self.bridge.drafts.session, self.draft_name

    def draft_parts(self) -> Parts:
        """The fields that are kept."""
        return parts_of(self)

    def discard_draft(self) -> None:
        """One touch: what was put back is thrown away."""
        self.drafting.forget()
        self.clear()
        self.drafting.emptied()
        self.say("")
        self._sync()

    def draft_words(self) -> str:
        """What the form says of its draft, "" where it shows none."""
        return self._draft_strip.words()

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line above the keys."""
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
        self._status.setVisible(bool(text))

    def status(self) -> str:
        """What the line above the keys says."""
        return self._status.text()

    def on_recorded(self, receipt: Receipt) -> None:
        """It is in the record: only now is the form emptied."""
        self._sending = False
        self.drafting.forget()
        self.clear()
        self.drafting.emptied()
        self.say("")
        self._sync()
        self.recorded.emit(recorded_words(receipt))

    def on_refused(self, why: str) -> None:
        """It is not: everything stays as typed."""
        self._sending = False
        self._sync()
        if self.content.hasFocus():
            self.save_key.setFocus()
        self.say(f"Not recorded: {why}", wrong=True)

    def _sync(self) -> None:
        self.save_key.setEnabled(not self._sending and self.is_complete())
        missing = self.missing()
        if missing and not self._save_text:
            self._save_text = self.save_key.text()
        if missing:
            self.save_key.set_text(f"Still open: {', '.join(missing)}")
        elif self._save_text:
            self.save_key.set_text(self._save_text)
            self._save_text = ""
