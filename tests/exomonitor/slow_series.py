"""The numbers of a session by name, reading for reading: for archives in memory, and what the fast way must give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from exomonitor.clock import Instant
from exomonitor.engine.ports import ReadingRow, Series


def slow_series(stored: Iterable[tuple[int, ReadingRow]], since: Instant, names: Sequence[str]) -> dict[str, Series]:
    """Name -> (minutes, values), by time."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _, row in stored:
        if row.value is not None and row.name in found:
            found[row.name].append(((row.measured_at or row.at).since(since) / 60, row.value))
    columns = {}
    for name, pairs in found.items():
        pairs.sort(key=lambda pair: pair[0])
        table = np.array(pairs, np.float64).reshape(-1, 2)
        columns[name] = (table[:, 0], table[:, 1])
    return columns
