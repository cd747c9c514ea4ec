"""One link on the Devices page: its state in a word, everything that was counted, and what its catalogue entry says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import QGridLayout, QWidget

from exomonitor.engine.ports import DeviceChoice
from exomonitor.engine.snapshot import Snapshot
from ui.pages.device_links import link_of, link_rows, state_words
from ui.pages.prepare.device_words import facts
from ui.presenters.devices import choice_of, is_wrong
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.text import BOLD, MEDIUM, Elided, Fitted, label, set_text

_PLACES = ((0, 0, 3), (1, 0, 3), (2, 0, 3), (3, 0, 1), (4, 0, 3), (5, 0, 3), (3, 1, 1), (6, 0, 3), (7, 0, 3))
"""(line, side, columns) of each row: two short ones share a line; what counts by reason or in words has a whole one."""
_ROWS_WHEN_WRONG = 4


class LinkCard(Card):
    """One role of this chair."""

    def __init__(self, theme: Theme, role: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, f"{role.capitalize()} link", parent=parent)
        self._role = role
        self._catalogue: tuple[DeviceChoice, ...] = ()
        self._state = label(theme, "", 20, BOLD)
        self.body.addWidget(self._state)
        self._rows = []
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(2))
        for line, side, span in _PLACES:
            name, words = label(theme, "", 14, role="dim"), Elided(theme, "", 15, MEDIUM, shrink_to=12)
            name.setFixedWidth(theme.px(88))
            grid.addWidget(name, line, 2 * side)
            grid.addWidget(words, line, 2 * side + 1, 1, span)
            self._rows.append((name, words))
        for column in (1, 3):
            grid.setColumnStretch(column, 1)
        self.body.addLayout(grid)
        self.facts = Fitted(theme, 14, 12, MEDIUM)
        self.body.addWidget(self.facts, 1)

    def set_catalogue(self, catalogue: Sequence[DeviceChoice]) -> None:
        """What is known of every device before a cable is plugged in."""
        self._catalogue = tuple(catalogue)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the card up to date."""
        link = link_of(snapshot, self._role)
        set_text(self._state, state_words(link))
        rows = link_rows(link, self._catalogue)
        wrong = link is not None and is_wrong(link.change)
        rest = rows[_ROWS_WHEN_WRONG:] if wrong else ()  # the question above needs the room: they stand in small print
        rows = rows[: len(rows) - len(rest)]
        for place, (name, words) in enumerate(self._rows):
            there = place < len(rows)
            set_text(name, rows[place][0] if there else "")
            set_text(words, rows[place][1] if there else "")
            name.setVisible(there)
            words.setVisible(there)
        if rest:
            self.facts.set_text(" · ".join(f"{name}: {words}" for name, words in rest))
            return
        choice = choice_of(self._catalogue, link.key) if link is not None else None
        if choice is None:
            self.facts.set_text("")
            return
        # How to connect it, and what our reading of it rests on, is said where it is chosen: here both cost legibility.
        shown = replace(choice, connect_note="", averaging="", evidence=())
        told = (line for line in facts(shown) if not line.startswith("Evidence"))
        self.facts.set_text("\n".join((f"{choice.grade.capitalize()} grade", *told)))
