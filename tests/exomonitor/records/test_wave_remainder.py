"""What is left of a wave gives the wave back, whatever it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from exomonitor.records.wave_remainder import WAYS
from exomonitor.signals.waves import MISSING_SAMPLE

ANY = hnp.arrays(np.int16, st.integers(0, 70))


@pytest.mark.parametrize("way", WAYS)
@given(samples=ANY)
def test_every_way_is_exact(way, samples):
    left = WAYS[way].leave(samples)
    assert left.dtype == np.int16
    assert left.size == samples.size
    assert WAYS[way].restore(left).tolist() == samples.tolist()


@pytest.mark.parametrize("way", WAYS)
def test_the_greatest_jumps_come_back(way):
    samples = np.array([32767, MISSING_SAMPLE] * 9 + [0, MISSING_SAMPLE, -1, 32767, 1], np.int16)
    assert WAYS[way].restore(WAYS[way].leave(samples)).tolist() == samples.tolist()


@pytest.mark.parametrize("way", WAYS)
def test_less_is_left_of_a_wave_than_it_was(way):
    wave = np.rint(900 * np.sin(np.arange(4_000) / 60)).astype(np.int16)
    assert np.abs(WAYS[way].leave(wave).astype(int)).sum() < np.abs(wave.astype(int)).sum() / 10
