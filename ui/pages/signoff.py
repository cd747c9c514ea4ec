"""Sign-off: what was given and observed on one sheet, what is still open, and the signature by name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from ui.bridge import Bridge
from ui.presenters.signoff import SignOffView, sign_off
from ui.theme import Theme
from ui.widgets.entry import TextEntry
from ui.widgets.form import Form
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, Elided, label, set_text

MEANING = "performed and reviewed"
_ROWS = 12


class SignOffPage(QWidget):
    """Shows the summary; signs; after that offers the next session."""

    back_wanted = Signal()
    next_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(10))
        self.form = SignOffForm(theme, bridge, bedside.chair)
        self.form.closed.connect(self.back_wanted)
        self.next_key = BigButton(theme, "Prepare the next session", kind=Kind.PRIMARY, pixels=18, height=54)
        self.next_key.clicked.connect(self.next_wanted)
        column.addWidget(self.form, 1)
        column.addWidget(self.next_key)
        self.setFocusProxy(self.form)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the page up to date."""
        self.form.show_snapshot(snapshot)
        signed = bool(sign_off(snapshot).signed)
        just_signed = signed and self.isVisible() and not self.next_key.isVisible()
        self.next_key.setVisible(signed)
        if just_signed:
            self.next_key.setFocus()


class SignOffForm(Form):
    """The sheet and the signature."""

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, "Sign off", "Sign", parent=parent)
        self._chair = chair
        self._by = ""
        self._offered = ""
        self._view: SignOffView | None = None
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, theme.px(4), 0, 0)
        column.setSpacing(theme.px(8))
        grid = QGridLayout()
        grid.setVerticalSpacing(theme.px(5))
        grid.setHorizontalSpacing(theme.px(20))
        grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []
        for row in range(_ROWS):
            name = label(theme, "", 16, role="dim")
            words = Elided(theme, "", 17, SEMIBOLD)
            grid.addWidget(name, row, 0)
            grid.addWidget(words, row, 1)
            self._rows.append((name, words))
        column.addLayout(grid)
        self._obstacles = label(theme, "", 17, BOLD, wrap=True)
        self._remarks = label(theme, "", 15, MEDIUM, role="dim", wrap=True)
        column.addWidget(self._obstacles)
        column.addWidget(self._remarks)
        column.addStretch(1)
        self._name = TextEntry(theme, "Signed by (your name)", hint=f"meaning: {MEANING}", pixels=20)
        self._name.edited.connect(lambda _: self.changed())
        self._name.confirmed.connect(self.save)
        column.addWidget(self._name, 0, Qt.AlignmentFlag.AlignBottom)
        self.setFocusProxy(self._name)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the sheet up to date; the name is offered, never forced."""
        self._by = snapshot.staff_id
        if snapshot.staff != self._offered and not self._name.text():
            self._offered = snapshot.staff
            self._name.set_text(snapshot.staff)
        view = sign_off(snapshot)
        if view == self._view:
            return
        self._view = view
        self.set_heading(view.title)
        for place, (name, words) in enumerate(self._rows):
            shown = place < len(view.rows)
            name.setVisible(shown)
            words.setVisible(shown)
            if shown:
                set_text(name, view.rows[place][0])
                set_text(words, view.rows[place][1])
        set_text(self._obstacles, view.signed or "\n".join(f"▲ {text}" for text in view.obstacles))
        self._obstacles.setVisible(bool(self._obstacles.text()))
        set_text(self._remarks, "\n".join(view.remarks))
        self._remarks.setVisible(bool(view.remarks))
        self._name.setVisible(not view.signed)
        self.save_key.setVisible(not view.signed)
        self._sync()

    def is_complete(self) -> bool:
        """Nothing is in the way, and there is a name."""
        return self._view is not None and not self._view.obstacles and not self._view.signed and bool(self._name.text())

    def commands(self) -> Sequence[Command]:
        """One signature."""
        return (cmd.SignOff(self._chair, self._by, self._name.text(), MEANING),)

    def clear(self) -> None:
        """The next session is signed anew."""
        self._name.set_text("")
        self._offered = ""
