"""The protocol of the clinic: which is in force, what another one would change, and adopting it after a check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clinical.protocol_diff import differences
from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import ADMINISTRATOR
from exomonitor.session.parts.protocol import AdoptProtocol
from ui.bridge import Bridge
from ui.presenters.protocol import (
    COLUMNS,
    FROM_NEXT_START,
    active_rows,
    adopted_words,
    compared_words,
    is_same,
    option_words,
)
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.prove import ProvePanel
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_role, set_text
from ui.widgets.word_table import WordTable, word_table

_NOWHERE = "This computer keeps no protocols: there is no data folder"


class ProtocolPanel(QWidget):
    """closed: back to the settings. Files are read away from the GUI thread; adopting takes an administrator."""

    closed = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._kept: tuple[ClinicProtocol, ...] = ()
        self.other: ClinicProtocol | None = None
        self._by = ""
        self._busy = False
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(10), theme.px(10), theme.px(10))
        row.setSpacing(theme.px(10))
        row.addWidget(self._make_choice(), 2)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_comparison())
        row.addWidget(self._stack, 3)
        self._sync()

    # --- building ----------------------------------------------------------------------------------------------------

    def _make_choice(self) -> QWidget:
        theme = self._theme
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self._make_active())
        ready = Card(theme, "On this computer")
        self.listed = Choice(theme, (), columns=1, pixels=14, height=58)
        self.listed.chosen.connect(self._on_listed)
        area = QScrollArea()
        area.setAccessibleName("Protocols")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        upper = QWidget()
        rows = QVBoxLayout(upper)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.listed)
        rows.addStretch(1)
        area.setWidget(upper)
        ready.body.addWidget(area, 1)
        column.addWidget(ready, 1)
        bring = Card(theme, "Import a file or folder")
        self.path = TextEntry(theme, "Where it lies (a protocol, a table, or a folder of them)", pixels=15)
        self.path.edited.connect(lambda _: self._sync())
        self.path.confirmed.connect(self.check)
        bring.body.addWidget(self.path)
        self.check_key = BigButton(theme, "Check and compare", pixels=15)
        self.check_key.clicked.connect(self.check)
        bring.body.addWidget(self.check_key)
        column.addWidget(bring)
        back = BigButton(theme, "Back to the settings", kind=Kind.QUIET, pixels=15)
        back.clicked.connect(self.closed)
        column.addWidget(back)
        return holder

    def _make_active(self) -> QWidget:
        theme = self._theme
        card = Card(theme, "In force")
        for name, words in active_rows(self._bedside.protocol):
            row = QHBoxLayout()
            title = label(theme, name, 14, role="dim")
            title.setFixedWidth(theme.px(110))
            row.addWidget(title)
            row.addWidget(label(theme, words, 14, MEDIUM, wrap=True), 1)
            card.body.addLayout(row)
        self.adopted = label(theme, "", 14, SEMIBOLD, wrap=True)
        card.body.addWidget(self.adopted)
        return card

    def _make_comparison(self) -> QWidget:
        theme = self._theme
        card = Card(theme, "What it would change")
        self.compared = label(theme, "Choose a protocol at the left, or give a file or folder.", 15, MEDIUM, wrap=True)
        card.body.addWidget(self.compared)
        self.model = WordTable(COLUMNS, self)
        table = word_table(theme, self.model, wide=1, pixels=13)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setWordWrap(True)
        table.setAccessibleName("Fields that differ")
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in range(2, len(COLUMNS)):
            table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        card.body.addWidget(table, 1)
        self.said = label(theme, "", 15, MEDIUM, wrap=True)
        card.body.addWidget(self.said)
        self.adopt_key = BigButton(theme, "Adopt it: an administrator signs", kind=Kind.PRIMARY, height=56)
        self.adopt_key.set_below("in force from the next start on")
        self.adopt_key.clicked.connect(self._prove)
        card.body.addWidget(self.adopt_key)
        return card

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Who is at work, and what has been adopted."""
        self._by = snapshot.staff_id
        words = adopted_words(snapshot.registry.library, self._bedside.protocol)
        set_text(self.adopted, words)
        self.adopted.setVisible(bool(words))

    def look(self) -> None:
        """Read what lies on this computer."""
        store = self._bedside.protocols
        if store is None:
            self._say(_NOWHERE, wrong=True)
            return
        if not self.path.text():
            self.path.set_text(str(store.folder))
        self._bridge.run(store.kept, self._fill, lambda why: self._say(why, wrong=True))

    def _fill(self, kept: Sequence[ClinicProtocol]) -> None:
        self._kept = tuple(kept)
        active = self._bedside.protocol
        self.listed.set_options([(str(n), option_words(one, active)) for n, one in enumerate(self._kept)])
        if not kept:
            self._say("No protocol is kept yet: a copy is made when the first session is opened.")

    def _on_listed(self, code: str) -> None:
        self.compare(self._kept[int(code)])

    def check(self) -> None:
        """Read what was named; a mistake in it is said with file, line and field."""
        store, text = self._bedside.protocols, self.path.text()
        if store is None or not text or self._busy:
            return
        self._busy = True
        self._say("Checking ...")
        self._bridge.run(lambda: store.read(Path(text).expanduser()), self._checked, self._failed)
        self._sync()

    def _checked(self, protocol: ClinicProtocol) -> None:
        self._busy = False
        self.listed.set_value("")
        self.compare(protocol)

    def _failed(self, why: str) -> None:
        self._busy = False
        self.other = None
        self.model.put(())
        set_text(self.compared, "It cannot be used:")
        self._say(why, wrong=True)
        self._sync()

    def compare(self, protocol: ClinicProtocol) -> None:
        """Show what this one would change."""
        self.other = protocol
        found = differences(self._bedside.protocol, protocol)
        self.model.put([(one.file, one.field, one.active, one.other) for one in found])
        set_text(self.compared, compared_words(protocol, found))
        self._say("")
        self._sync()

    def _sync(self) -> None:
        store = self._bedside.protocols
        other, active = self.other, self._bedside.protocol
        self.check_key.setEnabled(store is not None and bool(self.path.text()) and not self._busy)
        ready = other is not None and not is_same(other, active) and not self._busy
        self.adopt_key.setEnabled(store is not None and ready)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self.said, text)
        set_role(self.said, "error" if wrong else "dim")
        self.said.setVisible(bool(text))

    # --- adopting ----------------------------------------------------------------------------------------------------

    def _prove(self) -> None:
        """An administrator signs; the panel takes the place of the table."""
        protocol = self.other
        if protocol is None:
            return
        meaning = f"Adopt {protocol.title}"
        panel = ProvePanel(self._theme, self._bedside, self._bridge, (ADMINISTRATOR,), meaning)
        panel.proven.connect(lambda token, _: self._proven(panel, protocol, token))
        panel.closed.connect(lambda: self._end_proof(panel))
        self._stack.addWidget(panel)
        self._stack.setCurrentWidget(panel)
        panel.setFocus()

    def _end_proof(self, panel: QWidget) -> None:
        self._stack.setCurrentIndex(0)
        self._stack.removeWidget(panel)
        panel.deleteLater()

    def _proven(self, panel: QWidget, protocol: ClinicProtocol, token: str) -> None:
        self._end_proof(panel)
        self.adopt(protocol, token)

    def adopt(self, protocol: ClinicProtocol, proof: str) -> None:
        """Keep a copy, then record the adoption: what is adopted is there."""
        store = self._bedside.protocols
        if store is None:
            return
        self._busy = True
        self._sync()
        command = AdoptProtocol(
            self._bedside.chair,
            self._by,
            protocol.name,
            protocol.version,
            protocol.sha256,
            protocol.rules.sha256,
            proof,
        )
        self._bridge.run(
            lambda: store.keep(protocol),
            lambda _: self._bridge.submit(command, lambda _: self._adopted(protocol), self._not_adopted),
            self._not_adopted,
        )

    def _adopted(self, protocol: ClinicProtocol) -> None:
        self._busy = False
        self._say(f"Adopted: {protocol.title}. {FROM_NEXT_START}")
        self._sync()
        self.look()

    def _not_adopted(self, why: str) -> None:
        self._busy = False
        self._say(f"Not adopted: {why}", wrong=True)
        self._sync()
