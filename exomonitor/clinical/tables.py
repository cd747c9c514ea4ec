"""Reads a clinic's table: TOML checked against its model, known by its hash, errors named by file, line and field."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exomonitor.bounded import read_toml
from exomonitor.errors import EnvironmentFault
from exomonitor.integrity import sha256_hex

NOT_APPROVED = "not approved by any clinic: default shipped with the program"
_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")
_SPOKEN_PLACE = re.compile(r"([a-z_][a-z0-9_.]*): ")
Place = tuple[int | str, ...]


class Row(BaseModel):
    """A part of a table: frozen, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SignedTable(Row):
    """What every table says of itself: version, author, who approved it and when (empty = nobody)."""

    version: str = Field(min_length=1)
    author: str = Field(min_length=1)
    approved_by: str = ""
    approved_on: date | Literal[""] = ""

    @property
    def approval(self) -> str:
        """Who approved it and when, or that nobody did."""
        if not self.approved_by:
            return NOT_APPROVED
        return f"approved by {self.approved_by}" + (f" on {self.approved_on}" if self.approved_on else "")


Content = TypeVar("Content", bound=SignedTable)


@dataclass(frozen=True, slots=True)
class Table(Generic[Content]):
    """A table as read, with its file's name and the SHA-256 of its bytes: what a session pins."""

    content: Content
    name: str
    sha256: str

    @property
    def citation(self) -> str:
        """Name, version and the head of the hash, as a record cites it: `course.toml v1.0 (3f2a91c07b44)`."""
        return f"{self.name} v{self.content.version} ({self.sha256[:12]})"


def read_table(model: type[Content], name: str, path: Path | None = None) -> Table[Content]:
    """The shipped table `name`, or the clinic's own at `path`; EnvironmentFault names file, line and field."""
    source: Path | Traversable = path if path is not None else files("resources") / "protocols" / name
    shown = str(path) if path is not None else name
    try:
        data = source.read_bytes()
    except OSError as cause:
        raise EnvironmentFault(f"Table {shown}: cannot be read: {cause.strerror or cause}") from cause
    return parse_table(model, data, shown)


def parse_table(model: type[Content], data: bytes, name: str) -> Table[Content]:
    """A table from the bytes of its file; `name` is used in messages."""
    try:
        text = data.decode("utf-8")
        content = model.model_validate(read_toml(text, Decimal))
    except UnicodeDecodeError as cause:
        raise EnvironmentFault(f"Table {name}: not UTF-8 text at byte {cause.start}") from cause
    except tomllib.TOMLDecodeError as cause:
        raise EnvironmentFault(f"Table {name}: {cause}") from cause
    except ValidationError as cause:
        raise EnvironmentFault(f"Table {name}{complaint(cause, text)}") from cause
    return Table(content, name, sha256_hex(data))


def complaint(cause: ValidationError, text: str) -> str:
    """`, line 12: call.2.due_h: Field required (and 1 more)`: the first complaint, rows counted from 1."""
    errors = cause.errors()
    place: Place = errors[0]["loc"]
    field = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in place)
    message = errors[0]["msg"].removeprefix("Value error, ")
    # A rule over several fields complains of the whole file: its words begin with the field that it is about.
    spoken = _SPOKEN_PLACE.match(message) if not place else None
    line = line_of(tuple(spoken.group(1).split(".")) if spoken else place, text)
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{f', line {line}' if line else ''}: {field + ': ' if field else ''}{message}{more}"


def line_of(place: Place, text: str) -> int | None:
    """The line (from 1) of the deepest part of `place` that the text spells out; None when there is none."""
    here: Place = ()
    rows: dict[Place, int] = {}
    best, best_depth = None, 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            here = _header_place(header.group(2).split("."), rows, new_row=header.group(1) == "[[")
            found = here
        elif key := _KEY.match(line):
            found = (*here, key.group(1))
        else:
            continue
        if len(found) > best_depth and place[: len(found)] == found:
            best, best_depth = number, len(found)
    return best


def _header_place(parts: list[str], rows: dict[Place, int], *, new_row: bool) -> Place:
    """Where a header stands: `[[list.item]]` is a row within the latest row of `list`. Counts new rows in `rows`."""
    place: Place = ()
    for depth, part in enumerate(parts, 1):
        place = (*place, part)
        if new_row and depth == len(parts):
            rows[place] = rows.get(place, -1) + 1
        if place in rows:
            place = (*place, rows[place])
    return place
