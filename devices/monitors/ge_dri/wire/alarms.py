"""The alarm status subrecord: sound, silence and five lines of text with a colour, as they stand on the screen."""

from __future__ import annotations

import struct
from dataclasses import dataclass

STATUS = 1
"""The subrecord type of an alarm record."""
STATUS_ONCE, ENTER_DIFFERENTIAL, EXIT_DIFFERENTIAL = 0, 2, 3
LINES = 5
NO_COLOUR, WHITE, YELLOW, RED = 0, 1, 2, 3
NOTHING_SILENCED = 0

_HEAD = struct.Struct("<hH4xH")  # reserved, sound on, two reserved, what is silenced
_LINE = struct.Struct("<80sHHH12x")  # text, it changed, colour, it changed
_TAIL_BYTES = 10
STATUS_BYTES = _HEAD.size + LINES * _LINE.size + _TAIL_BYTES
_MOST_TEXT = 79  # a NUL ends it


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One line; without text there is no alarm in it. Changed flags: since the record before."""

    text: str = ""
    colour: int = NO_COLOUR
    text_changed: bool = False
    colour_changed: bool = False


@dataclass(frozen=True, slots=True)
class AlarmStatus:
    """All lines; `silenced`: 0 nothing, 1 apnea, 2 asystole, 3 both, 4 all, 5 for 2 min, 6 for 5 min, 7 for 20 s."""

    lines: tuple[AlarmLine, ...]
    sound_on: bool = False
    silenced: int = NOTHING_SILENCED


def encode_status(status: AlarmStatus) -> bytes:
    """The subrecord; ValueError for more lines than there are."""
    if len(status.lines) > LINES:
        raise ValueError(f"the monitor has {LINES} lines for alarms")
    lines = (*status.lines, *[AlarmLine()] * (LINES - len(status.lines)))
    body = b"".join(_encode_line(line) for line in lines)
    return _HEAD.pack(0, status.sound_on, status.silenced) + body + bytes(_TAIL_BYTES)


def decode_status(body: bytes) -> AlarmStatus | None:
    """What the subrecord says; None where it is none."""
    if len(body) != STATUS_BYTES:
        return None
    _, sound_on, silenced = _HEAD.unpack_from(body)
    lines = tuple(_decode_line(body, _HEAD.size + n * _LINE.size) for n in range(LINES))
    return AlarmStatus(lines, bool(sound_on), silenced)


def _encode_line(line: AlarmLine) -> bytes:
    text = line.text.encode("latin-1", errors="replace")[:_MOST_TEXT]
    return _LINE.pack(text, line.text_changed, line.colour, line.colour_changed)


def _decode_line(body: bytes, at: int) -> AlarmLine:
    text, text_changed, colour, colour_changed = _LINE.unpack_from(body, at)
    words = text.partition(b"\0")[0].decode("latin-1")
    shown = "".join(letter if letter.isprintable() else " " for letter in words)
    return AlarmLine(" ".join(shown.split()), colour, bool(text_changed), bool(colour_changed))
