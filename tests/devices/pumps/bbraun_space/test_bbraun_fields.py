"""What the parameters mean: precedence of the status, both families, sentinels, and the alarm tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.pumps.bbraun_space.driver import channel_name
from devices.pumps.bbraun_space.driver.alarms import ALARMS, judge, meaning_of
from devices.pumps.bbraun_space.driver.fields import FIELDS, Identity, Values, reading_of, status_of
from exomonitor.clock import ManualClock
from exomonitor.signals.pump import AlarmKind, PumpReading, PumpStatus


def read(values: Values) -> PumpReading:
    return reading_of("pump", "1/3", values, Identity(), 215, ManualClock().now())


EVERYTHING = {"DSSTATUS": "00050", "INM6": "1", "INM14": "1", "INM2": "1", "INM10": "1", "INM3": "1", "INA7": "1"}


def test_the_precedence_is_that_of_the_list() -> None:
    values = EVERYTHING | {"RUNSTATE": "1"}
    seen = []
    for name in [*EVERYTHING, "RUNSTATE"]:
        seen.append(status_of(values)[0])
        values[name] = "00051" if name == "DSSTATUS" else "0"
    assert seen == [
        PumpStatus.OFF,
        PumpStatus.STANDBY,
        PumpStatus.PURGING,
        PumpStatus.BOLUS,
        PumpStatus.KVO,
        PumpStatus.INFUSING,
        PumpStatus.COMPLETE,
        PumpStatus.STOPPED,
    ]


@pytest.mark.parametrize(
    ("values", "status", "inferred"),
    [
        ({"STATUS1": str(1 << 7)}, PumpStatus.INFUSING, False),
        ({"STATUS1": str(1 << 7 | 1 << 13)}, PumpStatus.KVO, False),
        ({"STATUS1": str(1 << 7 | 1 << 4)}, PumpStatus.PURGING, False),
        ({"STATUS1": str(1 << 11)}, PumpStatus.BOLUS, False),
        ({"STATUS1": "1", "ALARM1": str(1 << 13)}, PumpStatus.COMPLETE, False),
        ({"RUNSTATE": "2"}, PumpStatus.INFUSING, False),
        ({"INM3": "0"}, PumpStatus.STOPPED, True),
        ({"STATUS1": "3"}, PumpStatus.STOPPED, True),
        ({"INSTBY": "1435", "INRT": "0.00"}, PumpStatus.STANDBY, True),
        ({"INRT": "0.00"}, PumpStatus.STOPPED, True),
        ({"INRT": "5.00"}, PumpStatus.UNKNOWN, False),
        ({"INM3": None, "STATUS1": "abc"}, PumpStatus.UNKNOWN, False),
        ({}, PumpStatus.UNKNOWN, False),
    ],
)
def test_a_status_is_read_from_either_family(values: Values, status: PumpStatus, inferred: bool) -> None:
    assert status_of(values) == (status, inferred)


@pytest.mark.parametrize("text", [None, "", "abc", "1e3", "nan", "inf", "12,5", "99999999", "-3"])
def test_what_is_no_plausible_number_is_none(text: str | None) -> None:
    reading = read({"INM3": "1", **dict.fromkeys(FIELDS, text)})
    assert {getattr(reading, field.target) for field in FIELDS.values()} == {None}


@pytest.mark.parametrize("text", ["65535", "600000"])
def test_a_time_that_means_too_long_is_none(text: str) -> None:
    assert read({"INRMT": text}).time_remaining_s is None
    assert read({"INRMT": "1800"}).time_remaining_s == 1800


def test_the_remaining_volume_is_the_pumps_own_or_inferred_and_never_negative() -> None:
    running = {"INM3": "1", "INVTB": "100.00", "INVI": "25.50"}
    assert read(running).volume_remaining_ml == 74.5
    assert read(running).inferred == {"volume_remaining_ml"}
    told = read(running | {"VOLREMAIN": "70.00"})
    assert (told.volume_remaining_ml, told.inferred) == (70.0, frozenset())
    assert read(running | {"INVI": "120.00"}).volume_remaining_ml is None
    assert read(running | {"INVI": "101.00", "INM10": "1"}).volume_remaining_ml == 0.0


def test_a_pump_that_stands_still_has_rate_zero_and_says_that_this_is_inferred() -> None:
    stopped = read({"INM3": "0", "INRT": "80.00"})
    assert (stopped.rate_ml_h, "rate_ml_h" in stopped.inferred) == (0.0, True)
    assert read({"INM3": "0"}).rate_ml_h is None


def test_the_makers_own_symbols_are_left_out_of_the_drug_name() -> None:
    assert read({"INSOL": "Saline\ue012 0.9 %\r"}).drug_label == "Saline 0.9 %"


@pytest.mark.parametrize("code", sorted(ALARMS))
def test_each_alarm_is_told_by_its_own_parameter_or_bit(code: str) -> None:
    name, dot, bit = code.partition(".")
    on = judge({name: str(1 << int(bit)) if dot else "1"})
    off = judge({name: "0"})
    assert [key for key, state in on.items() if state] == [code]
    assert not off[code]
    meaning = meaning_of(code)
    assert meaning.priority in ("high", "medium", "low")
    assert meaning.text


def test_alarms_that_were_not_sent_neither_begin_nor_end() -> None:
    assert judge({}) == {}
    assert judge({"INA3": None, "ALARM1": None}) == {}


def test_a_summary_bit_is_silent_when_its_detail_speaks() -> None:
    told = judge({"ALARM1": str(1 << 28 | 1 << 29)})
    assert [code for code, state in told.items() if state] == ["ALARM1.29"]
    assert [code for code, state in judge({"ALARM1": str(1 << 28)}).items() if state] == ["ALARM1.28"]


def test_the_highest_bit_is_read_too() -> None:
    assert judge({"ALARM1": str(1 << 31)})["ALARM1.31"]


def test_a_bit_without_a_name_is_an_alarm_all_the_same() -> None:
    assert judge({"ALARM2": str(1 << 12)})["ALARM2.12"]
    assert meaning_of("ALARM2.12").kind is AlarmKind.OTHER
    assert "ALARM2 bit 12" in meaning_of("ALARM2.12").text


@pytest.mark.parametrize(
    "kind", [AlarmKind.OCCLUSION_DOWNSTREAM, AlarmKind.OCCLUSION_UPSTREAM, AlarmKind.AIR_IN_LINE, AlarmKind.FREE_FLOW]
)
def test_what_can_harm_at_once_is_high(kind: AlarmKind) -> None:
    assert {meaning.priority for meaning in ALARMS.values() if meaning.kind is kind} == {"high"}


@pytest.mark.parametrize("kind", [AlarmKind.END_OF_INFUSION, AlarmKind.KVO_ACTIVE, AlarmKind.KVO_END])
def test_the_end_of_an_infusion_is_medium_not_low(kind: AlarmKind) -> None:
    assert {meaning.priority for meaning in ALARMS.values() if meaning.kind is kind} == {"medium"}


@given(st.text(max_size=6))
def test_only_pump_addresses_are_channels(address: str) -> None:
    assert channel_name(address) is None or address.startswith("501")


def test_channels_are_named_by_pillar_and_slot() -> None:
    assert [channel_name(text) for text in ("50113", "5013O", "50100", "50143", "5011P")] == [
        "1/3",
        "3/O",
        None,
        None,
        None,
    ]
