"""What the record says of the alarms that stood when the program stopped: since when each had been signalled."""

from __future__ import annotations

import pytest

from exomonitor.alarms.policy import AlarmState
from exomonitor.clock import ManualClock
from exomonitor.engine.standing import standing_alarms
from exomonitor.session.entry import Entry
from exomonitor.session.machine_events import AlarmChanged

CROSSED = ManualClock().now()
A, K, L, N = "active", "acked", "latched", "normal"


def entries(*steps: tuple[float, str, str, bool]) -> tuple[Entry, ...]:
    """(seconds after the crossing, from, to, a mark only)."""
    told = (
        (at, AlarmChanged("spo2_low", "SpO2 low", "high", before, to, CROSSED, latching=True, visual_only=mark))
        for at, before, to, mark in steps
    )
    return tuple(Entry(n, "s-1", n, CROSSED.plus(at), "", "station", "", e, "") for n, (at, e) in enumerate(told, 1))


@pytest.mark.parametrize(
    ("steps", "state", "begun_s"),
    [
        ([(10, "pending", A, False)], A, 10),
        ([(10, "pending", A, False), (40, A, A, False), (60, A, K, False), (240, K, A, False)], A, 10),
        ([(10, "pending", A, False), (22, A, L, True)], L, 10),
        ([(10, "pending", A, False), (22, A, L, True), (50, L, A, False)], A, 50),
        ([(10, "pending", A, False), (90, A, L, False), (120, L, A, False)], A, 10),
        ([(10, "pending", A, False), (22, A, N, False), (70, "pending", A, False)], A, 70),
        ([(30, "normal", K, False)], K, 0),
    ],
    ids=["raised", "sounded again", "mark", "after a mark", "came back unseen", "another one", "stood at the opening"],
)
def test_it_began_when_it_was_first_signalled(steps: list[tuple[float, str, str, bool]], state: str, begun_s: float):
    (found,) = standing_alarms(entries(*steps))
    assert (found.state, found.begun) == (AlarmState(state), CROSSED.plus(begun_s))
