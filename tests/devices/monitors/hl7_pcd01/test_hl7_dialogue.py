"""Driver and simulated cart over bytes for many minutes of hand-moved time: what is read and how it is dated."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from devices.monitors.hl7_pcd01.driver import Hl7Pcd01Driver
from devices.monitors.hl7_pcd01.wire import mllp
from devices.simulation.patient import Episode, PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from tests.devices.monitors.hl7_pcd01.hl7_talk import OBSERVATIONS, Bench, faults, readings, tell


def test_a_cart_is_read_every_half_minute_and_answered_each_time() -> None:
    bench = Bench()
    seen = bench.run(600)
    spo2 = readings(seen, Sign.SPO2)
    assert len(spo2) == 20
    assert {reading.validity for reading in spo2} == {Validity.VALID}
    assert all(95 <= (reading.value or 0) <= 100 for reading in spo2)
    assert bench.simulator.answers == [("AA", str(number)) for number in range(1, 21)]
    assert len(bench.sent) == 20
    assert faults(seen) == []
    assert bench.driver.identity == ("MINDRAY_VS900", "00A0370098000001")


def test_a_cuff_pressure_keeps_the_moment_of_its_measurement_while_it_is_sent_again_and_again() -> None:
    bench = Bench(nibp_interval_s=0)
    bench.run(60)
    bench.press("nibp")
    pressures = readings(bench.run(300), Sign.NIBP_SYS)
    assert len(pressures) == 8
    moments = {reading.measured_at for reading in pressures}
    assert len(moments) == 1
    (moment,) = moments
    assert moment is not None
    assert moment.since(bench.began) == pytest.approx(95.0, abs=1.5)


@pytest.mark.parametrize("wrong_s", [-13 * 365 * 86400.0, 40 * 86400.0, 3600.0])
def test_a_clock_that_is_wrong_by_years_changes_no_time_of_ours(wrong_s: float) -> None:
    bench = Bench(clock_wrong_s=wrong_s)
    seen = bench.run(300)
    for reading in readings(seen, Sign.NIBP_DIA):
        assert reading.measured_at is not None
        assert reading.measured_at.since(bench.began) == pytest.approx(40.0, abs=1.5)
    assert all(reading.measured_at is None for reading in readings(seen, Sign.SPO2))


def test_messages_that_a_cart_kept_while_it_was_away_are_not_taken_for_live(
    driver: Hl7Pcd01Driver, clock: ManualClock
) -> None:
    spo2 = "OBX|1|NM|150456||{}|%|||||F"
    tell(driver, clock, 1, spo2.format(98), time="20130101000000")
    clock.advance(600)
    kept = [tell(driver, clock, n, spo2.format(90 + n), time=f"201301010{n:03d}00") for n in range(2, 9, 2)]
    (now,) = tell(driver, clock, 20, spo2.format(97), time="20130101001000")
    ages = [clock.now().since(fact.taken_at) for facts in kept for fact in readings(facts, Sign.SPO2)]
    assert ages == [480.0, 360.0, 240.0, 120.0]
    assert isinstance(now, VitalReading)
    assert now.measured_at is None


def test_a_clock_that_somebody_set_back_is_the_usual_clock_from_the_second_message_on(
    driver: Hl7Pcd01Driver, clock: ManualClock
) -> None:
    ages = []
    for number, time in enumerate(("120000", "120030", "110100", "110130", "110200", "120230", "120300")):
        (reading,) = tell(driver, clock, number, "OBX|1|NM|150456||98|%", time=f"20260302{time}")
        assert isinstance(reading, VitalReading)
        ages.append(clock.now().since(reading.taken_at))
        clock.advance(30)
    assert ages == [0.0, 0.0, 3600.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("hours", [1, -1])
def test_our_own_clock_that_somebody_sets_makes_no_value_old(
    driver: Hl7Pcd01Driver, clock: ManualClock, hours: int
) -> None:
    ages = []
    for number in range(6):
        at = clock.advance(30)
        if number >= 3:
            at = replace(at, utc=at.utc + timedelta(hours=hours))
        sent = f"2026030209{number // 2:02d}{number % 2 * 30:02d}+0000"
        text = OBSERVATIONS.format(time=sent, number=number, obx="OBX|1|NM|150456||98|%\r")
        (reading,) = driver.received(mllp.frame(text.encode()), at)
        assert isinstance(reading, VitalReading)
        ages.append(at.since(reading.taken_at))
    assert ages == [0.0] * 6


def test_a_time_without_the_devices_own_time_beside_it_dates_nothing(
    driver: Hl7Pcd01Driver, clock: ManualClock
) -> None:
    (reading,) = tell(driver, clock, 1, "OBX|1|NM|150456||98|%|||||F|||20260302080000+0000", time="")
    assert isinstance(reading, VitalReading)
    assert reading.measured_at is None


@pytest.mark.parametrize(
    ("observed", "age_s"), [("20260301100000", 82_800.0), ("20260228100000", 0.0), ("20260302090500", 0.0), ("x", 0.0)]
)
def test_an_age_beyond_a_day_or_below_nothing_is_not_believed(
    driver: Hl7Pcd01Driver, clock: ManualClock, observed: str, age_s: float
) -> None:
    (reading,) = tell(driver, clock, 1, f"OBX|1|NM|150301||120|mmHg|||||F|||{observed}")
    assert isinstance(reading, VitalReading)
    assert reading.measured_at is not None
    assert clock.now().since(reading.measured_at) == age_s
    clock.advance(30)
    (again,) = tell(driver, clock, 2, f"OBX|1|NM|150301||120|mmHg|||||F|||{observed}", time="20260302090030")
    assert isinstance(again, VitalReading)
    assert again.measured_at == reading.measured_at  # sent again it does not become younger


def test_demonstration_values_are_said_to_be_that_and_carry_no_number() -> None:
    bench = Bench(demo=True)
    vitals = [fact for fact in bench.run(120) if isinstance(fact, VitalReading)]
    assert {(reading.value, reading.validity) for reading in vitals} == {(None, Validity.DEMO)}
    bench.press("demo", on=False)
    assert readings(bench.run(60), Sign.SPO2)[-1].validity is Validity.VALID


def test_training_messages_carry_no_number(driver: Hl7Pcd01Driver, clock: ManualClock) -> None:
    text = "MSH|^~\\&|CART||||2026||ORU^R01|1|T|2.6\rOBX|1|NM|150456||98|%\r"
    (reading,) = driver.received(mllp.frame(text.encode()), clock.now())
    assert isinstance(reading, VitalReading)
    assert (reading.value, reading.validity) == (None, Validity.TEST)


@pytest.mark.parametrize(
    ("obx", "value", "validity"),
    [
        ("OBX|1|NM|150456||98|%|||||F", 98.0, Validity.VALID),
        ("OBX|1|NM|150456|||%|||||F", None, Validity.UNAVAILABLE),
        ('OBX|1|NM|150456||""|%|||||F', None, Validity.UNAVAILABLE),
        ("OBX|1|NM|150456||--|%|||||F", None, Validity.UNAVAILABLE),
        ("OBX|1|NM|150456||-1|%|||||F", None, Validity.UNAVAILABLE),
        ("OBX|1|NM|150456||98|%|||||X", None, Validity.UNAVAILABLE),
        ("OBX|1|NM|150456||98|%|||||W", None, Validity.UNAVAILABLE),
        ("OBX|1|NM|150456||0|%|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||9 8|%|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||1e2|%|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||nan|%|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||98^97|%|||||F", None, Validity.INVALID),
        ("OBX|1|SN|150456||^98|%|||||F", 98.0, Validity.VALID),
        ("OBX|1|SN|150456||>^98|%|||||F", None, Validity.INVALID),
        ("OBX|1|NA|150456||98|%|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||98|mmHg|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||98|furlong|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||98||||||F", 98.0, Validity.QUESTIONABLE),
        ("OBX|1|NM|150456||384|%|||||F", 384.0, Validity.QUESTIONABLE),
        ("OBX|1|NM|150456||98|%||QUES|||F", 98.0, Validity.QUESTIONABLE),
        ("OBX|1|NM|150456||98|%||L~EARLY|||F", 98.0, Validity.EARLY),
        ("OBX|1|NM|150456||98|%||INV|||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||98|%||L~DEMO|||F", None, Validity.DEMO),
        ("OBX|1|NM|150456||98|%||TEST|||F", None, Validity.TEST),
        ("OBX|1|NM|150456||98|%||CAL|||F", None, Validity.CALIBRATING),
        ("OBX|1|NM|150456||88|%||L|||F", 88.0, Validity.VALID),
        ("OBX|1|NM|150388||33.1|Cel|||||F", 33.1, Validity.QUESTIONABLE),
    ],
)
def test_each_observation_is_judged(
    driver: Hl7Pcd01Driver, clock: ManualClock, obx: str, value: float | None, validity: Validity
) -> None:
    (reading,) = tell(driver, clock, 1, obx)
    assert isinstance(reading, VitalReading)
    assert (reading.value, reading.validity) == (value, validity)


def test_of_several_sources_the_best_that_has_a_number_is_told_once(driver: Hl7Pcd01Driver, clock: ManualClock) -> None:
    facts = tell(
        driver,
        clock,
        1,
        "OBX|1|NM|151658||14|rpm|||||F",
        "OBX|2|NM|151578||16|rpm|||||F",
        "OBX|3|NM|151562|||rpm|||||F",
    )
    assert [(fact.value, fact.note) for fact in readings(facts, Sign.RR)] == [(16.0, "impedance")]


def test_pressures_the_wrong_way_round_are_doubted(driver: Hl7Pcd01Driver, clock: ManualClock) -> None:
    facts = tell(driver, clock, 1, "OBX|1|NM|150301||70|mmHg", "OBX|2|NM|150302||90|mmHg")
    assert {fact.validity for fact in facts if isinstance(fact, VitalReading)} == {Validity.QUESTIONABLE}


def test_a_sensor_that_is_off_gives_missing_values() -> None:
    world = PatientWorld(episodes=[Episode(40.0, 0.0, sensor="spo2", off=True)])
    seen = readings(Bench(world).run(100), Sign.SPO2)
    assert [reading.value is None for reading in seen] == [False, False, True, True]
