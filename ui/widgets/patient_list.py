"""A list of patients that narrows while one types, and takes a wristband or an MRN with Enter."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from exomonitor.registry.patients import PatientRecord, with_wristband
from ui.presenters.patients import PatientLine, lines_of, matching
from ui.theme import Theme
from ui.widgets.entry import TextEntry
from ui.widgets.text import label, set_text

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


class PatientModel(QAbstractListModel):
    """The lines that match what was typed."""

    def __init__(self, row_height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[PatientLine, ...] = ()
        self._size = QSize(0, row_height)

    def put(self, lines: tuple[PatientLine, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """How many."""
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | QSize | None:
        """Name above, date of birth and MRN below."""
        if role == Qt.ItemDataRole.SizeHintRole:
            return self._size
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        line = self.lines[index.row()]
        return f"{line.name}\n{line.below}"


class PatientList(QWidget):
    """Says who was picked, or which code nobody has. The index is made once for each state of the record."""

    picked = Signal(str)
    unknown = Signal(str)

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._patients: Mapping[str, PatientRecord] = {}
        self._lines: tuple[PatientLine, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self.search = TextEntry(theme, title)
        self.search.edited.connect(lambda _: self._narrow())
        self.search.confirmed.connect(self._enter)
        column.addWidget(self.search)
        self.model = PatientModel(theme.px(50), self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setFont(theme.font(15))
        self.list.setAccessibleName("Patients")
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.clicked.connect(self._pick)
        self.list.activated.connect(self._pick)
        column.addWidget(self.list, 1)
        self._said = label(theme, "", 14, role="dim", wrap=True)
        column.addWidget(self._said)
        self.setFocusProxy(self.search)

    def show_patients(self, patients: Mapping[str, PatientRecord]) -> None:
        """Follow the record; nothing is done where it has not changed."""
        if patients is self._patients:
            return
        self._patients, self._lines = patients, lines_of(patients)
        self._narrow()

    def clear(self) -> None:
        """Forget what was typed."""
        self.search.set_text("")
        self._narrow()

    def take_code(self, code: str) -> None:
        """A wristband or an MRN, scanned or typed."""
        found = with_wristband(self._patients, code)
        if len(found) == 1:
            self.picked.emit(found[0].id)
        else:
            self.unknown.emit(code)

    def _narrow(self) -> None:
        found = matching(self._lines, self.search.text())
        self.model.put(found)
        words = f"{len(found)} of {len(self._lines)} patients" if self._lines else "No patient is registered yet"
        set_text(self._said, words)

    def _enter(self) -> None:
        typed = self.search.text()
        if not typed:
            return
        if with_wristband(self._patients, typed):
            self.take_code(typed)
        elif len(self.model.lines) == 1:
            self.picked.emit(self.model.lines[0].id)
        elif self.model.lines:
            self.list.setFocus()
            self.list.setCurrentIndex(self.model.index(0))
        else:
            self.unknown.emit(typed)

    def _pick(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self.model.lines):
            self.picked.emit(self.model.lines[index.row()].id)
