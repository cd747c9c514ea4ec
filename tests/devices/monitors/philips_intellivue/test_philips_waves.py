"""IntelliVue waves and alarms: scale and packing, marks and gaps; alarms begin once and end once."""

from __future__ import annotations

import numpy as np
import pytest

from devices.monitors.philips_intellivue.simulator.waves import PLETH_FULL, PLETH_ZERO
from devices.monitors.philips_intellivue.wire import codes, fields, values
from devices.monitors.philips_intellivue.wire.fields import Attributes, Special
from devices.monitors.philips_intellivue.wire.values import Alarm, SampleBlock, SampleSpec, Scale
from devices.simulation.patient import Episode, PatientWorld
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.waves import MISSING_SAMPLE, WaveChunk, WaveName
from tests.devices.monitors.philips_intellivue.philips_bed import Bedside, Reader, alarms, chunks, faults

COUNT = 128
ECG_SCALE = Scale(-40.96, 40.955, 0, 16383)


def context(
    scale: Scale = ECG_SCALE,
    unit: int = codes.MILLIVOLT,
    spec: SampleSpec = SampleSpec(COUNT, 16, 14, 0x3000),  # noqa: B008
    fixed: dict[int, int] | None = None,
    decimals: int = 3,
) -> dict[int, bytes]:
    return {
        codes.SAMPLE_SPEC: values.encode_spec(spec),
        codes.SAMPLE_PERIOD: fields.u32(16),
        codes.UNIT: fields.u16(unit),
        codes.SCALE_RANGE: values.encode_scale(scale, decimals),
        codes.FIXED_VALUES: values.encode_fixed(fixed or {}),
    }


def samples(raw: list[int], physio: int = codes.ECG_II, state: int = 0) -> Attributes:
    block = SampleBlock(physio, state, values.pack_samples(np.array(raw, np.uint16)))
    return {codes.SAMPLES: values.encode_block(block)}


def read(told: Attributes, reader: Reader | None = None) -> list[WaveChunk]:
    facts = (reader or Reader()).give(codes.WAVES, told)
    assert faults(facts) == []
    return [fact for fact in facts if isinstance(fact, WaveChunk)]


# --- scale and packing ----------------------------------------------------------------------------------------------


def test_raw_becomes_millivolt_by_the_two_points_of_the_scale():
    (chunk,) = read({**context(), **samples([0, 8192, 8392, 16383])})
    assert (chunk.wave, chunk.rate_hz, chunk.unit) == (WaveName.ECG_II, 500.0, "mV")
    assert chunk.physical() == pytest.approx([-40.96, 0.0, 1.0, 40.955])
    assert chunk.gain == pytest.approx(0.005)


def test_microvolt_becomes_millivolt():
    scale = Scale(-4096.0, 4095.0, 0, 8191)
    (chunk,) = read({**context(scale, codes.MICROVOLT, decimals=0), **samples([4096 + 250])})
    assert chunk.unit == "mV"
    assert chunk.physical() == pytest.approx([0.25])


def test_a_scale_wider_than_our_samples_loses_steps_but_never_wraps():
    spec = SampleSpec(COUNT, 16, 16)
    (chunk,) = read({**context(Scale(0.0, 65.535, 0, 65535), spec=spec), **samples([0, 1000, 65535])})
    assert chunk.physical() == pytest.approx([0.0, 1.0, 65.535], abs=chunk.gain)


@pytest.mark.parametrize("state", [values.INVALID, values.UNAVAILABLE, values.TEST, values.DEMO])
def test_samples_of_a_state_that_is_not_valid_are_missing(state):
    (chunk,) = read({**context(), **samples([8192, 8193], state=state)})
    assert chunk.samples.tolist() == [MISSING_SAMPLE] * 2
    assert chunk.lead_off is (state in (values.INVALID, values.UNAVAILABLE))


def test_marks_beside_the_value_leave_it_and_marks_that_deny_it_take_it():
    fixed = {
        values.SAMPLE_INVALID: 0x8000,
        values.SAMPLE_QRS: 0x4000,
        values.SAMPLE_PACE: 16382,
        values.SAMPLE_SATURATED: 16383,
    }
    raw = [8192, 8192 | 0x4000, 8192 | 0x8000, 8192 | 0xC000, 16382, 16383]
    (chunk,) = read({**context(fixed=fixed), **samples(raw)})
    nan = float("nan")
    assert chunk.physical() == pytest.approx([0.0, 0.0, nan, nan, nan, nan], nan_ok=True)


def test_bits_beyond_the_significant_ones_are_no_part_of_the_value():
    (chunk,) = read({**context(), **samples([8192 | 0xC000])})
    assert chunk.physical() == pytest.approx([0.0])


