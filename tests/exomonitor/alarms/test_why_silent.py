"""Why is this silent? One sentence with times for every condition, and none for one that is heard."""

import re

import pytest

from exomonitor.alarms.why_silent import INSIDE, why_all_silent
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import HIGH, MEDIUM, Bedside


def at(instant):
    return f"{instant.utc.astimezone():%H:%M:%S}"


def name(user):
    return {"u-1": "Nurse Example"}[user]


def test_what_is_heard_has_no_reason(bed):
    bed.technical("a", True)
    assert bed.why("a") == ""


def test_what_a_higher_one_covers_has_no_reason_either(bed):
    bed.technical("a", True)
    bed.technical("b", True, HIGH)
    assert bed.why("a") == ""


def test_nothing_to_hear(bed):
    bed.tell(Sign.SPO2, 97.0)
    measured = bed.now
    bed.wait(4)
    assert bed.why("spo2_low") == f"{INSIDE}: 97 at {at(measured)}"
    assert bed.why("pump.lost") == f"{INSIDE} at {at(bed.now)}"
    assert bed.why("temp_high") == f"No value yet at {at(bed.now)}"


def test_a_value_that_is_gone(bed):
    bed.tell(Sign.SPO2, 97.0)
    bed.wait(4)
    bed.tell(Sign.SPO2, None)
    assert bed.why("spo2_low") == f"No value since {at(bed.now)}: the SpO₂ is not judged"


def test_a_delay_that_runs(bed):
    bed.tell(Sign.SPO2, 89.0)
    crossed = bed.now
    bed.wait(3)
    assert (
        bed.why("spo2_low") == f"Waiting 15 s delay since {at(crossed)}, sounds at {at(crossed.plus(15))} if it lasts"
    )


def test_a_delay_that_is_over_while_nobody_tells_whether_it_lasts(bed):
    since = bed.now
    bed.technical("a", True, delay_s=60, live_until=since.plus(50))
    bed.wait(55)
    assert bed.why("a") == f"Waiting 60 s delay since {at(since)}, sounds at {at(since.plus(60))} if it lasts"
    bed.wait(10)
    assert bed.why("a") == f"Waiting 60 s delay since {at(since)}, sounds as soon as its device says that it lasts"


def test_audio_paused_by_whom_and_until_when(bed):
    bed.technical("a", True)
    bed.wait(5)
    pressed = bed.now
    bed.manager.pause_audio(bed.now, "u-1")
    bed.wait(5)
    told = f"Audio paused by Nurse Example at {at(pressed)}, until {at(pressed.plus(120))}"
    assert bed.why("a", who=name) == told
    bed.wait(115)
    assert bed.why("a", who=name) == ""


def test_acknowledged_and_when_it_sounds_again(bed):
    bed.technical("a", True, HIGH)
    bed.technical("b", True)
    bed.acknowledge(by="u-1")
    acked = bed.now
    high = f"Acknowledged by Nurse Example at {at(acked)}, sounds again at {at(acked.plus(180))} if it is still there"
    assert bed.why("a", who=name) == high
    assert (
        bed.why("b", who=name)
        == f"Acknowledged by Nurse Example at {at(acked)}, silent while it lasts and does not get worse"
    )


def test_over_and_not_yet_seen(bed):
    bed.stream(Sign.SPO2, 80.0, 50)
    bed.tell(Sign.SPO2, 97.0)
    over = bed.now
    bed.wait(5)
    assert bed.why("spo2_low") == f"Over since {at(over)}: one burst every 30 s until it is acknowledged"
    bed.wait(26)
    assert bed.why("spo2_low") == ""


def test_a_mark_only():
    bed = Bedside()
    bed.stream(Sign.SPO2, 80.0, 20)
    raised = bed.view("spo2_low").raised_at
    bed.tell(Sign.SPO2, 97.0)
    told = f"Cleared by itself (on {at(raised)}-{at(bed.now)}) in less than 30 s: a mark only, until it is acknowledged"
    assert bed.why("spo2_low") == told


def test_part_of_an_event_that_was_acknowledged(bed):
    bed.technical("a", True, group="circulation")
    bed.acknowledge()
    bed.technical("b", True, group="circulation")
    assert bed.why("b") == ""
    raised = bed.now
    bed.wait(3)
    assert bed.why("b") == f"Part of an event that was acknowledged: one burst at {at(raised)}, then seen only"


def test_the_device_sounds_for_itself():
    bed = Bedside(relayed_delay_s=10.0)
    alarm = RelayedAlarm("pump", "1", "9", AlarmKind.NEAR_END, "Near end", "low", True, bed.now)
    bed.manager.on_relayed(alarm, bed.now)
    assert bed.why("relayed:pump:1:9") == f"The device sounds for itself: ours follows at {at(bed.now.plus(10))}"


@pytest.mark.parametrize("key", ["spo2_low", "hr_low"])
def test_patient_away(bed, key):
    bed.manager.set_away(True, bed.now)
    left = bed.now
    bed.wait(5)
    assert bed.why(key) == f"Patient away since {at(left)}: the sensors are not judged"
    assert bed.why("pump.lost").startswith(INSIDE)


def test_patient_left(bed):
    bed.manager.set_deserted(True, bed.now)
    assert bed.why("spo2_low") == f"The patient has left, noted at {at(bed.now)}: nobody is judged"


def test_sensor_off(bed):
    bed.tell(Sign.SPO2, 97.0)
    bed.tell(Sign.SPO2, None, Validity.SENSOR_OFF)
    assert bed.why("spo2_low") == f"Sensor off since {at(bed.now)}: the SpO₂ is not judged"


@pytest.mark.parametrize("now", ["normal", "pending", "active", "acked", "latched", "mark", "off", "away", "left"])
def test_every_sentence_gives_a_time(bed, now):
    bed.stream(Sign.SPO2, 97.0 if now in {"normal", "off"} else 80.0, {"pending": 2, "mark": 14}.get(now, 50))
    for what in [now] if now != "acked" else ["ack"]:
        if what in {"latched", "mark"}:
            bed.tell(Sign.SPO2, 97.0)
            bed.wait(5)
        elif what == "ack":
            bed.acknowledge()
        elif what == "off":
            bed.tell(Sign.SPO2, None, Validity.SENSOR_OFF)
        elif what == "away":
            bed.manager.set_away(True, bed.now)
        elif what == "left":
            bed.manager.set_deserted(True, bed.now)
    said = bed.why("spo2_low", no_sound="no sound device")
    assert re.search(r"\d\d:\d\d:\d\d", said)


def test_held_by_the_monitor(bed):
    bed.tell(Sign.SPO2, None, Validity.HELD)
    held = bed.now
    told = f"Held: the monitor holds the value, since {at(held)}, until {at(held.plus(60))} at the latest"
    assert bed.why("spo2_low") == told


def test_no_sound_at_all(bed):
    bed.technical("a", True)
    assert bed.why("a", no_sound="no sound device") == f"No sound at {at(bed.now)}: no sound device"


def test_every_condition_that_stands_has_its_sentence_with_a_time_or_is_heard(bed):
    bed.tell(Sign.SPO2, 89.0)
    bed.technical("a", True)
    bed.technical("b", True, MEDIUM)
    bed.acknowledge("b")
    bed.wait(1)
    said = why_all_silent(bed.manager.picture(bed.now), bed.now)
    assert set(said) == {"spo2_low", "a", "b"}
    assert said["a"] == ""
    assert all(re.search(r"\d\d:\d\d:\d\d", text) for text in said.values() if text)
