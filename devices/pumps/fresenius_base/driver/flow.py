"""Whether a Fresenius module delivers: no status is published, so rate and volume must bear each other out. Pure."""

from __future__ import annotations

from exomonitor.clock import Instant
from exomonitor.signals.pump import PumpStatus

STANDSTILL_S = 10.0
"""A volume that stands for so long while the rate is above zero belies the rate."""
COUNTS_WAITED = 3
MIN_STEP_ML = 0.001


class Flow:
    """Remembers one module's volume from reading to reading."""

    def __init__(self) -> None:
        self._rate_ml_h: float | None = None
        self._volume_ml: float | None = None
        self._risen_at: Instant | None = None

    def judge(self, rate_ml_h: float | None, volume_ml: float | None, at: Instant) -> PumpStatus:
        """INFUSING above zero once the volume has risen with it, STOPPED at zero; UNKNOWN until then, where the volume
        says otherwise, and where a number is missing."""
        before_rate, before = self._rate_ml_h, self._volume_ml
        self._rate_ml_h, self._volume_ml = rate_ml_h, volume_ml
        if rate_ml_h is None or volume_ml is None:
            self._risen_at = None
            return PumpStatus.UNKNOWN
        if rate_ml_h == 0:
            self._risen_at = None
            rises_alone = before_rate == 0 and before is not None and volume_ml > before
            return PumpStatus.UNKNOWN if rises_alone else PumpStatus.STOPPED
        if before is not None and volume_ml > before:
            self._risen_at = at
        if self._risen_at is None:  # nobody has seen it deliver
            return PumpStatus.UNKNOWN
        waited_s = max(STANDSTILL_S, COUNTS_WAITED * MIN_STEP_ML * 3600 / rate_ml_h)
        return PumpStatus.INFUSING if at.since(self._risen_at) <= waited_s else PumpStatus.UNKNOWN
