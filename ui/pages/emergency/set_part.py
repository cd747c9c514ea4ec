"""Vital signs in the record of an emergency: no schedule, no infusion site, no answer that must be given."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from exomonitor.engine.bedside import Bedside
from ui.bridge import Bridge
from ui.pages.observation.page import ObservationPage
from ui.theme import Theme


class EmergencySet(ObservationPage):
    """A set of its own each time; one number is enough to save it."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme) -> None:
        super().__init__(bedside, bridge, theme)
        row = self.site.parentWidget()
        assert row is not None
        row.hide()
        self._heading.hide()  # no set of a schedule has a name to say, and the head of the page takes its room
        column = self.answers.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(column.count() - 1, self.values.counter)

    def is_complete(self) -> bool:
        """Whether anything at all is there to save."""
        answers = (self.consciousness, self.oxygen, self.symptoms)
        return bool(self.values.given()) or any(choice.value() for choice in answers)

    def _open_answers(self) -> list[str]:
        return []

    def _sync(self) -> None:
        super()._sync()
        self._other.hide()
        if self.save_key.isVisibleTo(self):
            self.save_key.set_text("Save what is here")
