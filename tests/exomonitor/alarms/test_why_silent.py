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
    assert (bed.why("spo2_low"), bed.why("pump.lost")) == (INSIDE, INSIDE)


def test_a_delay_that_runs(bed):
    bed.tell(Sign.SPO2, 89.0)
    crossed = bed.now
    bed.wait(3)
    assert (
        bed.why("spo2_low") == f"Waiting 15 s delay since {at(crossed)}, sounds at {at(crossed.plus(15))} if it lasts"
    )


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
    bed.tell(Sign.SPO2, 97.0)
    assert bed.why("spo2_low").startswith("Cleared by itself in less than 30 s")


def test_part_of_an_event_that_was_acknowledged(bed):
    bed.technical("a", True, group="circulation")
    bed.acknowledge()
    bed.technical("b", True, group="circulation")
    assert bed.why("b") == ""
    bed.wait(3)
    assert bed.why("b") == "Part of an event that was acknowledged: one burst, then seen only"


def test_the_device_sounds_for_itself():
    bed = Bedside(relayed_delay_s=10.0)
    alarm = RelayedAlarm("pump", "1", "9", AlarmKind.NEAR_END, "Near end", "low", True, bed.now)
    bed.manager.on_relayed(alarm, bed.now)
    assert bed.why("relayed:pump:1:9") == f"The device sounds for itself: ours follows at {at(bed.now.plus(10))}"


@pytest.mark.parametrize("key", ["spo2_low", "hr_low"])
def test_patient_away(bed, key):
    bed.manager.set_away(True, bed.now)
    assert bed.why(key) == "Patient away: the sensors are not judged"
    assert bed.why("pump.lost") == INSIDE


def test_patient_left(bed):
    bed.manager.set_deserted(True, bed.now)
    assert bed.why("spo2_low") == "The patient has left: nobody is judged"


def test_sensor_off(bed):
    bed.tell(Sign.SPO2, 97.0)
    bed.tell(Sign.SPO2, None, Validity.SENSOR_OFF)
    assert bed.why("spo2_low") == "Sensor off: the SpO₂ is not judged"


def test_held_by_the_monitor(bed):
    bed.tell(Sign.SPO2, None, Validity.HELD)
    held = bed.now
    told = f"Held: the monitor holds the value, since {at(held)}, until {at(held.plus(60))} at the latest"
    assert bed.why("spo2_low") == told


def test_no_sound_at_all(bed):
    bed.technical("a", True)
    assert bed.why("a", no_sound="no sound device") == "No sound: no sound device"


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
