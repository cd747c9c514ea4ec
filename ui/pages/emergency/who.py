"""Who did it: asked afterwards, of entries that were made without a sign-in."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.emergency_events import AttributeActions
from ui.bridge import Bridge
from ui.pages.emergency.drug import TOUCH_15_MM
from ui.presenters.emergency import emergency_of, mine_words, unnamed_words
from ui.presenters.words import hms
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import SEMIBOLD, label, set_role, set_text

LINES = 9


class WhoPanel(Card):
    """Lists the entries without a name; whoever is signed in takes them as theirs. closed() to go back."""

    closed = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._bedside, self._bridge = bedside, bridge
        self._snapshot = bedside.latest()
        self._heading = label(theme, "", 18, SEMIBOLD)
        self._list = label(theme, "", 14, wrap=True)
        self._hint = label(theme, "", 14, role="dim", wrap=True)
        self.mine_key = BigButton(theme, "", kind=Kind.PRIMARY, pixels=16, height=TOUCH_15_MM)
        self.back_key = BigButton(theme, "Back", kind=Kind.QUIET, pixels=16, height=TOUCH_15_MM)
        self.mine_key.clicked.connect(self._take)
        self.back_key.clicked.connect(self.closed)
        self.body.addWidget(self._heading)
        self.body.addWidget(self._list)
        self.body.addStretch(1)
        self.body.addWidget(self._hint)
        self.body.addWidget(self.mine_key)
        self.body.addWidget(self.back_key)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the list up to date."""
        self._snapshot = snapshot
        waiting = emergency_of(snapshot.session).unattributed
        set_text(self._heading, unnamed_words(snapshot.session) or "Every entry has a name")
        told = [f"{hms(one.at)}  {sentence(one.event)}" for one in snapshot.log if one.seq in waiting]
        unseen = len(waiting) - len(told[:LINES])
        more = [f"and {unseen} more, on the History page"] if unseen > 0 else []
        set_text(self._list, "\n".join((*told[:LINES], *more)))
        set_role(self._hint, "dim")
        set_text(
            self._hint,
            "The entries keep their mark “unnamed”; the name stands beside them. Somebody else signs in first."
            if snapshot.staff
            else "Sign in first: the name in the header.",
        )
        self.mine_key.set_text(mine_words(len(waiting), snapshot.staff) if snapshot.staff else "Nobody is signed in")
        self.mine_key.setEnabled(bool(waiting) and bool(snapshot.staff_id))

    def _take(self) -> None:
        waiting = emergency_of(self._snapshot.session).unattributed
        command = AttributeActions(self._bedside.chair, self._snapshot.staff_id, waiting)
        self._bridge.submit(command, self._on_recorded, self._on_refused)

    def _on_recorded(self, receipt: Receipt) -> None:
        set_text(self._hint, recorded_words(receipt))
        self.closed.emit()

    def _on_refused(self, why: str) -> None:
        set_text(self._hint, f"Not recorded: {why}")
        set_role(self._hint, "error")
