"""Masimo's ASCII line, once a second: date, time and KEY=VALUE words that differ with model, options and firmware."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from devices.wire.lines import LineCutter, run_of

MAX_LINE = 400
MOST_SPO2, MOST_PULSE, MOST_PI = 100, 300, 100.0

# exception bits
NO_SENSOR, DEFECTIVE, LOW_PERFUSION, PULSE_SEARCH = 0x001, 0x002, 0x004, 0x008
INTERFERENCE, SENSOR_OFF, AMBIENT_LIGHT, UNRECOGNISED = 0x010, 0x020, 0x040, 0x080
LOW_SIGNAL_IQ, SET = 0x400, 0x800
# alarm bits: not published by Masimo, worked out by users
SPO2_HIGH, SPO2_LOW, PULSE_HIGH, PULSE_LOW, ALARMING, MUTED = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20

_BEGINS = re.compile(rb"\d\d/\d\d/\d\d \d\d:\d\d:\d\d ")
_WORDS = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9]*=[^\s=]*(?:\s+|$))*")
_WHOLE = re.compile(r"(\d{1,3})%?")
_DECIMAL = re.compile(r"(\d{1,3}(?:\.\d+)?)%?")
_HEX = re.compile(r"([0-9A-Fa-f]{2,10})(?::[A-Z]+)?")
_PULSE_WORDS = ("BPM", "PR")


@dataclass(frozen=True, slots=True)
class MasimoLine:
    """spo2 in %, pulse in /min, pi in %: None = missing. widths: digits of spo2 and pulse as they stood."""

    clock: str
    spo2: int | None
    pulse: int | None
    pi: float | None = None
    has_pi: bool = False
    serial: str = ""
    alarms: int = 0
    exceptions: int = 0
    widths: tuple[int, ...] = ()
    padded: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Which words a model sends, in order; those that it never fills in stand as they are."""

    words: tuple[str, ...]
    alarm_digits: int = 4
    exception_digits: int = 6


LAYOUTS: Mapping[str, Layout] = {
    "rad-8": Layout(("SN", "SPO2", "BPM", "PI", "DESAT=--", "PIDELTA=+--", "ALARM", "EXC")),
    "radical-7-2007": Layout(
        ("SN", "SPO2", "BPM", "PI", "SPCO=--.-%", "SPMET=--.-%", "DESAT=--", "PIDELTA=+--", "PVI=---", "ALARM", "EXC")
    ),
    "radical-7": Layout(
        (
            "SN", "SPO2", "BPM", "PI", "SPCO=--%", "SPMET=--.-%", "SPHB=--.-", "SPOC=--", "RESVD=---", "DESAT=--",
            "PIDELTA=+--", "PVI=---", "ALARM", "EXC", "EXC1=00000000",
        ),
        alarm_digits=6,
        exception_digits=7,
    ),
}  # fmt: skip


_UNFILLED = b"".join(
    rb"(?: %s=[!-<>-~]{1,12}+)?" % word
    for word in (b"SPCO", b"SPMET", b"SPHB", b"SPOC", b"RESVD", b"DESAT", b"PIDELTA", b"PVI")
)
_AS_THEY_STAND = b"|".join(
    b"".join(b" " + re.escape(word.encode()) for word in layout.words if "=" in word and not word.startswith("EXC"))
    for layout in sorted(LAYOUTS.values(), key=lambda layout: -len(layout.words))
)
"""The same words as each model sends them unfilled: read faster."""
_RUN = run_of(
    rb"\d\d/\d\d/\d\d \d\d:\d\d:\d\d SN=[0-9-]{1,20} SPO2=(?:0\d\d|100|---)% BPM=(?:[012]\d\d|---)"
    rb"(?: PI=(?:\d\d\.\d\d|--\.--)%)?(?:" + _AS_THEY_STAND + rb"|" + _UNFILLED + rb")"
    rb" ALARM=[0-9A-F]{4,8} EXC=[0-9A-F]{4,8}(?: EXC1=[0-9A-F]{4,8})?"
)
"""What `decode_line` certainly takes: the words of the published lines in their order, with numbers in range."""


