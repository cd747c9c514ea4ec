"""HL7 v2 messages, both ways: segments and fields, acknowledgements, and times as devices write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from devices.monitors.hl7_pcd01.wire import mllp

ENCODING = "^~\\&"
OURSELVES = "EXOMONITOR"
ACCEPTED, FAILED, REJECTED = "AA", "AE", "AR"
MISSING_FIELD, WRONG_TYPE, SEQUENCE, UNSUPPORTED = ("101", "102", "100", "200")
ERROR_TEXT = {
    SEQUENCE: "Segment sequence error",
    MISSING_FIELD: "Required field missing",
    WRONG_TYPE: "Data type error",
    UNSUPPORTED: "Unsupported message type",
}
UNKNOWN_ID = "UNKNOWN"
"""Stands for the control id of a message that told none."""
MAX_ID = 199

_LINE_END = re.compile(r"[\r\n]+")
_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]")
_ESCAPE = re.compile(r"\\([FSTRE])\\")
_ESCAPED = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\"}
_TIME = re.compile(
    r"(?P<day>[0-9]{8})(?P<clock>[0-9]{4})(?P<s>[0-9]{2})?(?:\.?(?P<fraction>[0-9]{1,6}))?(?P<zone>[+-][0-9]{4})?"
)
_TRIGGER = re.compile(r"[A-Z][A-Z0-9]{1,3}")
_OUR_ID = re.compile(r"[0-9]{1,20}")
_OUR_TIME = re.compile(r"[0-9]{14}\+0000")
_VERSION = re.compile(r"2\.[0-9](?:\.[0-9])?")
_DEFAULT_VERSION = "2.6"
_USUAL_TRIGGER = "R01"


@dataclass(frozen=True, slots=True)
class Segment:
    """One line: field(1) is the first after the name, as the standard counts; MSH-1 is the separator itself."""

    name: str
    fields: tuple[str, ...]

    def field(self, number: int) -> str:
        """The field's raw text, empty when it is missing."""
        return self.fields[number - 1] if number <= len(self.fields) else ""

    def components(self, number: int) -> list[str]:
        """The components of the field's first repetition, unescaped."""
        first = self.field(number).partition("~")[0]
        return [unescaped(part) for part in first.split("^")]

    def component(self, number: int, position: int) -> str:
        """One component of the field's first repetition, empty when it is missing."""
        parts = self.components(number)
        return parts[position - 1] if position <= len(parts) else ""


@dataclass(frozen=True, slots=True)
class Message:
    """A well-formed message: its header, and all segments in order."""

    header: Segment
    segments: tuple[Segment, ...]

    @property
    def kind(self) -> tuple[str, str]:
        """Message code and trigger event: ("ORU", "R01")."""
        return self.header.component(9, 1), self.header.component(9, 2)

    @property
    def control_id(self) -> str:
        """What the acknowledgement must repeat."""
        return self.header.field(10)


@dataclass(frozen=True, slots=True)
class Malformed:
    """What cannot be read: why, by the standard's error codes, and the header as far as there is one."""

    code: str
    reason: str
    header: Segment | None = None


@dataclass(frozen=True, slots=True)
class Ack:
    """Our answer to one message; `error` is a code of ERROR_TEXT, empty when accepted."""

    code: str
    control_id: str
    to_application: str
    to_facility: str
    trigger: str
    number: str
    time: str
    error: str = ""
    version: str = _DEFAULT_VERSION