def test_a_pleth_without_absolute_values_is_drawn_in_percent_of_its_full_scale_and_an_ecg_is_not():
    relative = Scale(Special.NAN, Special.NAN, 0, 4000)
    told = context(relative, codes.DIMENSIONLESS, SampleSpec(COUNT, 16, 12), decimals=0)
    (chunk,) = read({**told, **samples([0, 1000, 4000], codes.PLETH)})
    assert (chunk.wave, chunk.unit) == (WaveName.PLETH, "%")
    assert chunk.physical() == pytest.approx([0.0, 25.0, 100.0])
    assert read({**told, **samples([0, 1000], codes.ECG_II)}) == []


def test_a_wave_of_unknown_name_or_without_its_context_is_not_shown():
    assert read({**context(), **samples([1], 0x0100)}) == []
    reader = Reader()
    told = context()
    assert read(samples([8192]), reader) == []
    assert read({codes.SAMPLE_SPEC: told[codes.SAMPLE_SPEC], **samples([8192])}, reader) == []
    reader.ticks += 1
    assert len(read({**told, **samples([8192])}, reader)) == 1
    reader.ticks += 1
    (chunk,) = read(samples([8392]), reader)  # the context was told once
    assert chunk.physical() == pytest.approx([1.0])
    reader.ticks += 1
    coarser = values.encode_scale(Scale(-81.92, 81.91, 0, 16383), 2)
    (chunk,) = read({codes.SCALE_RANGE: coarser, **samples([8392])}, reader)
    assert chunk.physical() == pytest.approx([2.0])


def test_leads_that_share_one_object_are_told_apart():
    blocks = [
        values.encode_block(SampleBlock(physio, 0, values.pack_samples(np.array([raw], np.uint16))))
        for physio, raw in ((codes.ECG_I, 8193), (codes.ECG_II, 8194), (codes.ECG_III, 8195), (0x0103, 8196))
    ]
    found = read({**context(), codes.COMPOUND_SAMPLES: fields.counted(blocks)})
    assert [chunk.wave for chunk in found] == [WaveName.ECG_I, WaveName.ECG_II, WaveName.ECG_III]
    assert [chunk.physical()[0] for chunk in found] == pytest.approx([0.005, 0.010, 0.015])


# --- gaps -----------------------------------------------------------------------------------------------------------


def _gaps(starts_s: list[float], reader: Reader) -> list[bool]:
    told = {**context(), **samples([8192] * COUNT)}
    found = []
    for begin, end in zip([0.0, *starts_s], starts_s, strict=False):
        reader.pass_time(end - begin)
        found += read(told, reader)
    return [chunk.gap_before for chunk in found]


def test_samples_follow_each_other_by_the_monitors_clock_with_its_jitter():
    assert _gaps([0.0, 0.256, 0.514, 0.766], Reader()) == [True, False, False, False]


def test_a_lost_message_is_a_gap_and_so_is_a_long_silence():
    assert _gaps([0.0, 0.256, 0.768, 1.024], Reader()) == [True, False, True, False]
    assert _gaps([0.0, 0.256, 60.256], Reader()) == [True, False, True]


def test_the_wrap_of_the_monitors_clock_is_no_gap():
    reader = Reader()
    reader.ticks = (1 << 32) - 1000
    assert _gaps([0.0, 0.256, 0.512], reader) == [True, False, False]


