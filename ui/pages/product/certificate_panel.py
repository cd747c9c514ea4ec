"""The certificate of analysis, line by line, judged while it is put in."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from exomonitor.clinical.certificate import Certificate, CertificateCheck, CertificateTable, check_certificate
from exomonitor.clinical.product import Source
from exomonitor.session.plan import SourceCell
from ui.pages.product.certificate_rows import CertificateLine, NumberField, certificate_of
from ui.theme import Theme
from ui.widgets.entry import TextEntry
from ui.widgets.text import MEDIUM, label, set_text

_EMPTY = Certificate()
_SHORTEST_REASON = 5


class CertificatePanel(QWidget):
    """Two columns of lines; below them what they come to together."""

    edited = Signal()

    def __init__(self, theme: Theme, table: CertificateTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._cell: SourceCell | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(14))
        grid.setVerticalSpacing(theme.px(8))
        self.lines = [CertificateLine(theme, row, table) for row in table.line]
        half = (len(self.lines) + 1) // 2
        for place, line in enumerate(self.lines):
            line.edited.connect(self._on_edited)
            grid.addWidget(line, place % half, place // half)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addStretch(1)
        self._summary = label(theme, "", 15, MEDIUM, wrap=True)
        column.addWidget(self._summary)
        self.reason = TextEntry(theme, "Entered again: why (at least 5 characters)", compact=True)
        self.reason.setVisible(False)
        column.addWidget(self.reason)
        self.show_certificate(None, None)

    def line(self, key: str) -> CertificateLine:
        """The line of one test."""
        return next(line for line in self.lines if line.rule.key == key)

    def show_certificate(self, certificate: Certificate | None, cell: SourceCell | None) -> None:
        """As recorded; None = an empty sheet."""
        self._cell = cell
        self.reason.set_text("")
        self.reason.setVisible(certificate is not None)
        for line in self.lines:
            line.put(certificate or _EMPTY)
        self._judge()

    def use_cell(self, cell: SourceCell | None) -> None:
        """The label says what the exosomes come from: the certificate must say the same."""
        self._cell = cell
        self._judge()

    def certificate(self) -> Certificate:
        """What the sheet says now."""
        return certificate_of(self.lines)

    def is_readable(self) -> bool:
        """Whether every number that was typed can be read, and a correction has its reason."""
        fields = [line.field for line in self.lines if isinstance(line.field, NumberField)]
        wrong = [field for field in fields if not field.entry.check()]  # all of them say so, not the first alone
        owed = self.is_again() and len(self.reason.text()) < _SHORTEST_REASON
        self.reason.show_error("A reason is needed" if owed else "")
        if owed:
            self.reason.setFocus()
        return not wrong and not owed

    def is_again(self) -> bool:
        """Whether the lot has a certificate already, so that this one corrects it."""
        return self.reason.isVisibleTo(self)

    def summary(self) -> str:
        """What the lines come to together."""
        return self._summary.text()

    def _on_edited(self) -> None:
        self._judge()
        self.edited.emit()

    def _judge(self) -> None:
        ordered = Source(self._cell.value) if self._cell is not None else Source.MSC
        check = check_certificate(self.certificate(), ordered, self._table)
        for line, judged in zip(self.lines, check.lines, strict=True):
            line.show_line(judged)
        set_text(self._summary, _in_words(check))


def _in_words(check: CertificateCheck) -> str:
    if check.blocking:
        word = "The lot goes into quarantine" if check.quarantine else "The lot cannot be released yet"
        return f"{word}: {', '.join(line.name for line in check.blocking)}"
    if check.need_reason:
        names = ", ".join(line.name for line in check.need_reason)
        return f"Nothing blocks the release. A reason will be asked for: {names}"
    return "Nothing blocks the release"