def clock_of(line: MasimoLine) -> datetime | None:
    """The oximeter's own date and time, in its own zone; None where it is none."""
    try:
        return datetime.strptime(line.clock, "%m/%d/%y %H:%M:%S")  # noqa: DTZ007 - the line tells no zone
    except ValueError:
        return None


def encode_line(line: MasimoLine, layout: Layout) -> bytes:
    """The line with its end."""
    told = {
        "SN": f"SN={line.serial or '-' * 10}",
        "SPO2": f"SPO2={'---' if line.spo2 is None else f'{line.spo2:03d}'}%",
        "BPM": f"BPM={'---' if line.pulse is None else f'{line.pulse:03d}'}",
        "PI": f"PI={'--.--' if line.pi is None else f'{line.pi:05.2f}'}%",
        "ALARM": f"ALARM={line.alarms:0{layout.alarm_digits}X}",
        "EXC": f"EXC={line.exceptions:0{layout.exception_digits}X}",
    }
    return " ".join([line.clock, *(told.get(word, word) for word in layout.words)]).encode("ascii") + b"\r\n"


def decode_line(line: bytes) -> MasimoLine | None:
    """The line without its end; None when it is cut short, or any word of it is not as it must be."""
    begins = _BEGINS.match(line)
    words = _words(line[begins.end() :]) if begins is not None else None
    if words is None:
        return None
    pulse_word = next((word for word in _PULSE_WORDS if word in words), "")
    # Whatever the model, the exceptions stand behind the numbers: without them the line's end was lost.
    if not pulse_word or "SPO2" not in words or "EXC" not in words:
        return None
    spo2, pulse = _number(words["SPO2"], _WHOLE, MOST_SPO2), _number(words[pulse_word], _WHOLE, MOST_PULSE)
    pi = _number(words.get("PI", "-"), _DECIMAL, MOST_PI)
    alarms, exceptions = _bits(words.get("ALARM", "-")), _bits(words["EXC"])
    if None in (spo2, pulse, pi, alarms, exceptions):
        return None
    digits = [text.rstrip("%") for text in (words["SPO2"], words[pulse_word]) if "-" not in text]
    serial = words.get("SN", "-")
    return MasimoLine(
        clock=line[:17].decode("ascii"),
        spo2=_whole(spo2),
        pulse=_whole(pulse),
        pi=None if pi == _MISSING else pi,
        has_pi="PI" in words,
        serial="" if "-" in serial else serial,
        alarms=alarms or 0,
        exceptions=exceptions or 0,
        widths=tuple(len(text) for text in digits),
        padded=any(text.startswith("0") for text in digits),
    )


def make_cutter() -> LineCutter:
    """Cuts these lines out of a stream."""
    return LineCutter(lambda line: "" if decode_line(line) else "not a data line", _BEGINS, MAX_LINE, run=_RUN)


_MISSING = -1.0


def _words(text: bytes) -> dict[str, str] | None:
    try:
        clear = text.decode("ascii")
    except UnicodeDecodeError:
        return None
    if _WORDS.fullmatch(clear) is None:
        return None
    parts = [part.partition("=") for part in clear.split()]
    words = {word.upper(): value for word, _, value in parts}
    return words if len(words) == len(parts) else None


def _number(text: str, pattern: re.Pattern[str], most: float) -> float | None:
    """The number, _MISSING where the device has none, None when the word is damaged or out of range."""
    if "-" in text:
        return _MISSING if not text.strip("-.+%") else None
    found = pattern.fullmatch(text)
    value = float(found[1]) if found is not None else most + 1
    return value if value <= most else None


def _whole(value: float | None) -> int | None:
    return None if value is None or value == _MISSING else int(value)


def _bits(text: str) -> int | None:
    if not text.strip("-"):
        return 0
    found = _HEX.fullmatch(text)
    return int(found[1], 16) if found is not None else None
