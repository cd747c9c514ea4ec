"""What the bags of a session hold: as prepared where every bag says so, else as ordered."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.session.plan import Product
from exomonitor.session.state import SessionState


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


def _bags(state: SessionState) -> list[Product]:
    first = [state.product] if state.product is not None else []
    return [*first, *(container.product for container in state.supply.containers)]
