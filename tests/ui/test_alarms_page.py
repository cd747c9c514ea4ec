"""The page of the alarms answers why an alarm is on and why one is silent, and changes limits only when signed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from exomonitor.alarms.limits import Priority
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.alarm_statistics import alarm_statistics
from exomonitor.session.entry import Entry
from exomonitor.session.parts.alarm_limits import AlarmLimitsSet, AlarmsSuppressed, SetAlarmLimits
from exomonitor.signals.vitals import Sign
from tests.ui import alarm_scenes, scenes
from tests.ui.windows import Desk
from ui.pages.alarms.page import EVERY, LIMITS, LOG, NOW, SOUNDS, STATISTICS, AlarmsPage
from ui.presenters.alarm_cases import BEHIND, HEARD, NO_ALARM, alarm_cases
from ui.presenters.alarm_history import kind_rows, log_rows, summary
from ui.presenters.header import limits_chip


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, alarm_scenes.several())
    yield made
    made.close()


def opened(desk: Desk, tab: str = NOW) -> AlarmsPage:
    desk.window.alarm_bar.page_key.click()
    page = desk.window.pages["alarms"]
    assert isinstance(page, AlarmsPage)
    page.open_tab(tab)
    desk.settle()
    return page


def told(page: AlarmsPage) -> dict[str, str]:
    """By the text of each row in sight why it is silent or heard; turns through all pages."""
    found: dict[str, str] = {}
    while True:
        rows = {row.lines()[0]: row.lines()[2] for row in page.now.rows if row.isVisible()}
        if rows.keys() <= found.keys():
            return found
        found |= rows
        if not page.now.more_key.isVisible():
            return found
        page.now.more_key.click()


def sign(desk: Desk, page: AlarmsPage) -> None:
    page.prove.people.tile("u1").click()
    page.prove.pad.line.setText("1111")
    page.prove.pad.line.returnPressed.emit()
    desk.qtbot.waitUntil(lambda: not page.prove.isVisible())


# --- Now -----------------------------------------------------------------------------------------------------------


def test_one_touch_in_the_alarm_bar_opens_it_even_while_nothing_alarms_and_esc_leads_back(desk):
    desk.show(scenes.normal())
    page = opened(desk)
    assert desk.window.stack.currentWidget() is page
    assert page.now.title() == NO_ALARM
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    assert desk.window.stack.currentWidget() is desk.window.session_page


def test_shift_f4_opens_it(desk):
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F4, Qt.KeyboardModifier.ShiftModifier)
    assert isinstance(desk.window.stack.currentWidget(), AlarmsPage)


def test_each_row_says_why_it_is_on_and_why_it_is_silent(desk):
    found = told(opened(desk))
    assert found["SpO₂ low 84 % (limit 85)"] == f"Sound: {HEARD}"
    assert found["SBP low 84 mmHg (limit 90): REPEAT NOW"].startswith("Why is this silent? Acknowledged")
    assert found["HR high 124 (limit 120)"].startswith("Why is this silent? Waiting 20 s delay since 14:21:59")
    assert found["Temp high"] == "Why is this silent? Sensor off since 14:20:32: the temperature is not judged"


def test_the_most_urgent_alarm_sounds_and_those_below_it_say_that_it_does():
    base = scenes.three_alarms()
    cases = alarm_cases(replace(base, why_silent={}), ())
    assert cases[0].why_silent == HEARD
    assert {case.why_silent for case in cases if case.priority is Priority.LOW} == {BEHIND}
    elsewhere = replace(base, why_silent={}, audio=replace(base.audio, owner="chair 5"))
    assert alarm_cases(elsewhere, ())[0].why_silent == BEHIND


def test_where_this_chair_is_the_one_that_sounds_its_alarm_says_so():
    base = scenes.three_alarms()
    cases = alarm_cases(replace(base, why_silent={}, audio=replace(base.audio, owner=base.chair)), ())
    assert cases[0].why_silent == HEARD
    assert {case.why_silent for case in cases if case.priority is Priority.LOW} == {BEHIND}


def test_while_audio_is_paused_every_alarm_says_so_with_its_times(desk):
    desk.show(alarm_scenes.paused())
    found = told(opened(desk))
    paused = [words for words in found.values() if "Audio paused" in words]
    assert len(paused) == 3
    assert all("at 14:21:47, until 14:23:47" in words for words in paused)


def test_an_alarm_is_acknowledged_from_its_own_row(desk):
    page = opened(desk)
    page.now.rows[0].key.click()
    assert [command.key for command in desk.sent(cmd.Acknowledge)] == [desk.bedside.latest().alarms[0].key]


def test_vital_signs_and_pump_stay_in_sight_while_the_product_runs(desk):
    page = opened(desk)
    assert page._head.strip.isVisible()
    desk.show(scenes.empty_chair())
    assert not page._head.strip.isVisible()


def test_the_sounds_are_named_for_what_they_are(desk):
    assert opened(desk).status() == SOUNDS == "Sounds: IEC 60601-1-8 style, not tested to the standard."


def test_an_escalated_alarm_says_that_nobody_has_answered():
    limits = ()
    first = alarm_cases(alarm_scenes.escalated(), limits)[0]
    assert "ESCALATED" in first.why_on


# --- Alarm limits --------------------------------------------------------------------------------------------------


def test_the_table_shows_the_protocol_the_patient_and_the_bounds(desk):
    desk.show(alarm_scenes.changed())
    form = opened(desk, LIMITS).limits
    shown = {key: tuple(cell.text() for cell in cells) for key, cells in form._cells.items()}
    assert shown["hr_low"] == ("45 /min", "40 /min", "30-180", "12 s", "--")
    assert shown["hr_high"][:3] == ("120 /min", "as protocol", "30-180")
    assert shown["spo2_low"][:3] == ("90 %", "88 %", "75-99")
    assert form.entries["hr_low"].text() == "40"
    assert form.changed_line.text().startswith("Changed 14:12:07 by ")


def test_a_changed_limit_takes_a_reason_and_a_signature(desk):
    page = opened(desk, LIMITS)
    page.limits.entries["hr_low"].line.setText("40")
    page.limits.save()
    assert "Say why" in page.status()
    assert not page.prove.isVisible()
    page.limits.reason.key("Slow heart at rest").click()
    page.limits.save()
    assert page.prove.isVisible()
    assert desk.sent(SetAlarmLimits) == []
    sign(desk, page)
    (sent,) = desk.sent(SetAlarmLimits)
    assert (dict(sent.limits), sent.reason, sent.proof) == ({"hr_low": 40}, "Slow heart at rest", "proof-of-u1")


def test_the_keypad_types_into_the_entry_that_was_touched_last(desk):
    page = opened(desk, LIMITS)
    page.limits.entries["spo2_low"].line.setFocus()
    page.limits.keypad.aim_at(page.limits.entries["spo2_low"].line)
    for digit in "88":
        page.limits.keypad._press(digit)
    assert page.limits.entries["spo2_low"].text() == "88"


def test_a_limit_outside_its_bounds_is_not_even_signed(desk):
    page = opened(desk, LIMITS)
    page.limits.entries["spo2_low"].line.setText("40")
    page.limits.reason.key("Usual for this patient").click()
    page.limits.save()
    assert "75" in page.status()
    assert not page.prove.isVisible()


def test_nothing_changed_is_nothing_to_sign(desk):
    page = opened(desk, LIMITS)
    page.limits.reason.key("Usual for this patient").click()
    page.limits.save()
    assert page.status().startswith("Nothing is changed")


def test_one_touch_asks_for_the_protocol_again(desk):
    desk.show(alarm_scenes.changed())
    page = opened(desk, LIMITS)
    page.limits.defaults_key.click()
    sign(desk, page)
    (sent,) = desk.sent(SetAlarmLimits)
    assert dict(sent.limits) == {}
    assert sent.reason == "As in the protocol again"


def test_what_the_baseline_asks_for_is_offered_and_never_set_by_itself(desk):
    desk.show(alarm_scenes.offered())
    page = opened(desk, LIMITS)
    assert page.limits.entries["hr_low"].text() == ""
    page.limits.offer_key.click()
    assert page.limits.entries["hr_low"].text() == "38"
    assert desk.sent(SetAlarmLimits) == []


def test_esc_leaves_the_signature_and_keeps_what_was_typed(desk):
    page = opened(desk, LIMITS)
    page.limits.entries["hr_low"].line.setText("40")
    page.limits.reason.key("Slow heart at rest").click()
    page.limits.save()
    desk.window.back()
    assert page.limits.isVisible()
    assert page.limits.entries["hr_low"].text() == "40"


def test_without_a_session_no_limit_can_be_typed(desk):
    desk.show(scenes.empty_chair())
    form = opened(desk, LIMITS).limits
    assert not any(entry.isEnabled() for entry in form.entries.values())
    assert not form.save_key.isEnabled()


def test_a_refusal_stands_below_and_nothing_typed_is_lost(desk):
    desk.bedside.refusal = "HR low 110 and HR high 120 /min are closer than 20"
    page = opened(desk, LIMITS)
    page.limits.entries["hr_low"].line.setText("110")
    page.limits.reason.key("Usual for this patient").click()
    page.limits.save()
    sign(desk, page)
    desk.qtbot.waitUntil(lambda: page.status() != "Recording ...")
    assert page.status() == "Not recorded: HR low 110 and HR high 120 /min are closer than 20"
    assert page.limits.entries["hr_low"].text() == "110"


def test_a_changed_limit_has_its_banner_on_every_page_and_its_mark_on_the_tile(desk):
    desk.show(alarm_scenes.changed())
    for page in ("help", "settings", "alarms"):
        desk.window.show_over(page)
        assert desk.window.care.limits_chip.isVisible()
        assert desk.window.care.limits_chip.accessibleName() == "LIMITS CHANGED HR low 40 +1"
    tile = desk.window.session_page._tiles[Sign.HR].view
    assert tile.own_low
    assert not tile.own_high
    assert tile.beside == "LIMIT CHANGED"
    desk.show(scenes.normal())
    assert not desk.window.care.limits_chip.isVisible()
    assert limits_chip(scenes.normal()) is None


# --- All conditions, log, statistics -------------------------------------------------------------------------------


def test_every_condition_is_listed_with_its_total_delay_for_this_device(desk):
    page = opened(desk, EVERY)
    rows = page.every.words()
    assert ("HR low", "≤ 40/min, for 5 s, 3 samples", "high", "7 s") in rows
    assert any(row[0] == "PUMP DATA LOST - ..." for row in rows)
    assert page.status().startswith("GE B650 reports every 2 s")


def test_the_long_table_is_turned_through_without_a_scroll_bar(desk):
    page = opened(desk, EVERY)
    seen = page.every.shown()
    while page.every.more_key.text() != "From the first":
        page.every.more_key.click()
        seen += page.every.shown()
    assert tuple(seen) == page.every.words()


def journal() -> list[Entry]:
    start = scenes.START

    def change(seq: int, at: float, to: str, before: str, by: str = "") -> Entry:
        return scenes.entry(
            seq, start.plus(at), mv.AlarmChanged("hr_high", "HR high 126 (limit 120)", "medium", before, to,
                                                 start.plus(at), by=by))  # fmt: skip

    return [
        scenes.entry(1, start, ev.SessionOpened("EXO-1", "4", True, "P", "1", "0", "0")),
        change(2, 60, "active", "pending"),
        change(3, 80, "acked", "active", "u1"),
        scenes.entry(4, start.plus(90), mv.AudioPaused(start.plus(210))),
        scenes.entry(5, start.plus(100), AlarmsSuppressed(start, {"spo2_low": 3})),
        scenes.entry(6, start.plus(120), AlarmLimitsSet({"hr_low": 40}, {}, "u1", "nurse", "Slow heart at rest")),
    ]


def test_the_log_tells_what_the_alarms_did_and_who_answered_the_newest_first():
    rows = log_rows(journal(), {"u1": ("R. Okafor", "nurse")})
    assert [row[1].split(":")[0] for row in rows] == [
        "Alarm limits changed",
        "Suppressed since 14",
        "Audio paused until 14",
        "Acknowledged",
        "Alarm",
    ]
    assert rows[0][2] == "R. Okafor"


def test_statistics_say_how_many_an_hour_how_soon_answered_and_how_many_suppressed():
    found = alarm_statistics(journal(), scenes.START.plus(1800))
    figures = {words: figure for figure, words in summary(found)}
    assert figures["alarms in 30 min"] == "1"
    assert figures["alarms an hour"] == "2.0"
    assert figures["acknowledged within 30 s; a pause of the audio does not count"] == "100 %"
    assert figures["suppressed: over before their delay was"] == "3"
    rows = {row[0]: row[1:] for row in kind_rows(found)}
    assert rows["HR high 126 (limit 120)"] == ("1", "2.0", "1 of 1", "0", "0")
    assert rows["spo2 low"] == ("0", "0.0", "--", "3", "0")


def test_log_and_statistics_are_read_from_the_record_and_follow_it(desk, qtbot):
    desk.bedside.archive.by_session["s1"] = journal()
    page = opened(desk, LOG)
    qtbot.waitUntil(lambda: len(page.log.words()) == 5)
    desk.bedside.archive.by_session["s1"] = journal()[:3]
    desk.show(replace(alarm_scenes.several(), now=scenes.NOW.plus(6)))
    qtbot.waitUntil(lambda: len(page.log.words()) == 2)
    page.open_tab(STATISTICS)
    qtbot.waitUntil(lambda: page.statistics.table.words() != ())


def test_statistics_of_all_sessions_are_one_touch_away(desk, qtbot):
    page = opened(desk, STATISTICS)
    page.statistics.of.key("every").click()
    qtbot.waitUntil(lambda: not page._asking)
    assert page.statistics.table.words() == ()
