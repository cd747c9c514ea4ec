"""The number of a device that was pinned to a session before it had told it: pinned as soon as it is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exomonitor.engine.live import SourceInfo
from exomonitor.session.entry import Event
from exomonitor.session.events import DeviceBound
from exomonitor.session.state import SessionState
from exomonitor.signals.links import LinkChange, LinkState


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
