"""While the screen is wiped touches do nothing; keys, alarms and everything shown go on, and it ends by itself."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from exomonitor.clock import ManualClock
from exomonitor.session import commands as cmd
from tests.ui import scenes
from tests.ui.windows import Desk
from ui.frame.wipe import LOCK_S


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def desk(qtbot, clock):
    made = Desk(qtbot, scenes.three_alarms())
    made.window.wipe._clock = clock
    yield made
    made.window.wipe.end()
    made.close()


def touch(desk: Desk, widget) -> None:
    """As the window system delivers it: to the window, which finds the widget."""
    at = widget.mapTo(desk.window, QPoint(widget.width() // 2, widget.height() // 2))
    QTest.mouseClick(desk.window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    desk.settle()


def test_a_touch_counts_before_and_after_and_not_in_between(desk, clock):
    page = desk.window.session_page
    desk.window.wipe_screen()
    touch(desk, page.reaction_key)
    assert desk.sent(cmd.OpenReaction) == []
    clock.advance(LOCK_S)
    desk.window.wipe.look()
    touch(desk, page.reaction_key)
    assert len(desk.sent(cmd.OpenReaction)) == 1


def test_the_count_down_stands_where_the_stages_stand_and_covers_nothing(desk, clock):
    stages, bar = desk.window.stages.geometry(), desk.window.alarm_bar.geometry()
    tiles = desk.window.session_page.geometry()
    desk.window.wipe_screen()
    desk.settle()
    wipe = desk.window.wipe
    assert wipe.accessibleName() == "Wipe the screen now: 20 s"
    assert (wipe.geometry(), desk.window.alarm_bar.geometry()) == (stages, bar)
    assert desk.window.session_page.geometry() == tiles
    clock.advance(12.5)
    wipe.look()
    assert wipe.accessibleName() == "Wipe the screen now: 8 s"
    desk.show(scenes.normal())
    assert not desk.window.stages.isVisible()
    clock.advance(7.5)
    wipe.look()
    assert not wipe.isVisible()
    assert desk.window.stages.isVisible()


def test_keys_and_alarms_go_on(desk):
    desk.window.wipe_screen()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F2)
    desk.show(scenes.one_alarm())
    assert desk.window.alarm_bar._text.text() == "SpO₂ low 89 % (limit 90)"
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F8)
    desk.settle()
    assert len(desk.sent(cmd.Acknowledge)) == 1
    assert len(desk.sent(cmd.OpenReaction)) == 1
    assert desk.window.stack.currentWidget() is desk.window.reaction_page
    assert desk.window.wipe.on


def test_escape_ends_it_and_nothing_else(desk):
    desk.window.go("settings")
    desk.window.wipe_screen()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    assert not desk.window.wipe.on
    assert desk.window.stack.currentWidget() is desk.window.pages["settings"]


def test_it_is_begun_by_a_key_or_from_more_and_is_no_entry_of_the_record(desk, clock):
    desk.window.open_more()
    desk.window.session_page.more.tiles["wipe"].click()
    assert desk.window.wipe.on
    clock.advance(5)
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    clock.advance(15)
    desk.window.wipe.look()
    assert not desk.window.wipe.on  # beginning twice makes it no longer
    assert desk.bedside.submitted == []


def test_without_a_session_it_works_as_well(desk):
    desk.show(scenes.empty_chair())
    desk.window.wipe_screen()
    assert desk.window.wipe.isVisible()
    desk.window.wipe.end()
    assert not desk.window.wipe.isVisible()
    assert not desk.window.stages.isVisible()
