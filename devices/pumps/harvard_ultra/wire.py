"""Harvard Apparatus and KD Scientific "ULTRA" commands, both ways: words, answers that end in a prompt, their numbers.

    host `AAword CR LF`      pump `LF AA:text CR` for each line, then `LF AA` and the prompt

The prompt is the pump's state: `:` idle, `>` infusing, `<` withdrawing, `*` stalled, `T*` target reached. The address
may be missing in answers, and XON may follow the prompt ("poll on"). Nothing has a checksum.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from devices.wire.framing import PARTIAL, Broken, Ended, Found, FrameCutter, Partial, Run

LF, CR = b"\n", b"\r"
STATUS, RATE, INFUSED, TARGET, VERSION = "status", "irate", "ivolume", "tvolume", "version"
READ_ONLY_WORDS = frozenset({STATUS, RATE, INFUSED, TARGET, VERSION})
"""Whole words: the same word with an argument sets the value, and others move the pump."""

IDLE, INFUSING, WITHDRAWING, STALLED, AT_TARGET = ":", ">", "<", "*", "T*"
NO_TARGET = "Target volume not set"
ERRORS = ("Command error", "Unknown command", "Argument error", "Out of range")
MAX_LINE = 80
MAX_REPLY = 600
PARTIAL_TIMEOUT_S = 0.5
QUIET_S = 0.05
"""Silence after which a colon was the prompt: an adapter holds bytes back for 16 ms, one at 9600 baud takes 1 ms."""
ML_H_PER_FL_S = Decimal("3.6e-9")
ML_PER_FL = Decimal("1e-12")

_NOT_TEXT = b"\x11\x13"  # XON and XOFF: flow control, never part of an answer
_REQUEST = re.compile(r"([0-9]{2})([a-z]+)\r\n")
_PROMPT = re.compile(rb"([0-9]{2})?(?::?(T\*|\*)|([:<>]))")
_CERTAIN = re.compile(rb"(?:[0-9]{2})?(?::?(?:T\*|\*)|[<>])")
"""A prompt that nothing can make another one; a colon may be the beginning of `:*`, and of one more line."""
_PREFIX = re.compile(r"([0-9]{2})(?:T\*|[:<>*])")
_ANSWER = re.compile(rb"\n[ -~]{0,80}\r\n(?:[0-9]{2})?(?::?(?:T\*|\*)|[:<>])(?=\n)")
_RUN = re.compile(rb"(?:%s)+" % _ANSWER.pattern)
_PRINTABLE = frozenset(range(0x20, 0x7F))
_STATUS = re.compile(
    r"([0-9]{1,15}) ([0-9]{1,12}) ([0-9]{1,18}) ([IiWw])([IiWw.])([Ss.])([A-Za-z.])([A-Za-z.])([A-Za-z.]?)"
)
_NUMBER = r"([0-9]{1,7}(?:\.[0-9]{1,6})?)"
_RATE = re.compile(_NUMBER + r" ?([munp]?l)/(h|hr|min|s|sec)", re.IGNORECASE)
_VOLUME = re.compile(_NUMBER + r" ?([munp]?l)", re.IGNORECASE)
_TO_ML = {"l": Decimal(1000), "ml": Decimal(1), "ul": Decimal("1e-3"), "nl": Decimal("1e-6"), "pl": Decimal("1e-9")}
_PER_HOUR = {"h": 1, "hr": 1, "min": 60, "s": 3600, "sec": 3600}
_SERIAL = re.compile(r"Serial number: *([0-9A-Za-z-]{1,20})")
_FIRMWARE = re.compile(r"Firmware: *v?([0-9.]{1,12})")


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole answer: its address (None when the pump shows none), its lines without that, the prompt behind it."""

    address: int | None
    lines: tuple[str, ...]
    prompt: str

    @property
    def text(self) -> str:
        """The only line, or an empty text."""
        return self.lines[0] if len(self.lines) == 1 else ""

    @property
    def is_error(self) -> bool:
        """Whether the pump refused the word."""
        return any(line.startswith(ERRORS) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Status:
    """The line that answers `status`: fL/s, ms, fL and the flags as the manual orders them."""

    rate_fl_s: int
    time_ms: int
    volume_fl: int
    motor: str
    """I or W while it runs that way, i or w while it stands."""
    limit: str = "."
    stalled: bool = False
    trigger: bool = False
    port: str = "."
    at_target: bool = False


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as the pump prints it, in mL or mL/h, and how much its last digit is worth."""

    value: Decimal
    last_digit: Decimal


def request(word: str, address: int = 0) -> bytes:
    """A question. The address always stands before it, so that a line of commands is never a bare CR."""
    return f"{address:02d}{word}".encode("ascii") + CR + LF


def parse_request(frame: bytes) -> tuple[int, str] | None:
    """(address, word) of a request without argument; None for anything else."""
    match = _REQUEST.fullmatch(frame.decode("ascii", errors="replace"))
    return None if match is None else (int(match[1]), match[2])


def is_read_only(frame: bytes) -> bool:
    """Whether `frame` is exactly one of the five questions."""
    parsed = parse_request(frame)
    return parsed is not None and parsed[1] in READ_ONLY_WORDS and frame == request(parsed[1], parsed[0])


def without_flow_control(data: bytes) -> bytes:
    """`data` without XON and XOFF."""
    return data.translate(None, _NOT_TEXT)


def encode_reply(lines: tuple[str, ...], prompt: str, address: int | None) -> bytes:
    """An answer as the pump sends it."""
    shown = "" if address is None else f"{address:02d}"
    colon = "" if address is None else ":"
    text = "".join(f"\n{shown}{colon}{line}\r" for line in lines)
    return f"{text}\n{shown}{prompt}".encode("ascii")


def find_start(buffer: bytes | bytearray, pos: int) -> int:
    """The next line feed at or after `pos`, or -1."""
    return buffer.find(LF, pos)


def make_cutter() -> FrameCutter:
    """What cuts answers out of a pump's bytes, without XON and XOFF."""
    return FrameCutter(find_start, parse_at, MAX_REPLY, PARTIAL_TIMEOUT_S, run_at, QUIET_S)


def parse_at(buffer: bytes | bytearray, start: int) -> Found | Broken | Partial | Ended:
    """The answer whose first line feed is at `start`; a prompt alone counts only when another line feed follows.

    What follows a prompt that is certain is not looked at: however the bytes are cut into pieces, they say the same.
    """
    lines: list[str] = []
    here = start
    while True:
        here += 1
        line_end = _line_end(buffer, here)
        piece = bytes(buffer[here:line_end])
        may_end = bool(lines) and not _goes_on(lines)
        certain = _CERTAIN.match(piece) if may_end else None
        if certain is not None:
            return Found(bytes(buffer[start : here + certain.end()]), here + certain.end())
        if len(piece) > MAX_LINE or not _PRINTABLE.issuperset(piece):
            return Broken("syntax")
        if line_end == len(buffer):
            ended = may_end and _PROMPT.fullmatch(piece) is not None
            return Ended(bytes(buffer[start:line_end]), line_end) if ended else PARTIAL
        if buffer[line_end] == LF[0]:
            if not piece and not lines:
                here = line_end  # an empty line before the answer
                continue
            is_prompt = _PROMPT.fullmatch(piece) is not None
            return Found(bytes(buffer[start:line_end]), line_end) if is_prompt else Broken("syntax")
        if line_end + 1 == len(buffer):
            return PARTIAL
        if buffer[line_end + 1] != LF[0]:
            return Broken("syntax")
        lines.append(piece.decode("ascii"))
        here = line_end + 1


def run_at(buffer: bytes | bytearray, start: int) -> Run:
    """Answers of one line that stand one behind the other from `start` on, each with the next one's line feed."""
    found = _RUN.match(buffer, start)
    if found is None:
        return [], start
    return _ANSWER.findall(found[0] + LF), found.end()


def parse_reply(payload: bytes) -> Reply | None:
    """The answer in a frame; None when its addresses differ among each other."""
    *texts, last = payload.decode("ascii").split("\n")[1:]
    match = _PROMPT.fullmatch(last.encode("ascii"))
    if match is None:
        return None
    addresses = {None if match[1] is None else int(match[1])}
    lines = []
    for text in texts:
        line = text.removesuffix("\r")
        prefix = _PREFIX.match(line)
        if prefix is not None:
            addresses.add(int(prefix[1]))
        stripped = (line if prefix is None else line[prefix.end() :]).strip()
        if stripped:
            lines.append(stripped)
    if len(addresses) > 1:
        return None
    return Reply(addresses.pop(), tuple(lines), (match[2] or match[3]).decode("ascii"))


def parse_status(text: str) -> Status | None:
    """`3333333333 372000 1240000000000 I...I.`; older pumps have five flags, newer ones a sixth, T at the target."""
    match = _STATUS.fullmatch(text)
    if match is None:
        return None
    return Status(
        int(match[1]),
        int(match[2]),
        int(match[3]),
        match[4],
        match[5],
        match[6] in "Ss",
        match[7] == "T",
        match[8],
        match[9] == "T",
    )


def status_text(status: Status) -> str:
    """The line that answers `status`, with six flags."""
    flags = (
        status.motor
        + status.limit
        + ("S" if status.stalled else ".")
        + ("T" if status.trigger else ".")
        + status.port
        + ("T" if status.at_target else ".")
    )
    return f"{status.rate_fl_s} {status.time_ms} {status.volume_fl} {flags}"


def rate_ml_h(text: str) -> Quantity | None:
    """`12 ml/hr` in mL/h, None when it is no rate."""
    match = _RATE.fullmatch(text)
    if match is None:
        return None
    return _quantity(match[1], _TO_ML[match[2].lower()] * _PER_HOUR[match[3].lower()])


def volume_ml(text: str) -> Quantity | None:
    """`1.234 ml` in mL, None when it is no volume."""
    match = _VOLUME.fullmatch(text)
    return None if match is None else _quantity(match[1], _TO_ML[match[2].lower()])


def is_no_target(text: str) -> bool:
    """Whether the pump says that no target is set; some say it with a full stop."""
    return text.removesuffix(".") == NO_TARGET


def model_and_serial(lines: tuple[str, ...]) -> tuple[str, str]:
    """From the answer to `version`: one line with the model, or a table with firmware and serial number."""
    if len(lines) == 1 and ":" not in lines[0]:
        return lines[0], ""
    table = "\n".join(lines)
    firmware, serial = _FIRMWARE.search(table), _SERIAL.search(table)
    return f"ULTRA v{firmware[1]}" if firmware else "", serial[1] if serial else ""


def _quantity(digits: str, unit: Decimal) -> Quantity:
    number = Decimal(digits)
    return Quantity(number * unit, Decimal((0, (1,), int(number.as_tuple().exponent))) * unit)


def _line_end(buffer: bytes | bytearray, begin: int) -> int:
    """Where the line that begins at `begin` ends: at CR, at LF, or where the buffer ends."""
    ends = [end for end in (buffer.find(CR, begin), buffer.find(LF, begin)) if end >= 0]
    return min(ends, default=len(buffer))


def _goes_on(lines: list[str]) -> bool:
    """Whether more lines must come: the version table ends with the serial number, and each of its lines begins like
    a prompt."""
    return any("Firmware:" in line for line in lines) and not any("Serial number:" in line for line in lines)
