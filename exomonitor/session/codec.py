"""Frozen dataclasses to plain JSON values and back, by their declared types; private fields are named, not
hidden here."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, field, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from exomonitor.clock import Instant, iso_utc, parse_utc

PRIVATE = "private"


def private(default: Any = "") -> Any:
    """A text field that identifies somebody or is free text: it enters the chain as a salted hash only."""
    return field(default=default, metadata={PRIVATE: True})


@cache
def private_fields(cls: type) -> tuple[str, ...]:
    """Names of the private fields of an event class."""
    return tuple(f.name for f in fields(cls) if f.metadata.get(PRIVATE))


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def to_plain(value: Any) -> Any:
    """JSON values (dict, list, str, int, float, bool, None) for a declared value; Decimals become strings.
    Raises TypeError otherwise."""
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
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"{type(value).__name__} has no plain form")


def from_plain(  # noqa: PLR0911 - one answer a kind of type
    hint: Any, plain: Any
) -> Any:
    """The value of type `hint` that to_plain() turned into `plain`. Raises TypeError, KeyError or ValueError
    for anything else."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        if plain is None:
            return None
        return from_plain(next(arm for arm in get_args(hint) if arm is not type(None)), plain)
    if origin is tuple:
        return tuple(from_plain(get_args(hint)[0], item) for item in plain)
    if origin is not None and issubclass(origin, Mapping):
        return {key: from_plain(get_args(hint)[1], item) for key, item in plain.items()}
    if hint is Instant:
        return Instant(parse_utc(plain["utc"]), int(plain["mono_ns"]), str(plain["boot_id"]))
    if hint is Decimal:
        return Decimal(plain)
    if hint is float:
        return float(plain)
    if isinstance(hint, type) and is_dataclass(hint):
        return build(hint, plain)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(plain)
    if isinstance(hint, type) and isinstance(plain, hint):
        return plain
    raise TypeError(f"{plain!r} is not {hint}")


def build(cls: type, plain: Mapping[str, Any]) -> Any:
    """An instance of dataclass `cls` from its plain form; missing fields take their defaults, unknown ones are
    refused."""
    hints = _hints(cls)
    names = {f.name for f in fields(cls)}
    if unknown := set(plain) - names:
        raise KeyError(f"{cls.__name__} has no field {sorted(unknown)[0]}")
    values = {name: from_plain(hints[name], plain[name]) for name in names if name in plain}
    for f in fields(cls):
        if f.name not in values and f.default is MISSING and f.default_factory is MISSING:
            raise KeyError(f"{cls.__name__} lacks {f.name}")
    return cls(**values)
