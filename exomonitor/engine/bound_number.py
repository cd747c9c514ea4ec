"""What was not known of a device when it was pinned to a session is pinned as soon as it is: number and channel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exomonitor.engine.live import SourceInfo
from exomonitor.session.entry import Event
from exomonitor.session.events import DeviceBound
from exomonitor.session.state import SessionState
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpReading, PumpStatus


def pinned_with_number(
    state: SessionState, info: SourceInfo, before: LinkChange, now: LinkChange, waiting: Iterable[Event]
) -> Iterator[DeviceBound]:
    """The same device once more, with the model and serial number that it has told twice alike; nothing where they are
    pinned already, or wait to be (`waiting`: events that are not recorded yet)."""
    pinned = state.devices.get(info.role)
    if pinned is None or pinned.serial or (pinned.key, pinned.source) != (info.key, info.source):
        return
    told = {LinkState.TALKING} == {before.state, now.state} and (before.serial, before.model) == (now.serial, now.model)
    if told and now.serial and not any(isinstance(one, DeviceBound) and one.role == info.role for one in waiting):
        model = now.model or pinned.model
        yield DeviceBound(info.role, info.key, info.source, pinned.channel, model, now.serial, pinned.grade)


def pinned_with_channel(
    state: SessionState, info: SourceInfo, pump: PumpReading | None, waiting: Iterable[Event]
) -> Iterator[DeviceBound]:
    """The pump once more, with the channel that is the product's since the record has started, because there was no
    other: one that turns up later, or is the first to speak after the cable was moved, is not taken for it. `pump`: the
    product's last reading."""
    pinned = state.devices.get("pump")
    if pinned is None or pump is None or pinned.channel or not pump.channel or state.started is None:
        return
    if pump.status is PumpStatus.REMOVED:  # the last word of one that was taken out
        return
    ours = (pinned.key, pinned.source) == (info.key, info.source) and pump.source == info.source
    if ours and not any(isinstance(one, DeviceBound) and one.role == "pump" for one in waiting):
        yield DeviceBound("pump", pinned.key, pinned.source, pump.channel, pinned.model, pinned.serial, pinned.grade)
