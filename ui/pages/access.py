"""Settings, Who saw what: looks at names, exports, wrong PINs, overrides, sign-ins; for an administrator."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.access_log import ACCESS, Access, accesses, searched
from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts.trust import ACCESS_LOG, ViewRecord
from ui.bridge import Bridge
from ui.presenters import access as words
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton
from ui.widgets.text import MEDIUM, label, set_text
from ui.widgets.word_table import WordTable, word_table


class AccessPage(QWidget):
    """Looking at it is an entry of its own, made before anything is shown."""

    back_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge = bedside, bridge
        self._snapshot = bedside.latest()
        self._found: tuple[Access, ...] = ()
        self._by = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(10), theme.px(10), theme.px(10), theme.px(10))
        card = Card(theme, "Who saw what")
        column.addWidget(card)
        self.kind = Choice(theme, words.KINDS, height=52)
        self.kind.set_value("")
        self.kind.chosen.connect(lambda _: self._fill())
        self.patient = TextEntry(theme, "Patient: name, MRN or study id", pixels=16, compact=True)
        self.person = TextEntry(theme, "Person: name", pixels=16, compact=True)
        filters = QHBoxLayout()
        filters.setSpacing(theme.px(8))
        for entry in (self.patient, self.person):
            entry.edited.connect(lambda _: self._fill())
            filters.addWidget(entry, 1)
        self.model = WordTable(words.COLUMNS, self)
        self.table = word_table(theme, self.model, wide=2)
        self.said = label(theme, "", 15, MEDIUM, wrap=True)
        self.back_key = BigButton(theme, "Back", "Esc", height=58)
        self.again_key = BigButton(theme, "Look again", height=58)
        self.back_key.clicked.connect(self.back_wanted)
        self.again_key.clicked.connect(self.look)
        below = QHBoxLayout()
        below.setSpacing(theme.px(8))
        below.addWidget(self.back_key, 1)
        below.addWidget(self.again_key, 1)
        below.addWidget(self.said, 3)
        card.body.addWidget(self.kind)
        card.body.addLayout(filters)
        card.body.addWidget(self.table, 1)
        card.body.addLayout(below)
        self.setFocusProxy(self.patient)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Whoever comes next looks for themselves."""
        self._snapshot = snapshot
        if snapshot.staff_id != self._by:
            self._by = snapshot.staff_id
            self._found = ()
            self._fill()
            self.look()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The page comes to the front."""
        super().focusInEvent(event)
        self.patient.setFocus()

    def look(self) -> None:
        """Read it anew."""
        command = ViewRecord(self._bedside.chair, self._snapshot.staff_id, ACCESS_LOG)
        archive = self._bedside.archive

        def read() -> tuple[Access, ...]:
            return tuple(accesses(archive.registry_entries(ACCESS), archive.staff()))[::-1]

        self._bridge.submit(command, lambda _: self._bridge.run(read, self._show, self._say), self._refused)

    def _show(self, found: Sequence[Access]) -> None:
        self._found = tuple(found)
        self._fill()

    def _refused(self, why: str) -> None:
        self._found = ()
        self.model.put(())
        self._say(f"Not shown: {why}")

    def _fill(self) -> None:
        registry = self._snapshot.registry
        found = list(
            searched(
                self._found,
                registry,
                kind=self.kind.value(),
                person=self.person.text(),
                patient=self.patient.text(),
            )
        )
        self.model.put([words.cells(one, registry) for one in found[: words.MOST]])
        self._say(words.counted(len(found)))

    def _say(self, text: str) -> None:
        set_text(self.said, text)
