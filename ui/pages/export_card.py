"""Exporting one session: formats, folder, de-identified unless a reason is given that goes into the journal."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.exports.manifest import damage_told
from ui.bridge import Bridge
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice, MultiChoice
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, label, set_role, set_text

FORMATS = (("csv", "CSV"), ("json", "JSON"), ("pdf", "PDF"))
_IDENTITY = (("no", "De-identified"), ("yes", "With name ..."))
_LEAST_REASON = 5


def default_folder() -> str:
    """Where people look for documents."""
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or str(Path.home())


class ExportCard(Card):
    """Says `Exported to ...` only when all files are there."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Export this session", parent=parent)
        self._bedside, self._bridge = bedside, bridge
        self._session, self.by = "", ""
        self._busy = False
        choices = QHBoxLayout()
        choices.setSpacing(theme.px(28))  # which files, and apart from that who is named in them
        self.formats = MultiChoice(theme, FORMATS, columns=3, pixels=14, height=44)
        self.formats.set_values([code for code, _ in FORMATS])
        self.formats.changed.connect(self._sync)
        self.identity = Choice(theme, _IDENTITY, pixels=14)
        self.identity.set_value("no")
        self.identity.chosen.connect(lambda _: self._sync())
        choices.addWidget(self.formats, 1)
        choices.addWidget(self.identity, 1)
        self.body.addLayout(choices)
        self.reason = TextEntry(theme, "Why with the name (stands in the journal)", pixels=15)
        self.body.addWidget(self.reason)
        self._make_folder(theme)
        self._status = label(theme, "", 14, MEDIUM, wrap=True)
        self.body.addWidget(self._status)
        self.say("")
        self._sync()

    def _make_folder(self, theme: Theme) -> None:
        row = QHBoxLayout()
        self.folder = TextEntry(theme, "Into the folder", pixels=15)
        self.folder.set_text(default_folder())
        row.addWidget(self.folder, 1)
        choose = BigButton(theme, "Choose ...", pixels=14)
        choose.clicked.connect(self._choose)
        self.export_key = BigButton(theme, "Export", kind=Kind.PRIMARY, pixels=15)
        self.export_key.clicked.connect(self.export)
        row.addWidget(choose)
        row.addWidget(self.export_key)
        self.body.addLayout(row)

    def show_session(self, session: str) -> None:
        """Which session is exported; "" = none."""
        if session != self._session:
            self._session = session
            self.say("")
        self._sync()

    def export(self) -> None:
        """Export with what is chosen."""
        formats = self.formats.values()
        identified = self.identity.value() == "yes"
        if not formats or not self._session or self._busy:
            return
        if identified and len(self.reason.text()) < _LEAST_REASON:
            self.reason.show_error("A reason is needed: it stands in the journal")
            return
        if not self.folder.text():
            self.folder.show_error("A folder is needed")
            return
        self._busy = True
        if self.export_key.hasFocus():
            self.folder.setFocus()  # a key that is disabled hands the keyboard to whatever stands next
        self.say("Exporting ...")
        self._sync()
        reason = self.reason.text() if identified else ""
        future = self._bedside.export(self._session, Path(self.folder.text()), formats, reason, self.by)
        self._bridge.follow(future, self._exported, self._failed)

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line at the bottom."""
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
        self._status.setVisible(bool(text))

    def status(self) -> str:
        """What the line at the bottom says."""
        return self._status.text()

    def _exported(self, folder: Path) -> None:
        self._bridge.run(lambda: damage_told(folder), lambda damaged: self._end(folder, damaged), self._failed)

    def _end(self, folder: Path, damaged: str) -> None:
        self._busy = False
        self.say(f"Exported to {folder}" + (f". {damaged}" if damaged else ""), wrong=bool(damaged))
        self._sync()

    def _failed(self, why: str) -> None:
        self._busy = False
        self.say(f"Not exported: {why}", wrong=True)
        self._sync()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Export into", self.folder.text())
        if chosen:
            self.folder.set_text(chosen)

    def _sync(self) -> None:
        self.reason.setVisible(self.identity.value() == "yes")
        self.export_key.setEnabled(bool(self._session) and bool(self.formats.values()) and not self._busy)
