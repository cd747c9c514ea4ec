"""Settings, People: who may sign in; an administrator adds, changes and retires, by sign-in or by signature."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.pins import IN_LOGIN, stands_in
from exomonitor.registry.users import ADMINISTRATOR
from exomonitor.session.commands import Command
from exomonitor.session.parts.people import AddUser, ChangeUser
from ui.bridge import Bridge
from ui.pages.people.person_form import PersonForm
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.people_tiles import PeopleTiles
from ui.widgets.prove import ProvePanel
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_text

_INVITATION = "Choose a person, or add one"
_BADGES = {"badge", "unknown"}
Make = Callable[[str], Command]
"""The command, given the proof of an administrator ("" where one is at work)."""


class PeoplePage(QWidget):
    """The list at the left, one person at the right."""

    back_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge = bedside, bridge
        self._snapshot = bedside.latest()
        self._make: Make | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(10), theme.px(10), theme.px(10))
        row.setSpacing(theme.px(10))
        row.addWidget(self._make_list(theme), 4)
        self._stack = QStackedWidget()
        self._empty = Card(theme)
        self._said = label(theme, _INVITATION, 17, MEDIUM, wrap=True)
        self._empty.body.addWidget(self._said)
        self._empty.body.addStretch(1)
        self.form = PersonForm(theme)
        self.form.save_wanted.connect(self.save)
        self.form.retire_wanted.connect(self.retire)
        self.prove = ProvePanel(theme, bedside, bridge, (ADMINISTRATOR,), "The administrator signs this change")
        self.prove.proven.connect(self._on_proven)
        self.prove.closed.connect(lambda: self._stack.setCurrentWidget(self.form))
        for page in (self._empty, self.form, self.prove):
            self._stack.addWidget(page)
        row.addWidget(self._stack, 6)
        bridge.scanned.connect(self.on_scanned)
        self.show_snapshot(self._snapshot)

    def _make_list(self, theme: Theme) -> Card:
        card = Card(theme)
        card.body.addWidget(label(theme, "People", 20, SEMIBOLD))
        self.tiles = PeopleTiles(theme, columns=2, rows=6)
        self.tiles.chosen.connect(self.open_person)
        card.body.addWidget(self.tiles, 1)
        self.add_key = BigButton(theme, "Add a person", kind=Kind.PRIMARY, height=58, pixels=18)
        self.back_key = BigButton(theme, "Back", "Esc", height=58)
        self.add_key.clicked.connect(self.add)
        self.back_key.clicked.connect(self.back_wanted)
        keys = QHBoxLayout()
        keys.setSpacing(theme.px(8))
        keys.addWidget(self.back_key, 1)
        keys.addWidget(self.add_key, 2)
        holder = QVBoxLayout()
        holder.addLayout(keys)
        card.body.addLayout(holder)
        self.setFocusProxy(self.add_key)
        return card

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The list as it is now, those who are retired at its end."""
        self._snapshot = snapshot
        users = snapshot.registry.users.values()
        self.tiles.show_people(sorted(users, key=lambda one: (one.retired, one.name.casefold())))

    def back(self) -> bool:
        """Esc: one step back inside; False when nothing is open."""
        if self._stack.currentWidget() is self.prove:
            self.prove.leave()
            return True
        if self._stack.currentWidget() is self.form:
            self._close(_INVITATION)
            return True
        return False

    def add(self) -> None:
        """Somebody new."""
        self.tiles.set_value("")
        self.form.open_new()
        self._stack.setCurrentWidget(self.form)
        self.form.name.setFocus()

    def open_person(self, user: str) -> None:
        """Somebody in the list."""
        self.form.open_known(self._snapshot.registry.users[user])
        self._stack.setCurrentWidget(self.form)

    def on_scanned(self, kind: str, content: str) -> None:
        """A badge, while a person is being entered."""
        if kind in _BADGES and self.form.isVisible():
            self.form.take_badge(content)

    # --- what is done ------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Add or change; the PIN is hashed first."""
        form = self.form
        if form.user is None and not form.name.text():
            form.say("The name is missing", wrong=True)
        elif not form.chosen_roles():
            form.say("Choose a role", wrong=True)
        elif form.user is None and not form.pin:
            form.say("Type the PIN twice", wrong=True)
        elif form.pin and stands_in(form.pin, [form.name.text(), form.phone.text(), form.badge or ""]):
            form.say(IN_LOGIN, wrong=True)
        elif form.pin:
            form.say("Recording ...")
            self._bridge.follow(self._bedside.seal_pin(form.pin), self._send, self._on_refused)
        else:
            self._send("")

    def retire(self) -> None:
        """No sign-in any more, or again."""
        user = self.form.user
        if user is not None:
            chair, by = self._bedside.chair, self._by()
            self._ask(lambda proof: ChangeUser(chair, by, user.id, retired=not user.retired, proof=proof))

    def _send(self, sealed: str) -> None:
        form, user, roles = self.form, self.form.user, self.form.chosen_roles()
        badge = self._bedside.badge_digest(form.badge) if form.badge is not None else None
        if user is None:
            name, phone = form.name.text(), form.phone.text()
            self._ask(
                lambda proof: AddUser(self._bedside.chair, self._by(), name, roles, sealed, badge or "", proof, phone)
            )
        else:
            changed = roles if set(roles) != set(user.roles) else None
            new_phone = form.phone.text() if form.phone.text() != user.phone else None
            chair, by = self._bedside.chair, self._by()
            self._ask(
                lambda proof: ChangeUser(chair, by, user.id, changed, sealed or None, badge, None, proof, new_phone)
            )

    def _by(self) -> str:
        return self._snapshot.staff_id

    def _ask(self, make: Make) -> None:
        """At once where an administrator is at work; else by an administrator's signature."""
        at_work = self._snapshot.registry.users.get(self._by())
        if at_work is not None and at_work.holds(ADMINISTRATOR):
            self._submit(make(""))
            return
        self._make = make
        self.prove.open()
        self._stack.setCurrentWidget(self.prove)
        self.prove.focus_first()

    def _on_proven(self, token: str, _: str) -> None:
        make, self._make = self._make, None
        self._stack.setCurrentWidget(self.form)
        if make is not None:
            self._submit(make(token))

    def _submit(self, command: Command) -> None:
        self.form.say("Recording ...")
        self._bridge.submit(command, self._on_recorded, self._on_refused)

    def _on_recorded(self, receipt: Receipt) -> None:
        self._close(recorded_words(receipt))

    def _on_refused(self, why: str) -> None:
        self.form.say(f"Not recorded: {why}", wrong=True)

    def _close(self, words: str) -> None:
        set_text(self._said, words)
        self.tiles.set_value("")
        self._stack.setCurrentWidget(self._empty)
        self.add_key.setFocus()
