"""What one read brought is told in one call, whatever the driver makes of it."""

from __future__ import annotations

import pytest

from devices.outlet import Outlet
from exomonitor.clock import ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading


def reading(clock: ManualClock, value: float) -> VitalReading:
    return VitalReading("monitor", Sign.SPO2, value, Validity.VALID, clock.now())


def test_what_is_said_together_is_told_in_one_call_and_in_order(clock: ManualClock):
    calls: list[tuple[DeviceFact, ...]] = []
    outlet = Outlet(lambda fact: calls.append((fact,)), lambda facts: calls.append(tuple(facts)))
    first, second, third = (reading(clock, value) for value in (1, 2, 3))
    outlet(first)
    with outlet.together(), outlet.together():
        outlet(second)
        outlet(third)
    assert calls == [(first,), (second, third)]
    with outlet.together():
        pass
    assert len(calls) == 2


def test_what_was_said_before_something_went_wrong_is_told(clock: ManualClock):
    told: list[DeviceFact] = []
    outlet = Outlet(told.append, told.extend)

    def a_broken_read() -> None:
        with outlet.together():
            outlet(reading(clock, 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        a_broken_read()
    assert len(told) == 1


def test_who_hears_one_by_one_hears_all_at_once_when_it_is_said(clock: ManualClock):
    told: list[DeviceFact] = []
    outlet = Outlet(told.append)
    with outlet.together():
        outlet(reading(clock, 1))
        assert len(told) == 1
