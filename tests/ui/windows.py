"""Windows for tests: one look, one size, a bedside behind it, and the commands that come out of it."""

from __future__ import annotations

from functools import cached_property
from typing import TypeVar

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from tests.ui.fake_bedside import FakeBedside
from ui.bridge import Bridge
from ui.main_window import MainWindow
from ui.page_choice import HELP, SIGNOFF, START
from ui.pages.session.middle import SessionMiddle
from ui.theme import DARK, Theme, apply

SMALL, LARGE = (1366, 768), (1920, 1080)
SIGN_IN = ("first_run", "card", "new_pin")
C = TypeVar("C", bound=Command)


def make_all(window: MainWindow) -> None:
    """Whatever this window makes when somebody wants it, but the pages of ui/later.py that a bedside must know of."""
    for name in (HELP, START, SIGNOFF):
        window.page(name)
    for name, made in vars(SessionMiddle).items():
        if isinstance(made, cached_property):
            getattr(window.session_page, name)
    for panel in (window.start_page.staff, window.staff_panel.panel):
        for name in SIGN_IN:
            getattr(panel, name)
    assert window.reaction_page.details.restart is not None


class Desk:
    """A window over a fake bedside. show() gives it another picture; close() ends it."""

    def __init__(self, qtbot: QtBot, snapshot: Snapshot, size: tuple[int, int] = SMALL, look: Theme = DARK) -> None:
        self.qtbot = qtbot
        self.bedside = FakeBedside(snapshot)
        self.bridge = Bridge(self.bedside)
        self.theme: Theme = look.scaled_for(*size)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply(app, self.theme)
        self.window = MainWindow(self.bedside, self.bridge, self.theme)
        assert self.window._watch.isActive(), "who looks whether pictures still come"
        self.window._watch.stop()  # it counts real seconds: on a busy machine no picture for three of them is no fault
        self.window.setFixedSize(*size)
        qtbot.addWidget(self.window)
        self.window.show()
        self.bridge.start()
        qtbot.waitExposed(self.window)

    def show(self, snapshot: Snapshot) -> None:
        """The engine has a new picture."""
        self.bedside.publish(snapshot)
        self.window.show_snapshot(snapshot)

    def sent(self, kind: type[C]) -> list[C]:
        """The commands of one kind so far."""
        return [command for command in self.bedside.submitted if isinstance(command, kind)]

    def settle(self) -> None:
        """Let everything that waits happen."""
        self.qtbot.wait(5)

    def close(self) -> None:
        """End the window."""
        self.window.close()
        self.bridge.close()
