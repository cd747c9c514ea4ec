"""Numbers as people type and read them: what could mean two things is refused, nothing is clipped."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.errors import CommandRefused
from exomonitor.units import (
    ML,
    Span,
    checked,
    clock_text,
    fahrenheit_to_celsius,
    kpa_to_mmhg,
    parse_typed,
    rounded,
    shown_unit,
    spell_dose,
)

VOLUME = Span("Volume", ML, Decimal(5), Decimal(1000), 1)
DOSE = Span("Dose", "billion", Decimal("0.1"), Decimal(100), 2)


@pytest.mark.parametrize(("text", "value"), [("100", "100"), (" 99.5 ", "99.5"), ("99,5", "99.5"), ("+20", "20")])
def test_point_and_comma_are_decimal_marks(text: str, value: str):
    assert parse_typed(text, VOLUME) == Decimal(value)


@pytest.mark.parametrize("text", ["1,000", "1.000", "250.000", "-1,000"])
def test_what_looks_like_thousands_is_asked_about(text: str):
    with pytest.raises(CommandRefused, match="could mean two numbers"):
        parse_typed(text, VOLUME)


def test_a_leading_zero_cannot_mean_thousands():
    with pytest.raises(CommandRefused, match="at most 2 decimals"):
        parse_typed("0.505", DOSE)
    assert parse_typed("0.500", DOSE) == Decimal("0.5")


@pytest.mark.parametrize("text", ["", "abc", "1e3", "5 mL", "1.2.3", "NaN", "Infinity", "١٢", "--5", "5,", ",5"])
def test_what_is_not_a_plain_number_is_refused(text: str):
    with pytest.raises(CommandRefused, match="is not a number"):
        parse_typed(text, VOLUME)


@pytest.mark.parametrize("text", ["4.9", "1000.1", "-100", "5000000000"])
def test_out_of_range_is_refused_and_never_clipped(text: str):
    with pytest.raises(CommandRefused, match="is outside 5-1000 mL"):
        parse_typed(text, VOLUME)


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("Infinity"), Decimal("sNaN")])
def test_no_number_is_no_entry(number: Decimal):
    with pytest.raises(CommandRefused, match="is not a number"):
        checked(number, VOLUME)


@given(st.decimals(5, 1000, places=1))
def test_what_is_in_range_comes_back_as_it_was(number: Decimal):
    if not (number < 1000 and "." in str(number)):
        number = number.quantize(Decimal(1))
    assert parse_typed(str(number), VOLUME) == number


@pytest.mark.parametrize(("number", "decimals", "shown"), [(0.15, 1, "0.2"), (2.5, 0, "3"), (0.25, 1, "0.3")])
def test_halves_are_rounded_up_as_on_paper(number: float, decimals: int, shown: str):
    assert str(rounded(number, decimals)) == shown


@pytest.mark.parametrize("number", [1e300, -1.7976931348623157e308])
def test_any_finite_number_is_rounded(number: float):
    assert rounded(number, 4) == Decimal(str(number))


def test_a_dose_is_spelled_so_that_it_cannot_be_misread():
    assert spell_dose(Decimal("5.0")) == "5.0 billion (5.0 × 10⁹ = 5\u202f000\u202f000\u202f000) particles"
    assert spell_dose(Decimal("10")).startswith("10.0 billion")
    assert spell_dose(Decimal("0.15")).startswith("0.15 billion (0.15 × 10⁹ = 150")


def test_conversions_and_shown_units():
    assert fahrenheit_to_celsius(Decimal("98.6")) == Decimal("37.0")
    assert kpa_to_mmhg(16.0) == pytest.approx(120.01, abs=0.01)
    assert (shown_unit("mm[Hg]"), shown_unit("Cel"), shown_unit("mL/h")) == ("mmHg", "°C", "mL/h")


@pytest.mark.parametrize(("seconds", "text"), [(0, "00:00"), (1632, "27:12"), (3909, "1:05:09"), (-61.9, "01:01")])
def test_times_are_told_in_minutes_and_seconds(seconds: float, text: str):
    assert clock_text(seconds) == text
