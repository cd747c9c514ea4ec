"""The IV comes out: whole, bleeding stopped, how the site looks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.parts import leaving_events as lv
from ui.bridge import Bridge
from ui.presenters.leaving import LeavingView
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import TextEntry
from ui.widgets.form import Form
from ui.widgets.rows import row_of
from ui.widgets.text import MEDIUM, label, set_text

_CATHETERS = ((lv.WHOLE, "Catheter whole"), (lv.NOT_WHOLE, "NOT whole"), (lv.STAYS, "Stays in (port, PICC)"))
_BLEEDING = (("yes", "Bleeding stopped"), ("no", "Still bleeding"))
_SCORES = tuple((str(score), str(score)) for score in range(5))


class IvForm(Form):
    """Records the removal now; what is recorded is shown, and corrected with a reason."""

    draft_name = "iv"

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, "IV removal", "Record: IV out now", parent=parent)
        self._chair, self._by = chair, ""
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self._known = label(theme, "", 16, MEDIUM, wrap=True)
        column.addWidget(self._known)
        self.catheter = Choice(theme, _CATHETERS, height=58)
        self.bleeding = Choice(theme, _BLEEDING, height=58)
        self.score = Choice(theme, _SCORES, height=58, pixels=20)
        for choice in (self.catheter, self.bleeding, self.score):
            choice.chosen.connect(lambda _: self._sync_fields())
        column.addWidget(self.catheter)
        column.addWidget(self.bleeding)
        column.addWidget(label(theme, "IV site: phlebitis score now", 14, role="dim"))
        column.addWidget(self.score)
        self.text = TextEntry(theme, "Words (may stay empty)")
        self.reason = TextEntry(theme, "Why corrected")
        for entry in (self.text, self.reason):
            entry.edited.connect(lambda _: self.changed())
            entry.confirmed.connect(self.save)
        column.addWidget(row_of(theme, self.text, self.reason))
        column.addStretch(1)
        self.setFocusProxy(self.catheter.first())
        self._recorded = False
        self._sync_fields()

    def show_view(self, snapshot: Snapshot, view: LeavingView) -> None:
        """What is recorded already."""
        self._by = snapshot.staff_id
        self._recorded = bool(view.iv)
        set_text(self._known, view.iv)
        self._known.setVisible(self._recorded)
        self.reason.setVisible(self._recorded)
        self.set_heading("IV removal: correct what is recorded" if self._recorded else "IV removal")

    def _sync_fields(self) -> None:
        stays, broken = self.catheter.value() == lv.STAYS, self.catheter.value() == lv.NOT_WHOLE
        self.bleeding.setVisible(not stays)
        self.text.set_title("What is missing, and who was told" if broken else "Words (may stay empty)")
        self.changed()

    def missing(self) -> Sequence[str]:
        """Catheter and bleeding are said; a piece that is missing is described; a correction has its reason."""
        catheter = self.catheter.value()
        asked = {
            "catheter": not catheter,
            "bleeding": catheter != lv.STAYS and not self.bleeding.value(),
            "what is missing": catheter == lv.NOT_WHOLE and not self.text.text(),
            "reason": self._recorded and not self.reason.text(),
        }
        return tuple(name for name, is_open in asked.items() if is_open)

    def commands(self) -> Sequence[Command]:
        """One statement."""
        catheter, score = self.catheter.value(), self.score.value()
        stopped = catheter == lv.STAYS or self.bleeding.value() == "yes"
        return (
            lv.RecordIvRemoval(
                self._chair, self._by, catheter, stopped, int(score) if score else None, text=self.text.text(),
                reason=self.reason.text() if self._recorded else "",
            ),
        )  # fmt: skip

    def clear(self) -> None:
        """Nothing chosen."""
        for choice in (self.catheter, self.bleeding, self.score):
            choice.set_value("")
        for entry in (self.text, self.reason):
            entry.set_text("")
        self._sync_fields()