def decoded(data: bytes) -> str:
    """UTF-8, which newer monitors announce, else ISO 8859-1, which is always readable."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


def parse_message(data: bytes) -> Message | Malformed:
    """The message in a block; never raises."""
    lines = [line for line in _LINE_END.split(decoded(data)) if line]
    if not lines or not lines[0].startswith("MSH|"):
        return Malformed(SEQUENCE, "no MSH segment")
    header = _segment(lines[0])
    if not header.field(2).startswith(ENCODING):
        return Malformed(WRONG_TYPE, "other separators than |^~\\&")
    for line in lines:
        if _CONTROL.search(line):
            return Malformed(WRONG_TYPE, "control character", header)
        if _SEGMENT_NAME.fullmatch(line.partition("|")[0]) is None:
            return Malformed(SEQUENCE, "not a segment", header)
    if not header.component(9, 1) or not 0 < len(header.field(10)) <= MAX_ID:
        return Malformed(MISSING_FIELD, "no message type or control id", header)
    message = Message(header, (header, *(_segment(line) for line in lines[1:])))
    if any(segment.name == "MSH" for segment in message.segments[1:]):
        return Malformed(SEQUENCE, "two messages in one", header)
    if any(segment.name == "OBX" and not segment.field(3) for segment in message.segments):
        return Malformed(MISSING_FIELD, "an OBX without OBX-3", header)
    return message


def equipment_of(message: Message) -> str:
    """The one piece of equipment that the observations name in OBX-18; "" where they name none, or several."""
    named = set()
    for segment in message.segments:
        if segment.name == "OBX" and segment.field(18):
            first = [part.strip() for part in segment.components(18)]
            universal = first[2] if len(first) > 3 and first[3].upper() == "EUI-64" else ""
            named.add(universal or first[0])
    return named.pop() if len(named) == 1 else ""


def encode_message(lines: list[str]) -> bytes:
    """Segments as one message, each ended by CR."""
    return "".join(f"{line}\r" for line in lines).encode("utf-8")


def unescaped(text: str) -> str:
    """`\\T\\` and its like as the characters that they stand for."""
    return _ESCAPE.sub(lambda match: _ESCAPED[match[1]], text) if "\\" in text else text


# --- acknowledgements


def ack_to(header: Segment | None, code: str, error: str, number: int, utc: datetime) -> Ack:
    """The answer to the message with this header; None = its header could not be read."""
    named = header or Segment("MSH", ())
    control_id, trigger = named.field(10), named.component(9, 2)
    return Ack(
        code=code,
        control_id=control_id if _may_repeat(control_id) and control_id else UNKNOWN_ID,
        to_application=named.field(3) if _may_repeat(named.field(3)) else "",
        to_facility=named.field(4) if _may_repeat(named.field(4)) else "",
        trigger=trigger if _TRIGGER.fullmatch(trigger) else _USUAL_TRIGGER,
        number=str(number),
        time=utc.astimezone(UTC).strftime("%Y%m%d%H%M%S+0000"),
        error=error,
        version=named.field(12) if _VERSION.fullmatch(named.field(12)) else _DEFAULT_VERSION,
    )


def encode_ack(ack: Ack) -> bytes:
    """The acknowledgement as an MLLP block."""
    to, kind = f"{ack.to_application}|{ack.to_facility}", f"ACK^{ack.trigger}^ACK"
    lines = [
        f"MSH|{ENCODING}|{OURSELVES}||{to}|{ack.time}||{kind}|{ack.number}|P|{ack.version}||||||UNICODE UTF-8",
        f"MSA|{ack.code}|{ack.control_id}",
    ]
    if ack.error:
        lines.append(f"ERR|||{ack.error}^{ERROR_TEXT[ack.error]}^HL70357|E")
    return mllp.frame(encode_message(lines))


def parse_ack(block: bytes) -> Ack | None:
    """Our own acknowledgement read back field by field; None for anything that is not exactly one."""
    if not block.startswith(mllp.VT) or not block.endswith(mllp.FS + mllp.CR):
        return None
    message = parse_message(block[1:-2])
    if isinstance(message, Malformed) or [segment.name for segment in message.segments[1:]] not in (
        ["MSA"],
        ["MSA", "ERR"],
    ):
        return None
    header, answer = message.segments[:2]
    error = message.segments[2].component(3, 1) if len(message.segments) > 2 else ""
    ack = Ack(
        code=answer.field(1),
        control_id=answer.field(2),
        to_application=header.field(5),
        to_facility=header.field(6),
        trigger=header.component(9, 2),
        number=header.field(10),
        time=header.field(7),
        error=error,
        version=header.field(12),
    )
    known = ack.code in (ACCEPTED, FAILED, REJECTED) and (not error or error in ERROR_TEXT)
    ours = bool(_OUR_ID.fullmatch(ack.number) and _OUR_TIME.fullmatch(ack.time) and _VERSION.fullmatch(ack.version))
    return ack if known and ours and ack.control_id and encode_ack(ack) == block else None


def _may_repeat(text: str) -> bool:
    return len(text) <= MAX_ID and _CONTROL.search(text) is None


def _segment(line: str) -> Segment:
    name, *fields = line.split("|")
    return Segment(name, ("|", *fields) if name == "MSH" else tuple(fields))


# --- times


def parse_time(text: str) -> datetime | None:
    """`20260727124424.0000+0000` and its shorter forms; without a zone the result is naive. None when it is none."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    try:
        moment = datetime.strptime(match["day"] + match["clock"] + (match["s"] or "00"), "%Y%m%d%H%M%S")  # noqa: DTZ007
        if match["fraction"]:
            moment += timedelta(seconds=int(match["fraction"]) / 10 ** len(match["fraction"]))
        if match["zone"]:
            sign = -1 if match["zone"][0] == "-" else 1
            offset = sign * timedelta(hours=int(match["zone"][1:3]), minutes=int(match["zone"][3:]))
            moment = moment.replace(tzinfo=timezone(offset))
    except (ValueError, OverflowError):
        return None
    return moment


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Seconds by one device's clock; a time that tells no zone is in the zone of the other."""
    if earlier.tzinfo is None or later.tzinfo is None:
        earlier, later = earlier.replace(tzinfo=None), later.replace(tzinfo=None)
    return (later - earlier).total_seconds()


def time_text(utc: datetime) -> str:
    """A UTC time as monitors write it."""
    return utc.astimezone(UTC).strftime("%Y%m%d%H%M%S") + "+0000"
