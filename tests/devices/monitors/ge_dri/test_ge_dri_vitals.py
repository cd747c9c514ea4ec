"""What the GE driver makes of displayed values: sources, labels, special values, and what is missing and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.monitors.ge_dri.driver import GeDriDriver
from devices.monitors.ge_dri.wire import frames, numerics
from devices.monitors.ge_dri.wire.numerics import BasicValues, Group
from devices.monitors.ge_dri.wire.records import PHDB, Record, encode_record
from exomonitor.clock import ManualClock
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading

ON = numerics.EXISTS | numerics.ACTIVE
FROM_ECG = 1 << numerics.ECG_SOURCE_SHIFT
FROM_PLETH = 6 << numerics.ECG_SOURCE_SHIFT
FROM_ARTERY = 2 << numerics.ECG_SOURCE_SHIFT


def group(name: str, status: int = ON, label: int = 0, **values: int) -> Group:
    return Group(status, label, {**numerics.empty_group(name).values, **values})


HEALTHY: dict[str, Group] = {
    "ecg": group("ecg", ON | FROM_ECG, 0x0200, hr=78, imp_rr=14),
    "nibp": group("nibp", ON, 3, sys=12100, dia=7600, mean=9100),
    "t1": group("t1", ON, 15, temp=3673),
    "spo2": group("spo2", ON, spo2=9800, pr=77, ir_amp=245),
}


def frame(groups: dict[str, Group], number: int = 0, time: int = 1000, aux: int | None = None) -> bytes:
    """One record of displayed values of a healthy patient, with some groups replaced."""
    basic = BasicValues(time, {**HEALTHY, **groups}, class_word=numerics.class_word(10, 1))
    subrecords = [(1, numerics.encode_basic(basic))]
    if aux is not None:
        subrecords.append((4, numerics.encode_nibp_time(aux)))
    return frames.frame(encode_record(Record(PHDB, tuple(subrecords), number, 10, 0, time)))


def read(**groups: Group) -> dict[Sign, VitalReading]:
    driver, clock = GeDriDriver("monitor"), ManualClock()
    driver.opened(clock.now())
    facts = driver.received(frame(groups), clock.now())
    readings = [fact for fact in facts if isinstance(fact, VitalReading)]
    assert len(readings) == len(facts)
    assert sorted(reading.sign for reading in readings) == sorted(Sign)
    return {reading.sign: reading for reading in readings}


def test_a_healthy_patient_is_read_in_canonical_units():
    now = read()
    assert {sign.value: reading.value for sign, reading in now.items()} == {
        "hr": 78, "pulse": 77, "spo2": 98, "pi": 2.45, "rr": 14, "temp": 36.73,
        "nibp_sys": 121, "nibp_dia": 76, "nibp_map": 91,
    }  # fmt: skip
    assert {reading.validity for reading in now.values()} == {Validity.VALID}
    assert now[Sign.TEMP].note == "core"
    assert now[Sign.RR].note == "impedance"


def test_a_real_monitor_without_sensors_gives_nine_missing_values_and_no_number():
    raw = (Path(__file__).parent / "b650_level11_nosensor.bin").read_bytes()
    driver, clock = GeDriDriver("monitor"), ManualClock()
    driver.opened(clock.now())
    facts = driver.received(raw, clock.now())
    assert [fact.value for fact in facts if isinstance(fact, VitalReading)] == [None] * 9
    assert len(facts) == 9
    why = {fact.sign: fact.validity for fact in facts if isinstance(fact, VitalReading)}
    assert why[Sign.SPO2] is Validity.SENSOR_OFF
    assert why[Sign.TEMP] is Validity.UNAVAILABLE
    assert why[Sign.HR] is Validity.UNAVAILABLE
    assert driver.counters().frames_ok == 1
    assert driver.identity == ("Datex-Ohmeda DRI level 11", "")


@pytest.mark.parametrize(
    ("status", "raw", "validity"),
    [
        (0, 9800, Validity.UNAVAILABLE),
        (numerics.ACTIVE, 9800, Validity.UNAVAILABLE),
        (numerics.EXISTS, 9800, Validity.SENSOR_OFF),
        (ON, numerics.INVALID, Validity.UNAVAILABLE),
        (ON, numerics.NOT_UPDATED, Validity.HELD),
        (ON, numerics.DISCONTINUITY, Validity.INVALID),
        (ON, numerics.UNDER_RANGE, Validity.INVALID),
        (ON, numerics.OVER_RANGE, Validity.INVALID),
        (ON, numerics.NOT_CALIBRATED, Validity.CALIBRATING),
        (ON, -32001, Validity.INVALID),
        (ON, -32768, Validity.INVALID),
        (ON, 0, Validity.INVALID),
    ],
)
def test_status_bits_and_special_values_each_make_a_value_missing(status, raw, validity):
    spo2 = read(spo2=group("spo2", status, spo2=raw))[Sign.SPO2]
    assert (spo2.value, spo2.validity) == (None, validity)


@given(st.sampled_from(["ecg", "nibp", "t1", "spo2", "co2"]), st.integers(-32768, numerics.LAST_SPECIAL))
def test_no_special_value_ever_becomes_a_number(name, raw):
    empty = {other: group(other, 0) for other in HEALTHY}
    special = Group(ON | FROM_ECG if name == "ecg" else ON, 0, dict.fromkeys(numerics.empty_group(name).values, raw))
    now = read(**(empty | {name: special}))
    assert all(reading.value is None for reading in now.values())


@given(st.data())
def test_groups_that_do_not_measure_never_give_a_number(data):
    groups: dict[str, Group] = {}
    for name in ("ecg", "nibp", "t1", "t2", "t3", "t4", "spo2", "co2"):
        values = {field: data.draw(st.integers(-32768, 32767)) for field in numerics.empty_group(name).values}
        status = data.draw(st.integers(0, 2**32 - 1)) & ~data.draw(st.sampled_from([1, 2, 3]))
        groups[name] = Group(status, data.draw(st.integers(0, 65535)), values)
    assert all(reading.value is None for reading in read(**groups).values())


@pytest.mark.parametrize(
    ("sign", "groups", "value"),
    [
        (Sign.HR, {"ecg": group("ecg", ON | FROM_ECG, hr=310)}, 310),
        (Sign.HR, {"ecg": group("ecg", ON | FROM_ECG, hr=19)}, 19),
        (Sign.SPO2, {"spo2": group("spo2", spo2=10001)}, 100.01),
        (Sign.TEMP, {"t1": group("t1", label=15, temp=2499)}, 24.99),
        (Sign.NIBP_SYS, {"nibp": group("nibp", sys=31000, dia=7000, mean=9000)}, 310),
        (Sign.NIBP_DIA, {"nibp": group("nibp", sys=7000, dia=7000, mean=7000)}, 70),
    ],
)
def test_what_no_working_monitor_shows_is_kept_but_doubted(sign: Sign, groups: dict[str, Group], value: float):
    reading = read(**groups)[sign]
    assert (reading.value, reading.validity) == (value, Validity.QUESTIONABLE)
    assert reading.note


def test_the_monitors_rate_from_the_pleth_is_a_pulse_and_no_heart_rate():
    no_oximeter_rate = group("spo2", spo2=9700)
    now = read(ecg=group("ecg", ON | FROM_PLETH, hr=81), spo2=no_oximeter_rate)
    assert (now[Sign.HR].value, now[Sign.HR].validity) == (None, Validity.UNAVAILABLE)
    assert now[Sign.PULSE].value == 81
    assert "pleth" in now[Sign.PULSE].note


def test_the_oximeters_own_pulse_wins_so_that_there_is_only_one():
    now = read(ecg=group("ecg", ON | FROM_PLETH, hr=81))
    assert now[Sign.PULSE].value == 77


def test_the_monitors_rate_from_an_arterial_line_is_a_pulse():
    now = read(ecg=group("ecg", ON | FROM_ARTERY, hr=66), spo2=group("spo2", numerics.EXISTS))
    assert (now[Sign.HR].value, now[Sign.PULSE].value) == (None, 66)


@pytest.mark.parametrize(
    ("status", "hr", "expected"),
    [
        (ON | FROM_ECG | numerics.ECG_ASYSTOLE, 0, (0.0, Validity.QUESTIONABLE, "asystole")),
        (ON | FROM_ECG | numerics.ECG_ASYSTOLE, numerics.INVALID, (None, Validity.INVALID, "asystole")),
        (ON | FROM_ECG, 0, (None, Validity.INVALID, "zero is no value")),
        (ON | FROM_ECG | numerics.ECG_NOISE, 90, (90, Validity.QUESTIONABLE, "noise")),
        (ON | FROM_ECG | numerics.ECG_ARTIFACT, 90, (90, Validity.QUESTIONABLE, "artifact")),
        (ON | FROM_ECG | numerics.ECG_ARTIFACT, numerics.INVALID, (None, Validity.ARTIFACT, "")),
        (ON | FROM_ECG | numerics.ECG_LEARNING, numerics.INVALID, (None, Validity.UNAVAILABLE, "learning")),
        (ON | FROM_ECG | numerics.ECG_CHANNEL_1_OFF, numerics.INVALID, (None, Validity.SENSOR_OFF, "")),
        (ON, 90, (90, Validity.QUESTIONABLE, "unknown source 0")),
        (ON | 9 << numerics.ECG_SOURCE_SHIFT, 90, (90, Validity.VALID, "")),
    ],
)
def test_the_ecg_status_decides_about_the_heart_rate(status, hr, expected):
    reading = read(ecg=group("ecg", status, hr=hr))[Sign.HR]
    assert (reading.value, reading.validity, reading.note) == expected


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"co2": group("co2", label=1, rr=18)}, (18, Validity.VALID, "CO2")),
        ({"co2": group("co2", label=2, rr=18)}, (18, Validity.VALID, "impedance")),
        ({"co2": group("co2", ON | numerics.CO2_APNEA, 1, rr=0)}, (0, Validity.QUESTIONABLE, "apnea")),
        ({"co2": group("co2", label=1, rr=0)}, (14, Validity.VALID, "impedance")),
        ({"ecg": group("ecg", ON | FROM_ECG, hr=70, imp_rr=0)}, (None, Validity.INVALID, "zero is no value")),
        ({"ecg": group("ecg", numerics.EXISTS)}, (None, Validity.SENSOR_OFF, "")),
    ],
)
def test_respiration_names_its_source(groups: dict[str, Group], expected: tuple[Any, ...]):
    reading = read(**groups)[Sign.RR]
    assert (reading.value, reading.validity, reading.note) == expected


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"t1": group("t1", label=11, temp=3700)}, (37, Validity.VALID, "T1")),
        ({"t1": group("t1", label=4, temp=3780)}, (37.8, Validity.VALID, "rectal")),
        ({"t1": group("t1", label=9, temp=2210)}, (None, Validity.UNAVAILABLE, "")),
        (
            {"t1": group("t1", label=7, temp=3310), "t2": group("t2", label=1, temp=3690)},
            (36.9, Validity.VALID, "oesophageal"),
        ),
        ({"t1": group("t1", label=7, temp=3310)}, (33.1, Validity.QUESTIONABLE, "skin")),
        (
            {"t1": group("t1", 0), "t3": group("t3", label=6, temp=3640)},
            (36.4, Validity.VALID, "axillary"),
        ),
        ({"t1": group("t1", numerics.EXISTS)}, (None, Validity.SENSOR_OFF, "")),
    ],
)
def test_temperature_is_the_bodys_and_names_its_site(groups: dict[str, Group], expected: tuple[Any, ...]):
    reading = read(**groups)[Sign.TEMP]
    assert (reading.value, reading.validity, reading.note) == expected


# --- the age of a cuff pressure ------------------------------------------------------------------------------------

OLD = numerics.NIBP_OLDER_THAN_60_S
BUSY = numerics.NIBP_MEASURING


class Watch:
    """A driver that is shown one cuff group after another."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.driver = GeDriDriver("monitor")
        self.driver.opened(self.clock.now())
        self.number = 0
        self.began = self.clock.now()

    def sees(self, after_s: float, label: int, sys: int = 12000, aux: int | None = None, **more: int) -> VitalReading:
        at = self.clock.advance(after_s)
        self.number += 1
        cuff = group("nibp", ON, 3 | label, **({"sys": sys, "dia": 7000, "mean": 8700} | more))
        data = frame({"nibp": cuff}, self.number, 1000 + round(at.since(self.began)), aux)
        found = [f for f in self.driver.received(data, at) if isinstance(f, VitalReading)]
        cuffs = [f for f in found if f.sign in (Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP)]
        assert len({(f.validity, f.measured_at) for f in cuffs}) == 1
        return cuffs[0]

    def seconds(self, reading: VitalReading) -> float | None:
        return None if reading.measured_at is None else reading.measured_at.since(self.began)


