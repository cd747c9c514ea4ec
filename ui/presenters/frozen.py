"""The last picture when no newer one comes: nothing in it may look live."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.engine.snapshot import Snapshot


def frozen(snapshot: Snapshot, silent_s: float) -> Snapshot:
    """The same picture with nothing in it that looks live, everything in it older by so many seconds."""
    vitals = {
        sign: replace(live, stale=True, lost=True, age_s=live.age_s + silent_s)
        for sign, live in snapshot.vitals.items()
    }
    pump = snapshot.pump
    if pump is not None:
        pump = replace(pump, stale=True, lost=True, age_s=pump.age_s + silent_s)
    links = tuple(link if link.age_s is None else replace(link, age_s=link.age_s + silent_s) for link in snapshot.links)
    progress = snapshot.progress
    if progress is not None:
        progress = replace(progress, remaining_s=None, ends_at=None)
    return replace(snapshot, vitals=vitals, pump=pump, links=links, progress=progress)
