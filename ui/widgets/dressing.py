"""A whole window is made before it is dressed: half of the time of making one is dressing its parts piece by piece."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtWidgets import QApplication

FEW = 300
"""So many widgets are dressed twice in no time; where more stand already it would cost more than it saves."""


@contextmanager
def dressed_when_made() -> Iterator[None]:
    """Whatever is made inside gets the program's style sheet once, when all of it stands.

    Qt dresses a widget anew with all that is in it each time it is put into another one.
    """
    app = QApplication.instance()
    if not isinstance(app, QApplication) or not app.styleSheet() or _count(app) > FEW:
        yield
        return
    sheet = app.styleSheet()
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(sheet)


def _count(app: QApplication) -> int:
    """How many widgets there are. Each is wrapped to be counted: a collection in the middle of that could end a window
    whose parts are still in the list."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return len(app.allWidgets())
    finally:
        if collects:
            gc.enable()
