"""The newest visits as keys: whoever calls in without being on the work list is found here."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from exomonitor.engine.snapshot import Snapshot
from ui.presenters.followup import recent_visits
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, label, set_text


class RecentCard(Card):
    """`wanted` names the visit."""

    wanted = Signal(str)

    def __init__(self, theme: Theme, rows: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Latest visits: a patient calls, or a next dose is to be booked", parent=parent)
        self._visits: list[str] = []
        self._keys: list[BigButton] = []
        self._shown: tuple[tuple[str, str, str], ...] | None = None
        for place in range(rows):
            key = BigButton(theme, "", kind=Kind.QUIET, pixels=16, height=54)
            key.clicked.connect(lambda _=False, row=place: self.wanted.emit(self._visits[row]))
            self._keys.append(key)
            self.body.addWidget(key)
        self._none = label(theme, "", 17, MEDIUM, role="dim", wrap=True)
        self.body.addWidget(self._none)
        self.body.addStretch(1)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The newest first."""
        found = recent_visits(
            snapshot.registry, snapshot.now.utc, names=bool(snapshot.staff_id), most=len(self._keys)
        )  # fmt: skip
        if found == self._shown:
            return
        self._shown = found
        self._visits = [visit for visit, _, _ in found]
        for place, key in enumerate(self._keys):
            key.setVisible(place < len(found))
            if place < len(found):
                key.set_text(found[place][1])
                key.set_below(found[place][2])
        set_text(self._none, "" if found else "No infusion has ended yet.")
