"""On a page that shows neither vital signs nor the pump, the header says both; nothing old looks live."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.signals.pump import PumpStatus
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.ui import scenes
from tests.ui.windows import Desk
from ui.presenters.away import away_chips
from ui.presenters.header import Chip, device_chips


def chips(snapshot) -> dict[str, Chip]:
    return {chip.key: chip for chip in away_chips(snapshot)}


def test_pump_and_monitor_say_what_they_read_with_units_and_ages():
    found = chips(scenes.normal())
    assert (found["pump"].strong, found["pump"].tail) == ("INFUSING 165.5 mL/h", "0.4 s")
    assert (found["monitor"].strong, found["monitor"].tail) == ("HR 88 · SpO₂ 97 %", "2.0 s")


def test_a_pump_that_stands_has_no_rate():
    base = scenes.normal()
    assert base.pump is not None
    still = replace(base.pump, reading=scenes.pump_reading(PumpStatus.STOPPED, 0.0, 25.0))
    assert chips(replace(base, pump=still))["pump"].strong == "Pump STOPPED"


def test_a_device_that_does_not_talk_keeps_the_chip_that_says_so():
    lost = scenes.lost()
    assert [one for one in away_chips(lost) if one.bad] == [one for one in device_chips(lost) if one.bad]


def test_a_value_that_is_old_is_two_dashes_and_without_any_value_the_monitor_keeps_its_name():
    base = scenes.normal()
    old = {sign: replace(live, stale=sign is Sign.SPO2) for sign, live in base.vitals.items()}
    assert chips(replace(base, vitals=old))["monitor"].strong == "HR 88 · SpO₂ -- %"
    none = {sign: replace(live, lost=True) for sign, live in base.vitals.items()}
    assert chips(replace(base, vitals=none))["monitor"].strong == "GE B650"


def test_a_pulse_stands_for_the_heart_rate_as_on_its_tile_and_a_doubtful_value_has_its_mark():
    base = scenes.normal()
    pulse = {**base.vitals, Sign.PULSE: scenes.live(Sign.PULSE, 91)}
    del pulse[Sign.HR]
    assert chips(replace(base, vitals=pulse))["monitor"].strong == "Pulse 91 · SpO₂ 97 %"
    doubtful = {**base.vitals, Sign.SPO2: scenes.live(Sign.SPO2, 83, 2.0, Validity.QUESTIONABLE)}
    assert chips(replace(base, vitals=doubtful))["monitor"].strong == "HR 88 · SpO₂ 83? %"


def test_without_a_session_the_devices_are_named():
    assert away_chips(scenes.empty_chair()) == device_chips(scenes.empty_chair())


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.normal())
    yield made
    made.close()


def monitor(desk: Desk) -> str:
    return desk.window.header._chips["monitor"].accessibleName()


def test_the_header_says_them_away_from_the_live_page_alone_and_never_to_a_second_person(desk):
    assert "HR" not in monitor(desk)
    desk.window.go("settings")
    assert monitor(desk).startswith("HR 88")
    desk.window.header.set_blind(True)
    desk.show(replace(scenes.normal(), beat=9))
    assert "HR" not in monitor(desk)
    desk.window.header.set_blind(False)
    desk.window.go("session")
    assert "HR" not in monitor(desk)


@pytest.mark.expects_log("the screen is not being updated")
def test_a_picture_that_does_not_move_any_more_says_no_value(desk):
    desk.window.go("settings")
    for _ in range(3):
        desk.window._look_after()
    assert "HR" not in monitor(desk)
