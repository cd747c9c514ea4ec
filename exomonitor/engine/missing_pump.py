"""The product's pump is not where it was: the link speaks and tells nothing of it, or it was taken out and another one
infuses; or nobody has said which of several it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exomonitor.clock import Instant
from exomonitor.engine.last_words import has_spoken
from exomonitor.engine.live import LiveState
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState
from exomonitor.signals.pump import PumpReading, PumpStatus

FLOWS = frozenset({PumpStatus.INFUSING, PumpStatus.BOLUS, PumpStatus.KVO})
"""In these a pump gives something."""
SEVERAL = "SEVERAL PUMPS ON THE LINK - choose the product's pump"


@dataclass(frozen=True, slots=True)
class MissingPump:
    """`channel`: the product's, which is not on the link. `moved`: it may be another one by now, since one has come
    that was not there beside it; else somebody has to look at the pump, and no neighbour is to be chosen."""

    channel: str
    moved: bool

    @property
    def alarm(self) -> str:
        """What its alarm says."""
        todo = "choose the product's pump" if self.moved else "look at the pump"
        return f"PUMP {self.channel} NOT ON THE LINK - {todo}"


def missing_pump(state: SessionState | None, live: LiveState, now: Instant) -> MissingPump | None:
    """The product's pump, where the link speaks and it is not there: it has moved to another slot, the link is another
    one, or it has lost its contact. None = it is there, none is pinned, or nothing depends on it now. A silence of the
    link ends that once it is lost.

    One that was taken out is missed once another one infuses that did not do so beside it."""
    if state is None or state.phase not in {Phase.PREPARE, Phase.INFUSE} or state.product_end is not None:
        return None
    channel = state.devices["pump"].channel if "pump" in state.devices else ""
    if not channel or not has_spoken(live, "pump", now):
        return None
    last = live.last_of(channel)
    if last is not None and last.status is PumpStatus.REMOVED:
        is_missing = any(_runs_instead(live, one, last) for one in _others(live, channel))
    else:
        is_missing = live.pump(channel) is None
    moved = last is None or any(live.came_after(one, last) for one in _others(live, channel))
    return MissingPump(channel, moved) if is_missing else None


def nobody_chose(state: SessionState | None, live: LiveState, now: Instant) -> bool:
    """Whether several pumps are on the link, and through which one the product runs has not been said: one that has
    fallen silent is one of them all the same. Before the start it is asked once one infuses or is silent."""
    if state is None or state.phase not in {Phase.PREPARE, Phase.INFUSE} or state.product_end is not None:
        return False
    device = state.devices.get("pump")
    if device is None or not device.key or device.channel or not has_spoken(live, "pump", now):
        return False
    several = _several(live)
    presses = state.phase is Phase.INFUSE or any(one.status in FLOWS or live.is_silent(one) for one in several)
    return len(several) > 1 and presses


def pump_alarm(state: SessionState | None, live: LiveState, now: Instant) -> str:
    """What is said aloud: the product's pump is missing, or nobody has said which of several it is while one of them
    infuses, or did when it was last heard. "" = nothing of it."""
    missing = missing_pump(state, live, now)
    if missing is not None:
        return missing.alarm
    if not nobody_chose(state, live, now):
        return ""
    runs = state is not None and state.delivery is not None and state.delivery.runs
    return SEVERAL if runs or any(one.status in FLOWS for one in _several(live)) else ""


def _several(live: LiveState) -> list[PumpReading]:
    """The pumps that are there as far as anybody knows, also those that are silent."""
    return [one for one in live.pumps.values() if one.status is not PumpStatus.REMOVED]


def _others(live: LiveState, channel: str) -> Iterator[PumpReading]:
    for one in live.pumps.values():
        if one.channel != channel and one.status is not PumpStatus.REMOVED and not live.is_silent(one):
            yield one


def _runs_instead(live: LiveState, one: PumpReading, gone: PumpReading) -> bool:
    """Whether this pump infuses, and what it gives may be the other one's: it never gave its own beside that one. A
    pause in between changes nothing."""
    return one.status is PumpStatus.INFUSING and (live.came_after(one, gone) or not live.infused_beside(one, gone))
