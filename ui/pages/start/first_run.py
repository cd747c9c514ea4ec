"""The first start of a clinic: its administrator, who then adds everybody else."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.pins import IN_LOGIN, stands_in
from exomonitor.registry.users import ADMINISTRATOR, NURSE
from exomonitor.session.parts.people import AddUser
from ui.bridge import Bridge
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.entry import TextEntry
from ui.widgets.new_pin import NewPin
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_role, set_text

_WORDS = (
    "Nobody is in the list of people yet. The first one becomes the administrator, who adds the others under "
    "Settings, People. Keep this PIN: nobody can read it back."
)
_ALSO = (("no", "Administrator only"), ("yes", "Administrator and nurse"))


class FirstRun(Card):
    """made(user id, PIN): the administrator is in the list."""

    made = Signal(str)

    def __init__(self, theme: Theme, bedside: Bedside, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._bedside, self._bridge = bedside, bridge
        self._busy = False
        self.body.addWidget(label(theme, "Create the administrator", 20, SEMIBOLD))
        self.body.addWidget(label(theme, _WORDS, 15, MEDIUM, role="dim", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        left = QVBoxLayout()
        left.setSpacing(theme.px(8))
        self.name = TextEntry(theme, "Name", hint="as it will stand in the record", pixels=20)
        self.name.edited.connect(lambda _: self._say(""))
        left.addWidget(self.name)
        self.also = Choice(theme, _ALSO, columns=1, height=54)
        self.also.set_value("no")
        left.addWidget(self.also)
        self._status = label(theme, "", 16, MEDIUM, wrap=True)
        left.addWidget(self._status)
        left.addStretch(1)
        row.addLayout(left, 1)
        self.pin = NewPin(theme)
        self.pin.chosen.connect(self.make)
        self.name.confirmed.connect(self.pin.setFocus)
        row.addWidget(self.pin)
        self.body.addLayout(row, 1)
        self.setFocusProxy(self.name)

    def status(self) -> str:
        """What the line at the left says."""
        return self._status.text()

    def make(self, pin: str) -> None:
        """Add the person; the PIN is hashed first."""
        if self._busy:
            return
        if not self.name.text():
            self._say("The name is missing", wrong=True)
            self.name.setFocus()
            return
        if stands_in(pin, [self.name.text()]):
            self.pin.begin()
            self._say(IN_LOGIN, wrong=True)
            return
        self._busy = True
        self._say("Recording ...")
        self._bridge.follow(self._bedside.seal_pin(pin), self._add, self._on_refused)

    def _add(self, sealed: str) -> None:
        roles = (NURSE, ADMINISTRATOR) if self.also.value() == "yes" else (ADMINISTRATOR,)
        command = AddUser(self._bedside.chair, "", self.name.text(), roles, sealed)
        self._bridge.submit(command, self._on_added, self._on_refused)

    def _on_added(self, receipt: Receipt) -> None:
        self._busy = False
        self._say("")
        self.made.emit(receipt.answer)

    def _on_refused(self, why: str) -> None:
        self._busy = False
        self.pin.begin()
        self._say(f"Not recorded: {why}", wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
