"""The printer line of Avant, 7500, 8500 and 9847: `SPO2=098 HR=072` once a second."""

from __future__ import annotations

import re
from dataclasses import dataclass

from devices.wire.lines import LineCutter, run_of

_LINE = re.compile(
    rb"(?:(?P<clock>\d\d:\d\d:\d\d) )?SPO2=(?P<spo2>[ \d]{2}\d|---) HR=(?P<hr>[ \d]{2}\d|---)"
    rb"(?P<fast> ?F)?(?P<breath> ?B)?(?P<marked> ?\*)?"
)
_RUN = run_of(rb"(?:\d\d:\d\d:\d\d )?SPO2=(?:0\d\d|100|---) HR=(?:[012]\d\d|---)(?: ?F)?(?: ?B)?(?: ?\*)?")
"""What `decode_line` certainly takes."""
_BEGINS = re.compile(rb"(?:\d\d:\d\d:\d\d )?SPO2=")
MAX_LINE = 64
_MOST = {"hr": 321, "spo2": 100}


@dataclass(frozen=True, slots=True)
class TextLine:
    """hr in /min and spo2 in %, None = missing; `fast`: fast-responding numbers; `marked`: event key pressed."""

    hr: int | None
    spo2: int | None
    clock: str = ""
    fast: bool = False
    marked: bool = False


def encode_line(line: TextLine) -> bytes:
    """The line with its end."""
    spo2, hr = ("---" if value is None else f"{value:03d}" for value in (line.spo2, line.hr))
    clock = f"{line.clock} " if line.clock else ""
    return f"{clock}SPO2={spo2} HR={hr}{' F' if line.fast else ''}{'*' if line.marked else ''}\r\n".encode()


def decode_line(line: bytes) -> TextLine | None:
    """The line without its end, None when it is no such line or a number is out of range."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    values = {name: None if found[name] == b"---" else _number(found[name]) for name in _MOST}
    if any(value is not None and not 0 <= value <= _MOST[name] for name, value in values.items()):
        return None
    clock = (found["clock"] or b"").decode()
    return TextLine(values["hr"], values["spo2"], clock, found["fast"] is not None, found["marked"] is not None)


def make_cutter() -> LineCutter:
    """Cuts these lines out of a stream."""
    return LineCutter(lambda line: "" if decode_line(line) else "not a data line", _BEGINS, MAX_LINE, run=_RUN)


def _number(text: bytes) -> int:
    digits = text.lstrip(b" ")
    return int(digits) if digits.isdigit() else -1  # "9 8": something between the digits was lost
