"""Settings, Backups: which there are, what one holds, make one now; put one in place at the next start."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from exomonitor.engine.backup_port import BackupFile, BackupLook
from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from ui.bridge import Bridge
from ui.presenters import backups as words
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_role, set_text
from ui.widgets.word_table import WordTable, word_table


class BackupsPage(QWidget):
    """The list at the left; what the chosen one holds, and what is done with it, at the right."""

    back_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._desk, self._bridge = bedside.backup_desk, bridge
        self._snapshot = bedside.latest()
        self._files: tuple[BackupFile, ...] = ()
        self._look: BackupLook | None = None
        self._busy, self._asked = False, Path()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(10), theme.px(10), theme.px(10))
        row.setSpacing(theme.px(10))
        row.addWidget(self._make_list(theme), 6)
        row.addWidget(self._make_right(theme), 5)
        self.look()

    def _make_list(self, theme: Theme) -> QWidget:
        card = Card(theme, "Backups beside the record")
        self.model = WordTable(words.COLUMNS, self)
        self.table = word_table(theme, self.model, wide=2)
        self.table.selectionModel().selectionChanged.connect(self._on_selected)
        card.body.addWidget(self.table, 1)
        self.path = TextEntry(theme, "Or the path of a backup elsewhere", pixels=16, compact=True)
        self.path.confirmed.connect(self._on_path)
        card.body.addWidget(self.path)
        self.back_key = BigButton(theme, "Back", "Esc", height=58)
        self.make_key = BigButton(theme, "Make a backup now", height=58)
        self.back_key.clicked.connect(self.back_wanted)
        self.make_key.clicked.connect(self.make)
        keys = QHBoxLayout()
        keys.setSpacing(theme.px(8))
        keys.addWidget(self.back_key, 1)
        keys.addWidget(self.make_key, 2)
        card.body.addLayout(keys)
        self.setFocusProxy(self.table)
        return card

    def _make_right(self, theme: Theme) -> QWidget:
        card = Card(theme, "Restore")
        self.name = label(theme, "", 16, SEMIBOLD, wrap=True)
        self.held = label(theme, words.CHOOSE, 16, MEDIUM, wrap=True)
        self.why = label(theme, "", 16, wrap=True)
        self.said = label(theme, "", 16, MEDIUM, wrap=True)
        for line in (self.name, self.held, self.why):
            card.body.addWidget(line)
        card.body.addStretch(1)
        card.body.addWidget(self.said)
        self.restore_key = BigButton(theme, "Put it in place at the next start", kind=Kind.PRIMARY, height=58)
        self.forget_key = BigButton(theme, "Put none in place", height=58)
        self.restore_key.clicked.connect(self.restore)
        self.forget_key.clicked.connect(self.forget)
        card.body.addWidget(self.restore_key)
        card.body.addWidget(self.forget_key)
        return card

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Who is at work, and whether a session is open."""
        self._snapshot = snapshot
        self._sync()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The page comes to the front."""
        super().focusInEvent(event)
        self.look()
        self.table.setFocus()

    def look(self) -> None:
        """Read the list anew."""
        if self._desk is None:
            self._say(words.ELSEWHERE)
            self._sync()
            return
        self._bridge.run(self._desk.kept, self._fill, self._failed)
        if self._desk.told:
            self._say(self._desk.told)

    def _fill(self, files: tuple[BackupFile, ...]) -> None:
        self._files = files
        self.model.put([words.cells(file) for file in files])
        if not files and not self.said.text():
            self._say(words.NONE)
        self._sync()

    def _on_selected(self, *_: object) -> None:
        chosen = self.table.selectionModel().selectedRows()
        if chosen and chosen[0].row() < len(self._files):
            self.open_backup(self._files[chosen[0].row()].path)

    def _on_path(self) -> None:
        if self.path.text():
            self.open_backup(Path(self.path.text()).expanduser())

    def open_backup(self, path: Path) -> None:
        """Open and verify one."""
        if self._desk is None:
            return
        desk, self._look, self._asked = self._desk, None, path
        set_text(self.name, path.name)
        set_text(self.held, words.LOOKING)
        self._say("")
        self._sync()
        self._bridge.run(lambda: desk.look(path), self._show, lambda why: self._not_shown(path, why))

    def _show(self, look: BackupLook) -> None:
        if look.path == self._asked:
            self._look = look
            set_text(self.held, words.held(look))
            self._sync()

    def _not_shown(self, path: Path, why: str) -> None:
        if path == self._asked:
            set_text(self.held, why)

    def _sync(self) -> None:
        why = words.why_not(self._look, self._snapshot)
        set_text(self.why, why if self._look is not None else "")
        there = self._desk is not None and not self._busy
        self.restore_key.setEnabled(there and not why)
        self.make_key.setEnabled(there)
        self.forget_key.setVisible(self._desk is not None and bool(self._desk.planned()))

    # --- what is done ------------------------------------------------------------------------------------------------

    def make(self) -> None:
        """One more backup, in a process of its own."""
        if self._desk is not None and not self._busy:
            desk = self._desk
            self._begin(words.MAKING)
            self._bridge.run(lambda: desk.make(None), self._made, self._failed)

    def restore(self) -> None:
        """Have it put in place when the program begins the next time."""
        if self._desk is not None and self._look is not None and not self._busy:
            desk, chosen, by = self._desk, self._look, self._snapshot.staff_id
            self._begin(words.LOOKING)
            self._bridge.run(lambda: desk.plan(chosen, by), lambda _: self._done(words.NEXT_START), self._failed)

    def forget(self) -> None:
        """None is put in place."""
        if self._desk is not None:
            self._desk.forget()
            self._done("Nothing is put in place at the next start.")

    def _begin(self, text: str) -> None:
        self._busy = True
        self._say(text)
        self._sync()

    def _made(self, text: str) -> None:
        self._done(text)
        self.look()

    def _done(self, text: str) -> None:
        self._busy = False
        self._say(text)
        self._sync()

    def _failed(self, why: str) -> None:
        self._busy = False
        self._say(why, wrong=True)
        self._sync()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self.said, text)
        set_role(self.said, "error" if wrong else "")
