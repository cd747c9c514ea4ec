"""What a monitor sends: the event that introduces it, and the results of polls with all their objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from devices.monitors.philips_intellivue.wire import codes
from devices.monitors.philips_intellivue.wire import operations as ops
from devices.monitors.philips_intellivue.wire.fields import (
    Attributes,
    Reader,
    counted,
    counted_reader,
    decode_attributes,
    decode_clock,
    decode_label,
    decode_object,
    encode_attributes,
    encode_clock,
    encode_label,
    encode_object,
    sized,
    u16,
    u32,
)
from devices.monitors.philips_intellivue.wire.operations import Invoke, Operation, Result
from devices.monitors.philips_intellivue.wire.requests import THE_SYSTEM

_PARTITION = 1
_SERIAL_NUMBER = 1


@dataclass(frozen=True, slots=True)
class MdsCreate:
    """The monitor introduces itself; attributes of the whole system. Some simulators do not ask to be confirmed."""

    event_time: int
    attributes: Attributes
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Observed:
    """One object with the attributes that this message has of it."""

    context: int
    handle: int
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class PollResult:
    """Objects of one class at one relative time (ticks of 125 us). `sequence`: only results of extended polls count."""

    number: int
    kind: int
    group: int
    relative_time: int
    objects: tuple[Observed, ...] = field(default=())
    sequence: int | None = None
    clock: datetime | None = None


# --- the monitor's introduction -------------------------------------------------------------------------------------


def decode_create(operation: Operation) -> MdsCreate | None:
    """The MDS Create event in this operation, None for any other; raises Malformed."""
    if not isinstance(operation, Invoke) or operation.command not in (ops.EVENT, ops.CONFIRMED_EVENT):
        return None
    reader = Reader(operation.argument)
    decode_object(reader)
    time = reader.u32()
    if reader.u16() != codes.MDS_CREATE:
        return None
    body = Reader(reader.sized())
    decode_object(body)
    return MdsCreate(time, decode_attributes(body), operation.command == ops.CONFIRMED_EVENT)


def encode_create(create: MdsCreate, number: int) -> bytes:
    """The event's message."""
    target = encode_object(THE_SYSTEM)
    body = target + encode_attributes(create.attributes)
    command = ops.CONFIRMED_EVENT if create.confirmed else ops.EVENT
    argument = target + u32(create.event_time) + u16(codes.MDS_CREATE) + sized(body)
    return ops.encode_operation(Invoke(number, command, argument))


def decode_model(value: bytes) -> tuple[str, str]:
    """(maker, model) of the system model attribute."""
    reader = Reader(value)
    return decode_label(reader.sized()), decode_label(reader.sized())


def encode_model(maker: str, model: str) -> bytes:
    """The system model attribute."""
    return encode_label(maker) + encode_label(model)


def decode_serial(value: bytes) -> str:
    """The first serial number in a production specification, "" where there is none."""
    count, entries = counted_reader(Reader(value))
    for _ in range(count):
        kind = entries.u16()
        entries.u16()  # which component: the whole product comes first
        text = decode_label(entries.sized())
        if kind == _SERIAL_NUMBER and text:
            return text
    return ""


def encode_serial(serial: str) -> bytes:
    """A production specification with nothing but a serial number; such texts have no NUL at their end."""
    return counted([u16(_SERIAL_NUMBER, 1) + sized(serial.encode("latin-1"))])


# --- polls ----------------------------------------------------------------------------------------------------------


def decode_poll_result(result: Result) -> PollResult | None:
    """The poll result in this answer, None where it answers something else; raises Malformed."""
    if result.command != ops.CONFIRMED_ACTION:
        return None
    reader = Reader(result.argument)
    decode_object(reader)
    action = reader.u16()
    if action not in (codes.POLL, codes.POLL_EXTENDED):
        return None
    body = Reader(reader.sized())
    reader.ended()
    number = body.u16()
    sequence = body.u16() if action == codes.POLL_EXTENDED else None
    time, clock = body.u32(), decode_clock(body.take(8))
    body.u16()  # partition
    kind, group = body.u16(), body.u16()
    objects = _decode_contexts(body)
    body.ended()
    return PollResult(number, kind, group, time, objects, sequence, clock)


def encode_poll_result(result: PollResult, number: int, part: tuple[int, int] | None = None) -> bytes:
    """The message that carries this result, or this part of it."""
    body = u16(result.number)
    action = codes.POLL
    if result.sequence is not None:
        action = codes.POLL_EXTENDED
        body += u16(result.sequence)
    body += u32(result.relative_time) + encode_clock(result.clock)
    body += u16(_PARTITION, result.kind, result.group) + _encode_contexts(result.objects)
    argument = encode_object(THE_SYSTEM) + u16(action) + sized(body)
    return ops.encode_operation(Result(number, ops.CONFIRMED_ACTION, argument, part))


def _decode_contexts(body: Reader) -> tuple[Observed, ...]:
    objects = []
    count, contexts = counted_reader(body)
    for _ in range(count):
        context = contexts.u16()
        polls, observations = counted_reader(contexts)
        for _ in range(polls):
            handle = observations.u16()
            objects.append(Observed(context, handle, decode_attributes(observations)))
        observations.ended()
    contexts.ended()
    return tuple(objects)


def _encode_contexts(objects: tuple[Observed, ...]) -> bytes:
    by_context: dict[int, list[bytes]] = {}
    for one in objects:
        by_context.setdefault(one.context, []).append(u16(one.handle) + encode_attributes(one.attributes))
    return counted(u16(context) + counted(polls) for context, polls in by_context.items())
