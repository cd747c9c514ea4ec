"""What a typed order means, without any widget."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.protocol import load_protocol
from tests.ui.made_sessions import START
from ui.pages.prepare.order_view import OrderTexts, OrderView, ramp_words, read_order

PROTOCOL = load_protocol()


def order(**texts: object) -> OrderView:
    full: dict[str, object] = {"dose": "5.0", "volume": "100", "minutes": "45"}
    return read_order(OrderTexts(**(full | texts)), PROTOCOL, START.utc)  # type: ignore[arg-type]


def test_an_ordinary_order_is_complete_and_says_what_it_means():
    view = order(line="18")
    assert view.complete
    assert not view.warnings
    meaning = dict(view.meaning)
    assert meaning["Full rate"] == "165.5 mL/h"
    assert meaning["Particles at full rate"] == "138 million/min"
    assert meaning["Left in the line"] == "≈ 18 mL (18 %), flush"
    assert view.hints["dose"].replace("\u202f", " ") == "5.0 × 10⁹ = 5 000 000 000 particles"


def test_constant_and_ramp_give_their_plans():
    assert [str(s.rate_ml_h) for s in order(ramp=True).plan.steps] == ["41.4", "82.8", "165.5"]  # type: ignore[union-attr]
    assert [str(s.rate_ml_h) for s in order(ramp=False).plan.steps] == ["133.3"]  # type: ignore[union-attr]
    assert ramp_words(PROTOCOL.ramp) == "Ramp 25 % × 5 · 50 % × 10 min"


def test_the_whole_count_in_the_billions_field_is_refused_with_the_hint():
    view = order(dose="5000000000")
    assert "type billions" in view.errors["dose"]
    assert "are 5 billion" in view.errors["dose"]
    assert not view.complete


def test_a_number_that_could_be_two_is_refused_in_one_sentence():
    assert order(volume="1,000").errors["volume"] == (
        "Volume: '1,000' could mean two numbers; write it without the separator"
    )


def test_a_comma_is_a_decimal_mark():
    assert order(dose="4,5").dose == Decimal("4.5")


@pytest.mark.parametrize(("field", "text"), [("dose", "0.5"), ("minutes", "90"), ("volume", "600"), ("dose", "12")])
def test_a_number_outside_the_usual_range_asks_for_a_reason(field, text):
    view = order(**{field: text})
    assert view.complete
    assert len(view.warnings) == 1


def test_half_an_order_has_no_plan_and_no_error():
    view = order(minutes="")
    assert view.plan is None
    assert not view.errors
    assert not view.complete


def test_a_ramp_that_does_not_fit_is_said_in_the_place_of_the_plan():
    view = order(minutes="12")
    assert view.plan is None
    assert "ramp takes 15 min" in view.plan_words


def test_a_line_that_holds_the_whole_bag_is_refused():
    assert "line" in order(volume="20", line="20").errors


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_whatever_is_typed_nothing_breaks(dose: str, volume: str, minutes: str):
    view = read_order(OrderTexts(dose, volume, minutes), PROTOCOL, START.utc)
    assert view.complete is False or view.plan is not None
