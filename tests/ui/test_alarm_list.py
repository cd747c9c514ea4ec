"""All alarms can be seen and answered one by one, and nothing that must be watched is covered meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.session import commands as cmd
from tests.ui import scenes
from tests.ui.windows import LARGE, SMALL, Desk
from ui.presenters.alarms import alarm_bar, alarm_lines


@pytest.fixture(params=[SMALL, LARGE], ids=["1366x768", "1920x1080"])
def desk(qtbot, request):
    made = Desk(qtbot, scenes.three_alarms(), request.param)
    yield made
    made.close()


def box(desk: Desk, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(desk.window, QPoint(0, 0)), widget.size())


def shown(desk: Desk) -> list[str]:
    return [row._text.text() for row in desk.window.alarm_list._rows if row.isVisible()]


def test_a_touch_on_the_count_opens_every_alarm_with_its_time_and_priority(desk):
    desk.window.alarm_bar.count_key.click()
    desk.settle()
    lines = alarm_lines(scenes.three_alarms())
    assert shown(desk) == [line.text for line in lines]
    assert lines[0].detail == "since 14:21:45 · high"
    assert lines[2].detail == "since 14:21:07 · medium · acknowledged"


def test_it_covers_neither_vital_signs_nor_the_pump_nor_the_keys(desk):
    desk.window.open_alarms()
    page = desk.window.session_page
    watched = [*page._tiles.values(), page._nibp, page._pump, page._timer, page.reaction_key, page.more_key]
    over = box(desk, desk.window.alarm_list)
    assert desk.window.alarm_list.isVisible()
    assert not any(over.intersects(box(desk, one)) for one in watched)


def test_on_the_reaction_page_it_leaves_steps_and_strip_free(desk):
    desk.show(replace(scenes.three_alarms(), session=scenes.reacting().session))
    desk.window.open_reaction()
    desk.settle()
    desk.window.open_alarms()
    page, over = desk.window.reaction_page, box(desk, desk.window.alarm_list)
    assert not any(over.intersects(box(desk, one)) for one in (*page.steps.values(), page._head.strip, page.back_key))
    assert len(shown(desk)) < 4 or not desk.window.alarm_list.more_key.isVisible()


def test_each_alarm_is_acknowledged_by_its_own_key(desk):
    desk.window.open_alarms()
    row = desk.window.alarm_list._rows[1]
    row.key.click()
    assert desk.sent(cmd.Acknowledge) == [cmd.Acknowledge("4", "u1", "relayed:pump:P1:occ")]
    assert not desk.window.alarm_list._rows[2].key.isVisible()  # it is acknowledged already


def test_f4_opens_and_closes_and_esc_closes(desk):
    for closing in (Qt.Key.Key_F4, Qt.Key.Key_Escape):
        desk.qtbot.keyClick(desk.window, Qt.Key.Key_F4)
        assert desk.window.alarm_list.isVisible()
        desk.qtbot.keyClick(desk.window, closing)
        assert not desk.window.alarm_list.isVisible()


def test_another_key_takes_it_away(desk):
    desk.window.open_alarms()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F6)
    assert not desk.window.alarm_list.isVisible()


def test_it_closes_when_no_alarm_is_left_and_never_opens_empty(desk):
    desk.window.open_alarms()
    desk.show(scenes.normal())
    assert not desk.window.alarm_list.isVisible()
    desk.window.open_alarms()
    assert not desk.window.alarm_list.isVisible()


def test_more_alarms_than_fit_are_turned_through(desk):
    many = tuple(scenes.alarm(f"k{n}", f"Alarm {n}", Priority.MEDIUM) for n in range(20))
    desk.show(replace(scenes.normal(), alarms=many))
    desk.window.open_alarms()
    desk.settle()
    seen = shown(desk)
    while desk.window.alarm_list.more_key.text() != "From the first":
        desk.window.alarm_list.more_key.click()
        desk.settle()
        seen += shown(desk)
    assert seen == [one.text for one in many]


def test_one_alarm_needs_no_list(desk):
    desk.show(scenes.one_alarm())
    assert not desk.window.alarm_bar.count_key.isVisible()


def test_an_acknowledged_alarm_names_a_person_and_never_an_id():
    acked = replace(scenes.alarm("x", "X", Priority.LOW, AlarmState.ACKED), acked_by="u-7F3")
    assert alarm_bar(replace(scenes.normal(), alarms=(acked,))).detail.endswith("· acknowledged")
    mine = replace(acked, acked_by="u1")
    assert alarm_bar(replace(scenes.normal(), alarms=(mine,))).detail.endswith("acknowledged by R. Okafor")


def test_one_press_answers_the_alarm_shown_and_others_of_its_kind_only(desk):
    heart = scenes.alarm("hr_high", "HR high 125 (limit 120)", Priority.HIGH)
    breath = scenes.alarm("rr_high", "RR high 31 (limit 30)", Priority.MEDIUM)
    lost = scenes.alarm("monitor.lost", "MONITOR DATA LOST", Priority.MEDIUM)
    desk.show(replace(scenes.normal(), alarms=(heart, lost, breath)))
    desk.window.acknowledge()
    desk.show(replace(scenes.normal(), alarms=(lost,)))
    desk.window.acknowledge()
    desk.show(scenes.normal())
    desk.window.acknowledge()
    assert [one.seen for one in desk.sent(cmd.Acknowledge)] == [("hr_high", "rr_high"), ("monitor.lost",), ()]
