"""The strip above a reaction: every value with its unit and age, and an alarm about it in its colour."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.engine.snapshot import Snapshot
from tests.ui import scenes
from tests.ui.windows import SMALL, Desk
from ui.pages.reaction.strip_vital import StripVital
from ui.presenters.reaction import VitalWord, reaction_view
from ui.theme import DARK


def low(state: AlarmState = AlarmState.ACTIVE):
    told = scenes.alarm("spo2_low", "SpO₂ low 84 % (limit 85)", Priority.HIGH, state)
    return replace(scenes.reacting(), vitals=scenes.vitals(spo2=84.0), alarms=(told,))


def words(snapshot: Snapshot) -> tuple[VitalWord, ...]:
    assert snapshot.session is not None
    return reaction_view(snapshot, snapshot.session.reactions[-1]).vitals


def test_every_value_has_its_unit_and_its_age():
    heart, oxygen, pressure, breath = words(scenes.reacting())
    assert (heart.unit, oxygen.unit, pressure.unit, breath.unit) == ("/min", "%", "mmHg", "/min")
    assert (heart.note, oxygen.note) == ("2 s", "2 s")
    assert pressure.note == "14:19, 2 min"


def test_an_alarm_about_a_value_is_seen_on_it():
    for state, filled in ((AlarmState.ACTIVE, True), (AlarmState.ACKED, False)):
        oxygen = words(low(state))[1]
        assert (oxygen.value, oxygen.alarm, oxygen.filled) == ("84", Priority.HIGH, filled)


def test_an_old_value_says_so_and_a_lost_one_has_no_age():
    live = scenes.vitals()
    first = next(iter(live))
    old = {**live, first: replace(live[first], stale=True, age_s=14.0)}
    vital = words(replace(scenes.reacting(), vitals=old))[0]
    assert (vital.note, vital.live) == ("OLD 14 s", False)


@pytest.fixture
def shown(qtbot):
    made = StripVital(DARK)
    qtbot.addWidget(made)
    made.show_vital(VitalWord("SpO₂", "84", "2 s", True, "%", Priority.HIGH, True))
    return made


def test_the_alarm_fills_the_ground_and_is_told_to_a_screen_reader(shown):
    shown.resize(shown.sizeHint())
    colours = {shown.grab().toImage().pixelColor(x, shown.height() // 2).name() for x in range(shown.width())}
    assert DARK.alarm_high in colours
    assert shown.accessibleName() == "SpO₂ 84 % 2 s high alarm"


def test_where_there_is_no_room_sign_and_value_stay(shown):
    assert shown.minimumSizeHint().width() < shown.sizeHint().width()
    assert [group[0][0] for group in shown._parts(1)] == ["SpO₂", "84"]


def test_an_old_value_gives_up_its_unit_before_its_age_and_its_age_before_the_word(shown):
    shown.show_vital(VitalWord("SpO₂", "84", "OLD 14 s", False, "%"))
    said = [words for group in shown._parts(2) for words, _ in group]
    assert "".join(said) == "SpO₂84OLD 14 s"
    assert [words for group in shown._parts(1) for words, _ in group] == ["SpO₂", "84", "OLD"]
    shown.show_vital(VitalWord("SpO₂", "84", "", False, "%"))
    assert shown._parts(2)[2][0][0] == "%"


def test_all_of_it_fits_beside_the_pump(qtbot):
    desk = Desk(qtbot, low(), SMALL)
    desk.window.open_reaction()
    desk.settle()
    strip = desk.window.reaction_page._head
    assert all(one.width() >= one.sizeHint().width() for one in strip._vitals)
    desk.close()
