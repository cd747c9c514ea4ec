"""The window opens, says where there is none to open, keeps the look that was chosen, and closes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from tests.ui.fake_bedside import FakeBedside
from tests.ui.scenes import normal
from ui.app import have_display, run_window
from ui.main_window import MainWindow


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({}, False),
        ({"DISPLAY": ":1"}, True),
        ({"WAYLAND_DISPLAY": "w"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
    ],
)
def test_a_display_is_named_or_there_is_none(monkeypatch, names, shown):
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    assert have_display() is shown


def test_elsewhere_there_is_always_a_display(monkeypatch):
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    assert have_display()


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
