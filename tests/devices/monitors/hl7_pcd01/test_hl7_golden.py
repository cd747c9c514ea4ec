"""Messages of real monitors are read as a person would read them, and answered as the monitor expects."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from devices.monitors.hl7_pcd01 import SPEC
from devices.monitors.hl7_pcd01.driver import Hl7Pcd01Driver
from devices.monitors.hl7_pcd01.wire import messages, mllp
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import VitalReading

ROWS: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("golden.toml").read_text(encoding="utf-8"))[
    "message"
]
each_message = pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["name"]))


def said(segments: list[str], line_end: str = "\r") -> bytes:
    return mllp.frame(line_end.join([*segments, ""]).encode())


def read(row: dict[str, Any], line_end: str = "\r") -> tuple[list[DeviceFact], list[messages.Ack], Hl7Pcd01Driver]:
    driver, at = Hl7Pcd01Driver("cart"), ManualClock().now()
    driver.opened(at)
    facts = driver.received(said(row["segments"], line_end), at)
    acks = []
    while (frame := driver.due(at)) is not None:
        ack = messages.parse_ack(frame)
        assert ack is not None
        assert SPEC.may_send(frame)
        acks.append(ack)
    return facts, acks, driver


def vitals(facts: list[DeviceFact]) -> dict[str, VitalReading]:
    return {fact.sign.value: fact for fact in facts if isinstance(fact, VitalReading)}


@each_message
def test_a_message_is_answered_once_with_its_own_control_id(row: dict[str, Any]) -> None:
    _, acks, driver = read(row)
    assert [(ack.code, ack.control_id) for ack in acks] == [(row["ack"], row["segments"][0].split("|")[9])]
    assert driver.identity == tuple(row["identity"])


@each_message
@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"])
def test_values_and_missing_values_are_exactly_these(row: dict[str, Any], line_end: str) -> None:
    facts, _, driver = read(row, line_end)
    readings = vitals(facts)
    assert {sign: r.value for sign, r in readings.items() if r.value is not None} == row.get("values", {})
    assert {sign: r.validity.value for sign, r in readings.items() if r.value is None} == row.get("missing", {})
    doubted = {sign for sign, r in readings.items() if r.validity is Validity.QUESTIONABLE}
    assert doubted == set(row.get("doubted", []))
    faults = [fact.reason for fact in facts if isinstance(fact, LinkFault)]
    assert faults == ([row["fault"]] if "fault" in row else [])
    assert dict(driver.counters().frames_bad) == dict.fromkeys(faults, 1)
    assert driver.counters().frames_ok == 1 - len(faults)


@each_message
def test_ages_come_from_the_devices_two_times_and_never_from_its_clock(row: dict[str, Any]) -> None:
    facts, _, _ = read(row)
    at = ManualClock().now()
    ages = {
        sign: pytest.approx(at.since(reading.measured_at), abs=1e-3)
        for sign, reading in vitals(facts).items()
        if reading.measured_at is not None
    }
    assert ages == row.get("age_s", {})
    assert {fact.at for fact in facts if isinstance(fact, VitalReading)} <= {at}


@each_message
def test_an_alarm_is_relayed_verbatim(row: dict[str, Any]) -> None:
    facts, _, _ = read(row)
    told = [
        {
            "code": fact.code,
            "channel": fact.channel,
            "text": fact.text,
            "priority": fact.priority,
            "physiological": fact.physiological,
        }
        for fact in facts
        if isinstance(fact, RelayedAlarm) and fact.active
    ]
    assert told == ([row["alarm"]] if "alarm" in row else [])
