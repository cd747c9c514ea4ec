"""The window opens, keeps the look and the layout that were chosen, and closes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from exomonitor.settings import Keeper, ScreenSettings, Settings, load_settings
from tests.ui.fake_bedside import FakeBedside
from tests.ui.scenes import normal
from ui.app import run_window
from ui.clipboard import OwnCopies
from ui.frame.closing import Closing
from ui.main_window import MainWindow


def test_the_window_runs_until_it_is_closed_and_keeps_what_was_chosen(qapp, tmp_path: Path):
    seen: list[str] = []

    def window() -> MainWindow:
        return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible())

    def close(own: MainWindow) -> None:
        assert not own.close(), "a session is open: it asks first"
        next(child for child in own.children() if isinstance(child, Closing)).question.close_key.click()

    def use() -> None:
        own = window()  # once: what another test left behind is none of ours
        seen.append(own.kept.screen.layout)
        assert own.findChildren(OwnCopies), "what is copied here does not stay"
        own.go("settings")
        own.theme_wanted.emit("light")
        own.session_page.next_layout()
        QTimer.singleShot(100, lambda: close(own))

    QTimer.singleShot(50, use)
    settings = Settings(screen=ScreenSettings(layout="large"))
    assert run_window(FakeBedside(normal()), settings, sound=False, keeper=Keeper(tmp_path)) == 0
    assert seen == ["large"]
    assert load_settings(tmp_path).theme == "light"
    assert load_settings(tmp_path).screen.layout == "trend"
