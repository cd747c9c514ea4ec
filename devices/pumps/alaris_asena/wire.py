"""Alaris Asena syringe pumps, both ways: framed messages, and the numbers, times and codes in them.

    `! BODY | CCCC CR`    BODY = WORD [^field ...], CCCC = CRC-16/CCITT-FALSE over BODY in four upper-case hex digits

The question `INF_RATE` and the order `INF_RATE^12.00^ml/h` differ by their fields alone: a question has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from devices.wire.checksums import crc16_ccitt_false
from devices.wire.framing import PARTIAL, Broken, Found, Partial, Run

START, SEPARATOR, CR, ESC = b"!", b"|", b"\r", b"\x1b"
INFUSION, VTBI, ALARM = "INF", "INF_VTBI", "ALARM"
SERIAL, SYRINGE = "INST_SERIALNO", "SYRINGE_STATUS"
READ_ONLY_BODIES = frozenset({INFUSION, VTBI, ALARM, SERIAL})
"""Whole bodies, without fields: the same words with a field would set something. SYRINGE_STATUS is not among them: it
tells make and size of the syringe, which nothing here asks for, and what is not asked need not be allowed."""

MAX_BODY = 200
MAX_RAW = MAX_BODY + 7
PARTIAL_TIMEOUT_S = 1.0
"""The longest message takes 54 ms at 38400 baud; USB adapters and networks may hold back a part of it."""

NO_ALARM = "AL_NOALM"
INFUSING, ON_HOLD = "SET", "HLD"
MORE_THAN_A_DAY = "24+"

_TAIL = 5  # separator and checksum
_INFUSION_FIELDS = 13
_WORD = re.compile(r"[A-Z][A-Z_]*")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_RUN = re.compile(rb"(?:![A-Z][A-Z_]*(?:\^[^\x00-\x1f\x7f]*)?\|[0-9A-F]{4}\r)+")
_NUMBER = re.compile(r" *(-?[0-9]{1,6}(?:\.[0-9]{1,4})?) *")
_TIME = re.compile(r"([0-9]{2}):([0-5][0-9]):([0-5][0-9])")
_ALARM_CODE = re.compile(r"AL_[A-Z]{1,10}")
_SERIAL = re.compile(r"[0-9A-Za-z][0-9A-Za-z .-]{2,30}")


@dataclass(frozen=True, slots=True)
class Message:
    """One word with its fields; a question has no fields."""

    word: str
    fields: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The text that the checksum covers."""
        return "^".join((self.word, *self.fields))


@dataclass(frozen=True, slots=True)
class Infusion:
    """The answer to INF: rate in mL/h, volume in mL, pressure in mmHg, time in s; None where the pump gives none.

    alarm: the pump's own flag that some alarm is on. mode: SET, HLD, or a word that nobody has published.
    """

    serial: str
    alarm: bool
    mode: str
    rate_ml_h: float | None
    drug: str
    infused_ml: float | None
    pressure_mmhg: float | None
    time_left_s: float | None
    log_entry: int | None


def encode(body: str) -> bytes:
    """The frame of a body, for either direction."""
    data = body.encode("latin-1")
    return START + data + SEPARATOR + checksum(data) + CR


def checksum(data: bytes) -> bytes:
    """Four upper-case hex digits; the code that enables remote control is the same sum over the serial number."""
    return b"%04X" % crc16_ccitt_false(data)


def find_start(buffer: bytes | bytearray, pos: int) -> int:
    """The next `!` at or after `pos`, or -1."""
    return buffer.find(START, pos)


def parse_at(buffer: bytes | bytearray, start: int) -> Found | Broken | Partial:
    """The message whose `!` is at `start`; the payload is its body."""
    limit = start + MAX_RAW
    control = _CONTROL.search(buffer, start, limit)
    if control is None:
        return Broken("too long") if len(buffer) >= limit else PARTIAL
    end = control.start()
    if control[0] == ESC:
        return Broken("aborted by the pump")
    if control[0] != CR:
        return Broken("syntax")
    body, tail = bytes(buffer[start + 1 : end - _TAIL]), bytes(buffer[end - _TAIL : end])
    if end - _TAIL <= start + 1 or tail[:1] != SEPARATOR:
        return Broken("syntax")
    if tail[1:] != checksum(body):
        return Broken("checksum")
    return Broken("syntax") if parse(body) is None else Found(body, end + 1)


