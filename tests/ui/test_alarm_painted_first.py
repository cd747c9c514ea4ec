"""An alarm is painted before the page below it is brought up to date, and in its place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject

from exomonitor.alarms.limits import Priority
from tests.ui import scenes
from tests.ui.windows import SMALL, Desk


class Order(QObject):
    """Notes what happens to the window, in its order."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.seen: list[str] = []
        self._bar = desk.window.alarm_bar
        self._bar.installEventFilter(self)
        desk.window.bridge.alarmed.connect(lambda _: self.seen.append("alarmed"))
        desk.window.bridge.snapshot.connect(lambda _: self.seen.append("page"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self.seen.append(self._bar._text.text())
        return False


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.normal(), SMALL)
    yield made
    made.close()


def test_a_new_alarm_is_painted_before_the_page_is_brought_up_to_date(desk):
    order = Order(desk)
    desk.bedside.publish(scenes.one_alarm())
    desk.settle()
    assert order.seen[:2] == ["SpO₂ low 89 % (limit 90)", "alarmed"]
    assert "page" in order.seen[2:]


def test_a_picture_without_a_change_of_the_alarms_paints_no_bar(desk):
    desk.show(scenes.one_alarm())
    order = Order(desk)
    desk.show(replace(scenes.one_alarm(), beat=99))
    assert "alarmed" not in order.seen


def test_what_is_painted_at_once_stands_where_it_stays(desk):
    bar = desk.window.alarm_bar
    bar.show_at_once(scenes.three_alarms())
    first = {part: part.geometry() for part in (bar._mark, bar._text, bar.count_key, bar._acknowledge, bar._pause)}
    desk.show(scenes.three_alarms())
    assert {part: part.geometry() for part in first} == first
    assert all(box.width() > 0 and bar.rect().contains(box) for box in first.values())


def test_showing_a_key_in_the_bar_does_not_lay_out_the_window_anew(desk):
    """Qt lays out every parent that has a layout, at once, whenever a child of it is shown."""
    bar = desk.window.alarm_bar
    bar.show_at_once(scenes.three_alarms())
    assert bar.count_key.isVisible()
    assert bar.layout() is None


def test_the_mark_has_the_colours_of_its_priority_and_turns_them_when_it_flashes(desk):
    bar, theme = desk.window.alarm_bar, desk.window.theme
    bar.show_at_once(scenes.three_alarms())
    lit = bar._mark._inks
    assert lit == (theme.alarm_text(Priority.HIGH), theme.alarm_fill(Priority.HIGH))
    bar._light(False)
    assert bar._mark._inks == tuple(reversed(lit))
