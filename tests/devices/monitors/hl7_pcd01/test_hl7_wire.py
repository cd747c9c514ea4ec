"""Blocks on the line in every slicing and with every mark missing, acknowledgements, times, names and units."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.monitors.hl7_pcd01 import SPEC
from devices.monitors.hl7_pcd01.wire import codes, messages, mllp
from devices.monitors.hl7_pcd01.wire.messages import Ack, Malformed, Message
from devices.monitors.hl7_pcd01.wire.mllp import Block, BlockCutter
from devices.spec import WireFault
from exomonitor.clock import ManualClock

HEAD = b"MSH|^~\\&|A|B|||20260302090000||ORU^R01|%d|P|2.6\rOBX|1|NM|150456||98|%%\r"
MESSAGE = HEAD % 7
TEXTS = st.binary(min_size=1, max_size=60).map(lambda data: data.replace(b"\x0b", b".").replace(b"\x1c", b"."))
PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="|^~&\\"), max_size=30)


def cut(pieces: list[bytes], gap_s: float = 0.0) -> list[Block | WireFault]:
    cutter, clock = BlockCutter(), ManualClock()
    return [item for piece in pieces for item in cutter.feed(piece, clock.advance(gap_s))]


def whole(items: list[Block | WireFault]) -> list[bytes]:
    return [item.data for item in items if isinstance(item, Block) and item.ended]


@given(st.lists(TEXTS, min_size=1, max_size=5), st.data())
def test_any_slicing_gives_the_same_blocks(texts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(mllp.frame(text) for text in texts)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=15)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert cut(pieces) == [Block(text) for text in texts]


@given(st.binary(max_size=300), st.lists(TEXTS, min_size=1, max_size=3))
def test_no_intact_block_is_lost_behind_noise(noise: bytes, texts: list[bytes]) -> None:
    heard = whole(cut([noise + b"".join(mllp.frame(text) for text in texts)]))
    assert heard[-len(texts) :] == texts


@given(st.data())
def test_one_damaged_byte_costs_at_most_the_block_it_stands_in_and_its_neighbour(data: st.DataObject) -> None:
    stream = bytearray(b"".join(mllp.frame(HEAD % number) for number in range(4)))
    stream[data.draw(st.integers(0, len(stream) - 1))] ^= data.draw(st.integers(1, 255))
    heard = whole(cut([bytes(stream)]))
    assert sum(HEAD % number in heard for number in range(4)) >= 2


@pytest.mark.parametrize(
    "line",
    [
        MESSAGE + b"\x1c\r",  # the start mark is missing
        MESSAGE + b"\x1c",
        MESSAGE + mllp.frame(b"x"),  # both are, another block follows
        b"\x0b" + MESSAGE + b"\x1c",  # the last CR is missing
        b"\r\n" + MESSAGE.replace(b"\r", b"\n") + b"\x1c",
    ],
)
def test_a_message_with_missing_marks_is_heard(line: bytes) -> None:
    first = whole(cut([line]))[0]
    assert [part for part in first.replace(b"\n", b"\r").split(b"\r") if part] == MESSAGE.split(b"\r")[:-1]


def test_a_message_without_any_mark_is_offered_as_it_grows_and_ended_by_silence() -> None:
    cutter, clock = BlockCutter(), ManualClock()
    assert cutter.feed(MESSAGE[:30], clock.now()) == []
    (offered,) = cutter.feed(MESSAGE[30:], clock.advance(0.1))
    assert offered == Block(MESSAGE[:-1], ended=False, framed=False)
    assert cutter.loose_ends == clock.now().plus(mllp.QUIET_S)
    assert cutter.end_loose() == [Block(MESSAGE[:-1], framed=False)]
    assert cutter.loose_ends is None
    assert cutter.end_loose() == []


def test_two_messages_without_marks_part_at_the_header() -> None:
    items = cut([HEAD % 1 + HEAD % 2])
    assert [item.data for item in items if isinstance(item, Block)] == [(HEAD % 1)[:-1], (HEAD % 2)[:-1]]


def test_a_broken_block_is_a_fault_without_the_patient_and_the_next_is_heard() -> None:
    items = cut([b"\x0bMSH|^~\\&|A\rPID|||42||ONE^TEST\rOBX|1", mllp.frame(MESSAGE)])
    assert items == [WireFault("incomplete", b"MSH|^~\\&|A\rPID|\rOBX|1"), Block(MESSAGE)]


def test_a_block_that_never_ends_is_given_up_by_length_and_by_time() -> None:
    cutter, clock = BlockCutter(), ManualClock()
    big = b"\x0bMSH|" + b"x" * (mllp.MAX_MESSAGE + 1)
    (fault,) = cutter.feed(big, clock.now())
    assert isinstance(fault, WireFault)
    assert (fault.reason, len(fault.raw)) == ("too long", mllp.KEPT_BYTES)
    assert cutter.feed(b"x" * 100 + b"\x1c\r" + mllp.frame(MESSAGE), clock.now()) == [Block(MESSAGE)]
    cutter.feed(b"\x0bMSH|half", clock.now())
    late = cutter.feed(b"the other half\x1c\r" + mllp.frame(MESSAGE), clock.advance(11.0))
    assert late == [WireFault("incomplete", b"MSH|half"), Block(MESSAGE)]
    assert cutter.bytes_skipped > mllp.MAX_MESSAGE


def test_a_line_without_end_is_bounded_too() -> None:
    items = cut([b"MSH|" + b"x" * 70_000, b"y" * 70_000, mllp.frame(MESSAGE)])
    assert [item.reason for item in items if isinstance(item, WireFault)] == ["too long"]
    assert whole(items) == [MESSAGE]


NAMES = st.sampled_from(["PID", "PV1", "OBR", "OBX", "ZZ1"])
FIELDS = st.lists(st.text(st.characters(min_codepoint=32, exclude_characters="|\x7f\x85\u2028\u2029",
                                        exclude_categories=("Cs", "Cc"))), min_size=3, max_size=18)  # fmt: skip


@given(st.lists(st.tuples(NAMES, FIELDS), max_size=6))
def test_a_message_written_and_read_is_the_same(segments: list[tuple[str, list[str]]]) -> None:
    segments = [(name, [*fields[:2], fields[2] or "150456", *fields[3:]]) for name, fields in segments]
    header = "MSH|^~\\&|A|B|||20260302090000||ORU^R01|7|P|2.6"
    written = messages.encode_message([header, *("|".join((name, *fields)) for name, fields in segments)])
    read = messages.parse_message(written)
    assert isinstance(read, Message)
    assert [(one.name, list(one.fields)) for one in read.segments[1:]] == segments
    assert (read.kind, read.control_id) == (("ORU", "R01"), "7")


@given(st.binary(max_size=400))
def test_no_bytes_make_a_parser_raise(data: bytes) -> None:
    for text in (data, MESSAGE + data, b"MSH|^~\\&|" + data):
        assert isinstance(messages.parse_message(text), Message | Malformed)


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        (b"", "100", "no MSH segment"),
        (b"PID|1\r", "100", "no MSH segment"),
        (b"MSH|#~\\&|A||||||ORU^R01|1\r", "102", "other separators than |^~\\&"),
        (b"MSH|^~\\&|A||||||ORU^R01|1\rOBX|1|N\x02M\r", "102", "control character"),
        (b"MSH|^~\\&|A||||||ORU^R01|1\robx|1\r", "100", "not a segment"),
        (b"MSH|^~\\&|A||||||ORU^R01|\r", "101", "no message type or control id"),
        (b"MSH|^~\\&|A|||||||1\r", "101", "no message type or control id"),
        (b"MSH|^~\\&|A||||||ORU^R01|" + b"1" * 200 + b"\r", "101", "no message type or control id"),
        (b"MSH|^~\\&|A||||||ORU^R01|1\rOBX|1|NM||1|98\r", "101", "an OBX without OBX-3"),
        (MESSAGE + MESSAGE, "100", "two messages in one"),
    ],
)
def test_what_is_malformed_is_named_by_the_standards_error_codes(data: bytes, code: str, reason: str) -> None:
    malformed = messages.parse_message(data)
    assert isinstance(malformed, Malformed)
    assert (malformed.code, malformed.reason) == (code, reason)


ACKS = st.builds(
    Ack,
    st.sampled_from(["AA", "AE", "AR"]),
    PLAIN.filter(bool),
    PLAIN,
    PLAIN,
    st.sampled_from(["", "R01", "R40", "ZV1"]),
    st.integers(1, 10**9).map(str),
    st.just("20260302090000+0000"),
    st.sampled_from(["", *messages.ERROR_TEXT]),
    st.sampled_from(["2.3", "2.6", "2.5.1"]),
)


@given(ACKS)
def test_an_acknowledgement_written_and_read_is_the_same_and_may_be_sent(ack: Ack) -> None:
    frame = messages.encode_ack(ack)
    assert messages.parse_ack(frame) == ack
    assert SPEC.may_send(frame)


@given(ACKS, st.data())
def test_an_altered_acknowledgement_may_not_be_sent_unless_it_is_one_again(ack: Ack, data: st.DataObject) -> None:
    frame = bytearray(messages.encode_ack(ack))
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= data.draw(st.integers(1, 255))
    read = messages.parse_ack(bytes(frame))
    assert SPEC.may_send(bytes(frame)) == (read is not None)
    assert read is None or messages.encode_ack(read) == bytes(frame)


@pytest.mark.parametrize(
    "text",
    [
        "MSH|^~\\&|EXOMONITOR||A|B|20260302090000+0000||ORU^R01^ORU_R01|1|P|2.6||||||UNICODE UTF-8\rMSA|AA|1\r",
        "MSH|^~\\&|EXOMONITOR||A|B|20260302090000+0000||ACK^R01^ACK|1|P|2.6||||||UNICODE UTF-8\rMSA|AA|1\rPID|1\r",
        "MSH|^~\\&|EXOMONITOR||A|B|20260302090000+0000||ACK^R01^ACK|1|P|2.6||||||UNICODE UTF-8\rMSA|AA|\r",
        "MSH|^~\\&|EXOMONITOR||A|B|20260302090000+0000||ACK^R01^ACK|1|P|2.6||||||UNICODE UTF-8\rMSA|CR|1\r",
        "MSH|^~\\&|EXOMONITOR||A|B|20260302090000+0000||ORM^O01|1|P|2.6\rORC|NW\r",
        "MSH|^~\\&|EXOMONITOR||A|B|20260302090000+0000||QRY^A19|1|P|2.6\rQRD|x\r",
        "MSH|^~\\&|EXOMONITOR||A|B|20260302090000+0000||ADT^A01|1|P|2.6\rPID|1\r",
        "MSH|^~\\&|EXOMONITOR||A|B|20260302090000+0000||RGV^O15|1|P|2.6\r",
    ],
)
def test_orders_queries_patients_and_pump_programming_cannot_be_sent(text: str) -> None:
    assert not SPEC.may_send(mllp.frame(text.encode()))
    assert not SPEC.may_send(text.encode())


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_whatever_a_header_says_its_answer_may_be_sent(control_id: str, application: str, kind: str) -> None:
    line = f"MSH|^~\\&|{application}|{application}|||2026||{kind}|{control_id}|P|2.6\r".replace("\x0b", "")
    parsed = messages.parse_message(line.replace("\x1c", "").encode())
    header = parsed.header
    ack = messages.ack_to(header, "AE", "101", 1, datetime(2026, 3, 2, tzinfo=UTC))
    assert SPEC.may_send(messages.encode_ack(ack))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("20260727124424.0000+0000", "2026-07-27T12:44:24+00:00"),
        ("20260124124738000+0800", "2026-01-24T04:47:38+00:00"),
        ("20180717051637.8010-0700", "2018-07-17T12:16:37.801000+00:00"),
        ("20260302090000", "2026-03-02T09:00:00"),
        ("202603020900", "2026-03-02T09:00:00"),
        ("", None),
        ("20260302", None),
        ("20261302090000", None),
        ("20260302096100", None),
        ("yesterday", None),
    ],
)
def test_times_are_read_in_every_form_that_monitors_write(text: str, utc: str | None) -> None:
    moment = messages.parse_time(text)
    if moment is not None and moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    assert (None if moment is None else moment.isoformat()) == utc


@pytest.mark.parametrize(
    ("components", "sign"),
    [
        (["150456", "MDC_PULS_OXIM_SAT_O2", "MDC"], "spo2"),
        (["150456"], "spo2"),
        (["", "NBPs"], "nibp_sys"),
        (["MDC_TEMP"], "temp"),
        (["mdc_temp"], "temp"),
        (["150031", "MDC_PRESS_CUFF_SYS", "MDC"], "nibp_sys"),
        (["150456", "MDC_TEMP", "MDC"], None),  # number and name contradict
        (["150456", "VENDOR_THING", "99MNDRY"], None),  # a number of the maker's own
        (["149546", "MDC_PULS_RATE_NON_INV", "MDC"], None),
        (["HRV"], None),
        ([""], None),
    ],
)
def test_an_observation_is_known_by_number_name_or_label(components: list[str], sign: str | None) -> None:
    meaning = codes.meaning_of(components)
    assert (None if meaning is None else meaning.sign) == sign


@pytest.mark.parametrize(
    ("components", "unit"),
    [
        (["266016", "MDC_DIM_MMHG", "MDC"], "mm[Hg]"),
        (["", "mmHg"], "mm[Hg]"),
        (["kPa"], "kPa"),
        (["bpm"], "/min"),
        (["°C"], "Cel"),
        ([""], ""),
        (["furlong"], None),
        (["266016", "MDC_DIM_PERCENT"], None),
    ],
)
def test_units_are_known_by_number_name_or_text(components: list[str], unit: str | None) -> None:
    assert codes.unit_of(components) == unit


def test_numbers_of_the_table_lie_in_the_physiological_partitions() -> None:
    assert {code >> 16 for code in codes.OF_CODE} == {2}
