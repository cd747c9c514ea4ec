"""Simulated volume: exact between changes of flow, and independent of how often somebody looks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.simulation.delivery import Delivery


@given(st.lists(st.floats(0, 3600), max_size=10))
def test_looking_does_not_change_the_volume(moments: list[float]) -> None:
    looked, left = Delivery(1.5), Delivery(1.5)
    for delivery in (looked, left):
        delivery.set_flow(10.0, 120.0)
    for t in sorted(moments):
        looked.volume_at(t)
        looked.set_flow(t, 120.0)
    assert looked.volume_at(3600.0) == left.volume_at(3600.0)


def test_each_flow_counts_for_its_own_time() -> None:
    delivery = Delivery()
    delivery.set_flow(0.0, 100.0)
    delivery.set_flow(1200.0, 0.0)
    delivery.set_flow(1920.0, 50.0)
    assert delivery.volume_at(3120.0) == pytest.approx(50.0)
    assert delivery.reaches(100.0) == pytest.approx(3120.0 + 3600.0)


def test_a_pump_that_stands_still_never_gets_there() -> None:
    delivery = Delivery(5.0)
    assert delivery.reaches(10.0) is None
    delivery.set_volume(7.0, 0.0)
    assert delivery.volume_at(100.0) == 0.0
