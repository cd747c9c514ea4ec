"""Planned against delivered: every mL of the bag is given, in the line, thrown away, left, or unexplained."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.dosing import flush_too_fast, product_split
from exomonitor.session.balance import balance, balance_words
from exomonitor.session.phases import DeliverySource
from exomonitor.session.state import FlushDone, ProductEnd, SessionState
from exomonitor.session.timing import progress
from tests.ui import scenes

D = Decimal


def ended(*, line: str = "18", flush: float | None = 20.0, primed: str = "", pumped: float = 100.0) -> SessionState:
    state = scenes.observing().session
    assert state is not None
    assert state.order is not None
    assert state.product_end is not None
    done = FlushDone(state.product_end.when, flush is not None, flush, 100.0, DeliverySource.TYPED, None, primed)
    end = ProductEnd(state.product_end.when, "complete", pumped, DeliverySource.PUMP, "")
    return replace(state, order=replace(state.order, line_ml=D(line)), product_end=end, flush=done)


def told(state: SessionState):
    return balance(state, progress(state, scenes.NOW.plus(7200), None))


@pytest.mark.parametrize(
    ("pumped", "flush", "primed", "given", "residual", "unexplained"),
    [
        (100, 20.0, "", "100.0", "0.0", "0.0"),
        (100, None, "", "82.0", "18.0", "0.0"),
        (100, 10.0, "diluent", "92.0", "8.0", "0.0"),
        (82, None, "product", "82.0", "18.0", "0.0"),
        (82, 18.0, "product", "100.0", "0.0", "0.0"),
        (95, 20.0, "", "95.0", "0.0", "5.0"),
        (103, 20.0, "", "103.0", "0.0", "-3.0"),
        (10, None, "", "0.0", "10.0", "90.0"),
    ],
)
def test_the_bag_is_accounted_for(pumped, flush, primed, given, residual, unexplained):
    found = told(ended(flush=flush, primed=primed, pumped=float(pumped)))
    assert found.given_ml == D(given)
    assert found.residual_ml == D(residual)
    assert found.unexplained_ml == D(unexplained)


def test_particles_delivered_are_concentration_times_volume_less_dead_space():
    """2.6: 18 mL of 100 mL not given = 18 %: 5.0 billion become 4.1; in 50 mL 36 %: 3.2."""
    assert told(ended(flush=None)).given_billion == D("4.100")
    small = ended(flush=None, pumped=50.0)
    assert small.order is not None
    assert told(replace(small, order=replace(small.order, volume_ml=D(50)))).given_billion == D("3.200")


def test_a_bag_that_says_what_it_holds_counts_by_its_own_label():
    """Ordered 5.0 billion in 100 mL; the bag holds 4.6 in 98 mL: of 98 mL given 4.6 are given, not 4.9."""
    state = ended(pumped=98.0)
    assert state.product is not None
    bag = replace(state.product, volume_ml=D(98), dose_billion=D("4.6"))
    found = told(replace(state, product=bag))
    assert (found.ordered_billion, found.prepared_ml, found.prepared_billion) == (D("5.0"), D(98), D("4.6"))
    assert (found.given_billion, found.unexplained_ml) == (D("4.600"), D("0.0"))
    figures = progress(replace(state, product=bag), scenes.NOW.plus(7200), None)
    assert figures.dose_given_billion == D("4.6")


def test_what_is_left_in_the_bag_is_explained():
    state = ended(pumped=60.0)
    assert state.product_end is not None
    left = replace(state, product_end=replace(state.product_end, outcome="stopped", left_in_bag_ml=38.5))
    found = told(left)
    assert found.left_in_bag_ml == D("38.5")
    assert found.unexplained_ml == D("1.5")
    words = dict(balance_words(found))
    assert words["Left in the bag"] == "38.5 mL"
    assert words["Unexplained"] == "1.5 mL"


def test_what_is_not_known_is_said_so_and_is_never_zero():
    found = balance(scenes.prepared(), None)
    assert found.pump_ml is None
    assert dict(balance_words(found))["Delivered by the pump"] == "not known"
    running = told(scenes.running())
    assert running.unexplained_ml is None


def test_a_flush_that_is_faster_than_the_product_is_told_from_a_pumps_rounding():
    assert flush_too_fast(D(400), D("165.5"))
    assert not flush_too_fast(D("165.6"), D("165.5"))
    assert not flush_too_fast(D(100), D("165.5"))


volumes = st.decimals(0, 500, places=1)


@given(pumped=volumes, line=st.decimals(0, 50, places=1), flush=volumes, product=st.booleans())
def test_no_product_appears_or_vanishes(pumped, line, flush, product):
    patient, in_line = product_split(pumped, line, flush, primed_with_product=product)
    assert patient >= 0
    assert 0 <= in_line <= line
    assert patient + in_line == pumped + (line if product else 0)
