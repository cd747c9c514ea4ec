"""An alarm that nobody answers is large across the room, covers nothing that must be watched, and cannot be silenced by
a stray touch."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.session import commands as cmd
from tests.ui import alarm_scenes, scenes
from tests.ui.windows import LARGE, SMALL, Desk
from ui.presenters.escalation import escalation
from ui.widgets.flash import RATES, Flash


@pytest.fixture(params=[SMALL, LARGE], ids=["1366x768", "1920x1080"])
def desk(qtbot, request):
    made = Desk(qtbot, alarm_scenes.escalated(), request.param)
    made.settle()
    yield made
    made.close()


def box(desk: Desk, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(desk.window, QPoint(0, 0)), widget.size())


def test_it_covers_neither_vital_signs_nor_pump_nor_reaction_key(desk):
    page, over = desk.window.session_page, box(desk, desk.window.escalation.panel)
    watched = [*page._tiles.values(), page._nibp, page._pump, page._timer, page.reaction_key, desk.window.alarm_bar]
    assert desk.window.escalation.panel.isVisible()
    assert not any(over.intersects(box(desk, one)) for one in watched)


def test_touches_go_through_the_edge(desk):
    edge = desk.window.escalation.edge
    assert edge.isVisible()
    assert edge.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


@pytest.mark.parametrize("page", ["reaction", "emergency", "alarms"])
def test_it_never_lies_over_a_reaction_nor_over_the_alarms(desk, page):
    desk.show(replace(alarm_scenes.escalated(), session=scenes.reacting().session))
    desk.window.show_over(page)
    desk.show(replace(alarm_scenes.escalated(), session=scenes.reacting().session, beat=9))
    assert not desk.window.escalation.panel.isVisible()
    assert desk.window.escalation.edge.isVisible()


def test_it_never_lies_over_a_form_that_somebody_has_opened(desk):
    desk.window.session_page.open_pump()
    desk.show(replace(alarm_scenes.escalated(), beat=9))
    assert desk.window.session_page.current_form() is not None
    assert not desk.window.escalation.panel.isVisible()
    assert desk.window.escalation.edge.isVisible()


@pytest.mark.parametrize("place", ["settings", "followup", "patients"])
def test_of_a_page_that_lends_no_part_half_stays_in_sight(desk, place):
    desk.window.go(place)
    desk.show(replace(alarm_scenes.escalated(), beat=9))
    panel, page = box(desk, desk.window.escalation.panel), box(desk, desk.window.stack)
    assert desk.window.escalation.panel.isVisible()
    assert panel.top() >= page.top() + page.height() // 2 - 1
    assert panel.bottom() == page.bottom()


def test_nothing_on_it_silences_the_alarm_and_no_keystroke_goes_astray(desk):
    panel = desk.window.escalation.panel
    assert panel.close_key.focusPolicy() is Qt.FocusPolicy.NoFocus
    assert panel.findChildren(QPushButton) == []
    panel.close_key.click()
    assert desk.sent(cmd.Acknowledge) == []
    assert desk.sent(cmd.PauseAudio) == []
    assert not panel.isVisible()
    assert desk.window.escalation.edge.isVisible()


def test_closed_it_stays_away_for_this_alarm_and_comes_back_for_another(desk):
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    desk.show(replace(alarm_scenes.escalated(), beat=9))
    assert not desk.window.escalation.panel.isVisible()
    base = alarm_scenes.escalated()
    second = replace(scenes.alarm("hr_low", "HR low 38 (limit 40)", Priority.HIGH), escalated=True)
    desk.show(replace(base, alarms=(second, *base.alarms)))
    assert desk.window.escalation.panel.isVisible()


def test_answered_it_is_gone_at_once(desk):
    desk.show(alarm_scenes.several())
    assert not desk.window.escalation.panel.isVisible()
    assert not desk.window.escalation.edge.isVisible()


def test_it_is_seen_and_heard_together_or_neither():
    base = alarm_scenes.escalated()
    assert escalation(base) is not None
    assert escalation(replace(base, audio=replace(base.audio, escalated=False))) is None
    assert escalation(alarm_scenes.several()) is None
    acked = replace(base.alarms[0], state=AlarmState.ACKED)
    assert escalation(replace(base, alarms=(acked,))) is None


def test_it_says_since_when_nobody_has_answered_and_what_to_do():
    view = escalation(alarm_scenes.escalated())
    assert view is not None
    assert view.text == "SpO₂ low 84 % (limit 85)"
    assert view.below.startswith("Nobody has answered since 14:21:02, 65 s.")
    assert "Acknowledge (F2)" in view.below


def test_a_medium_alarm_that_waits_stays_a_medium_one():
    base = alarm_scenes.escalated()
    waiting = replace(scenes.alarm("x", "PUMP DATA LOST", Priority.MEDIUM), escalated=True)
    view = escalation(replace(base, alarms=(waiting,)))
    assert view is not None
    assert (view.priority, view.mark) == (Priority.MEDIUM, "▲ !!")


def test_it_sends_nobody_to_the_patient_for_a_trouble_of_this_computer():
    base = alarm_scenes.escalated()
    mute = replace(base.alarms[0], key="sound", text="NO SOUND - watch the screen")
    view = escalation(replace(base, alarms=(mute,)))
    assert view is not None
    assert "patient" not in view.below
    assert view.below.endswith(". Answer with Acknowledge (F2)")


def test_active_alarms_flash_at_the_rate_of_their_priority_and_never_more_than_three_times_a_second(qtbot, desk):
    assert RATES == {Priority.HIGH: 2.0, Priority.MEDIUM: 0.6, Priority.LOW: 0.0}
    bar = desk.window.alarm_bar
    assert bar.flash.rate == 2.0
    seen: list[bool] = []
    bar.flash.turned.connect(seen.append)
    qtbot.waitUntil(lambda: len(seen) >= 2, timeout=3000)
    assert set(seen) == {True, False}
    desk.show(scenes.normal())
    assert bar.flash.rate == 0.0
    assert bar.flash.lit


def test_an_acknowledged_alarm_stands_still(desk):
    base = scenes.three_alarms()
    desk.show(replace(base, alarms=tuple(replace(one, state=AlarmState.ACKED) for one in base.alarms)))
    assert desk.window.alarm_bar.flash.rate == 0.0


def test_pictures_that_are_compared_are_held_lit(qtbot, monkeypatch):
    monkeypatch.setattr(Flash, "held", True)
    flash = Flash()
    flash.show_priority(Priority.HIGH)
    qtbot.wait(600)
    assert flash.lit
