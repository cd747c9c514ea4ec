"""Every text can be read in both looks also in the other layouts, in each step of the preparation, on the locked
screen, with several chairs, in a window that only reads, and in the notice of a screen that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

import pytest

from exomonitor.engine.snapshot import Snapshot
from exomonitor.settings import ScreenSettings
from tests.ui import alarm_scenes, scenes
from tests.ui.test_colours_in_use import THEME, unreadable
from tests.ui.test_station_window import Station
from tests.ui.windows import SMALL, Desk
from ui.frame.read_only import say_read_only
from ui.pages.prepare.page import PreparePage
from ui.pages.prepare.steps import KEYS
from ui.sound.notice import Notice
from ui.theme import Theme

LAYOUTS: tuple[Literal["standard", "large", "trend"], ...] = ("standard", "large", "trend")
SIGHTS: dict[str, Callable[[], Snapshot]] = {
    "normal": scenes.normal, "three alarms": scenes.three_alarms, "lost": scenes.lost, "no data": scenes.no_data,
    "changed": alarm_scenes.changed, "long names": scenes.long_names,
}  # fmt: skip


@pytest.fixture
def desk(qtbot, look: Theme) -> Iterator[Desk]:
    made = Desk(qtbot, scenes.normal(), look=look)
    yield made
    made.close()


@THEME
def test_in_every_layout(desk: Desk):
    found = {}
    for layout in LAYOUTS:
        desk.window.kept.choose(ScreenSettings(layout=layout))
        for name, scene in SIGHTS.items():
            desk.window.show_snapshot(scene())
            desk.settle()
            found[layout, name] = unreadable(desk.window)
    assert {where: wrong for where, wrong in found.items() if wrong} == {}


@THEME
def test_in_each_step_of_the_preparation(desk: Desk):
    desk.window.show_snapshot(scenes.preparing())
    page = desk.window.pages["prepare"]
    assert isinstance(page, PreparePage)
    found = {}
    for step in KEYS:
        page.open_step(step)
        desk.settle()
        found[step] = unreadable(desk.window)
    page.gates.ask("line")
    desk.settle()
    found["a gate is accepted open"] = unreadable(desk.window)
    page.say("Not recorded: the line is not known", wrong=True)
    desk.settle()
    found["refused"] = unreadable(desk.window)
    assert {where: wrong for where, wrong in found.items() if wrong} == {}


@THEME
def test_on_the_locked_screen_and_where_only_is_read(desk: Desk):
    desk.window.show_snapshot(replace(scenes.three_alarms(), locked=True, staff="", staff_id=""))
    desk.settle()
    assert desk.window.pages["locked"].isVisible()
    assert unreadable(desk.window) == []
    desk.window.open_staff()
    desk.settle()
    assert unreadable(desk.window.staff_panel) == []  # it lies over the words of the card
    desk.window.staff_panel.hide()
    desk.window.show_snapshot(scenes.normal())
    say_read_only(desk.window, desk.theme, "bay-1 records here since 09:00")
    desk.settle()
    assert unreadable(desk.window) == []


@THEME
def test_with_several_chairs(qtbot, look: Theme):
    scene_of = {"1": "normal", "2": "three_alarms", "3": "one_alarm", "4": "empty", "5": "preparing", "6": "lost"}
    station = Station(qtbot, scene_of, SMALL, look)
    try:
        for chair in ("1", "2", "4"):
            station.window.show_place(chair)
            station.settle()
            assert unreadable(station.window) == [], chair
    finally:
        station.close()


def test_in_the_notice_of_a_screen_that_stands_still(qtbot):
    notice = Notice("THE SCREEN STANDS STILL", "Look at the patient. Start the program again.")
    qtbot.addWidget(notice)
    notice.show()
    qtbot.waitExposed(notice)
    assert unreadable(notice) == []