def test_a_result_is_dated_when_its_measurement_ends_and_keeps_that_instant():
    watch = Watch()
    nothing = {"sys": numerics.INVALID, "dia": numerics.INVALID, "mean": numerics.INVALID}
    assert watch.sees(5, BUSY, **nothing).validity is Validity.MEASURING
    first = watch.sees(5, 0)
    assert (first.value, first.validity, watch.seconds(first)) == (120, Validity.VALID, 10)
    assert [watch.seconds(watch.sees(5, OLD if i > 11 else 0)) for i in range(60)] == [10] * 60
    assert watch.sees(5, BUSY | OLD).validity is Validity.MEASURING
    assert watch.seconds(watch.sees(5, 0)) == 320  # the same pressures, measured again


def test_while_measuring_there_is_no_value_even_if_the_monitor_repeats_the_old_one():
    watch = Watch()
    watch.sees(5, 0)
    busy = watch.sees(5, BUSY | OLD)
    assert (busy.value, busy.measured_at, busy.validity) == (None, None, Validity.MEASURING)


def test_a_result_that_is_old_when_the_link_opens_is_held_until_the_next_measurement():
    watch = Watch()
    held = watch.sees(5, OLD)
    assert (held.value, held.validity) == (None, Validity.HELD)
    assert watch.sees(5, OLD).validity is Validity.HELD
    watch.sees(5, OLD | BUSY)
    assert watch.seconds(watch.sees(5, 0, sys=11800)) == 20


