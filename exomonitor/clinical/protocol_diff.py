"""What differs between two protocols: every field of every file, as a table of field, this one, the other one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exomonitor.clinical.protocol import ClinicProtocol

MAIN = "protocol"
"""How the protocol's own file is called in the table: two versions may bear different file names."""
ABSENT = "not there"
# The field by which rows of an array are told apart, so that a row more does not shift all that follow.
_KEYS = ("key", "name", "grade", "sign")
_MOST = 160


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: its file, its path in the file, and both values as one would read them."""

    file: str
    field: str
    active: str
    other: str


def differences(active: ClinicProtocol, other: ClinicProtocol) -> tuple[Difference, ...]:
    """All fields that differ, file by file (the protocol's own first), in the order of the active file."""
    found: list[Difference] = []
    ours, theirs = _files(active), _files(other)
    for name in dict.fromkeys((*ours, *theirs)):
        before, after = _fields(ours.get(name, b"")), _fields(theirs.get(name, b""))
        for field in dict.fromkeys((*before, *after)):
            here, there = before.get(field, ABSENT), after.get(field, ABSENT)
            if here != there:
                found.append(Difference(name, field, here, there))
    return tuple(found)


def _files(protocol: ClinicProtocol) -> Mapping[str, bytes]:
    return {MAIN: protocol.source, **dict(sorted(protocol.rules.sources.items()))}


def _fields(data: bytes) -> dict[str, str]:
    """Path of each value -> the value as words."""
    return dict(_walk(tomllib.loads(data.decode("utf-8")), ""))


def _walk(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _walk(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        names: dict[str, int] = {}
        for number, part in enumerate(value, 1):
            name = next((str(part[key]) for key in _KEYS if key in part), str(number))
            names[name] = names.get(name, 0) + 1
            yield from _walk(part, f"{path}[{name}]" if names[name] == 1 else f"{path}[{name} {names[name]}]")
    else:
        yield path, _words(value)


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_words(part) for part in value) or "empty"
    text = str(value)
    if text == "":
        return "empty"
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
