"""What the bar names first is what its key answers and what the sheet across the room says."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.engine.snapshot import OtherPlace
from exomonitor.settings import ChairSetting, seats_of
from tests.ui import alarm_scenes, scenes
from tests.ui.scenes import alarm
from ui.presenters.alarms import alarm_bar, alarm_lines, answered
from ui.presenters.escalation import escalation

SEATS = seats_of((ChairSetting(name="4"), ChairSetting(name="5")))
EARLY = replace(alarm("late:a", "Set +10 is overdue", Priority.MEDIUM, ago_s=400), escalated=True)
LATE = replace(alarm("late:b", "Set +15 is overdue", Priority.MEDIUM, ago_s=90), escalated=True)
FRESH = alarm("hr_high", "HR high 126 (limit 120)", Priority.MEDIUM, ago_s=3)


def showing(*alarms):
    return replace(alarm_scenes.escalated(), alarms=alarms)


def test_bar_sheet_list_and_key_name_the_same_escalated_alarm():
    snapshot = showing(FRESH, LATE, EARLY)
    sheet = escalation(snapshot)
    assert sheet is not None
    assert sheet.text == alarm_bar(snapshot).text == alarm_lines(snapshot)[0].text == "Set +10 is overdue"
    assert answered(snapshot)[0] == "late:a"


def in_two_chairs(mine, theirs):
    return replace(showing(*mine), chairs=SEATS, others=(OtherPlace("5", "ROE, Richard", True, theirs),))


def test_of_two_chairs_bar_and_sheet_name_the_alarm_that_the_key_answers():
    snapshot = in_two_chairs((LATE,), (EARLY,))
    sheet = escalation(snapshot)
    assert sheet is not None
    assert sheet.text == alarm_bar(snapshot).text == "Chair 4 · Set +15 is overdue"
    assert sheet.below.endswith("Go to the patient; answer with Acknowledge (F2)")


def test_of_another_chair_the_longest_waits_first_and_is_answered_there():
    snapshot = in_two_chairs((), (LATE, EARLY))
    sheet = escalation(snapshot)
    assert sheet is not None
    assert sheet.text == alarm_bar(snapshot).text == "Chair 5 · Set +10 is overdue"
    assert sheet.below.endswith("Go to the patient; answer in chair 5")


def test_the_sheet_names_the_escalated_part_of_the_line_that_the_bar_names():
    head = replace(FRESH, priority=Priority.HIGH, state=AlarmState.ACKED, group="circulation")
    snapshot = showing(EARLY, head, replace(LATE, group="circulation"))
    sheet = escalation(snapshot)
    assert sheet is not None
    assert sheet.text == LATE.text
    assert LATE.text in alarm_bar(snapshot).text


def test_of_equals_what_nobody_has_seen_stands_before_what_somebody_has():
    seen = replace(FRESH, state=AlarmState.ACKED)
    over = replace(LATE, state=AlarmState.LATCHED, escalated=False)
    assert alarm_bar(showing(seen, over)).text == "Set +15 is overdue"


def test_below_an_acknowledged_alarm_the_key_says_what_it_answers():
    seen = replace(FRESH, state=AlarmState.ACKED)
    new = alarm("late:c", "Set +20 is overdue", Priority.LOW)
    view = alarm_bar(showing(seen, new))
    assert (view.text, view.priority) == (FRESH.text, Priority.MEDIUM)
    assert view.acknowledge_text == "Acknowledge !"
    assert view.detail.startswith("F2 answers ! Set +20 is overdue")
    assert view.detail.count("Set +20") == 1


def test_the_second_line_keeps_what_is_to_be_done():
    sounding, pressure, *_ = scenes.three_alarms().alarms
    view = alarm_bar(showing(sounding, replace(pressure, state=AlarmState.ACTIVE)))
    assert "also SBP low 84 mmHg: REPEAT NOW" in view.detail
    assert any("(limit 90)" in other for other in view.others)
    assert view.acknowledge_text == "Acknowledge"
