"""A widget that is shown before it has a place opens as a window of its own for a moment, and takes the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui import scenes
from tests.ui.windows import Desk
from ui.later import LATER


class Watch(QObject):
    """Keeps every widget that was shown as a window."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(f"{type(watched).__name__} {watched.accessibleName()}".strip())
        return False


@pytest.mark.parametrize("scene", ["preparing", "normal", "observing", "empty"])
def test_making_the_pages_opens_no_window_but_the_program_s_own(qtbot, scene: str):
    watch = Watch()
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(watch)
    desk = Desk(qtbot, scenes.SCENES[scene]())
    try:
        for name in LATER:
            desk.window.go(name)
            desk.show(scenes.SCENES[scene]())  # pictures go on, however long a page takes to be made
            desk.settle()
    finally:
        app.removeEventFilter(watch)
        desk.close()
    assert watch.seen == ["MainWindow"]
