"""What another rate would mean, in words: when it ends, how long it will have run, if the window holds. No widget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from exomonitor.clinical.protocol import Window
from exomonitor.clinical.what_if import Given, WhatIf, rate_for, what_if
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import CommandRefused
from exomonitor.units import rounded
from ui.presenters.words import hm

NOT_KNOWN = "What was given is not known: nothing can be said"
_MINUTE_S = Decimal(60)


@dataclass(frozen=True, slots=True)
class WhatIfView:
    """Rows of name and figure, and one sentence about the window; `problem` stands in their place where it is set."""

    rows: tuple[tuple[str, str], ...] = ()
    window: str = ""
    problem: str = ""


def given_of(snapshot: Snapshot) -> Given | None:
    """What has been given, None while nothing runs or nobody knows."""
    session, progress = snapshot.session, snapshot.progress
    if session is None or session.order is None or progress is None or progress.delivered_ml is None:
        return None
    order = session.order
    return Given(
        order.dose_billion,
        order.volume_ml,
        rounded(progress.delivered_ml, 2),
        rounded(progress.infusing_s, 0) / _MINUTE_S,
        rounded(progress.elapsed_s, 0) / _MINUTE_S,
    )


def rate_now(snapshot: Snapshot) -> Decimal | None:
    """The rate that runs, or the planned one while the pump stands; None without an order."""
    progress, session = snapshot.progress, snapshot.session
    if progress is None or session is None or session.order is None:
        return None
    rate = progress.rate_ml_h or progress.planned_rate_ml_h
    return rounded(rate, 1) if rate else session.order.rate_plan().full_rate_ml_h


def view(snapshot: Snapshot, rate_ml_h: Decimal | None, window: Window) -> WhatIfView:
    """What follows from this rate from now on."""
    given = given_of(snapshot)
    if given is None:
        return WhatIfView(problem=NOT_KNOWN)
    if rate_ml_h is None:
        return WhatIfView(problem="Type a rate")
    try:
        found = what_if(given, rate_ml_h, window.shortest_min, window.longest_min)
    except CommandRefused as refused:
        return WhatIfView(problem=str(refused))
    return WhatIfView(_rows(snapshot, found), _window_words(found, window))


def rates_for_window(snapshot: Snapshot, window: Window) -> tuple[Decimal | None, Decimal | None]:
    """The fastest and the slowest rate with which the window still holds; None where its minutes are over."""
    given = given_of(snapshot)
    return _rate_or_none(given, window.shortest_min), _rate_or_none(given, window.longest_min)


def _rate_or_none(given: Given | None, minutes: int) -> Decimal | None:
    if given is None:
        return None
    try:
        return rate_for(given, Decimal(minutes))
    except CommandRefused:
        return None


def _rows(snapshot: Snapshot, found: WhatIf) -> tuple[tuple[str, str], ...]:
    ends = snapshot.now.utc + timedelta(minutes=float(found.left_min))
    return (
        ("Ends", f"{hm(ends)}, in {rounded(found.left_min, 0)} min"),
        ("Infusing in all", f"{rounded(found.infusing_min, 0)} min"),
        ("With pauses", f"{rounded(found.elapsed_min, 0)} min"),
        ("Still to give", f"{rounded(found.remaining_ml, 1)} mL"),
        ("Particles", f"{rounded(found.particles_per_min / 1_000_000, 0)} million/min"),
    )


def _window_words(found: WhatIf, window: Window) -> str:
    span = f"{window.shortest_min}–{window.longest_min} min"
    if found.too_long:
        return f"Outside the window of {span}: too slow"
    return f"Outside the window of {span}: too fast" if found.too_short else f"Inside the window of {span}"
