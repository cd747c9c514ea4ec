"""What a computer may ask a monitor: numbers, waves, alarms. Each request is one record with one subrecord."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from devices.monitors.ge_dri.wire.frames import frame, unframe
from devices.monitors.ge_dri.wire.records import ALARM, PHDB, WAVE, Record, decode_record, encode_record

DISPLAYED = 1
TREND_10_S = 2
TREND_60_S = 3
AUXILIARY = 4

BASIC_ONLY = 0
DENY_BASIC = 1
EXT1 = 2
EXT2 = 4
EXT3 = 8

CANCEL = 0
ONCE = -1
SHORTEST_INTERVAL_S = 5

_PHDB = struct.Struct("<Bhih")
_WAVE = struct.Struct("<hh24s4x")
_ALARM = struct.Struct("<h10x")
_END_OF_TYPES = 0xFF
_MOST_TYPES = 23


@dataclass(frozen=True, slots=True)
class PhdbRequest:
    """Numbers: what kind, how often in s (0 cancels, -1 once), and which classes as a bit field."""

    record_type: int = DISPLAYED
    interval_s: int = SHORTEST_INTERVAL_S
    classes: int = BASIC_ONLY


@dataclass(frozen=True, slots=True)
class WaveRequest:
    """Start these wave types, in place of any list before; or stop all waves."""

    start: bool
    types: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmRequest:
    """Alarms: 0 tells the status once, 2 begins and 3 ends telling every change."""

    command: int


Request = PhdbRequest | WaveRequest | AlarmRequest


def encode_request(request: Request) -> bytes:
    """The whole frame that asks for this."""
    if isinstance(request, PhdbRequest):
        maintype, body = PHDB, _PHDB.pack(request.record_type, request.interval_s, request.classes, 0)
    elif isinstance(request, WaveRequest):
        if len(request.types) > _MOST_TYPES:
            raise ValueError("a request names at most 23 waves")
        maintype, body = WAVE, _WAVE.pack(0 if request.start else 1, 0, bytes([*request.types, _END_OF_TYPES]))
    else:
        maintype, body = ALARM, _ALARM.pack(request.command)
    return frame(encode_record(Record(maintype, ((0, body),))))


def decode_request(record: Record) -> Request | None:
    """What this record asks for; None when it is no request that we know."""
    if len(record.subrecords) != 1 or record.subrecords[0][0] != 0:
        return None
    body = record.subrecords[0][1]
    if record.maintype == PHDB and len(body) == _PHDB.size:
        return PhdbRequest(*_PHDB.unpack(body)[:3])
    if record.maintype == WAVE and len(body) == _WAVE.size:
        action, _, types = _WAVE.unpack(body)
        listed, end, _ = types.partition(bytes([_END_OF_TYPES]))
        return WaveRequest(action == 0, tuple(listed)) if action in (0, 1) and end else None
    if record.maintype == ALARM and len(body) == _ALARM.size:
        return AlarmRequest(*_ALARM.unpack(body))
    return None


def read_request(data: bytes) -> Request | None:
    """The request in `data`, None unless these bytes are exactly one frame that encode_request() would make."""
    raw = unframe(data)
    record = decode_record(raw) if raw is not None else None
    request = decode_request(record) if record is not None else None
    return request if request is not None and encode_request(request) == data else None
