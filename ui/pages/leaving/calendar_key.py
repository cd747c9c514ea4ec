"""Saves the booked date as a calendar file into the folder for documents."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QHBoxLayout, QWidget

from exomonitor.clock import Instant
from exomonitor.exports.ics import write_calendar
from exomonitor.session.parts.leaving_events import BOOKED, NextDoseDecided
from ui.bridge import Bridge
from ui.theme import Theme
from ui.widgets.keys import BigButton
from ui.widgets.text import Elided, set_role, set_text


class CalendarKey(QWidget):
    """Seen only where a date is booked; says where the file is once it is there."""

    def __init__(self, theme: Theme, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._booked: NextDoseDecided | None = None
        self._now: Instant | None = None
        self.folder = default_folder()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(10))
        self.key = BigButton(theme, "Calendar file (.ics)", height=58)
        self.key.clicked.connect(self.write)
        row.addWidget(self.key)
        self._status = Elided(theme, "", 14, role="dim")
        row.addWidget(self._status, 1)

    def show_booked(self, decided: NextDoseDecided | None, now: Instant) -> None:
        """What is booked now."""
        self._now = now
        booked = decided if decided is not None and decided.decision == BOOKED else None
        if booked != self._booked:
            self._booked = booked
            self._say("")
        self.setVisible(booked is not None)

    def write(self) -> None:
        """Write the file; it names neither the patient nor the treatment."""
        booked, now = self._booked, self._now
        if booked is None or now is None:
            return
        folder = self.folder
        self._bridge.run(
            lambda: write_calendar(booked, folder, now),
            lambda path: self._say(f"Written: {path}"),
            lambda why: self._say(why, wrong=True),
        )

    def status(self) -> str:
        """What is said beside the key."""
        return self._status.text()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")


def default_folder() -> Path:
    """Where people look for documents."""
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(found) if found else Path.home()
