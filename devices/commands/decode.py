"""`decode`: the readings in a recording, and at the end how much of it was good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from devices.catalogue import spec_of
from devices.commands.against import Against
from devices.commands.ending import until_ended
from devices.commands.lines import counters_line, lines_of, write_line
from devices.silence import half_holder, look_as_of, put_again
from devices.spec import DeviceSpec, Driver
from devices.transport.capture import ENDING, Kind, Record, capture_key, is_capture, read_capture
from devices.transport.sealed import Seal, is_sealed
from exomonitor.clock import Instant, ManualClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.signals.facts import DeviceFact

PIECE = 4096
AFTER_S = 3600.0
"""Long enough after the last byte that every half frame times out."""


def run_decode(device: str, file: str, out: TextIO, *, data_format: str = "", against: Against | None = None) -> int:
    """Print what `device` said in `file`, a capture of ours or plain bytes; the last line is the counters.

    A capture knows the device's format by itself; plain bytes are taken to be in `data_format`. With `against` the
    capture is read again and what it says now is compared with what the record of a session holds: the differences
    are printed, 1 is returned where there are any, and nothing is changed.

    Raises CommandRefused for an unknown device or file, EnvironmentFault for a damaged one (after the counters).
    """
    spec, path = spec_of(device, data_format), Path(file)
    seal = _seal_of(path)
    captured = is_capture(path, seal)
    if not captured and (seal is not None or path.suffix == ENDING):  # what it holds is no device's bytes
        raise EnvironmentFault(f"{file} holds nothing that can be read: it is damaged at its beginning, or ended there")
    if captured:
        spec = _recorded(spec, capture_key(path, seal), file, asked=bool(data_format) or "/" in device or "@" in device)
    if against is not None:
        if not captured:
            raise CommandRefused(f"{file} has no times: only a capture of this program can be compared with a session")
        from devices.commands.compare import compare_with  # the one command here that needs the record

        return compare_with(against, spec, read_capture(path, seal), out)
    device, driver = spec.key, spec.make_driver(spec.key)
    damage: EnvironmentFault | None = None
    with until_ended(out):
        if captured:
            try:
                _play(driver, device, read_capture(path, seal), out)
            except EnvironmentFault as cause:
                damage = cause
        else:
            _decode_plain(driver, device, path, out)
        write_line(out, counters_line(driver.counters()))
    if damage is not None:
        raise damage
    return 0


def _seal_of(path: Path) -> Seal | None:
    """The key of an encrypted recording; EnvironmentFault where it is not on this computer."""
    if not is_sealed(path):
        return None
    from exomonitor.records.cipher import box_beside  # only then the record's machinery is needed

    return box_beside(path)


def _recorded(spec: DeviceSpec, key: str, file: str, *, asked: bool) -> DeviceSpec:
    """The SPEC in the format that was recorded; refused when that is not the device, or the format, asked for."""
    recorded = spec_of(key)
    if recorded.key != spec.key or (asked and key != spec.choice):
        raise CommandRefused(f"{file} was recorded from {key}, not from {spec.choice if asked else spec.key}")
    return recorded


def facts_in(driver: Driver, path: Path) -> Iterator[DeviceFact]:
    """What a fresh driver makes of a capture; EnvironmentFault at the first damaged record."""
    last: Instant | None = None
    for record in read_capture(path):
        last = record.at
        yield from _heard(driver, record)
    if last is not None:
        yield from _in_silence(driver, last, over=True)


def _play(driver: Driver, device: str, records: Iterable[Record], out: TextIO) -> None:
    last: Instant | None = None
    try:
        for record in records:
            last = record.at
            _print(_heard(driver, record), device, out, timed=True)
    finally:
        if last is not None:
            _print(driver.received(b"", last.plus(AFTER_S)), device, out, timed=True)


def _heard(driver: Driver, record: Record) -> list[DeviceFact]:
    facts = _in_silence(driver, record.at, over=record.kind in (Kind.OPEN, Kind.CLOSE))
    match record.kind:
        case Kind.OPEN:
            driver.opened(record.at)
        case Kind.TX:
            # the driver asked here: some answers can be read only by who remembers the question
            while (moment := put_again(driver, record.data, record.at)) is not None:
                facts += driver.received(b"", moment)
        case Kind.RX:
            facts += driver.received(record.data, record.at)
        case Kind.CLOSE:
            pass
    return facts


def _in_silence(driver: Driver, at: Instant, *, over: bool) -> list[DeviceFact]:
    """What the link heard in the silence before: by the same rule."""
    moment = look_as_of(half_holder(driver), at, over=over)
    return [] if moment is None else driver.received(b"", moment)


def _decode_plain(driver: Driver, device: str, path: Path, out: TextIO) -> None:
    at = ManualClock().now()
    driver.opened(at)
    with path.open("rb") as content:
        while piece := content.read(PIECE):
            _print(driver.received(piece, at), device, out, timed=False)
    _print(driver.received(b"", at.plus(AFTER_S)), device, out, timed=False)


def _print(facts: list[DeviceFact], device: str, out: TextIO, *, timed: bool) -> None:
    for fact in facts:
        for line in lines_of(fact, device, timed=timed):
            write_line(out, line)
