"""What a computer may ask of a monitor, and the one event that it has to confirm."""

from __future__ import annotations

from dataclasses import dataclass

from devices.monitors.philips_intellivue.wire import codes
from devices.monitors.philips_intellivue.wire import operations as ops
from devices.monitors.philips_intellivue.wire.fields import (
    Malformed,
    ManagedObject,
    Reader,
    counted,
    counted_reader,
    decode_attributes,
    decode_object,
    encode_attributes,
    encode_object,
    sized,
    u16,
    u32,
)
from devices.monitors.philips_intellivue.wire.operations import Invoke, Operation, Result

THE_SYSTEM = ManagedObject(codes.MDS)
_NO_SCOPE = u32(0)
_PARTITION = 1
_REPLACE = 0


@dataclass(frozen=True, slots=True)
class Poll:
    """Send the objects of this class once."""

    number: int
    kind: int
    group: int = codes.ALL_GROUPS


@dataclass(frozen=True, slots=True)
class ExtendedPoll:
    """Send the objects of this class again and again for `period` ticks of 125 us; None: only once."""

    number: int
    kind: int
    group: int = codes.ALL_GROUPS
    period: int | None = None


@dataclass(frozen=True, slots=True)
class GetList:
    """Say which waves or numbers have priority."""

    which: int = codes.WAVE_PRIORITIES


@dataclass(frozen=True, slots=True)
class SetList:
    """These waves or numbers, by their labels, replace the list."""

    labels: tuple[int, ...]
    which: int = codes.WAVE_PRIORITIES


@dataclass(frozen=True, slots=True)
class ConfirmCreate:
    """The computer has seen the monitor's MDS Create event of this relative time."""

    event_time: int


Request = Poll | ExtendedPoll | GetList | SetList | ConfirmCreate


def encode_request(request: Request, number: int) -> bytes:
    """The message that carries the request; `number` identifies it, or is that of the event it confirms."""
    return ops.encode_operation(_operation(request, number))


def decode_request(payload: bytes) -> tuple[int, Request] | None:
    """(number, request); None for anything that encode_request would not give byte for byte."""
    try:
        operation = ops.decode_operation(payload)
        request = _request(operation)
    except Malformed:
        return None
    if request is None or encode_request(request, operation.number) != payload:
        return None
    return operation.number, request


def _operation(request: Request, number: int) -> Operation:
    target = encode_object(THE_SYSTEM)
    if isinstance(request, ConfirmCreate):
        seen = u32(request.event_time) + u16(codes.MDS_CREATE) + sized(b"")
        return Result(number, ops.CONFIRMED_EVENT, target + seen)
    if isinstance(request, GetList):
        return Invoke(number, ops.GET, target + _NO_SCOPE + counted([u16(request.which)]))
    if isinstance(request, SetList):
        texts = counted(u32(label) for label in request.labels)
        change = u16(_REPLACE, request.which) + sized(texts)
        return Invoke(number, ops.CONFIRMED_SET, target + _NO_SCOPE + counted([change]))
    body = u16(request.number, _PARTITION, request.kind, request.group)
    action = codes.POLL
    if isinstance(request, ExtendedPoll):
        action = codes.POLL_EXTENDED
        body += encode_attributes({} if request.period is None else {codes.POLL_PERIOD: u32(request.period)})
    return Invoke(number, ops.CONFIRMED_ACTION, target + _NO_SCOPE + u16(action) + sized(body))


def _request(operation: Operation) -> Request | None:
    reader = Reader(operation.argument)
    if decode_object(reader) != THE_SYSTEM:
        return None
    if isinstance(operation, Result):
        return ConfirmCreate(reader.u32()) if operation.command == ops.CONFIRMED_EVENT else None
    if not isinstance(operation, Invoke):
        return None
    reader.u32()  # scope
    if operation.command == ops.CONFIRMED_ACTION:
        return _poll(reader)
    if operation.command == ops.GET:
        _, ids = counted_reader(reader)
        return GetList(ids.u16())
    return _set_list(reader) if operation.command == ops.CONFIRMED_SET else None


def _poll(reader: Reader) -> Request | None:
    action = reader.u16()
    body = Reader(reader.sized())
    number, _, kind, group = (body.u16() for _ in range(4))
    if action == codes.POLL:
        return Poll(number, kind, group)
    if action != codes.POLL_EXTENDED:
        return None
    period = decode_attributes(body).get(codes.POLL_PERIOD)
    return ExtendedPoll(number, kind, group, None if period is None else Reader(period).u32())


def _set_list(reader: Reader) -> Request:
    _, changes = counted_reader(reader)
    changes.u16()  # which kind of change; only replacing comes back byte for byte
    which = changes.u16()
    count, labels = counted_reader(Reader(changes.sized()))
    return SetList(tuple(labels.u32() for _ in range(count)), which)
