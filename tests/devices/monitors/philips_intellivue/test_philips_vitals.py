"""IntelliVue numbers as vital signs: states, specials, units, sources, linked results, and how old a pressure is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from devices.monitors.philips_intellivue.wire import codes, fields, frames, results, values
from devices.monitors.philips_intellivue.wire.fields import Special
from devices.monitors.philips_intellivue.wire.results import MdsCreate, PollResult
from devices.simulation.patient import Episode, PatientWorld
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.devices.monitors.philips_intellivue.philips_bed import Bedside, Reader, faults, nibp, one, vitals
from tests.devices.monitors.philips_intellivue.test_philips_golden import BY_NAME

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


# --- states, specials, units ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "validity"),
    [
        (0, Validity.VALID),
        (values.VALIDATED | values.IN_ALARM | 0x0001, Validity.VALID),
        (values.MEASURING, Validity.VALID),
        (values.QUESTIONABLE, Validity.QUESTIONABLE),
        (values.INVALID, Validity.INVALID),
        (values.INVALID | values.QUESTIONABLE, Validity.INVALID),
        (values.UNAVAILABLE, Validity.UNAVAILABLE),
        (values.UNAVAILABLE | values.INVALID, Validity.UNAVAILABLE),
        (values.CALIBRATING, Validity.CALIBRATING),
        (values.TEST, Validity.TEST),
        (values.DEMO, Validity.DEMO),
        (values.DEMO | values.INVALID, Validity.DEMO),
        (0x0200, Validity.INVALID),
        (0x0100, Validity.INVALID),
    ],
)
def test_a_value_counts_only_while_the_first_eight_bits_of_its_state_allow_it(state, validity):
    (reading,) = Reader().number(codes.SPO2, codes.PERCENT, 97, state)
    assert reading.validity is validity
    assert reading.value == (97 if validity.carries_value else None)


@pytest.mark.parametrize("special", Special)
def test_a_float_that_is_no_number_is_no_value(special):
    (reading,) = Reader().number(codes.HR, codes.BEATS_PER_MIN, special)
    assert reading.value is None
    assert reading.validity in {Validity.INVALID, Validity.UNAVAILABLE}


def test_a_negative_value_keeps_its_sign_and_is_doubted():
    (reading,) = Reader().number(codes.TEMP, codes.CELSIUS, -1.0, decimals=1)
    assert (reading.value, reading.validity) == (-1.0, Validity.QUESTIONABLE)


def test_zero_is_no_value_unless_the_monitor_alarms_about_it():
    reader = Reader()
    for physio, unit in ((codes.HR, codes.BEATS_PER_MIN), (codes.SPO2, codes.PERCENT)):
        (reading,) = reader.number(physio, unit, 0)
        assert (reading.value, reading.validity, reading.note) == (None, Validity.INVALID, "zero is no value")
    (reading,) = reader.number(codes.SPO2, codes.PERCENT, 0, values.IN_ALARM)
    assert reading.value is None
    (reading,) = reader.number(codes.HR, codes.BEATS_PER_MIN, 0, values.IN_ALARM)
    assert (reading.value, reading.validity) == (0.0, Validity.QUESTIONABLE)


@pytest.mark.parametrize(
    ("physio", "unit", "raw", "decimals", "sign", "value", "note"),
    [
        (codes.TEMP, codes.CELSIUS, 36.8, 1, Sign.TEMP, 36.8, ""),
        (codes.TEMP, codes.FAHRENHEIT, 98.6, 1, Sign.TEMP, 37.0, "98.6 °F on the monitor"),
        (codes.TEMP_CORE, codes.CELSIUS, 38.25, 2, Sign.TEMP, 38.25, "core"),
        (codes.PERFUSION, codes.DIMENSIONLESS, 2.6, 1, Sign.PI, 2.6, ""),
        (codes.RESP_RATE, codes.BREATHS_PER_MIN, 14, 0, Sign.RR, 14.0, ""),
        (codes.SPONTANEOUS_RATE, codes.BREATHS_PER_MIN, 12, 0, Sign.RR, 12.0, "spontaneous"),
    ],
)
def test_units_become_the_canonical_ones_and_what_the_monitor_shows_is_kept(
    physio, unit, raw, decimals, sign, value, note
):
    (reading,) = Reader().number(physio, unit, raw, decimals=decimals)
    assert (reading.sign, reading.value, reading.note, reading.validity) == (sign, value, note, Validity.VALID)


def test_a_unit_that_does_not_fit_the_sign_is_no_value():
    (reading,) = Reader().number(codes.TEMP, codes.MMHG, 37, 0)
    assert (reading.value, reading.validity, reading.note) == (None, Validity.INVALID, "unknown unit 0F20")


def test_a_value_that_no_working_monitor_shows_is_kept_but_doubted():
    (reading,) = Reader().number(codes.HR, codes.BEATS_PER_MIN, 8388606 // 1000)
    assert reading.validity is Validity.QUESTIONABLE


# --- which source ---------------------------------------------------------------------------------------------------


def test_a_pulse_is_never_a_heart_rate_and_the_oximeters_pulse_comes_first():
    reader = Reader()
    facts = reader.give(
        codes.NUMERICS,
        one(codes.PULSE, codes.BEATS_PER_MIN, 70),
        one(codes.PLETH_PULSE, codes.BEATS_PER_MIN, 71),
        one(codes.NIBP_PULSE, codes.BEATS_PER_MIN, 72),
    )
    assert [(reading.sign, reading.value) for reading in vitals(facts, Sign.PULSE)] == [(Sign.PULSE, 71.0)]
    assert vitals(facts, Sign.HR) == []
    (reading,) = reader.number(codes.PULSE, codes.BEATS_PER_MIN, 69)
    assert (reading.sign, reading.value, reading.note) == (Sign.PULSE, 69.0, "the monitor's pulse")
    assert reader.number(codes.NIBP_PULSE, codes.BEATS_PER_MIN, 72) == []


def test_skin_is_only_taken_where_nothing_better_is_and_doubted():
    reader = Reader()
    skin, core = one(codes.TEMP_SKIN, codes.CELSIUS, 33), one(codes.TEMP_CORE, codes.CELSIUS, 37)
    (reading,) = vitals(reader.give(codes.NUMERICS, skin, core), Sign.TEMP)
    assert (reading.value, reading.note) == (37.0, "core")
    reader.pass_time(1)
    (reading,) = vitals(reader.give(codes.NUMERICS, skin), Sign.TEMP)
    assert (reading.value, reading.validity, reading.note) == (33.0, Validity.QUESTIONABLE, "skin")
    reader.pass_time(1)
    missing = one(codes.TEMP_CORE, codes.CELSIUS, Special.NAN, values.UNAVAILABLE)
    (reading,) = vitals(reader.give(codes.NUMERICS, missing, skin), Sign.TEMP)
    assert reading.value == 33.0


def test_a_sign_that_is_no_longer_named_becomes_unavailable_after_three_seconds_and_never_keeps_its_value():
    reader = Reader()
    assert len(reader.number(codes.HR, codes.BEATS_PER_MIN, 70)) == 1
    seen = []
    for _ in range(6):
        facts = reader.number(codes.SPO2, codes.PERCENT, 97)
        seen.append([reading.validity for reading in facts if reading.sign is Sign.HR])
    assert seen == [[], [], [], [Validity.UNAVAILABLE], [Validity.UNAVAILABLE], [Validity.UNAVAILABLE]]


# --- linked results -------------------------------------------------------------------------------------------------


def _part(reader: Reader, physio: int, unit: int, part: tuple[int, int] | None, sequence: int = 1):
    told = results.Observed(1, physio, one(physio, unit, 90))
    return reader.give_result(PollResult(1, codes.NUMERICS, 0, reader.ticks, (told,), sequence), part)


@pytest.mark.parametrize("end", [None, (values.SAMPLE_DEFIB, 3)])
def test_linked_parts_are_one_result_whether_the_last_is_linked_or_ordinary(end):
    reader = Reader()
    assert _part(reader, codes.HR, codes.BEATS_PER_MIN, (1, 1)) == []
    assert _part(reader, codes.SPO2, codes.PERCENT, (2, 2)) == []
    facts = _part(reader, codes.PLETH_PULSE, codes.BEATS_PER_MIN, end)
    assert [fact.sign for fact in facts] == [Sign.HR, Sign.PULSE, Sign.SPO2]


def test_a_part_that_never_comes_does_not_cost_those_that_came():
    reader = Reader()
    assert _part(reader, codes.HR, codes.BEATS_PER_MIN, (1, 1)) == []
    reader.pass_time(1)
    facts = _part(reader, codes.SPO2, codes.PERCENT, None, sequence=2)
    assert [(fact.sign, fact.value) for fact in facts] == [(Sign.HR, 90.0), (Sign.SPO2, 90.0)]


def test_a_message_that_comes_twice_is_no_second_measurement():
    reader = Reader()
    assert len(_part(reader, codes.HR, codes.BEATS_PER_MIN, None)) == 1
    assert faults(_part(reader, codes.HR, codes.BEATS_PER_MIN, None)) == ["repeated message"]
    counted = reader.driver.counters()
    assert (counted.frames_ok, dict(counted.frames_bad)) == (1, {"repeated message": 1})


def test_an_object_that_cannot_be_read_does_not_cost_the_others():
    reader = Reader()
    good = one(codes.SPO2, codes.PERCENT, 97)
    facts = reader.give(codes.NUMERICS, {codes.VALUE: b"\x01\x02"}, good)
    assert faults(facts) == ["a number ends too early"]
    assert [reading.value for reading in vitals(facts, Sign.SPO2)] == [97.0]
    assert reader.driver.counters().frames_ok == 1


def test_a_good_frame_with_a_malformed_message_is_a_fault():
    reader = Reader()
    (fault,) = faults(reader.driver.received(frames.frame(b"\xe1\x00\x00\x02\x00\x02"), reader.clock.now()))
    assert fault == "the message ends too early"
    assert reader.driver.counters().frames_ok == 0


def test_the_published_result_reads_as_its_author_says():
    reader = Reader()
    facts = reader.driver.received(BY_NAME["numerics_reply"], reader.clock.now())
    told = {fact.sign: (fact.value, fact.validity) for sign in Sign for fact in vitals(facts, sign)}
    assert told == {
        Sign.HR: (72.0, Validity.VALID),
        Sign.SPO2: (97.0, Validity.VALID),
        Sign.TEMP: (36.8, Validity.VALID),
        Sign.RR: (None, Validity.UNAVAILABLE),
        # It does not say when it was measured, and nobody has watched.
        **dict.fromkeys((Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP), (None, Validity.HELD)),
    }


# --- the cuff -------------------------------------------------------------------------------------------------------


def test_a_pressure_without_a_stamp_is_dated_when_it_appears_and_held_when_it_was_there_before():
    reader = Reader()
    first = reader.cuff(118, 76, 90)
    assert (first.value, first.validity, first.measured_at) == (None, Validity.HELD, None)
    new = reader.cuff(120, 76, 91)
    assert (new.value, new.measured_at) == (120.0, reader.clock.now())
    again = reader.cuff(120, 76, 91)
    assert again.measured_at == new.measured_at
    assert reader.cuff(120, 76, 91, state=values.MEASURING).validity is Validity.MEASURING
    same_values = reader.cuff(120, 76, 91)
    assert same_values.measured_at == reader.clock.now()


def test_a_relative_stamp_dates_a_pressure_to_the_tick_also_across_the_wrap_of_the_clock():
    reader = Reader()
    reader.ticks = (1 << 32) + 4000
    stamp = fields.u32((1 << 32) - 8000 * 90)
    reading = reader.cuff(118, 76, 90, ticks=stamp)
    assert reading.measured_at is not None
    assert reading.at.since(reading.measured_at) == pytest.approx(90 + 1 + 0.5)
    reader.pass_time(30)
    assert reader.cuff(118, 76, 90, ticks=stamp).measured_at == reading.measured_at


def test_an_absolute_stamp_is_understood_by_the_clock_of_the_introduction_however_wrong_that_is():
    reader = Reader()
    years_ago = NOON - timedelta(days=4000)
    told = {codes.ABSOLUTE_TIME: fields.encode_clock(years_ago)}
    create = results.encode_create(MdsCreate(reader.ticks, told), 1)
    reader.driver.received(frames.frame(create), reader.clock.now())
    reader.pass_time(599)
    reading = reader.cuff(118, 76, 90, stamp=fields.encode_clock(years_ago - timedelta(seconds=300)))
    assert reading.measured_at is not None
    assert reading.at.since(reading.measured_at) == pytest.approx(900)


def test_a_stamp_of_another_clock_dates_nothing_unless_we_saw_the_result_appear():
    reader = Reader()
    assert reader.cuff(118, 76, 90, stamp=fields.encode_clock(NOON)).validity is Validity.HELD
    later = reader.cuff(121, 77, 92, stamp=fields.encode_clock(NOON + timedelta(seconds=60)))
    assert (later.value, later.measured_at) == (121.0, reader.clock.now())


def test_kilopascal_becomes_mmhg():
    reader = Reader()
    reader.pass_time(1)
    reader.cuff(15.9, 10.0, 12.0, unit=codes.KILOPASCAL, decimals=1)
    facts = reader.give(codes.NUMERICS, nibp(16.0, 10.1, 12.1, unit=codes.KILOPASCAL, decimals=1))
    (reading,) = vitals(facts, Sign.NIBP_SYS)
    assert (reading.value, reading.unit, reading.note) == (120.0, "mm[Hg]", "16 kPa on the monitor")


def test_the_first_pressure_is_early_while_the_cuff_still_works():
    reader = Reader()
    reader.pass_time(1)
    early = values.MEASURING | values.EARLY
    facts = reader.give(codes.NUMERICS, nibp(130, Special.NAN, Special.NAN, state=early))
    told = [(sign, vitals(facts, sign)[0].value, vitals(facts, sign)[0].validity) for sign in
            (Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP)]  # fmt: skip
    assert told == [
        (Sign.NIBP_SYS, 130.0, Validity.EARLY),
        (Sign.NIBP_DIA, None, Validity.MEASURING),
        (Sign.NIBP_MAP, None, Validity.MEASURING),
    ]


def test_a_systolic_that_is_not_above_the_diastolic_is_doubted():
    reader = Reader()
    reader.cuff(1, 2, 3)
    reading = reader.cuff(80, 90, 85)
    assert (reading.value, reading.validity, reading.note) == (
        80.0, Validity.QUESTIONABLE, "systolic not above diastolic",
    )  # fmt: skip


def test_a_pressure_that_is_no_longer_sent_just_grows_old():
    reader = Reader()
    reader.cuff(118, 76, 90)
    for _ in range(10):
        facts = reader.number(codes.HR, codes.BEATS_PER_MIN, 70)
        assert not any(reading.sign is Sign.NIBP_SYS for reading in facts)


# --- with the simulator ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"linked": 2}, {"kilopascal": True, "fahrenheit": True}])
def test_the_numbers_are_the_patients(options):
    world = PatientWorld(4, episodes=[Episode(30, 10, {"hr": 105, "spo2": 92, "rr": 27, "temp": 38.2})])
    bedside = Bedside(world, **options)
    facts = bedside.run(62.0)
    assert faults(facts) == []
    for reading in vitals(facts, Sign.HR):
        assert reading.value == round(world.vitals(round(reading.at.since(bedside.began))).hr)
    truth = world.vitals(61)
    last = {sign: vitals(facts, sign)[-1] for sign in Sign}
    assert last[Sign.SPO2].value == round(truth.spo2)
    assert last[Sign.RR].value == round(truth.rr)
    assert last[Sign.PULSE].value == round(truth.hr)
    assert last[Sign.TEMP].value == pytest.approx(truth.temp, abs=0.11)
    assert last[Sign.PI].value == pytest.approx(truth.pi, abs=0.051)
    assert last[Sign.NIBP_SYS].value == pytest.approx(world.vitals(50).nibp_sys, abs=0.9)
    measured = last[Sign.NIBP_SYS].measured_at
    assert measured is not None
    assert measured.since(bedside.began) == pytest.approx(50, abs=1.1)


def test_a_monitor_in_demo_mode_gives_no_values():
    facts = Bedside(demo=True).run(62.0)
    for sign in Sign:
        assert {(reading.value, reading.validity) for reading in vitals(facts, sign)} <= {
            (None, Validity.DEMO), (None, Validity.UNAVAILABLE),
        }, sign  # fmt: skip


def test_sensors_that_come_off_take_their_values_away_and_bring_them_back():
    off = [Episode(10, 0, sensor=name, off=True) for name in ("ecg", "spo2", "temp")]
    on = [Episode(20, 0, sensor=name, off=False) for name in ("ecg", "spo2", "temp")]
    bedside = Bedside(PatientWorld(3, episodes=off + on))
    bedside.run(10.5)
    during, after = bedside.run(19.9), bedside.run(30.0)
    for sign in (Sign.HR, Sign.PULSE, Sign.SPO2, Sign.RR, Sign.PI, Sign.TEMP):
        assert {reading.value for reading in vitals(during, sign)} == {None}
        assert vitals(after, sign)[-1].validity is Validity.VALID
