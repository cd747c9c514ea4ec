"""The window opens, keeps the look that was chosen, and closes."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from tests.ui.fake_bedside import FakeBedside
from tests.ui.scenes import normal
from ui.app import run_window
from ui.main_window import MainWindow


def test_the_window_runs_until_it_is_closed_and_keeps_the_chosen_look(qapp):
    kept: list[str] = []

    def window() -> MainWindow:
        return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible())

    def use() -> None:
        window().go("settings")
        window().theme_wanted.emit("light")
        QTimer.singleShot(100, lambda: window().close())

    QTimer.singleShot(50, use)
    assert run_window(FakeBedside(normal()), sound=False, keep_theme=kept.append) == 0
    assert kept == ["light"]
