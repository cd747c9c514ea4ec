"""Facts as JSON lines, one object each, with the same eight keys everywhere."""

from __future__ import annotations

import json
from typing import Any, TextIO

from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkCounters, LinkFault
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk

Line = dict[str, Any]


def lines_of(fact: DeviceFact, device: str, *, timed: bool = True) -> list[Line]:
    """One line for each thing that the fact says; `timed` False when its times mean nothing (bytes without times)."""
    when = fact.at.iso() if timed else None
    match fact:
        case VitalReading():
            return [_line("vital", when, device, "", fact.sign.value, fact.value, fact.unit, fact.validity.value)]
        case PumpReading():
            return _pump_lines(fact, when, device)
        case WaveChunk():
            line = _line("wave", when, device, "", fact.wave.value, len(fact.samples), fact.unit, _VALID)
            return [line | {"rate_hz": fact.rate_hz}]
        case RelayedAlarm():
            line = _line("alarm", when, device, fact.channel, fact.kind.value, fact.active, "", _VALID)
            return [line | {"text": fact.text, "priority": fact.priority, "code": fact.code}]
        case LinkChange():
            return [_line("link", when, device, "", fact.state.value, fact.reason, "", _VALID)]
        case LinkFault():
            return [_line("link", when, device, "", "fault", fact.reason, "", Validity.INVALID.value)]


def counters_line(counters: LinkCounters) -> Line:
    """The last line of decode."""
    return {
        "kind": "counters",
        "frames_ok": counters.frames_ok,
        "frames_bad": dict(sorted(counters.frames_bad.items())),
        "bytes_skipped": counters.bytes_skipped,
    }


def write_line(out: TextIO, line: Line) -> None:
    """One JSON object and a line end, handed on at once."""
    out.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
    out.flush()


_VALID = Validity.VALID.value


def _pump_lines(reading: PumpReading, when: str | None, device: str) -> list[Line]:
    """The status, and each number that this pump reports; what it does not report has no line."""
    lines = [_line("pump", when, device, reading.channel, "status", reading.status.value, "", _VALID)]
    return lines + [
        _line("pump", when, device, reading.channel, name, value, unit, _VALID)
        for name, (value, unit) in reading.numbers().items()
        if value is not None
    ]


def _line(
    kind: str, when: str | None, device: str, channel: str, name: str, value: object, unit: str, validity: str
) -> Line:
    return {
        "kind": kind,
        "t": when,
        "device": device,
        "channel": channel,
        "name": name,
        "value": value,
        "unit": unit,
        "validity": validity,
    }
