"""What has passed on a link since it was made: counted here, told with every change of its state."""

from __future__ import annotations

from dataclasses import replace

from devices.spec import Driver
from exomonitor.signals.links import LinkCounters


class Traffic:
    """For one link and its thread."""

    def __init__(self) -> None:
        self.opens = self.bytes_in = self.bytes_out = self.requests = 0
        self._before = LinkCounters()  # what earlier drivers of this link counted

    def driver_ends(self, driver: Driver) -> None:
        """The link goes on with another driver: what this one counted stays."""
        self._before = self._before.and_then(driver.counters())

    def counters(self, driver: Driver, held_back: int) -> LinkCounters:
        """All of it; `held_back`: the frames that the request budget kept."""
        return replace(
            self._before.and_then(driver.counters()),
            bytes_in=self.bytes_in,
            bytes_out=self.bytes_out,
            reconnects=max(0, self.opens - 1),
            requests=self.requests,
            held_back=held_back,
        )
