"""One sweep over the catalogue: what every device family must keep, whatever its protocol."""

from __future__ import annotations

import builtins
import os
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.catalogue import CATALOGUE
from devices.simulation.patient import PatientWorld
from devices.spec import Role
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk
from tests.conformance.dialogue import SECONDS, SPECS, START, meaning, play_again, talk, talk_of, unsent

each_device = pytest.mark.parametrize("key", sorted(SPECS))
few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
# What no program that only reads may ever send; each is the family's own command for it.
COMMANDS: dict[str, tuple[bytes, ...]] = {
    "alaris-asena": (
        b"!REMOTE_CTRL^ENABLED^3CC1|B1F1\r",
        b"!INF_START|38F3\r",
        b"!INF_STOP|CD57\r",
        b"!INF_RATE^0.10^ml/h|D407\r",
        b"!INF_VTBI^DEACT|D8C5\r",
        b"!INF_VI_CLEAR|A706\r",
    ),
    "fresenius-base": (b"", b"\x021PO2F\x03", b"\x021MO;2C5\x03", b"\x021RV26\x03", b"\x021OF39\x03"),
    "bbraun-space": (b"", b"\x0100035\x021/1/1>MEM:SET\x0300000\x04"),
    "new-era": (b"RUN\r", b"STP\r", b"RAT5\r", b"VOL5\r", b"CLDINF\r", b"PUR\r", b"BUZ1\r", b"00RUN\r", b"*RESET\r"),
    "harvard-ultra": (
        b"",
        b"\r",
        b"\r\n",
        b"00run\r\n",
        b"irun\r\n",
        b"00stp\r\n",
        b"00irate 5 m/m\r\n",
        b"00civolume\r\n",
    ),
    "hl7-pcd01": (b"", b"\x0b\x1c\r", b"\x0bMSH|^~\\&|EXOMONITOR||||20260302||ORU^R01^ORU_R01|1|P|2.6\r\x1c\r"),
    "ge-dri": (b"", b"\x7e\x7e"),
    # clock set and asked for, a format that does not exist, the longer request, format 8 and 13 in one
    "nonin": (
        b"",
        bytes.fromhex("0272 06 320c1f0e1e0f 03"),
        bytes.fromhex("02720003"),
        bytes.fromhex("027002020103"),
        bytes.fromhex("02700402020000 03"),
        bytes.fromhex("027002020803 027002020d03"),
    ),
    "masimo": (b"", b"\r", b"\r\n", b"?"),
    "nellcor": (b"", b"\x03\x03", b"1\r\n", b"0\r\n", b"\x13", b"\x11\x11"),
    "philips-intellivue": (
        b"",
        b"\xc0\xc1",
        # an independent client's own list of waves
        bytes.fromhex(
            "c01101002ae10000020001002200000005001c002100000000000000000001000e0000f23a00080001000400020102f55cc1"
        ),
    ),
}

# They speak by themselves and are never spoken to.
LISTENED_TO_ONLY = frozenset({"masimo", "nonin/ascii"})

# The model is known before the device has told it; this list only shrinks.
MODEL_KNOWN_UNHEARD = {"bbraun-space": "SpaceCom"}  # whatever hangs on it, the link itself is to a SpaceCom


