"""Numbers as people write them in English, German and French: comma or point, and never a guess about thousands."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from PySide6.QtCore import QLocale

from exomonitor.units import Span
from ui.theme import DARK
from ui.widgets.entry import NumberEntry

VOLUME = Span("Volume", "mL", Decimal(0), Decimal(2000), 2)


@pytest.fixture(params=["en_US", "de_DE", "fr_FR", "de_CH"])
def locale(request) -> Iterator[str]:
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    QLocale.setDefault(before)


@pytest.mark.parametrize(("typed", "number"), [("41,4", "41.4"), ("41.4", "41.4"), ("0,25", "0.25"), ("1000", "1000")])
def test_comma_and_point_mean_the_same_everywhere(qtbot, locale: str, typed: str, number: str):
    entry = NumberEntry(DARK, "Volume", VOLUME, "mL")
    qtbot.addWidget(entry)
    qtbot.keyClicks(entry.line, typed)
    assert entry.number() == Decimal(number)
    assert entry.error() == ""


@pytest.mark.parametrize("typed", ["1,000", "1.000", "250.000"])
def test_what_could_be_thousands_is_refused_everywhere(qtbot, locale: str, typed: str):
    entry = NumberEntry(DARK, "Volume", VOLUME, "mL")
    qtbot.addWidget(entry)
    qtbot.keyClicks(entry.line, typed)
    assert entry.number() is None
    assert "could mean two numbers" in entry.error()


@pytest.mark.parametrize("typed", ["1'000", "1\u202f000", "1\u00a0000", "1.000,5", "1,000.5", "5e9", "٤١", "-"])
def test_group_marks_exponents_and_other_digits_are_no_numbers(qtbot, locale: str, typed: str):
    entry = NumberEntry(DARK, "Volume", VOLUME, "mL")
    qtbot.addWidget(entry)
    entry.set_text(typed)
    assert entry.number() is None
    assert "is not a number" in entry.error()
