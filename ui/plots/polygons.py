"""Lines for a painter made from arrays at once: no Python object for a point."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shiboken6
from PySide6.QtGui import QPolygonF

_POINT_BYTES = 16
"""Two doubles."""

Points = npt.NDArray[np.floating]


def polygon(xs: Points, ys: Points, before: tuple[float, float] | None = None) -> QPolygonF:
    """The line through these points, in pixels; `before` = the point that it goes on from."""
    ahead = 0 if before is None else 1
    line = QPolygonF()
    line.resize(xs.size + ahead)
    where: Any = line.data()  # typed as the first point, but it is where the points lie
    memory: Any = shiboken6.VoidPtr(where, line.size() * _POINT_BYTES, True)  # type: ignore[call-arg]
    room = np.frombuffer(memory, dtype=np.float64).reshape(-1, 2)
    room[ahead:, 0], room[ahead:, 1] = xs, ys
    if before is not None:
        room[0] = before
    return line
