"""Who is at work: name or badge, PIN; in a running session the card of the take-over comes before it counts."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts.handover import SignIn, SignOut, TakeOver
from exomonitor.session.parts.people import ChangeOwnPin
from exomonitor.session.phases import Phase
from ui.bridge import Bridge
from ui.pages.start.first_run import FirstRun
from ui.pages.start.take_over import TakeOverCard
from ui.presenters.words import join
from ui.theme import Theme
from ui.widgets.entry import make_tall
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.late_stack import LateStack
from ui.widgets.new_pin import NewPin
from ui.widgets.prove import ProvePanel
from ui.widgets.text import MEDIUM, Elided, set_text

W = TypeVar("W", bound=QWidget)
_ASKS, _OLD_PIN = "Who is at work?", "Change a PIN: whose, and the PIN as it is now"


class SignInPanel(QWidget):
    """signed_in(words): somebody is at work from now on. closed: nothing has changed."""

    signed_in = Signal(str)
    closed = Signal()

    def __init__(
        self, theme: Theme, bedside: Bedside, bridge: Bridge, *, tall: bool = False, parent: QWidget | None = None
    ) -> None:
        """tall: over a running session, where gloved hands type."""
        super().__init__(parent)
        self._tall = tall
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._snapshot = bedside.latest()
        self._token = ""
        self._changes_pin = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self._stack = LateStack()
        column.addWidget(self._stack, 1)
        self.prove = ProvePanel(theme, bedside, bridge, (), _ASKS)
        self.prove.proven.connect(self._on_proven)
        self.prove.closed.connect(self.closed)
        self._stack.addWidget(self.prove)
        column.addLayout(self._make_keys(theme))
        self.begin()

    def _make_keys(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self._now = Elided(theme, "", 15, MEDIUM, role="dim")
        self.pin_key = BigButton(theme, "Change a PIN", kind=Kind.QUIET, pixels=14, height=58)
        self.out_key = BigButton(theme, "Sign out", kind=Kind.QUIET, pixels=14, height=58)
        self.pin_key.clicked.connect(self.begin_pin)
        self.out_key.clicked.connect(self.sign_out)
        row.addWidget(self._now, 1)
        row.addWidget(self.pin_key)
        row.addWidget(self.out_key)
        return row

    # --- made when first wanted --------------------------------------------------------------------------------------

    @cached_property
    def first_run(self) -> FirstRun:
        """Nobody is in the list yet."""
        made = FirstRun(self._theme, self._bedside, self._bridge)
        made.made.connect(self._on_made)
        return self._put(made)

    @cached_property
    def card(self) -> TakeOverCard:
        """What is read before a session is taken over."""
        made = TakeOverCard(self._theme, self._bedside.protocol.rules.care.content.break_cover_min)
        made.accepted.connect(self._take_over)
        made.only_sign_in.connect(self._sign_in)
        made.closed.connect(self.begin)
        return self._put(made)

    @cached_property
    def new_pin(self) -> NewPin:
        """Another PIN for somebody."""
        made = NewPin(self._theme, "The new PIN")
        made.chosen.connect(self._seal)
        return self._put(made)

    def _put(self, made: W) -> W:
        self._stack.addWidget(made)
        if self._tall:
            make_tall(made)
        return made

    # --- what the window says ----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Anew: choose a name or scan a badge."""
        self._token, self._changes_pin = "", False
        self.prove.set_meaning(_ASKS)
        self.prove.open()
        self._stack.setCurrentWidget(self.prove if self._snapshot.registry.users else self.first_run)
        self._sync()

    def begin_pin(self) -> None:
        """Somebody wants another PIN."""
        self.begin()
        self._changes_pin = True
        self.prove.set_meaning(_OLD_PIN)
        self.prove.focus_first()

    def back(self) -> bool:
        """Esc: one step back inside; False when this is the first one."""
        if isinstance(self._stack.currentWidget(), TakeOverCard | NewPin) or self._changes_pin:
            self.begin()
            return True
        return False

    def show_back(self, wanted: bool) -> None:
        """Whether there is a page to go back to."""
        self.prove.show_back(wanted)

    def focus_first(self) -> None:
        """Where the keyboard begins."""
        page = self._stack.currentWidget()
        if page is self.prove:
            self.prove.focus_first()
        elif page is not None:
            page.setFocus()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Who it is now; the card follows the patient."""
        had_nobody = not self._snapshot.registry.users
        self._snapshot = snapshot
        if had_nobody and snapshot.registry.users and isinstance(self._stack.currentWidget(), FirstRun):
            self.begin()
        if isinstance(self._stack.currentWidget(), TakeOverCard):
            self.card.show_snapshot(snapshot)
        self.prove.show_snapshot(snapshot)
        self._sync()

    def _sync(self) -> None:
        someone, known = bool(self._snapshot.staff_id), bool(self._snapshot.registry.users)
        set_text(self._now, f"Now at work: {self._snapshot.staff}" if someone else "Nobody is signed in")
        self._now.setVisible(known)
        self.pin_key.setVisible(known)
        self.out_key.setVisible(someone)

    # --- what people do ----------------------------------------------------------------------------------------------

    def sign_out(self) -> None:
        """Leave this chair: alarms and record go on."""
        command = SignOut(self._bedside.chair, self._snapshot.staff_id)
        self._bridge.submit(command, lambda _: self.begin(), self.prove.fail)

    def _on_made(self, _: str) -> None:
        """The administrator is in the list: now they sign in."""
        self.begin()

    def _on_proven(self, token: str, name: str) -> None:
        self._token = token
        if self._changes_pin:
            self.new_pin.begin(f"{name}: the new PIN")
            self._stack.setCurrentWidget(self.new_pin)
            self.new_pin.setFocus()
            return
        user = self.prove.people.value()
        session = self._snapshot.session
        runs = session is not None and session.phase in {Phase.INFUSE, Phase.OBSERVE}
        nurse = session.handover.nurse if session is not None else ""
        if runs and user not in {"", self._snapshot.staff_id, nurse}:
            self.card.open(self._snapshot, user, name)
            self._stack.setCurrentWidget(self.card)
            self.card.setFocus()
        else:
            self._sign_in()

    def _sign_in(self) -> None:
        self._submit(SignIn(self._bedside.chair, self._snapshot.staff_id, self._token))

    def _take_over(self, kind: str, minutes: Decimal | None, card: str) -> None:
        self._submit(TakeOver(self._bedside.chair, self._snapshot.staff_id, self._token, kind, minutes, card))

    def _submit(self, command: SignIn | TakeOver) -> None:
        self._bridge.submit(command, self._on_signed_in, self._on_refused)

    def _on_signed_in(self, receipt: Receipt) -> None:
        words = join(recorded_words(receipt), self.prove.note)
        self.begin()
        self.signed_in.emit(words)

    def _on_refused(self, why: str) -> None:
        if isinstance(self._stack.currentWidget(), TakeOverCard):
            self.card.say(f"Not recorded: {why}", wrong=True)
        else:
            self.prove.fail(f"Not recorded: {why}")

    def _seal(self, pin: str) -> None:
        self._bridge.follow(self._bedside.seal_pin(pin), self._change_pin, self._on_pin_refused)

    def _change_pin(self, sealed: str) -> None:
        command = ChangeOwnPin(self._bedside.chair, self._snapshot.staff_id, sealed, self._token)
        self._bridge.submit(command, self._on_pin_changed, self._on_pin_refused)

    def _on_pin_changed(self, receipt: Receipt) -> None:
        self.begin()
        self.prove.tell(f"The new PIN holds. {recorded_words(receipt)}")

    def _on_pin_refused(self, why: str) -> None:
        self.begin()
        self.prove.fail(f"Not recorded: {why}")
