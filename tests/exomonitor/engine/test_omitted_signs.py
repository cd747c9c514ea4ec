"""A monitor that speaks, and gives one sign no more: an alarm of its own, but not where its whole link is silent."""

from __future__ import annotations

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import Bench


def shown(bench: Bench) -> dict[str, Priority]:
    return {one.key: one.priority for one in bench.snapshot.alarms}


@pytest.fixture
def low(bench: Bench) -> Bench:
    """A saturation of 86 % that alarms."""
    bench.bind("monitor")
    bench.prepare(pump="")
    for _ in range(30):
        bench.vital(Sign.HR, 72.0)
        bench.vital(Sign.SPO2, 86.0)
        bench.wait(1)
    assert shown(bench) == {"spo2_low": Priority.MEDIUM}
    return bench


@pytest.mark.parametrize("validity", [Validity.UNAVAILABLE, Validity.INVALID, Validity.HELD, None])
def test_a_low_saturation_that_goes_away_never_leaves_the_list_empty(low: Bench, validity: Validity | None):
    """None = the monitor does not speak of it any more."""
    for _ in range(150):
        low.vital(Sign.HR, 72.0)
        if validity is not None:
            low.vital(Sign.SPO2, None, validity=validity)
        low.wait(1)
        assert len(shown(low)) == 1
    assert shown(low) == {"no_value_spo2": Priority.MEDIUM}
    low.vital(Sign.SPO2, 97.0)
    low.wait(1)
    assert shown(low) == {}


def test_a_link_that_is_silent_says_it_for_all_its_signs(low: Bench):
    low.wait(120)
    assert set(shown(low)) == {"monitor.lost"}


def test_what_was_missing_before_the_link_was_lost_is_said_of_the_link(low: Bench):
    for _ in range(20):
        low.vital(Sign.HR, 72.0)
        low.vital(Sign.SPO2, None, validity=Validity.UNAVAILABLE)
        low.wait(1)
    assert set(shown(low)) == {"no_value_spo2"}
    low.wait(120)
    assert set(shown(low)) == {"monitor.lost"}
