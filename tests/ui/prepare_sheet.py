"""The page of the preparation alone, over a made-up bedside: what the tests of its steps look at."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.checklist import gates
from exomonitor.session.parts.checks import Checks
from exomonitor.session.parts.double_check import (
    DoubleCheck,
)
from exomonitor.session.state import SessionState
from tests.ui import scenes
from tests.ui.fake_bedside import SHIPPED, FakeBedside
from tests.ui.windows import C, Desk
from ui.bridge import Bridge
from ui.pages.prepare.checklist_form import ChecklistForm
from ui.pages.prepare.page import PreparePage
from ui.theme import DARK, apply
from ui.widgets.dressing import dressed_when_made
from ui.widgets.entry import TextEntry

NOW = scenes.NOW


def picture(state: SessionState) -> Snapshot:
    """The chair with this session, and its gates as the record has them."""
    return replace(scenes.preparing(), session=state, gates=gates(state, NOW, SHIPPED))


def unchecked() -> SessionState:
    """Patient, bag, order and line are entered; no list is answered, nobody has checked."""
    state = scenes.preparing().session
    assert state is not None
    return replace(state, checks=Checks(), double_check=DoubleCheck())


class Sheet:
    """The page alone, which is enough for most of it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply(app, DARK)
        self.bedside = FakeBedside(picture(unchecked()))
        self.bridge = Bridge(self.bedside)
        with dressed_when_made():
            self.page = PreparePage(self.bedside, self.bridge, DARK)
        qtbot.addWidget(self.page)
        self.page.resize(1298, 640)  # what the window of 1366x768 leaves
        self.page.show()
        self.show(picture(unchecked()))

    def show(self, snapshot: Snapshot) -> None:
        self.page.show_snapshot(snapshot)

    def sent(self, kind: type[C]) -> list[C]:
        return [command for command in self.bedside.submitted if isinstance(command, kind)]


def page_of(desk: Sheet | Desk, step: str) -> PreparePage:
    page = desk.page if isinstance(desk, Sheet) else desk.window.pages["prepare"]
    assert isinstance(page, PreparePage)
    page._steered = True
    page.open_step(step)
    return page


def type_into(entry: TextEntry | None, text: str) -> None:
    assert entry is not None
    entry.set_text(text)
    entry.edited.emit(text)


def listed(page: PreparePage, step: str) -> ChecklistForm:
    form = page.forms[step]
    assert isinstance(form, ChecklistForm)
    return form