def test_two_minutes_of_waves_are_the_patients_samples_without_loss_or_repetition():
    bedside = Bedside()
    facts = bedside.run(120.0)
    for wave, rate, step in [(WaveName.ECG_II, 500, 0.005), (WaveName.RESP, 62.5, 0.0025)]:
        found = chunks(facts, wave)
        physical = np.concatenate([chunk.physical() for chunk in found])
        first = round(120 * rate) // found[0].samples.size * found[0].samples.size - len(physical)
        truth = bedside.world.wave(wave.value, first, len(physical), rate)
        assert np.abs(physical - truth).max() <= step / 2 + 1e-9
        assert [chunk.gap_before for chunk in found] == [True] + [False] * (len(found) - 1)
        assert first < 4 * rate
    pleth = chunks(facts, WaveName.PLETH)
    physical = np.concatenate([chunk.physical() for chunk in pleth])
    truth = bedside.world.wave("pleth", 120 * 125 // 32 * 32 - len(physical), len(physical), 125)
    assert np.abs(physical - (truth + PLETH_ZERO) / PLETH_FULL * 100).max() <= 100 / 4095
    assert {chunk.rate_hz for chunk in pleth} == {125.0}


def test_a_lead_that_is_off_has_no_samples():
    bedside = Bedside(PatientWorld(3, episodes=[Episode(10, 0, sensor="ecg", off=True)]))
    bedside.run(10.5)
    for wave in (WaveName.ECG_II, WaveName.RESP):
        found = chunks(bedside.run(bedside.t + 5), wave)
        assert found
        assert set(np.concatenate([chunk.samples for chunk in found]).tolist()) == {MISSING_SAMPLE}


# --- alarms ---------------------------------------------------------------------------------------------------------


def lists(patient: tuple[Alarm, ...] | None, technical: tuple[Alarm, ...] | None = ()) -> Attributes:
    told = {}
    if patient is not None:
        told[codes.P_ALARMS] = values.encode_alarms(patient)
    if technical is not None:
        told[codes.T_ALARMS] = values.encode_alarms(technical)
    return told


def give(reader: Reader, told: Attributes) -> list[RelayedAlarm]:
    reader.pass_time(1.0)
    return alarms(reader.give(codes.ALERT_MONITOR, told))


DESAT = Alarm(codes.SPO2, 0x3E, values.HIGH_P, values.ALARM_NEW, "*** DESAT 79<80")
LEADS = Alarm(codes.HR, 0x16, values.LOW_T, 0, "ECG LEADS OFF")


def test_an_alarm_begins_once_and_ends_once_and_its_text_is_verbatim():
    reader = Reader()
    (begun,) = give(reader, lists((DESAT,)))
    assert (begun.text, begun.priority, begun.physiological, begun.active) == ("*** DESAT 79<80", "high", True, True)
    assert begun.code == "P4BB8-003E"
    deeper = Alarm(codes.SPO2, 0x3E, values.HIGH_P, values.ALARM_SILENCED, "*** DESAT 75<80")
    assert give(reader, lists((deeper,))) == []
    (leads,) = give(reader, lists((DESAT,), (LEADS,)))
    assert (leads.priority, leads.physiological, leads.active) == ("low", False, True)
    ended = give(reader, lists((), ()))
    assert [(one.code, one.active) for one in ended] == [("P4BB8-003E", False), ("T4182-0016", False)]
    assert give(reader, lists((), ())) == []


def test_a_list_that_is_not_in_the_message_says_nothing():
    reader = Reader()
    give(reader, lists((DESAT,), (LEADS,)))
    assert give(reader, lists(None, (LEADS,))) == []
    assert [one.code for one in give(reader, lists(None, ()))] == ["T4182-0016"]


@pytest.mark.parametrize(
    "state",
    [values.ALARM_INHIBITED, values.ALARM_SUSPENDED, values.ALARM_TEST, values.ALARM_STANDBY, values.ALARM_DEMO],
)
def test_an_alarm_that_is_switched_off_or_not_real_is_not_passed_on(state):
    assert give(Reader(), lists((Alarm(codes.HR, 0x28, values.MEDIUM_P, state, "** HR 130>120"),))) == []


@pytest.mark.parametrize(
    ("kind", "priority"),
    [(0x0100, "low"), (0x0200, "medium"), (0x0400, "high"), (1, "low"), (2, "medium"), (4, "high"), (0, "unknown")],
)
def test_the_monitors_own_rank_is_kept(kind, priority):
    (alarm,) = give(Reader(), lists((Alarm(codes.HR, 0x28, kind, 0, ""),)))
    assert (alarm.priority, alarm.text) == (priority, "monitor alarm P4182-0028")


def test_an_alarm_that_changes_its_rank_is_told_again():
    reader = Reader()
    give(reader, lists((Alarm(codes.SPO2, 0x3E, values.MEDIUM_P, 0, "** SpO2 88<90"),)))
    (worse,) = give(reader, lists((DESAT,)))
    assert (worse.active, worse.priority) == (True, "high")


def test_after_the_port_was_opened_again_what_is_still_active_begins_anew():
    reader = Reader()
    give(reader, lists((DESAT,)))
    reader.driver.opened(reader.clock.now())
    assert [one.active for one in give(reader, lists((DESAT,)))] == [True]


def test_the_simulated_monitors_alarms_arrive():
    world = PatientWorld(3, episodes=[
        Episode(10, 0, {"spo2": 84}), Episode(20, 0, {"spo2": 98}), Episode(30, 0, sensor="spo2", off=True),
    ])  # fmt: skip
    bedside = Bedside(world)
    found = alarms(bedside.run(40.0))
    assert [(one.code, one.active, round(one.at.since(bedside.began))) for one in found] == [
        ("P4BB8-003E", True, 10), ("P4BB8-003E", False, 20), ("T4BB8-0016", True, 30),
    ]  # fmt: skip
    bedside.monitor.press(40.0, "alarms_off")
    assert alarms(bedside.run(45.0)) == []
