"""The exact volume that a simulated pump has moved, whatever the step of time."""

from __future__ import annotations

S_PER_H = 3600.0


class Delivery:
    """Volume in mL as a function of simulated seconds, at a flow in mL/h that is constant between changes.

    Only a change moves the anchor, so that asking often or seldom gives the same volume to the last bit.
    """

    def __init__(self, volume_ml: float = 0.0) -> None:
        self._anchor_t = 0.0
        self._anchor_ml = volume_ml
        self._flow_ml_h = 0.0

    @property
    def flow_ml_h(self) -> float:
        """The present flow in mL/h."""
        return self._flow_ml_h

    def volume_at(self, t: float) -> float:
        """Volume in mL at second `t`, if the flow stays as it is."""
        return self._anchor_ml + self._flow_ml_h * (t - self._anchor_t) / S_PER_H

    def set_flow(self, t: float, flow_ml_h: float) -> None:
        """From second `t` on the flow is `flow_ml_h` mL/h."""
        if flow_ml_h != self._flow_ml_h:
            self.set_volume(t, self.volume_at(t))
            self._flow_ml_h = flow_ml_h

    def set_volume(self, t: float, volume_ml: float) -> None:
        """At second `t` the counter stands at `volume_ml`."""
        self._anchor_t, self._anchor_ml = t, volume_ml

    def reaches(self, target_ml: float) -> float | None:
        """The second at which the volume is `target_ml`, None when the present flow never gets there."""
        if self._flow_ml_h <= 0.0:
            return None
        return self._anchor_t + (target_ml - self._anchor_ml) * S_PER_H / self._flow_ml_h
