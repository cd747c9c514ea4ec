"""A person signs: choose the name or scan the badge, then the PIN; what comes out is a proof for one command.

    panel = ProvePanel(theme, bedside, bridge, (VERIFIER,), "I have checked this bag", but=first_person)
    panel.proven.connect(lambda token, name: ...)   # put `token` into the command's `proof`; good for two minutes, once
    panel.closed.connect(...)                       # Back (Esc): nobody signed
    panel.open()                                    # forget what was typed, offer the people as they are now

`roles`: whoever holds one of them is offered; () = everybody. `but`: a user id that is not offered, for what two people
must do. The panel lays itself out in any place of about 560 x 420 (of the 1366x768 layout) and never blocks anything.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.situation import Proof
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import User, active, find
from ui.bridge import Bridge
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton
from ui.widgets.people_tiles import PeopleTiles
from ui.widgets.pin_pad import PinPad
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_role, set_text

_BADGES = {"badge", "unknown"}
UNKNOWN_BADGE = "This badge is not known here: choose the name"


class ProvePanel(Card):
    """proven(token, name): this person has just shown who they are. closed: they went back."""

    proven = Signal(str, str)
    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        bedside: Bedside,
        bridge: Bridge,
        roles: tuple[str, ...],
        meaning: str,
        *,
        but: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent=parent)
        self._bedside, self._bridge, self.roles = bedside, bridge, roles
        self.but = but
        self._login = ""
        self._busy = False
        self._round = 0
        self._meaning = label(theme, meaning, 19, SEMIBOLD, wrap=True)
        self.body.addWidget(self._meaning)
        self._status = label(theme, "", 16, MEDIUM, wrap=True)
        self.body.addWidget(self._status)
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        self.people = PeopleTiles(theme)
        self.people.chosen.connect(self._on_chosen)
        left = QVBoxLayout()
        left.addWidget(self.people, 1)
        self.back_key = BigButton(theme, "Back", "Esc", height=58)
        self.back_key.clicked.connect(self.leave)
        left.addWidget(self.back_key)
        row.addLayout(left, 1)
        self.pad = PinPad(theme)
        self.pad.entered.connect(self.prove)
        row.addWidget(self.pad, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row, 1)
        self.note = ""
        """What whoever proved last should be told."""
        bridge.snapshot.connect(self.show_snapshot)
        bridge.scanned.connect(self.on_scanned)
        self._offer(bedside.latest())
        self._ask()

    # --- what the page around it says --------------------------------------------------------------------------------

    def open(self) -> None:
        """Begin anew: nobody is chosen (but where only one person can sign), and no PIN is typed."""
        self._round += 1
        self._login, self._busy = "", False
        self.people.set_value("")
        self.pad.clear()
        self._offer(self._bedside.latest())
        self._ask()

    def set_meaning(self, text: str) -> None:
        """What the signature says."""
        set_text(self._meaning, text)

    def choose(self, user: str) -> None:
        """Offer this person's PIN first; nothing where they are not among those who may sign."""
        if user and any(one.id == user for one in self._offered(self._bedside.latest())):
            self.people.set_value(user)
            self._login = user
            self._ask()

    def show_back(self, wanted: bool) -> None:
        """Whether there is a way back."""
        self.back_key.setVisible(wanted)

    def status(self) -> str:
        """What the line under the title says."""
        return self._status.text()

    def tell(self, text: str) -> None:
        """Say something that is no failure."""
        self._say(text)

    def fail(self, why: str) -> None:
        """The command that carried the proof was refused: say why and let them try again."""
        self._busy = False
        self._say(why, wrong=True)

    # --- what people do ----------------------------------------------------------------------------------------------

    def on_scanned(self, kind: str, content: str) -> None:
        """A badge names its owner while the panel is in sight; the PIN is still asked for."""
        if kind not in _BADGES or not self.isVisible() or self._busy:
            return
        user = find(self._offered(self._bedside.latest()), "", self._bedside.badge_digest(content))
        if user is None:
            self._say(UNKNOWN_BADGE, wrong=True)
            return
        self.people.set_value(user.id)
        self._login = content
        self._say(f"{user.name}: PIN")
        self.pad.setFocus()

    def leave(self) -> None:
        """Back: an answer that is still on its way concerns nobody any more."""
        self._round += 1
        self._busy = False
        self.pad.clear()
        self.closed.emit()

    def prove(self, pin: str) -> None:
        """Check the PIN of whoever is chosen, away from this thread."""
        if self._busy:
            return
        if not self._login:
            self._say("Choose the name or scan the badge first", wrong=True)
            return
        self._busy = True
        self._say("Checking ...")
        turn = self._round
        self._bridge.follow(
            self._bedside.prove(self._login, pin),
            lambda proof: self._on_proof(turn, proof),
            lambda why: self._on_refused(turn, why),
        )

    def _on_chosen(self, user: str) -> None:
        self._login = user
        self._say(f"{self._name(user)}: PIN")
        self.pad.clear()
        self.pad.setFocus()

    def _on_proof(self, turn: int, proof: Proof) -> None:
        if turn != self._round:
            return
        self._busy = False
        name = self._name(proof.user)
        self._say(f"{name} signed")
        self.note = proof.note
        self.proven.emit(proof.token, name)

    def _on_refused(self, turn: int, why: str) -> None:
        if turn != self._round:
            return
        self._busy = False
        self._say(why, wrong=True)
        self.pad.setFocus()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """In sight: the people as they are now, the keyboard where it is needed next."""
        super().showEvent(event)
        self._offer(self._bedside.latest())
        self._ask()
        self.focus_first()

    def focus_first(self) -> None:
        """The PIN where it is clear whose; else the first person."""
        (self.pad if self._login else self.people.first()).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back; Enter stays here: no form around it takes it for its own."""
        if event.key() == Qt.Key.Key_Escape and self.back_key.isVisible():
            self.leave()
        elif event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is handed on to where it is needed."""
        super().focusInEvent(event)
        self.focus_first()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The people as they are now."""
        if self.isVisible():
            self._offer(snapshot)

    def _offered(self, snapshot: Snapshot) -> tuple[User, ...]:
        people = active(snapshot.registry.users)
        return tuple(
            one for one in people if one.id != self.but and (not self.roles or set(one.roles) & set(self.roles))
        )

    def _offer(self, snapshot: Snapshot) -> None:
        offered = self._offered(snapshot)
        self.people.show_people(offered, simulated=snapshot.simulated)
        if len(offered) == 1 and not self._login:
            self._login = offered[0].id
            self.people.set_value(self._login)

    def _ask(self) -> None:
        if self._busy:
            return
        if self._login:
            self._say(f"{self._name(self._login)}: PIN")
        elif not self._offered(self._bedside.latest()):
            who = " or ".join(self.roles) or "person"
            self._say(f"No {who} is in the list of people (Settings, People)", wrong=True)
        else:
            self._say("Choose the name or scan the badge, then the PIN")

    def _name(self, user: str) -> str:
        known = self._bedside.latest().registry.users.get(user)
        return known.name if known is not None else self.people_name()

    def people_name(self) -> str:
        """The name of whoever is marked, or "" where a badge is not known."""
        known = self._bedside.latest().registry.users.get(self.people.value())
        return known.name if known is not None else ""

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
