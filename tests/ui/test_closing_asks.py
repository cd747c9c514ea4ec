"""Closing the window of a running session is a question; whoever only slipped goes on monitoring."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFrame

from exomonitor.session import commands as cmd
from exomonitor.session.parts.trust import EndMonitoring
from tests.bench.started import asked
from tests.ui import scenes
from tests.ui.fake_bedside import FakeBedside
from tests.ui.windows import Desk
from ui.app import run_window
from ui.frame.closing import ENDS_HERE, Closing
from ui.main_window import MainWindow


class Asked(Desk):
    """A window that asks before it closes."""

    def __init__(self, qtbot, snapshot) -> None:
        super().__init__(qtbot, snapshot)
        self.closing = Closing(self.bedside, self.theme, self.window, self.window.spare)
        self.question = self.closing.question
        self.settle()


@pytest.fixture
def make(qtbot):
    made = []

    def desk(snapshot) -> Asked:
        made.append(Asked(qtbot, snapshot))
        return made[-1]

    yield desk
    for one in made:
        one.closing.leave("asked")
        one.close()


def test_while_a_session_is_open_the_window_stays_and_asks(make):
    desk = make(scenes.normal())
    assert not desk.window.close()
    assert desk.window.isVisible()
    assert desk.question.isVisible()
    assert desk.window.focusWidget() is desk.question.stay_key, "who presses Enter stays"
    assert "Monitoring and alarms end here. A pump that runs goes on running" in ENDS_HERE
    assert desk.sent(EndMonitoring) == []


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_enter_and_esc_stay(make, key):
    desk = make(scenes.normal())
    desk.window.close()
    desk.qtbot.keyClick(desk.question.stay_key, key)
    assert not desk.question.isVisible()
    assert desk.window.isVisible()
    assert not desk.window.close(), "and the next close is a question again"


def test_whoever_confirms_closes_and_it_is_recorded(make):
    desk = make(scenes.normal())
    desk.window.close()
    desk.question.close_key.click()
    assert not desk.window.isVisible()
    assert desk.sent(EndMonitoring) == [EndMonitoring("4", "", "person")]


def test_a_record_that_does_not_take_it_holds_nobody_back(make, caplog):
    desk = make(scenes.normal())
    desk.bedside.fault = "the disk is full"
    desk.window.close()
    desk.question.close_key.click()
    assert not desk.window.isVisible()
    assert "could not be recorded" in caplog.text
    caplog.clear()


def test_without_an_open_session_or_where_another_program_records_nothing_is_asked(make):
    assert make(scenes.empty_chair()).window.close()
    reader = make(scenes.normal())
    reader.bedside.read_only = "Chair 4 records"
    assert reader.window.close()


def test_a_signal_or_a_logout_ends_it_without_a_question_and_is_recorded(make):
    desk = make(scenes.normal())
    desk.closing.leave("computer")
    assert desk.window.close()
    assert desk.sent(EndMonitoring) == [EndMonitoring("4", "", "computer")]


def test_the_question_lies_over_no_vital_sign_and_a_reaction_takes_its_place(make):
    desk = make(scenes.normal())
    desk.window.close()
    page = desk.window.session_page
    shown = desk.question.geometry()
    for tile in page._tiles.values():
        box = tile.rect().translated(tile.mapTo(desk.window, tile.rect().topLeft()))
        assert not shown.intersects(box)
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F8)
    desk.settle()
    assert len(desk.sent(cmd.OpenReaction)) == 1
    assert not desk.question.isVisible()


def test_in_the_large_layout_the_question_stays_until_it_is_answered(make):
    desk = make(scenes.normal())
    while desk.window.kept.screen.layout != "large":
        desk.window.session_page.next_layout()
    desk.window.close()
    desk.show(scenes.normal())
    assert desk.question.isVisible()
    desk.question.stay_key.click()
    assert not desk.question.isVisible()


def test_the_program_itself_asks(qapp):
    bedside, seen = FakeBedside(scenes.normal()), []

    def use() -> None:
        own = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible())
        seen.append(own.close())
        question = next(child for child in own.children() if isinstance(child, Closing)).question
        QTimer.singleShot(0, question.close_key.click)

    QTimer.singleShot(50, use)
    assert run_window(bedside, sound=False) == 0
    assert seen == [False]
    assert [c.why for c in bedside.submitted if isinstance(c, EndMonitoring)] == ["person"]


def test_the_bench_of_a_start_sees_a_question_and_what_lies_over_the_figures(make):
    here = make(scenes.normal())
    window = here.window
    assert not asked(window)
    window.close()
    assert asked(window)
    here.question.leave()
    assert not asked(window)
    cover = QFrame(window)
    cover.setGeometry(window.rect())
    cover.show()
    assert asked(window)
    cover.hide()
    assert not asked(window)
