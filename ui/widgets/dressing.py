"""A whole window is made before it is dressed: half of the time of making one is dressing its parts piece by piece."""

from __future__ import annotations

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
    if not isinstance(app, QApplication) or not app.styleSheet() or len(app.allWidgets()) > FEW:
        yield
        return
    sheet = app.styleSheet()
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(sheet)
