"""One line of a certificate: what the paper says, put in by keys or a number, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.certificate import (
    Amount,
    Certificate,
    CertificateRow,
    CertificateTable,
    Consequence,
    Line,
    Result,
    Verdict,
)
from exomonitor.clinical.product import Source
from exomonitor.units import Span
from ui.presenters.product import Marked, mark_words, next_mark
from ui.theme import Theme
from ui.widgets.choice import Choice, Options
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import SEMIBOLD, Elided, label, set_role, set_text

_NONE = ("", "Not there")
_RESULTS: Options = (("negative", "Negative"), ("positive", "Positive"), ("pending", "Pending"), _NONE)
_STORAGE: Options = (("no", "No excursion"), ("yes", "Excursion"), _NONE)
_SOURCES: Options = (("MSC", "MSC"), ("dendritic cell", "Dendritic"), _NONE)
_VERDICTS = {
    Verdict.PASS: "✓ pass",
    Verdict.FAIL: "✗ FAIL",
    Verdict.PENDING: "… pending",
    Verdict.MISSING: "not there",
    Verdict.NOTED: "noted",
}
_PROTEIN = Span("Protein", "ug/mL", Decimal(0), Decimal(100000), 6)


class _Field(QWidget):
    """What holds the answer of one line. `edited` comes with every change by a person."""

    edited = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(theme.px(4))


class NumberField(_Field):
    """A number with its unit; `<` where the paper gives only a bound."""

    def __init__(self, theme: Theme, title: str, span: Span, unit: str, *, bound: bool) -> None:
        super().__init__(theme)
        self.entry = NumberEntry(theme, title, span, unit, pixels=17, compact=True)
        self.entry.line.setPlaceholderText("not there")
        self.entry.title_outside()
        self.entry.edited.connect(lambda _: self.edited.emit())
        self.less = BigButton(theme, "<", pixels=18, checkable=True)
        self.less.setAccessibleName(f"{title}: below")
        self.less.setFixedWidth(theme.px(48))
        self.less.clicked.connect(lambda _=False: self.edited.emit())
        self.row.addWidget(self.less)
        self.row.addWidget(self.entry, 1)
        self.less.setVisible(bound)  # in its row: what has no parent would open as a window, and take the keyboard

    def amount(self) -> Amount | None:
        """The number as on the paper; None = not there, or not to be read."""
        number = self.entry.number()
        return None if number is None else Amount(number, self.less.isChecked())

    def put(self, amount: Amount | None) -> None:
        """As recorded."""
        self.entry.set_text("" if amount is None else f"{amount.value.normalize():f}")
        self.less.setChecked(amount is not None and amount.less_than)


class ChoiceField(_Field):
    """One key of several."""

    def __init__(self, theme: Theme, options: Options) -> None:
        super().__init__(theme)
        self.choice = Choice(theme, options, pixels=13)
        self.choice.chosen.connect(lambda _: self.edited.emit())
        self.row.addWidget(self.choice, 1)


class TextField(_Field):
    """Words as on the paper."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(theme)
        self.entry = TextEntry(theme, title, pixels=15, compact=True)
        self.entry.line.setPlaceholderText("not there")
        self.entry.title_outside()
        self.entry.edited.connect(lambda _: self.edited.emit())
        self.row.addWidget(self.entry, 1)


class MarkerField(_Field):
    """A key for each marker: a tap says present, one more says absent, one more says not on the certificate."""

    def __init__(self, theme: Theme, names: Sequence[str]) -> None:
        super().__init__(theme)
        self.marks: dict[str, bool | None] = dict.fromkeys(names)
        self.keys: dict[str, BigButton] = {}
        for name in names:
            key = BigButton(theme, name, kind=Kind.QUIET, pixels=12, checkable=True)
            key.clicked.connect(lambda _=False, marker=name: self._tap(marker))
            self.keys[name] = key
            self.row.addWidget(key, 1)

    def _tap(self, name: str) -> None:
        self.put({**self.marks, name: next_mark(self.marks[name])})
        self.edited.emit()

    def put(self, marks: Marked) -> None:
        """As recorded."""
        for name, key in self.keys.items():
            self.marks[name] = marks.get(name)
            key.set_text(mark_words(name, self.marks[name]))
            key.setChecked(self.marks[name] is not None)

    def seen(self) -> dict[str, bool]:
        """The markers that the paper speaks of."""
        return {name: seen for name, seen in self.marks.items() if seen is not None}


