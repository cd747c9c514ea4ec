"""IntelliVue frames that somebody else wrote down or sent, read and made byte for byte; and what may be sent."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from devices.monitors.philips_intellivue import may_send
from devices.monitors.philips_intellivue.driver.dialogue import ABORT, ASSOCIATE, STREAMS, USER
from devices.monitors.philips_intellivue.wire import codes, fields, frames, requests, results, session, values
from devices.monitors.philips_intellivue.wire import operations as ops
from devices.monitors.philips_intellivue.wire.fields import Special
from devices.monitors.philips_intellivue.wire.requests import ConfirmCreate, ExtendedPoll, GetList, Poll, SetList
from devices.monitors.philips_intellivue.wire.session import Session
from devices.monitors.philips_intellivue.wire.values import Number

HERE = Path(__file__).parent
GOLDEN: dict[str, list[dict[str, Any]]] = tomllib.loads((HERE / "golden.toml").read_text(encoding="utf-8"))
BY_NAME = {entry["name"]: bytes.fromhex(entry["frame"]) for entry in GOLDEN["message"] + GOLDEN["from_monitor"]}

REQUESTS: dict[str, tuple[int, requests.Request]] = {
    "mds_create_result": (1, ConfirmCreate(0x000ABD00)),
    "keepalive_single_poll_MDS_080C": (1, Poll(1, codes.MDS, codes.GROUP_PRODUCTION)),
    "ext_poll_numerics_30s": (1, ExtendedPoll(1, codes.NUMERICS, 0, 30 * 8000)),
    "ext_poll_waves_600s": (4, ExtendedPoll(3, codes.WAVES, 0, 600 * 8000)),
    "ext_poll_alerts_600s": (5, ExtendedPoll(4, codes.ALERT_MONITOR, 0x0801, 600 * 8000)),
    "get_rtsa_prio": (0, GetList()),
    "set_rtsa_prio_ecgII": (0, SetList((0x00020102,))),
    "set_rtsa_five": (0, SetList((0x00020102, 0x00024A14, 0x00024A10, 0x00024BB4, 0x00024A44, 0x00025000))),
}


# --- golden ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", GOLDEN["fcs"], ids=lambda entry: entry["data"])
def test_published_check_values(entry):
    data = bytes.fromhex(entry["data"])
    assert frames.fcs(data).to_bytes(2, "little").hex() == entry["fcs"]
    if "wire" in entry:
        assert b"\xc0" + frames.escape(data + bytes.fromhex(entry["fcs"])) + b"\xc1" == bytes.fromhex(entry["wire"])


@pytest.mark.parametrize("entry", GOLDEN["float"], ids=lambda entry: entry["word"])
def test_published_floats(entry):
    specials = {
        "NaN": Special.NAN,
        "NRes": Special.NOT_AT_THIS_RESOLUTION,
        "+INF": Special.PLUS_INFINITY,
        "-INF": Special.MINUS_INFINITY,
    }
    assert fields.decode_float(int(entry["word"], 16)) == specials.get(entry["value"], entry["value"])


@pytest.mark.parametrize("exponent", [0x00, 0x01, 0xFF, 0x80, 0x7F])
def test_a_special_is_special_with_any_exponent(exponent):
    for special in Special:
        assert fields.decode_float(exponent << 24 | special.value) is special


@pytest.mark.parametrize("entry", GOLDEN["message"], ids=lambda entry: entry["name"])
def test_messages_of_other_clients_are_framed_and_unframed_byte_for_byte(entry):
    payload, wire = bytes.fromhex(entry["payload"]), bytes.fromhex(entry["frame"])
    assert frames.frame(payload) == wire
    assert frames.unframe(wire) == payload


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_of_other_clients_are_read_and_made_byte_for_byte(name):
    number, request = REQUESTS[name]
    payload = frames.unframe(BY_NAME[name])
    assert payload is not None
    assert requests.decode_request(payload) == (number, request)
    assert requests.encode_request(request, number) == payload


@pytest.mark.parametrize("name", [name for name in BY_NAME if name.startswith("aarq")])
def test_association_requests_of_other_clients_are_read_and_made_byte_for_byte(name):
    payload = frames.unframe(BY_NAME[name])
    assert payload is not None
    assert session.session_kind(payload) is Session.ASSOCIATE
    user = session.read_request(payload)
    assert user is not None
    assert session.associate(user) == payload
    assert (user.system, user.poll.bandwidth, user.poll.timeout_s) == (session.CLIENT, 0xFFFF_FFFF, 10.0)
    assert (user.poll.extended or 0) & session.NUMERICS_1_S


def test_what_the_longest_association_request_asks_for():
    payload = frames.unframe(BY_NAME["aarq_msg_wave_ext_poll2"])
    assert payload is not None
    assert payload[1] == 0xFF  # a length of three bytes
    user = session.read_request(payload)
    assert user is not None
    assert (user.poll.min_period, user.poll.mtu_receive, user.poll.mtu_send) == (4000, 1456, 1456)
    assert [number for number, _ in user.others] == [codes.OBJECT_SUPPORT]


def test_bare_messages_are_those_of_other_implementations():
    for name, kind in [
        ("release_request", Session.RELEASE),
        ("release_response", Session.RELEASED),
        ("abort", Session.ABORT),
    ]:
        assert frames.frame(session.bare(kind)) == BY_NAME[name]
        assert session.session_kind(session.bare(kind)) is kind
    assert session.session_kind(session.bare(Session.REFUSED)) is Session.REFUSED
    assert session.session_kind(session.bare(Session.ABORT)[:-1]) is None


def test_the_introduction_of_a_monitor_is_read_and_made_byte_for_byte():
    payload = frames.unframe(BY_NAME["mds_create"])
    assert payload is not None
    operation = ops.decode_operation(payload)
    create = results.decode_create(operation)
    assert create is not None
    assert (operation.number, create.event_time, create.confirmed) == (1, 0x000C38BB, True)
    assert results.decode_model(create.attributes[codes.MODEL]) == ("Philips", "866062")
    clock = fields.decode_clock(create.attributes[codes.ABSOLUTE_TIME])
    assert clock == datetime(2026, 11, 22, 10, 58, 3, tzinfo=UTC)
    assert results.encode_create(create, 1) == payload
    assert results.encode_model("Philips", "866062") == create.attributes[codes.MODEL]


def test_a_result_of_numbers_is_read_and_made_byte_for_byte():
    payload = frames.unframe(BY_NAME["numerics_reply"])
    assert payload is not None
    operation = ops.decode_operation(payload)
    assert isinstance(operation, ops.Result)
    result = results.decode_poll_result(operation)
    assert result is not None
    assert (result.number, result.sequence, result.kind, result.clock) == (1, 1, codes.NUMERICS, None)
    numbers = [values.decode_numbers(one.attributes) for one in result.objects]
    assert numbers == [
        (Number(codes.HR, 0, codes.BEATS_PER_MIN, 72),),
        (Number(codes.SPO2, 0, codes.PERCENT, 97),),
        (
            Number(codes.NIBP_SYS, 0, codes.MMHG, 118),
            Number(codes.NIBP_DIA, 0, codes.MMHG, 76),
            Number(codes.NIBP_MEAN, 0, codes.MMHG, 90),
        ),
        (Number(codes.TEMP, 0, codes.CELSIUS, 36.8),),
        (Number(codes.RESP_RATE, values.UNAVAILABLE, codes.BREATHS_PER_MIN, Special.NAN),),
    ]
    assert [fields.decode_text(one.attributes[codes.LABEL_TEXT][2:]) for one in result.objects] == [
        "HR", "SpO2", "NBP", "Temp", "RR",
    ]  # fmt: skip
    assert results.encode_poll_result(result, operation.number) == payload


def test_the_grant_is_of_the_length_that_a_real_monitor_answers_with_and_says_what_was_granted():
    asked = session.read_request(ASSOCIATE)
    assert asked == USER
    grant = session.accept(session.granted(USER, session.NUMERICS_1_S))
    assert len(grant) == 208
    assert session.session_kind(grant) is Session.ACCEPTED
    granted = session.read_accept(grant)
    assert granted is not None
    assert (granted.system, granted.poll.extended) == (session.MONITOR, session.NUMERICS_1_S)
    assert session.read_accept(b"\x0e\x01\x00") is None


# --- what may be sent -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", GOLDEN["message"], ids=lambda entry: entry["name"])
def test_of_other_clients_messages_only_those_that_are_also_ours_may_be_sent(entry):
    assert may_send(bytes.fromhex(entry["frame"])) is entry["allowed"]


def _framed(request: requests.Request, number: int = 1) -> bytes:
    return frames.frame(requests.encode_request(request, number))


def test_our_own_requests_may_be_sent_and_nothing_that_differs_in_one_field():
    wave_labels = (0x00020102, 0x00024BB4, 0x00025000)
    allowed = [
        frames.frame(ASSOCIATE),
        frames.frame(ABORT),
        _framed(ConfirmCreate(5)),
        _framed(Poll(1, codes.MDS, codes.GROUP_PRODUCTION)),
        _framed(SetList(wave_labels)),
        *(_framed(stream.request, stream.number) for stream in STREAMS.values()),
    ]
    assert all(may_send(frame) for frame in allowed)
    refused = [
        b"",
        _framed(Poll(1, 0x2A, 0x0807)),  # the patient's name and number
        _framed(Poll(2, codes.MDS, codes.GROUP_PRODUCTION)),
        _framed(Poll(1, codes.MDS, 0x080A)),
        _framed(ExtendedPoll(1, 0x2A, 0x0807, 8000)),
        _framed(ExtendedPoll(1, codes.NUMERICS, 0, None)),
        _framed(ExtendedPoll(1, codes.NUMERICS, 0, 3601 * 8000)),
        _framed(ExtendedPoll(1, codes.NUMERICS, 0x0803, 8000)),
        _framed(SetList(wave_labels[:2])),
        _framed(SetList(wave_labels, codes.NUMERIC_PRIORITIES)),
        _framed(SetList(wave_labels, 0x0987)),  # the monitor's clock
        _framed(GetList()),
        frames.frame(session.bare(Session.RELEASED)),
        frames.frame(session.bare(Session.REFUSED)),
        frames.frame(session.accept(USER)),
        frames.frame(results.encode_create(results.MdsCreate(1, {}), 1)),
    ]
    assert not any(may_send(frame) for frame in refused)


@pytest.mark.parametrize("command", [ops.EVENT, ops.GET, ops.SET, 6, 8, 9])
def test_no_other_command_may_be_sent_whatever_it_carries(command):
    for stream in STREAMS.values():
        operation = ops.decode_operation(requests.encode_request(stream.request, 1))
        assert isinstance(operation, ops.Invoke)
        other = ops.encode_operation(ops.Invoke(1, command, operation.argument))
        assert not may_send(frames.frame(other))


def test_a_list_may_not_be_added_to_or_set_to_its_default():
    payload = requests.encode_request(SetList((0x00020102, 0x00024BB4, 0x00025000)), 2)
    assert payload.count(b"\x00\x00\xf2\x3a") == 1
    for operation in (1, 2, 3):
        other = payload.replace(b"\x00\x00\xf2\x3a", bytes([0, operation]) + b"\xf2\x3a")
        assert not may_send(frames.frame(other))
