"""The phases of a session and what delivery is doing within them."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """Where the visit stands; the screen shows them as Prepare, Infuse, Observe, Sign off."""

    PREPARE = "prepare"
    INFUSE = "infuse"
    OBSERVE = "observe"
    EMERGENCY = "emergency"
    """An emergency that belongs to no infusion: a record of its own, open from one key press to its signature."""
    SIGNED = "signed"
    ABANDONED = "abandoned"

    @property
    def number(self) -> int:
        """The step the strip shows, 1 to 4."""
        return {Phase.PREPARE: 1, Phase.INFUSE: 2, Phase.OBSERVE: 3}.get(self, 4)

    @property
    def is_open(self) -> bool:
        """Whether the session still takes ordinary entries and alarms."""
        return self in {Phase.PREPARE, Phase.INFUSE, Phase.OBSERVE, Phase.EMERGENCY}


class Fluid(StrEnum):
    """What the pump moves: only product counts towards the dose."""

    PRODUCT = "product"
    KVO = "kvo"
    FLUSH = "flush"


class DeliverySource(StrEnum):
    """Who said so: the pump's own report, the nurse's entry, or nobody: then it is reckoned from rate and time."""

    PUMP = "pump"
    TYPED = "typed"
    ESTIMATED = "estimated"
