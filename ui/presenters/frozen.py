"""The last picture when no newer one comes: nothing in it may look live."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.engine.snapshot import Snapshot


def frozen(snapshot: Snapshot) -> Snapshot:
    """The same picture with nothing in it that looks live."""
    vitals = {sign: replace(live, stale=True, lost=True) for sign, live in snapshot.vitals.items()}
    pump = replace(snapshot.pump, stale=True, lost=True) if snapshot.pump is not None else None
    progress = snapshot.progress
    if progress is not None:
        progress = replace(progress, remaining_s=None, ends_at=None)
    return replace(snapshot, vitals=vitals, pump=pump, progress=progress)
