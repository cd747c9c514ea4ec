"""Whether each reading had a frame that told it, and each frame that tells one on a good line was told here too."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence

from devices.spec import DeviceSpec
from exomonitor.signals.links import LinkChange
from tests.conformance.bed import Run
from tests.conformance.dialogue import START
from tests.conformance.judge import GRAIN_S, MOMENT_S, numbers_of

Accepted = Sequence[tuple[float, bytes]]
"""When the codec took which frame."""

WHOLE = frozenset({"bbraun-space", "nellcor", "masimo", "nonin/df8", "nonin/df13", "nonin/ascii", "hl7-pcd01"})
"""Where one message is one reading, whatever came before it; elsewhere answers of a cycle are put together, an answer
is heard only by whoever asked for it, or a number needs what was told of it before."""


def moments(result: Run) -> list[float]:
    """When each reading with a number was heard, by its own time."""
    return sorted(
        fact.at.since(START)
        for _, fact in result.facts
        if not isinstance(fact, LinkChange) and any(True for _ in numbers_of(fact))
    )


def unframed(result: Run, accepted: Accepted) -> list[str]:
    """Readings at whose moment no frame was taken: an old value that is told again as a new one."""
    taken = sorted(t for t, _ in accepted)
    return [f"a reading at {at:.1f} s without a frame" for at in moments(result) if not near(taken, at)]


def tellers(good: Run, accepted: Accepted) -> frozenset[bytes]:
    """Frames that have a reading at their moment on a good line, each time that they come."""
    told = moments(good)
    silent = {raw for t, raw in accepted if not near(told, t)}
    return frozenset(raw for _, raw in accepted) - silent


def swallowed(key: str, spec: DeviceSpec, result: Run, accepted: Accepted, telling: Collection[bytes]) -> list[str]:
    """Frames that tell something on a good line and told nothing here. Where a reading is more than one message: times
    longer than the stale limit in which such frames came, the first and the last of them, and nothing was told."""
    told = moments(result)
    mute = [t for t, raw in sorted(accepted) if raw in telling and not near(told, t)]
    if key in WHOLE:
        return [f"a frame at {t:.1f} s told nothing" for t in mute]
    limit = spec.stale_s + spec.interval_s + GRAIN_S
    first: dict[int, float] = {}
    for t in mute:
        first.setdefault(bisect_left(told, t), t)  # how many readings were told before it
    return [
        f"frames, and no reading for {t - first[before]:.1f} s at {t:.1f} s"
        for before, t in ((bisect_left(told, t), t) for t in mute)
        if before and t - first[before] > limit
    ]


def near(times: Sequence[float], t: float) -> bool:
    """Whether one of these times, in their order, is the moment `t`."""
    place = bisect_left(times, t - MOMENT_S)
    return place < len(times) and times[place] <= t + MOMENT_S
