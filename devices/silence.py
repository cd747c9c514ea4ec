"""What silence ends: one rule for the link and for whoever reads a recording again, so that both find the same."""

from __future__ import annotations

from devices.spec import Driver, HoldsHalves, TakesUp
from exomonitor.clock import Instant

OVER_S = 3600.0
"""Longer than any driver waits: where a port closes, or a dialogue begins anew, nothing more of a half can come."""


def half_holder(driver: Driver) -> HoldsHalves | None:
    """The driver, where it may hold half a frame."""
    return driver if isinstance(driver, HoldsHalves) else None


def put_again(driver: Driver, question: bytes, at: Instant) -> Instant | None:
    """Put the question that was recorded. A moment: the driver must be given received(b"", moment), and it put once
    more, for the driver still waited for silence; whoever asked then took the answer for whole.

    `question` is empty where the driver was asked and had nothing to send.
    """
    asks = driver.due(at)
    if not question or asks == question:
        return None
    moment = look_as_of(half_holder(driver), at, over=True) if asks is None else None
    if moment is None and isinstance(driver, TakesUp):
        driver.take_up(question, at)  # something before it is missing
    return moment


def look_as_of(driver: HoldsHalves | None, at: Instant, *, over: bool = False) -> Instant | None:
    """The moment for which the driver must be given received(b"", moment) now, None when it holds nothing that is over.

    To be asked before everything that a recording holds: bytes, questions, openings and closings (`over`). What it
    then finds has the time of its own bytes, so it does not matter who asked how often in between, and how late.
    """
    until = None if driver is None else driver.waits_until
    moment = at.plus(OVER_S) if over else at
    return moment if until is not None and moment.since(until) >= 0 else None