def run_at(buffer: bytes | bytearray, start: int) -> Run:
    """The bodies of messages that stand one behind the other from `start` on."""
    bodies: list[bytes] = []
    end = start
    found = _RUN.match(buffer, start)
    for piece in found[0].split(CR)[:-1] if found is not None else ():
        body = piece[1:-_TAIL]
        if len(body) > MAX_BODY or crc16_ccitt_false(body) != int(piece[1 - _TAIL :], 16):
            break
        bodies.append(body)
        end += len(piece) + 1
    return bodies, end


def parse(body: bytes) -> Message | None:
    """Word and fields of a body, None when it begins with no word."""
    word, *fields = body.decode("latin-1").split("^")
    return Message(word, tuple(fields)) if _WORD.fullmatch(word) else None


def is_read_only(frame: bytes) -> bool:
    """Whether `frame` is exactly one of the five questions."""
    found = parse_at(frame, 0) if frame[:1] == START else PARTIAL
    message = parse(found.payload) if isinstance(found, Found) else None
    return message is not None and message.body in READ_ONLY_BODIES and frame == encode(message.body)


def infusion_of(message: Message) -> Infusion | None:
    """The answer to INF, None when the message is none."""
    fields = message.fields
    if message.word != INFUSION or len(fields) != _INFUSION_FIELDS or fields[1] not in ("-", "A"):
        return None
    serial, flag, mode, rate, rate_unit, drug, volume, volume_unit, pressure, pressure_unit, left, _, entry = fields
    pressure_mmhg = number(pressure, pressure_unit, "mmHg")
    return Infusion(
        serial.strip(),
        flag == "A",
        mode.strip(),
        number(rate, rate_unit, "ml/h"),
        drug.strip(),
        number(volume, volume_unit, "ml"),
        pressure_mmhg if pressure_mmhg is not None and pressure_mmhg >= 0 else None,  # -50.00 where it cannot measure
        seconds(left),
        int(entry) if entry.isdecimal() and entry.isascii() else None,
    )


def vtbi_of(message: Message) -> tuple[float | None] | None:
    """The answer to INF_VTBI as (volume in mL or None when none is set,); None when the message is no such answer."""
    if message.word != VTBI:
        return None
    match message.fields:
        case ("ACTIV", volume, unit, *_):
            value = number(volume, unit, "ml")
            return None if value is None else (value,)
        case ("DEACT", *rest) if not any(field.strip() for field in rest):
            return (None,)
        case ():
            return None
        case fields if not any(field.strip() for field in fields):
            return (None,)
    return None


def alarm_code_of(message: Message) -> str | None:
    """The alarm code in the answer to ALARM (AL_NOALM when there is none), None when the message is no such answer."""
    if message.word != ALARM or not message.fields:
        return None
    code = message.fields[0].strip()
    return code if _ALARM_CODE.fullmatch(code) else None


def serial_of(message: Message) -> str | None:
    """The serial number in the answer to INST_SERIALNO, None when the message is no such answer."""
    if message.word != SERIAL or len(message.fields) != 1:
        return None
    serial = message.fields[0].strip()
    return serial if _SERIAL.fullmatch(serial) else None


def number(text: str, unit: str, wanted: str) -> float | None:
    """The number in a field, None when there is none or its unit is not the one wanted."""
    match = _NUMBER.fullmatch(text)
    return float(match[1]) if match and unit.strip().lower() == wanted.lower() else None


def seconds(text: str) -> float | None:
    """`HH:MM:SS` in s; None for `24+`, which names no time, and for anything else."""
    match = _TIME.fullmatch(text.strip())
    return None if match is None else int(match[1]) * 3600.0 + int(match[2]) * 60 + int(match[3])


def time_text(left_s: float | None) -> str:
    """A time as the pump writes it; `24+` from a day upwards and where there is no end."""
    if left_s is None or left_s >= 24 * 3600:
        return MORE_THAN_A_DAY
    whole = int(left_s)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