def test_new_pressures_without_a_seen_measurement_are_new():
    watch = Watch()
    watch.sees(5, 0)
    assert watch.seconds(watch.sees(5, 0, sys=11100)) == 10
    # Some monitors count the 60 s from the beginning of a measurement: seen now, it is of now.
    assert watch.seconds(watch.sees(5, OLD, sys=10900)) == 15


def test_the_same_pressures_with_a_fallen_age_bit_are_new():
    watch = Watch()
    watch.sees(5, 0)
    watch.sees(200, OLD)
    assert watch.seconds(watch.sees(5, 0)) == 210


def test_a_result_that_came_and_aged_while_the_cable_was_out_is_held():
    watch = Watch()
    watch.sees(5, 0)
    watch.driver.opened(watch.clock.now())
    assert watch.sees(300, OLD, sys=9000).validity is Validity.HELD


def test_a_known_result_keeps_its_instant_when_the_cable_was_out():
    watch = Watch()
    watch.sees(5, 0)
    watch.driver.opened(watch.clock.now())
    after = watch.sees(200, OLD)
    assert (after.value, watch.seconds(after)) == (120, 5)


def test_a_failed_measurement_takes_the_last_result_away():
    watch = Watch()
    watch.sees(5, 0)
    watch.sees(5, BUSY)
    failed = watch.sees(5, 0, sys=numerics.INVALID, dia=numerics.INVALID, mean=numerics.INVALID)
    assert (failed.value, failed.validity) == (None, Validity.UNAVAILABLE)


def test_the_monitors_own_time_of_measurement_is_used_when_it_comes():
    watch = Watch()
    dated = watch.sees(100, OLD, aux=1000 + 30)
    assert (dated.value, watch.seconds(dated)) == (120, 30)
    assert watch.seconds(watch.sees(5, OLD, aux=1000 + 30)) == 30
    assert watch.seconds(watch.sees(5, OLD)) == 30
    assert watch.seconds(watch.sees(300, OLD, aux=1000 + 350)) == 350  # the same pressures, measured again


def test_a_time_of_measurement_in_the_future_or_of_last_year_is_not_believed():
    assert Watch().sees(100, OLD, aux=5000).validity is Validity.HELD
    watch = Watch()
    watch.clock.advance(2 * 86400)
    assert watch.sees(100, OLD, aux=1).validity is Validity.HELD
