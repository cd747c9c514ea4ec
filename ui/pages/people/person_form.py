"""One person as the administrator enters it: name, roles, badge by scan, PIN typed twice."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.registry.users import ROLES, User
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import MultiChoice
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.new_pin import NewPin
from ui.widgets.rows import row_of
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_role, set_text

ROLE_WORDS = {
    "nurse": "Nurse",
    "verifier": "Verifier",
    "prescriber": "Prescriber",
    "administrator": "Administrator",
    "research": "Research, no names",
}
_SCAN = "Badge: scan it now, or go without"
_NEW_HINT = "as it will stand in the record; it is not changed later"


class PersonForm(Card):
    """save_wanted: enough is entered. retire_wanted: the person shall not sign in any more, or again."""

    save_wanted = Signal()
    retire_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.user: User | None = None
        self.pin = ""
        self.badge: str | None = None
        self._heading = label(theme, "", 20, SEMIBOLD)
        self.body.addWidget(self._heading)
        row = QHBoxLayout()
        row.setSpacing(theme.px(14))
        row.addLayout(self._make_left(theme), 1)
        row.addWidget(self._make_right(theme))
        self.body.addLayout(row, 1)
        self._status = label(theme, "", 16, MEDIUM, wrap=True)
        self.body.addWidget(self._status)
        self.retire_key = BigButton(theme, "Retire", height=54)
        self.save_key = BigButton(theme, "Save", "Enter", Kind.PRIMARY, height=54, pixels=18)
        self.retire_key.clicked.connect(self.retire_wanted)
        self.save_key.clicked.connect(self.save_wanted)
        self.body.addWidget(row_of(theme, self.retire_key, self.save_key))
        self.setFocusProxy(self.name)

    def _make_left(self, theme: Theme) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(theme.px(8))
        self.name = TextEntry(theme, "Name", hint=_NEW_HINT, pixels=20)
        self.name.edited.connect(lambda _: self.say(""))
        self.name.confirmed.connect(self.save_wanted)
        column.addWidget(self.name)
        column.addWidget(label(theme, "Roles", 14, role="dim"))
        self.roles = MultiChoice(theme, tuple(ROLE_WORDS.items()), columns=2, height=58)
        self.roles.changed.connect(lambda: self.say(""))
        column.addWidget(self.roles)
        self.phone = TextEntry(theme, "Phone, where prescribers are reached", pixels=17, compact=True)
        self.phone.edited.connect(lambda _: self.say(""))
        column.addWidget(self.phone)
        self._badge_words = label(theme, _SCAN, 15, MEDIUM, wrap=True)
        column.addWidget(self._badge_words)
        self.no_badge_key = BigButton(theme, "Take the badge away", kind=Kind.QUIET)
        self.no_badge_key.clicked.connect(lambda: self.take_badge(""))
        column.addWidget(self.no_badge_key)
        column.addStretch(1)
        return column

    def _make_right(self, theme: Theme) -> QWidget:
        self._right = QStackedWidget()
        self._right.setFixedWidth(theme.px(256))
        self.new_pin = NewPin(theme)
        self.new_pin.chosen.connect(self._take_pin)
        self._pin_done = QWidget()
        column = QVBoxLayout(self._pin_done)
        column.setContentsMargins(0, 0, 0, 0)
        self._pin_words = label(theme, "", 16, MEDIUM, wrap=True)
        self.pin_key = BigButton(theme, "Another PIN", height=58)
        self.pin_key.clicked.connect(self._ask_pin)
        column.addWidget(self._pin_words)
        column.addWidget(self.pin_key)
        column.addStretch(1)
        self._right.addWidget(self.new_pin)
        self._right.addWidget(self._pin_done)
        return self._right

    # --- what is shown -----------------------------------------------------------------------------------------------

    def open_new(self) -> None:
        """Somebody who is not in the list yet."""
        self._begin(None)
        set_text(self._heading, "A new person")
        self._ask_pin()

    def open_known(self, user: User) -> None:
        """Somebody in the list; the PIN stays as it is unless another one is typed."""
        self._begin(user)
        set_text(self._heading, user.name + (" (retired)" if user.retired else ""))
        self.retire_key.set_text("May sign in again" if user.retired else "Retire: no sign-in any more")
        set_text(self._pin_words, "The PIN stays as it is")
        self._right.setCurrentWidget(self._pin_done)

    def _begin(self, user: User | None) -> None:
        self.user, self.pin, self.badge = user, "", None
        self.name.setVisible(user is None)
        self.name.set_text("")
        self.roles.set_values(user.roles if user is not None else ("nurse",))
        self.phone.set_text(user.phone if user is not None else "")
        self.retire_key.setVisible(user is not None)
        self.new_pin.begin()
        self._show_badge()
        self.say("")

    def take_badge(self, scanned: str) -> None:
        """The badge that was just scanned; "" = none any more."""
        self.badge = scanned
        self._show_badge()
        self.say("")

    def _show_badge(self) -> None:
        has = bool(self.user and self.user.badge_digest)
        if self.badge:
            words = "Badge scanned: it holds once this is saved"
        elif self.badge == "" and has:
            words = "The badge is taken away once this is saved"
        else:
            words = "Has a badge; scan another one to replace it" if has else _SCAN
        set_text(self._badge_words, words)
        self.no_badge_key.setVisible(bool(self.badge) or (has and self.badge is None))

    def chosen_roles(self) -> tuple[str, ...]:
        """The roles marked, in the usual order."""
        return tuple(role for role in ROLES if role in self.roles.values())

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line above the keys."""
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")

    def status(self) -> str:
        """What the line above the keys says."""
        return self._status.text()

    def _ask_pin(self) -> None:
        self.pin = ""
        self.new_pin.begin()
        self._right.setCurrentWidget(self.new_pin)
        if self.user is not None:
            self.new_pin.setFocus()

    def _take_pin(self, pin: str) -> None:
        self.pin = pin
        set_text(self._pin_words, "The new PIN holds once this is saved")
        self._right.setCurrentWidget(self._pin_done)
        self.save_key.setFocus()
