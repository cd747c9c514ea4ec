"""Frozen dataclasses to plain JSON values and back, by their declared types; private fields are named, not
hidden here."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, field, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from typing import Any, Union, get_args, get_origin, get_type_hints

from exomonitor.clock import Instant, iso_utc, parse_utc

PRIVATE = "private"
_AS_THEY_ARE = frozenset({type(None), bool, int, float, str})


def private(default: Any = "") -> Any:
    """A text field that identifies somebody or is free text: it enters the chain as a salted hash only."""
    return field(default=default, metadata={PRIVATE: True})


@cache
def private_fields(cls: type) -> tuple[str, ...]:
    """Names of the private fields of an event class."""
    return tuple(f.name for f in fields(cls) if f.metadata.get(PRIVATE))


@cache
def _names(cls: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cls))


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def to_plain(value: Any) -> Any:
    """JSON values (dict, list, str, int, float, bool, None) for a declared value; Decimals become strings.
    Raises TypeError otherwise."""
    if type(value) in _AS_THEY_ARE:
        return value
    match value:
        case Instant():
            return {"utc": iso_utc(value.utc), "mono_ns": value.mono_ns, "boot_id": value.boot_id}
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return format(value, "f")
        case tuple() | list():
            return [to_plain(item) for item in value]
        case Mapping():
            return {str(key): to_plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_plain(getattr(value, name)) for name in _names(type(value))}
    raise TypeError(f"{type(value).__name__} has no plain form")


def from_plain(hint: Any, plain: Any) -> Any:
    """The value of type `hint` that to_plain() turned into `plain`. Raises TypeError, KeyError or ValueError
    for anything else."""
    return _reader(hint)(plain)


def build(cls: type, plain: Mapping[str, Any]) -> Any:
    """An instance of dataclass `cls` from its plain form; missing fields take their defaults, unknown ones are
    refused."""
    readers, needed = _layout(cls)
    if not readers.keys() >= plain.keys():
        raise KeyError(f"{cls.__name__} has no field {sorted(plain.keys() - readers.keys())[0]}")
    if not plain.keys() >= needed:
        raise KeyError(f"{cls.__name__} lacks {sorted(needed - plain.keys())[0]}")
    return cls(**{name: readers[name](value) for name, value in plain.items()})


_Reader = Callable[[Any], Any]


@cache
def _layout(cls: type) -> tuple[Mapping[str, _Reader], frozenset[str]]:
    """How each field of a dataclass is read, and which of them have no default."""
    hints = _hints(cls)
    needed = (f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING)
    return {f.name: _reader(hints[f.name]) for f in fields(cls)}, frozenset(needed)


@cache
def _reader(hint: Any) -> _Reader:
    """What turns a plain value into one of type `hint`: found out once for each type, for a journal is long."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        one = _reader(next(arm for arm in get_args(hint) if arm is not type(None)))
        return lambda plain: None if plain is None else one(plain)
    if origin is tuple:
        item = _reader(get_args(hint)[0])
        return lambda plain: tuple([item(part) for part in plain])
    if origin is not None and issubclass(origin, Mapping):
        value = _reader(get_args(hint)[1])
        return lambda plain: {key: value(part) for key, part in plain.items()}
    return _SIMPLE.get(hint) or _reader_of_class(hint)


def _reader_of_class(hint: Any) -> _Reader:
    if isinstance(hint, type) and is_dataclass(hint):
        return partial(build, hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        members = {member.value: member for member in hint}
        return lambda plain: members.get(plain) or hint(plain)

    def as_it_is(plain: Any) -> Any:
        if isinstance(hint, type) and isinstance(plain, hint):
            return plain
        raise TypeError(f"{plain!r} is not {hint}")

    return as_it_is


def _instant(plain: Any) -> Instant:
    return Instant(parse_utc(plain["utc"]), int(plain["mono_ns"]), str(plain["boot_id"]))


_SIMPLE: dict[Any, _Reader] = {Instant: _instant, Decimal: Decimal, float: float}
