"""A millimetre on the screen: as the screen says, as somebody measured, or honestly not known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.plots.screen_size import MM_PER_INCH, screen_size


def test_a_screen_that_tells_its_size_is_believed():
    size = screen_size((1366, 768), (344, 194))
    assert size.known
    assert size.px_per_mm == pytest.approx(3.97, abs=0.01)


@pytest.mark.parametrize(
    ("pixels", "told"),
    [
        ((1366, 768), (0, 0)),  # told nothing
        ((1920, 1080), (508, 285.75)),  # 96 dots an inch: the server's own guess
        ((800, 800), (203.2, 203.2)),  # 100 dots an inch: so is this
        ((1920, 1080), (160, 160)),  # pixels that are not square
        ((1920, 1080), (16, 9)),  # the shape in place of the size
        ((1920, 1080), (5000, 2812)),  # a wall
    ],
)
def test_a_screen_that_tells_nothing_or_nonsense_is_not_calibrated(pixels, told):
    size = screen_size(pixels, told)
    assert not size.known
    assert size.why


@given(st.floats(5, 100), st.integers(600, 8000), st.integers(400, 5000))
def test_a_measured_diagonal_wins_over_what_the_screen_says(diagonal, width, height):
    size = screen_size((width, height), (508, 285.75), diagonal)
    assert size.known
    assert (width**2 + height**2) ** 0.5 / size.px_per_mm == pytest.approx(diagonal * MM_PER_INCH)
