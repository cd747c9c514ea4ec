"""What the bags of a session hold: as prepared where every bag says so, else as ordered."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.session.plan import Product
from exomonitor.session.state import SessionState

OVERFILL = 1.1
"""A bag holds so much more than it is labelled with, at most."""


@dataclass(frozen=True, slots=True)
class Contents:
    """All that was prepared for the session: mL, and particles in billions."""

    volume_ml: Decimal
    dose_billion: Decimal


def contents(state: SessionState) -> Contents | None:
    """What was prepared; None while nothing is ordered."""
    order = state.order
    if order is None:
        return None
    bags = _bags(state)
    volumes = [bag.volume_ml for bag in bags if bag.volume_ml is not None]
    doses = [bag.dose_billion for bag in bags if bag.dose_billion is not None]
    if not bags or len(volumes) < len(bags) or len(doses) < len(bags):
        return Contents(order.volume_ml, order.dose_billion)
    return Contents(sum(volumes, Decimal(0)), sum(doses, Decimal(0)))


def bag_ml(state: SessionState) -> float | None:
    """The most product (mL) that can have hung: as ordered at the start or later, once more for each container that
    followed, or what was prepared where that is more. None while nothing is ordered."""
    prepared = contents(state)
    if state.order is None or prepared is None:
        return None
    hung = max(float(state.order.volume_ml), state.most_ordered_ml) * (1 + len(state.supply.containers))
    return max(hung, float(prepared.volume_ml))


def up_to_the_bag(state: SessionState, given_ml: float, more_ml: float) -> float:
    """So much of what rate and time say (`more_ml`) as can have been left in the bag after `given_ml`."""
    bag = bag_ml(state)
    return more_ml if bag is None else min(more_ml, max(0.0, bag - given_ml))


def _bags(state: SessionState) -> list[Product]:
    first = [state.product] if state.product is not None else []
    return [*first, *(container.product for container in state.supply.containers)]
