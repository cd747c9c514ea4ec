"""A link that was closed stays closed, and lets go of its port."""

from __future__ import annotations

from exomonitor.clock import ManualClock
from exomonitor.signals.links import LinkState
from tests.devices.test_link import Bench


def test_close_is_final(clock: ManualClock) -> None:
    bench = Bench(clock)
    bench.step()
    bench.link.close()
    bench.link.close()
    bench.step(10.0)
    assert bench.states() == [LinkState.OPENING, LinkState.SILENT, LinkState.CLOSED]
    bench.client.open()  # the port is free
