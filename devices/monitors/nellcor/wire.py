"""Nellcor's printer text: a header with limits, then one line of numbers and status codes every two seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from devices.wire.lines import LineCutter, run_of

XON, XOFF = 0x11, 0x13
INTERACTIVE = b"\x03\x03"
MAX_LINE = 120
MOST_SPO2, MOST_PULSE, MOST_AMPLITUDE = 100, 300, 255
LAYOUT = (24, 31, 37)
"""Where the last digits of SpO2, pulse and amplitude end in the published lines."""

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
"""As the oximeter prints them, whatever this computer calls them."""

_TIME = rb"\d\d-[A-Z]{3}-\d\d \d\d:\d\d:\d\d"
_NUMBER = rb" +(?P<%s>\d{1,3}|---)(?P<%s_mark>\*?)"
_LINE = re.compile(
    rb"(?P<clock>" + _TIME + rb")" + b"".join(_NUMBER % (name, name) for name in (b"spo2", b"pulse", b"amplitude"))
    + rb"(?P<codes>(?: +[A-Z][A-Z0-9])*)"
)  # fmt: skip
_MODEL = re.compile(
    rb"(?P<model>N[!-~]{2,9}) +VERSION +(?P<version>[!-~]+) +CRC: ?(?P<crc>[!-~]+)"
    rb"(?: +SpO2 Limit: ?(?P<spo2_low>\d{1,3})-(?P<spo2_high>\d{1,3})%"
    rb" +PR Limit: ?(?P<pulse_low>\d{1,3})-(?P<pulse_high>\d{1,3})BPM)?",
    re.IGNORECASE,
)
_MODE = re.compile(rb"(?:ADULT|NEONATE|NEONATAL|PEDIATRIC)\b[ -~]*")
_COLUMNS = re.compile(rb"TIME +%SpO2 +BPM +PA +Status[ -~]*", re.IGNORECASE)
_RUN = run_of(
    _TIME + rb" {1,9}+(?:100|\d\d?|---)\*? {1,9}+(?:[12]\d\d|\d\d?|---)\*? {1,9}+(?:1\d\d|\d\d?|---)\*?"
    rb"(?: {1,4}+[A-Z][A-Z0-9]){0,8}|TIME %SPO2 BPM PA Status|ADULT [!-~]{1,12}"
    rb"|N-[0-9A-Z]{1,8} VERSION [0-9.]{1,12} CRC:[0-9A-Z]{1,8}"
    rb"(?: SpO2 Limit: \d{1,3}-\d{1,3}% PR Limit: \d{1,3}-\d{1,3}BPM)?",
    padded=True,
)
"""What `is_known` certainly takes: the published lines, with numbers in range."""
_BEGINS = re.compile(_TIME + rb" |N\S{2,9} +VERSION ")


@dataclass(frozen=True, slots=True)
class NellcorLine:
    """spo2 in %, pulse in /min, amplitude without a unit; None = missing. A mark: outside the monitor's limits."""

    clock: str
    spo2: int | None
    pulse: int | None
    amplitude: int | None = None
    spo2_marked: bool = False
    pulse_marked: bool = False
    codes: tuple[str, ...] = ()
    columns: tuple[int, ...] = LAYOUT


@dataclass(frozen=True, slots=True)
class Header:
    """The header's first line: model, version and the limits as (low, high)."""

    model: str
    version: str
    crc: str = "XXXX"
    spo2_limits: tuple[int, int] | None = None
    pulse_limits: tuple[int, int] | None = None


def encode_line(line: NellcorLine) -> bytes:
    """The line with its end."""
    fields = ((line.spo2, line.spo2_marked, 6), (line.pulse, line.pulse_marked, 6), (line.amplitude, False, 5))
    text = line.clock
    for value, marked, width in fields:
        number = "---" if value is None else str(value)
        text += number.rjust(width) + ("*" if marked else " ")
    return (text.rstrip() + "".join(f" {code}" for code in line.codes)).encode("ascii") + b"\r\n"


def decode_line(text: bytes) -> NellcorLine | None:
    """The line without its end; None when it is none, or a number is out of range."""
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    names = {"spo2": MOST_SPO2, "pulse": MOST_PULSE, "amplitude": MOST_AMPLITUDE}
    values = {name: None if found[name] == b"---" else int(found[name]) for name in names}
    if any(value is not None and value > names[name] for name, value in values.items()):
        return None
    return NellcorLine(
        clock=found["clock"].decode("ascii"),
        spo2=values["spo2"],
        pulse=values["pulse"],
        amplitude=values["amplitude"],
        spo2_marked=bool(found["spo2_mark"]),
        pulse_marked=bool(found["pulse_mark"]),
        codes=tuple(found["codes"].decode("ascii").split()),
        columns=tuple(found.end(name) for name in names),
    )


def clock_of(line: NellcorLine) -> datetime | None:
    """The oximeter's own date and time, in its own zone; None where it is none."""
    day, month, year, time = line.clock[:2], line.clock[3:6], line.clock[7:9], line.clock[10:]
    if month not in _MONTHS:
        return None
    told = f"20{year}-{_MONTHS.index(month) + 1:02d}-{day} {time}"
    try:
        return datetime.strptime(told, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the line tells no zone
    except ValueError:
        return None


def encode_header(header: Header) -> bytes:
    """The three lines of the header."""
    limits = ""
    if header.spo2_limits is not None and header.pulse_limits is not None:
        spo2, pulse = header.spo2_limits, header.pulse_limits
        limits = f" SpO2 Limit: {spo2[0]}-{spo2[1]}% PR Limit: {pulse[0]}-{pulse[1]}BPM"
    first = f"{header.model} VERSION {header.version} CRC:{header.crc}{limits}"
    return f"{first}\r\n ADULT 0SAT-S\r\nTIME %SPO2 BPM PA Status\r\n".encode("ascii")


def decode_header(text: bytes) -> Header | None:
    """The header's first line; None when it is none."""
    found = _MODEL.fullmatch(text)
    if found is None:
        return None
    limits = [
        int(found[name]) if found[name] else None for name in ("spo2_low", "spo2_high", "pulse_low", "pulse_high")
    ]
    low, high, slow, fast = limits
    return Header(
        found["model"].decode("ascii"),
        found["version"].decode("ascii"),
        found["crc"].decode("ascii"),
        (low, high) if low is not None and high is not None else None,
        (slow, fast) if slow is not None and fast is not None else None,
    )


def is_known(text: bytes) -> bool:
    """Whether this is a line that the monitor prints: numbers or one of the header's three."""
    if _MODE.fullmatch(text) or _COLUMNS.fullmatch(text):
        return True
    return decode_line(text) is not None or decode_header(text) is not None


def make_cutter() -> LineCutter:
    """Cuts these lines out of a stream."""
    return LineCutter(
        lambda text: "" if is_known(text) else "not a data line", _BEGINS, MAX_LINE, run=_RUN, padded=True
    )
