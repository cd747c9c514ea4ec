"""NEWS2 of the last completed set: the single-parameter rule first, the score before it, the age of its inputs.

Only what was entered in a set counts: never a live value, and so never a live RR from impedance.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical.news2 import RED_LINE, News2, Observations, news2
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.state import ObservationDone
from exomonitor.units import rounded
from ui.presenters.words import UNKNOWN, age, hm, join

_LETTERS = {"alert": "A", "confused": "C", "voice": "V", "pain": "P", "unresponsive": "U"}
_INPUTS = ("hr", "spo2", "rr", "nibp_sys", "temp")


@dataclass(frozen=True, slots=True)
class News2View:
    """score: the total, or two dashes. rule: what it asks for, in bold; urgent: the single-parameter rule holds."""

    score: str
    rule: str
    note: str
    before: str = ""
    urgent: bool = False


def news2_view(snapshot: Snapshot) -> News2View:
    """What the last completed set says."""
    session = snapshot.session
    done = sorted(session.observations.values(), key=lambda one: one.event.observed.utc) if session is not None else []
    if not done:
        return News2View(UNKNOWN, "no set yet", "")
    last = done[-1]
    scored = score_of(last)
    aged = _oldest_s(last) + snapshot.now.since(last.event.observed)
    note = join(f"set {hm(last.event.observed)}", f"inputs {age(aged)} old")
    before = _before(done[:-1], scored)
    if scored.total is None or scored.band is None:
        known = f"incomplete ({scored.given} of 7)"
        least = f"at least {scored.at_least}" if scored.at_least else ""
        rule = RED_LINE if scored.red else join(known, least)
        return News2View(UNKNOWN, rule, join(known, least, note) if scored.red else note, before, scored.red)
    rule = RED_LINE if scored.red else f"{scored.band} risk"
    return News2View(str(scored.total), rule, note, before, scored.red)


def score_of(done: ObservationDone) -> News2:
    """One set on the SpO₂ scale 1, as the record scores it."""
    event = done.event

    def number(name: str) -> Decimal | None:
        return rounded(event.values[name].value, 0) if name in event.values else None

    return news2(
        Observations(
            rr=number("rr"),
            spo2=number("spo2"),
            on_oxygen=event.on_oxygen,
            sbp=number("nibp_sys"),
            hr=number("hr"),
            acvpu=_LETTERS.get(event.consciousness),
            temp=event.values["temp"].value if "temp" in event.values else None,
        )
    )


def _oldest_s(done: ObservationDone) -> float:
    return max((done.event.values[name].age_s for name in _INPUTS if name in done.event.values), default=0.0)


def _before(earlier: list[ObservationDone], now: News2) -> str:
    """`was 0 at 14:19 ▲`: the last total before this one, and which way it went."""
    for done in reversed(earlier):
        total = score_of(done).total
        if total is None:
            continue
        words = f"was {total} at {hm(done.event.observed)}"
        if now.total is None:
            return words
        arrow = "▲" if now.total > total else "▼" if now.total < total else "="
        return f"{words} {arrow}"
    return ""
