"""The cheat sheet: every key, and what the signs on the screen mean."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, label

KEYS = (
    ("F8", "Reaction: stamps the moment at once; again: emergency page"),
    ("F2", "Acknowledge the alarms"),
    ("F3", "Pause the sound for 2 minutes"),
    ("F4", "All alarms, one under the other; F4 again closes the list"),
    ("F5", "Record an observation set"),
    ("F6", "More: note, patient's words, site, new line, container, what if, take over"),
    ("F7", "Reaction: grade, details, going on, missing names"),
    ("F9", "Record what was done at the pump; in Prepare: start the record"),
    ("F10, F11", "Patient away or back; site or line problem"),
    ("F12", "Who is at work: sign in by name or badge and PIN, take over, cover a break"),
    ("Esc", "One step back"),
    ("Enter", "Save"),
    ("Alt+1, 2 ...", "The places at the left, from the top"),
    ("Tab", "Next field or key"),
    ("F1", "This sheet"),
)
SIGNS = (
    ("--", "There is no value"),
    ("grey, OLD", "The value is not live any more; its age stands below it"),
    ("?", "The monitor itself doubts the value"),
    ("typed, counted", "A person has entered it"),
    ("estimated", "Worked out from rate and time"),
    ("coloured fill", "An active alarm: red high, yellow medium, cyan low"),
    ("coloured frame", "The alarm is acknowledged and still present"),
    ("heart", "Beats while the program works; if it stands still, trust nothing here"),
    ("blue hatch", "Simulated: no person is connected"),
)
RULE = "This program watches and records. It cannot start, stop or change the pump: that is done at the pump."


class HelpPage(QWidget):
    """Two columns: keys and signs."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(16), theme.px(14), theme.px(16), theme.px(14))
        column.setSpacing(theme.px(12))
        row = QHBoxLayout()
        row.setSpacing(theme.px(14))
        row.addWidget(_table(theme, "Keys", KEYS), 1)
        row.addWidget(_table(theme, "Signs", SIGNS), 1)
        column.addLayout(row, 1)
        column.addWidget(label(theme, RULE, 18, SEMIBOLD, wrap=True))


def _table(theme: Theme, title: str, lines: tuple[tuple[str, str], ...]) -> Card:
    card = Card(theme, title)
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(16))
    grid.setVerticalSpacing(theme.px(8))
    grid.setColumnStretch(1, 1)
    for place, (key, words) in enumerate(lines):
        grid.addWidget(label(theme, key, 16, BOLD), place, 0)
        grid.addWidget(label(theme, words, 16, MEDIUM, wrap=True), place, 1)
    card.body.addLayout(grid)
    card.body.addStretch(1)
    return card