@each_device
def test_a_driver_is_made_without_touching_the_world(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a constructor did I/O")

    for owner, name in ((builtins, "open"), (os, "open"), (socket, "socket")):
        monkeypatch.setattr(owner, name, refuse)
    spec = SPECS[key]
    driver = spec.make_driver("x")
    assert driver.identity == (MODEL_KNOWN_UNHEARD.get(spec.key, ""), "")
    assert driver.counters().frames_ok == 0


@each_device
def test_the_simulator_is_understood_without_a_fault(key: str) -> None:
    talked = talk_of(key)
    assert [fact for fact in talked.facts if isinstance(fact, LinkFault)] == []
    readings = [meaning(fact) for fact in talked.facts if meaning(fact) is not None]
    assert len(readings) > 3


@each_device
def test_a_family_reports_what_its_role_is_for(key: str) -> None:
    facts = talk_of(key).facts
    if SPECS[key].role is Role.PUMP:
        last = [fact for fact in facts if isinstance(fact, PumpReading)][-1]
        assert last.status.moves_fluid
        assert last.rate_ml_h is not None
        assert last.volume_infused_ml is not None
    else:
        signs = {fact.sign.value for fact in facts if isinstance(fact, VitalReading) and fact.value is not None}
        assert {"hr", "spo2"} & signs


@each_device
@few
@given(size=st.integers(1, 40))
def test_any_slicing_gives_the_same_messages(key: str, size: int) -> None:
    spec, talked = SPECS[key], talk_of(key)
    whole = [meaning(fact) for fact in play_again(spec.make_driver(key), talked.events)]
    sliced = [meaning(fact) for fact in play_again(spec.make_driver(key), talked.events, cuts=size)]
    assert sliced == whole
    assert [m for m in whole if m] == [meaning(fact) for fact in talked.facts if meaning(fact)]


@each_device
@few
@given(noise=st.binary(max_size=400))
def test_noise_neither_raises_nor_lasts(key: str, noise: bytes) -> None:
    spec = SPECS[key]
    talked = talk(spec, spec.make_driver(key), seconds=12.0, before=noise)
    assert [fact for fact in talked.facts if isinstance(fact, VitalReading | PumpReading)]


@each_device
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_one_damaged_byte_gives_no_reading_that_was_not_sent(key: str, data: st.DataObject) -> None:
    spec, talked = SPECS[key], talk_of(key)
    if not spec.has_checksum:
        return  # such a SPEC says so on the screen; the family's own tests check syntax and range
    heard = [i for i, (kind, _, _) in enumerate(talked.events) if kind == "rx"]
    index = data.draw(st.sampled_from(heard))
    kind, t, piece = talked.events[index]
    position = data.draw(st.integers(0, len(piece) - 1))
    flip = data.draw(st.integers(1, 255))
    damaged = piece[:position] + bytes([piece[position] ^ flip]) + piece[position + 1 :]
    events = [*talked.events[:index], (kind, t, damaged), *talked.events[index + 1 :]]
    assert unsent(play_again(spec.make_driver(key), events), talked) == []


@each_device
def test_may_send_allows_what_the_driver_sends(key: str) -> None:
    spec, talked = SPECS[key], talk_of(key)
    assert bool(talked.sent) == (key not in LISTENED_TO_ONLY)
    assert all(spec.may_send(frame) for frame in talked.sent)


@each_device
@few
@given(data=st.data())
def test_may_send_refuses_everything_else(key: str, data: st.DataObject) -> None:
    spec, sent = SPECS[key], sorted(set(talk_of(key).sent))
    assert set(COMMANDS) >= set(CATALOGUE), "say which commands of the new family must be refused"
    assert not any(spec.may_send(command) for command in COMMANDS[spec.key])
    junk = data.draw(st.binary(min_size=1, max_size=20))
    if key in LISTENED_TO_ONLY:
        assert not spec.may_send(junk)
        return
    frame = data.draw(st.sampled_from(sent))
    for altered in (frame + junk, junk + frame, frame + frame, frame[:-1], junk):
        assert altered in sent or not spec.may_send(altered)
    if spec.has_checksum and len(frame) > 1:
        position = data.draw(st.integers(0, len(frame) - 1))
        flip = data.draw(st.integers(1, 255))
        assert not spec.may_send(frame[:position] + bytes([frame[position] ^ flip]) + frame[position + 1 :])


@each_device
def test_a_spec_is_filled_in(key: str) -> None:
    spec = SPECS[key]
    assert all((spec.name, spec.vendor, spec.reports, spec.never_reports, spec.evidence, spec.flow_note))
    assert spec.settings.baud in spec.usual_bauds
    assert spec.interval_s > 0
    assert spec.stale_s >= max(10.0, 3 * spec.interval_s)
    assert spec.lost_s > spec.stale_s


@each_device
def test_a_driver_keeps_to_its_request_budget(key: str) -> None:
    assert len(talk_of(key).sent) <= SPECS[key].request_budget_per_s * SECONDS


@each_device
def test_readings_come_at_least_as_often_as_the_spec_says(key: str) -> None:
    spec = SPECS[key]
    times = [fact.at for fact in talk_of(key).facts if isinstance(fact, VitalReading | PumpReading)]
    gaps = [b.since(a) for a, b in zip([START, *times], times, strict=False)]
    assert max(gaps) <= spec.interval_s + 1.0


@each_device
def test_deadlines_lie_ahead_once_everything_due_is_done(key: str) -> None:
    spec = SPECS[key]
    driver, simulator = spec.make_driver(key), spec.make_simulator(PatientWorld())
    driver.opened(START)
    for i in range(400):
        t = i * 0.05
        at = START.plus(t)
        driver.received(simulator.due(t), at)
        while (frame := driver.due(at)) is not None:
            driver.received(simulator.received(frame, t), at)
        driver.received(simulator.due(t), at)
        asked, due = driver.next_due(at), simulator.next_due(t)
        assert asked is None or asked.since(at) > 0
        assert due is None or due > t


@each_device
def test_every_fact_carries_the_source_it_was_given_and_when(key: str) -> None:
    kinds = VitalReading | PumpReading | WaveChunk | RelayedAlarm
    facts: list[DeviceFact] = talk_of(key).facts
    assert {fact.source for fact in facts} == {key}
    assert all(0 <= fact.at.since(START) <= SECONDS for fact in facts if isinstance(fact, kinds))


@each_device
def test_a_reopened_driver_begins_anew_in_the_middle_of_a_frame(key: str) -> None:
    spec, talked = SPECS[key], talk_of(key)
    driver = spec.make_driver(key)
    driver.opened(START)
    driver.received(talked.heard[: len(talked.heard) // 2 + 3], START)
    again = talk(spec, driver, seconds=12.0)
    assert [fact for fact in again.facts if isinstance(fact, LinkFault)] == []
    assert [fact for fact in again.facts if meaning(fact)]
