"""Planned against delivered: what was ordered, prepared, pumped, given, left in the line and unexplained."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical import dosing
from exomonitor.session.contents import contents
from exomonitor.session.state import SessionState
from exomonitor.session.timing import PRODUCT_PRIMED, Progress, line_ml, line_split
from exomonitor.units import rounded

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Balance:
    """Volumes in mL and doses in billions of particles; None = not known, never zero.

    `pump_ml` is the product that the pump moved, `given_ml` what of it (and of the primed line) reached the patient,
    `residual_ml` what is estimated to stand in the line. `unexplained_ml` is the bag less all that is accounted for:
    below zero where more was counted than was in it.
    """

    ordered_ml: Decimal | None
    ordered_billion: Decimal | None
    prepared_ml: Decimal | None
    prepared_billion: Decimal | None
    pump_ml: Decimal | None
    pump_by: str
    given_ml: Decimal | None
    given_billion: Decimal | None
    residual_ml: Decimal | None
    residual_billion: Decimal | None
    flush_ml: Decimal | None
    discarded_ml: Decimal
    left_in_bag_ml: Decimal | None
    unexplained_ml: Decimal | None
    primed: str


def balance(state: SessionState, told: Progress | None) -> Balance:
    """The balance of the product as the record has it now."""
    order = state.order
    pumped = told.delivered_ml if told is not None else None
    discarded = discarded_ml(state)
    split = line_split(state, pumped)
    given, residual = split if split is not None else (None, None)
    holds = contents(state)
    prepared = holds.volume_ml if holds is not None else None
    return Balance(
        ordered_ml=order.volume_ml if order is not None else None,
        ordered_billion=order.dose_billion if order is not None else None,
        prepared_ml=prepared,
        prepared_billion=holds.dose_billion if holds is not None else None,
        pump_ml=_tenths(pumped),
        pump_by=told.delivered_by if told is not None else "",
        given_ml=_tenths(given),
        given_billion=_billions(state, given),
        residual_ml=_tenths(residual),
        residual_billion=_billions(state, residual),
        flush_ml=_flush(state),
        discarded_ml=discarded,
        left_in_bag_ml=_left(state),
        unexplained_ml=_unexplained(state, prepared, pumped, discarded),
        primed=state.flush.primed if state.flush is not None else "",
    )


def balance_words(found: Balance) -> tuple[tuple[str, str], ...]:
    """(label, words) line by line, the same on the screen, in the summary and in the report."""
    return (
        ("Ordered", _pair(found.ordered_ml, found.ordered_billion)),
        ("Prepared", _pair(found.prepared_ml, found.prepared_billion)),
        ("Delivered by the pump", _ml(found.pump_ml) + (f" ({found.pump_by})" if found.pump_by else "")),
        ("Reached the patient, estimated", _pair(found.given_ml, found.given_billion)),
        ("Left in the line, estimated", _pair(found.residual_ml, found.residual_billion)),
        ("Flush", "none was done" if found.flush_ml == 0 else _ml(found.flush_ml)),
        ("Discarded", _ml(found.discarded_ml)),
        ("Left in the bag", _ml(found.left_in_bag_ml)),
        ("Unexplained", _ml(found.unexplained_ml)),
    )


def discarded_ml(state: SessionState) -> Decimal:
    """Product (mL) that was thrown away with a set or a bag, as far as anybody recorded it."""
    return state.care.discarded_ml


def _primed_with_product(state: SessionState) -> bool:
    return state.flush is not None and state.flush.primed == PRODUCT_PRIMED


def _flush(state: SessionState) -> Decimal | None:
    if state.flush is None:
        return None
    return _tenths(state.flush.volume_ml) if state.flush.done else Decimal(0)


def _left(state: SessionState) -> Decimal | None:
    return _tenths(state.product_end.left_in_bag_ml) if state.product_end is not None else None


def _unexplained(
    state: SessionState, prepared: Decimal | None, pumped: float | None, discarded: Decimal
) -> Decimal | None:
    """Only after the end: before it, what is still to be given is nobody's loss."""
    if prepared is None or pumped is None or state.product_end is None:
        return None
    # A line primed with diluent is filled by what the pump counts; so is what is thrown away with it.
    beside = line_ml(state) + discarded if _primed_with_product(state) else Decimal(0)
    return _tenths(prepared - Decimal(str(pumped)) - beside - (_left(state) or Decimal(0)))


def _billions(state: SessionState, volume_ml: Decimal | None) -> Decimal | None:
    holds = contents(state)
    if holds is None or volume_ml is None:
        return None
    return rounded(dosing.dose_delivered(holds.dose_billion, holds.volume_ml, volume_ml), 3)


def _tenths(volume: Decimal | float | None) -> Decimal | None:
    return None if volume is None else rounded(volume, 1)


def _ml(volume: Decimal | None) -> str:
    return "not known" if volume is None else f"{volume.quantize(_TENTH)} mL"


def _pair(volume: Decimal | None, dose: Decimal | None) -> str:
    return _ml(volume) + (f" · {rounded(dose, 2)} billion" if dose is not None else "")
