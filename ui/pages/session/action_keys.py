"""The keys of a running session that are always at the bottom right: Reaction, More, and what was done at the pump."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.phases import Phase
from ui.presenters.pump import still_runs
from ui.presenters.words import hms
from ui.theme import Theme
from ui.widgets.keys import BigButton, Kind


class ActionKeys(QWidget):
    """What they say follows the session; what they do is the page's."""

    reaction_wanted = Signal()
    more_wanted = Signal()
    pump_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self.reaction = BigButton(theme, "✚ Reaction", "F8", Kind.REACTION, pixels=22, height=80)
        self.more = BigButton(theme, "More", "F6", height=60)
        self.pump = BigButton(theme, "Record: stopped at pump", "F9", height=60, pixels=15)
        # F8 presses it from everywhere; a focus that lands there by accident would let the next Space stamp a reaction.
        self.reaction.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.reaction.clicked.connect(self.reaction_wanted)
        self.more.clicked.connect(self.more_wanted)
        self.pump.clicked.connect(self.pump_wanted)
        column.addWidget(self.reaction)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.more, 2)
        row.addWidget(self.pump, 5)
        column.addLayout(row)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Since when a reaction is open; what is to be said about the pump."""
        session = snapshot.session
        reaction = session.open_reaction if session is not None else None
        self.reaction.set_text("✚ Reaction open" if reaction is not None else "✚ Reaction")
        self.reaction.set_below(f"since {hms(reaction.when)}" if reaction is not None else "")
        self.pump.set_text(still_runs(snapshot) or _pump_key_text(snapshot))


def _pump_key_text(snapshot: Snapshot) -> str:
    session = snapshot.session
    if session is not None and session.product_end is not None and session.flush is None:
        return "Record the flush"
    if session is not None and session.phase is Phase.OBSERVE:
        return "IV out, discharge"
    return "Record: stopped at pump"
