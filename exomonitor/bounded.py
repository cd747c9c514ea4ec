"""Reading what somebody else has written: no more than it can be, and no deeper than it is meant."""

from __future__ import annotations

import errno
import stat
import tomllib
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

TABLE_BYTES = 2_000_000
"""A clinic's protocol or one of its tables; the longest of ours has less than a tenth."""
EXPORT_BYTES = 2_000_000_000
"""All files of an export together: a day of eight chairs stays below."""


def read_bounded(path: Path, most: int, *, piped: bool = False) -> bytes:
    """The bytes of a file. Raises OSError, also where it holds more than `most` bytes, or is no file but a pipe or a
    device, which may never end; `piped`: a person named it, and it may be what another program writes."""
    if not piped and not stat.S_ISREG(mode := path.stat().st_mode):
        raise OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL, "it is no plain file", str(path))
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes", str(path))
    return data


def read_toml(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """TOML as a dictionary. Raises tomllib.TOMLDecodeError, also for nesting or numbers without end."""
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError as cause:
        raise tomllib.TOMLDecodeError("Nested too deeply") from cause
    except (ValueError, ArithmeticError) as cause:
        raise tomllib.TOMLDecodeError("A number cannot be read") from cause


def inflate(packed: bytes, most: int) -> bytes:
    """What zlib packed. Raises zlib.error, also where it is more than `most` bytes: a few bytes can be packed so that
    they fill the memory."""
    opener = zlib.decompressobj()
    data = opener.decompress(packed, max(0, most) + 1)  # 0 would be: as much as there is
    if len(data) > most:
        raise zlib.error(f"it is larger than {most:,} bytes")
    if not opener.eof:
        raise zlib.error("it is cut off")
    return data


def shown(text: str) -> str:
    """Text from elsewhere as a terminal may show it: what would move its cursor, turn its direction or is no character
    at all is spelled out."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