class CertificateLine(QWidget):
    """Name and method at the left, the answer in the middle, what it comes to at the right."""

    edited = Signal()

    def __init__(self, theme: Theme, row: CertificateRow, table: CertificateTable) -> None:
        super().__init__()
        self.rule = row
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(8))
        names = QVBoxLayout()
        names.setSpacing(0)
        self._name = Elided(theme, row.name, 14, SEMIBOLD, shrink_to=11)
        self._below = Elided(theme, row.method, 12, role="dim")
        names.addStretch(1)
        names.addWidget(self._name)
        names.addWidget(self._below)
        names.addStretch(1)
        holder = QWidget()
        holder.setLayout(names)
        holder.setFixedWidth(theme.px(146))
        line.addWidget(holder)
        self.field = _field(theme, row, table)
        self.field.edited.connect(self.edited)
        line.addWidget(self.field, 1)
        self._verdict = label(theme, "", 13, SEMIBOLD)
        self._verdict.setFixedWidth(theme.px(66))
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        line.addWidget(self._verdict)

    def show_line(self, judged: Line) -> None:
        """What the line comes to, with why below its name."""
        stops = judged.consequence in {Consequence.BLOCK, Consequence.QUARANTINE}
        missing = judged.verdict is Verdict.MISSING and stops
        set_text(self._verdict, "needed" if missing else _VERDICTS[judged.verdict])
        set_role(self._verdict, "error" if stops or judged.verdict is Verdict.FAIL else "dim")
        said = judged.verdict not in {Verdict.MISSING, Verdict.NOTED}
        set_text(self._below, judged.why if said else self.rule.method)
        self.setAccessibleName(f"{self.rule.name}: {judged.verdict.value}, {judged.why}")

    def verdict(self) -> str:
        """The word at the right."""
        return self._verdict.text()

    def put(self, certificate: Certificate) -> None:
        """As recorded."""
        key, field = self.rule.key, self.field
        if isinstance(field, NumberField):
            field.put(certificate.numbers.get("protein" if self.rule.rule == "purity" else key))
        elif isinstance(field, MarkerField):
            field.put(certificate.markers)
        elif isinstance(field, TextField):
            field.entry.set_text(certificate.texts.get(key, ""))
        elif isinstance(field, ChoiceField):
            field.choice.set_value(_choice_of(self.rule, certificate))


def _choice_of(row: CertificateRow, certificate: Certificate) -> str:
    if row.rule == "source":
        return certificate.source.value if certificate.source is not None else ""
    if row.rule == "no_excursion":
        return {True: "yes", False: "no", None: ""}[certificate.excursion]
    result = certificate.results.get(row.key)
    return result.value if result is not None else ""


def _field(theme: Theme, row: CertificateRow, table: CertificateTable) -> _Field:
    markers = table.markers
    match row.rule:
        case "negative":
            return ChoiceField(theme, _RESULTS)
        case "markers_present":
            return MarkerField(theme, (*markers.transmembrane, *markers.cytosolic))
        case "markers_absent":
            return MarkerField(theme, markers.absent)
        case "source":
            return ChoiceField(theme, _SOURCES)
        case "no_excursion":
            return ChoiceField(theme, _STORAGE)
        case "purity":
            return NumberField(theme, "Protein", _PROTEIN, "µg/mL protein", bound=False)
    if row.rule == "number" or row.unit:
        span = Span(row.name, row.unit, Decimal(0), Decimal(1_000_000), 6)
        return NumberField(theme, row.name, span, row.unit, bound=row.below is not None)
    return TextField(theme, row.name)


def certificate_of(lines: Sequence[CertificateLine]) -> Certificate:
    """What the lines hold, as one certificate."""
    numbers: dict[str, Amount] = {}
    results: dict[str, Result] = {}
    markers: dict[str, bool] = {}
    texts: dict[str, str] = {}
    source, excursion = None, None
    for line in lines:
        key, rule, field = line.rule.key, line.rule.rule, line.field
        if isinstance(field, NumberField):
            if (amount := field.amount()) is not None:
                numbers["protein" if rule == "purity" else key] = amount
        elif isinstance(field, MarkerField):
            markers.update(field.seen())
        elif isinstance(field, TextField):
            if text := field.entry.text():
                texts[key] = text
        elif isinstance(field, ChoiceField) and (value := field.choice.value()):
            if rule == "source":
                source = Source(value)
            elif rule == "no_excursion":
                excursion = value == "yes"
            else:
                results[key] = Result(value)
    return Certificate(numbers, results, markers, texts, source, excursion)
