"""What another rate would mean, in mid-infusion: checked by hand, and by the laws that hold for any rate."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.what_if import Given, rate_for, what_if
from exomonitor.errors import CommandRefused

# 5.0 billion in 100 mL; half is in after 40 min of infusing and 12 min of pause (clinical.md 2.5, minute 52).
HALF = Given(Decimal(5), Decimal(100), Decimal(50), Decimal(40), Decimal(52))


@pytest.mark.parametrize(
    ("rate", "left", "infusing", "elapsed"), [("50", "60", "100", "112"), ("100", "30", "70", "82")]
)
def test_the_worked_example_of_a_paused_infusion(rate, left, infusing, elapsed):
    found = what_if(HALF, Decimal(rate), 30, 60)
    assert (found.left_min, found.infusing_min, found.elapsed_min) == (
        Decimal(left),
        Decimal(infusing),
        Decimal(elapsed),
    )
    assert found.too_long
    assert not found.holds


def test_the_window_holds_at_150_and_not_at_1200():
    found = what_if(HALF, Decimal(150), 30, 60)
    assert found.holds
    assert found.particles_per_min == Decimal(125_000_000)
    fast = what_if(Given(Decimal(5), Decimal(100), Decimal(50), Decimal(20), Decimal(20)), Decimal(1200), 30, 60)
    assert fast.too_short


def test_half_a_minute_of_pump_rounding_is_allowed():
    begun = Given(Decimal(5), Decimal(100), Decimal(0), Decimal(0), Decimal(0))
    assert what_if(begun, Decimal("99.9"), 30, 60).holds  # 60.06 min
    assert not what_if(begun, Decimal("98.0"), 30, 60).holds
    assert what_if(begun, Decimal("203.0"), 30, 60).holds  # 29.56 min


def test_a_pump_beyond_the_bag_has_nothing_left():
    over = Given(Decimal(5), Decimal(100), Decimal("100.4"), Decimal(45), Decimal(45))
    found = what_if(over, Decimal(100), 30, 60)
    assert found.remaining_ml == found.left_min == 0


def test_a_rate_of_nothing_is_refused():
    with pytest.raises(CommandRefused, match="never ends"):
        what_if(HALF, Decimal(0), 30, 60)
    with pytest.raises(CommandRefused, match="are over already"):
        rate_for(HALF, Decimal(40))


@given(st.decimals(0, 99, places=1), st.decimals(0, 50, places=1), st.decimals(1, 60, places=0))
def test_the_rate_for_a_time_gives_that_time(delivered, infusing, more):
    so_far = Given(Decimal(5), Decimal(100), delivered, infusing, infusing)
    rate = rate_for(so_far, infusing + more)
    found = what_if(so_far, rate, 30, 60)
    # The pump's step of 0.1 mL/h is all that lies between them.
    assert abs(found.infusing_min - (infusing + more)) <= more * Decimal("0.05") / rate + Decimal("0.001")


@given(st.decimals(1, 1200, places=1), st.decimals(1, 1200, places=1))
def test_a_faster_rate_never_ends_later(one, other):
    slow, fast = sorted((one, other))
    assert what_if(HALF, fast, 30, 60).elapsed_min <= what_if(HALF, slow, 30, 60).elapsed_min
