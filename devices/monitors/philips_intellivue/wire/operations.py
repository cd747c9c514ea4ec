"""Remote operations: the envelope of every message that is not about the association."""

from __future__ import annotations

from dataclasses import dataclass

from devices.monitors.philips_intellivue.wire.fields import Malformed, Reader, sized, u16

INVOKE, RESULT, FAILURE, LINKED = 1, 2, 3, 5

# commands
EVENT = 0
CONFIRMED_EVENT = 1
GET = 3
SET = 4
CONFIRMED_SET = 5
CONFIRMED_ACTION = 7

LINKED_FIRST, LINKED_MIDDLE, LINKED_LAST = 1, 2, 3

_HEADER = b"\xe1\x00\x00\x02"


@dataclass(frozen=True, slots=True)
class Invoke:
    """Somebody wants something done; `number` comes back with the answer."""

    number: int
    command: int
    argument: bytes


@dataclass(frozen=True, slots=True)
class Result:
    """The answer, or the last part of it. `part`: (state, count) where it is one of several linked parts."""

    number: int
    command: int
    argument: bytes
    part: tuple[int, int] | None = None

    @property
    def is_last(self) -> bool:
        """Whether no further part follows."""
        return self.part is None or self.part[0] == LINKED_LAST


@dataclass(frozen=True, slots=True)
class Failure:
    """The other side will not or cannot; `error` as it numbers its reasons."""

    number: int
    error: int
    argument: bytes = b""


Operation = Invoke | Result | Failure


def decode_operation(payload: bytes) -> Operation:
    """Read a message; raises Malformed for anything but exactly one."""
    reader = Reader(payload)
    if reader.take(2) != _HEADER[:2]:
        raise Malformed("is no message")
    reader.take(2)  # the context that was agreed on: some monitors number it otherwise
    kind = reader.u16()
    body = Reader(reader.sized())
    reader.ended()
    part = (body.u8(), body.u8()) if kind == LINKED else None
    number, second = body.u16(), body.u16()
    argument = body.sized()
    body.ended()
    if kind == INVOKE:
        return Invoke(number, second, argument)
    if kind in (RESULT, LINKED):
        return Result(number, second, argument, part)
    if kind == FAILURE:
        return Failure(number, second, argument)
    raise Malformed(f"is of unknown kind {kind}")


def encode_operation(operation: Operation) -> bytes:
    """The message's bytes."""
    part, second = b"", 0
    if isinstance(operation, Invoke):
        kind, second = INVOKE, operation.command
    elif isinstance(operation, Failure):
        kind, second = FAILURE, operation.error
    else:
        kind, second = RESULT if operation.part is None else LINKED, operation.command
        part = bytes(operation.part or ())
    return _HEADER + u16(kind) + sized(part + u16(operation.number, second) + sized(operation.argument))
