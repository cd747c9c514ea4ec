"""The work list as keys to press: what is overdue first, then what is due, and what the prescriber owes."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from exomonitor.clinical.followup import FollowUpTable
from exomonitor.engine.snapshot import Snapshot
from ui.presenters.followup import WorkView, work_view
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, label, set_text


class WorkCard(Card):
    """`wanted` names the visit, the call ("" = none) and the entry that is to be settled (0 = none)."""

    wanted = Signal(str, str, int)

    def __init__(self, theme: Theme, table: FollowUpTable, rows: int, parent: QWidget | None = None) -> None:
        """rows: how many lines there is room for; the rest is counted."""
        super().__init__(theme, "Follow-up", parent=parent)
        self._table, self._rows = table, rows
        self._keys: list[BigButton] = []
        self._targets: list[tuple[str, str, int]] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.px(6))
        self.body.addLayout(self._column)
        for place in range(rows):
            key = BigButton(theme, "", kind=Kind.QUIET, pixels=15, height=54)
            key.clicked.connect(lambda _=False, row=place: self.wanted.emit(*self._targets[row]))
            self._keys.append(key)
            self._column.addWidget(key)
        self._more = label(theme, "", 14, MEDIUM, role="dim", wrap=True)
        self.body.addWidget(self._more)
        self.body.addStretch(1)
        self._minute: tuple[object, ...] = ()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Once a minute, and when something has changed."""
        minute = (snapshot.now.utc.replace(second=0, microsecond=0), id(snapshot.registry.aftercare), snapshot.staff_id)
        if minute == self._minute:
            return
        self._minute = minute
        view = work_view(snapshot.registry, snapshot.now.utc, self._table, names=bool(snapshot.staff_id))
        self.show_view(view)

    def show_view(self, view: WorkView) -> None:
        """The lines as keys."""
        self.set_remark(view.counted)
        lines = [(f"{t.text}", who, (t.visit, "", t.call_seq)) for t, who in view.tasks if t.call_seq]
        lines += [(f"{line.head}", f"{line.who} · {line.detail}", (line.visit, line.call, 0)) for line in view.lines]
        lines += [(f"{t.text}", who, (t.visit, "", 0)) for t, who in view.tasks if not t.call_seq]
        self._targets = [target for _, _, target in lines]
        for place, key in enumerate(self._keys):
            key.setVisible(place < len(lines))
            if place < len(lines):
                key.set_text(lines[place][0])
                key.set_below(lines[place][1])
        beyond = len(lines) - self._rows
        none = "" if lines else "No call is due. Calls are made 24 h, 48-72 h and 7 days after an infusion."
        set_text(self._more, f"and {beyond} more" if beyond > 0 else none)

    def first(self) -> BigButton | None:
        """Where the keyboard begins."""
        return next((key for key in self._keys if not key.isHidden()), None)
