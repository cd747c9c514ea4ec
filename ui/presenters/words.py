"""Times, ages and numbers as the ward reads them; what is not known is two dashes."""

from __future__ import annotations

import re
from datetime import datetime

from exomonitor.clock import Instant
from exomonitor.units import rounded

UNKNOWN = "--"


def hms(at: Instant | None) -> str:
    """Local time of day with seconds."""
    if at is None:
        return UNKNOWN
    local = at.utc.astimezone()
    return f"{local.hour:02}:{local.minute:02}:{local.second:02}"  # a format code would import time at every call


def hm(at: Instant | datetime | None) -> str:
    """Local time of day."""
    if at is None:
        return UNKNOWN
    utc = at.utc if isinstance(at, Instant) else at
    local = utc.astimezone()
    return f"{local.hour:02}:{local.minute:02}"


def age(seconds: float | None) -> str:
    """How long ago, in the shortest true words: `0.4 s`, `12 s`, `3 min`, `2 h 05 min`."""
    if seconds is None:
        return UNKNOWN
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{rounded(seconds, 1)} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"


_AGE = re.compile(r"\d+ h \d\d min|\d+(?:\.\d+)? (?:min|s)\b")


def age_in(words: str) -> str:
    """The last age that stands in these words, as `age` makes it; "" = none."""
    found = _AGE.findall(words)
    return found[-1] if found else ""


def whole_age(seconds: float) -> str:
    """How long ago in whole seconds, for what is looked at all the time: `2 s`, `3 min`."""
    return age(seconds) if seconds >= 9.95 else f"{int(max(0.0, seconds))} s"


def number(value: float | None, decimals: int = 0) -> str:
    """A value to so many decimals, or two dashes."""
    return UNKNOWN if value is None else str(rounded(value, decimals))


def plain(value: float | None) -> str:
    """A limit or a volume without needless zeros: 38, 36.5."""
    if value is None:
        return UNKNOWN
    text = str(rounded(value, 1))
    return text.removesuffix(".0")


def signed(change: float, decimals: int = 0) -> str:
    """A change with its sign, a true minus."""
    text = str(rounded(abs(change), decimals))
    if float(text) == 0:
        return "±0"
    return f"+{text}" if change > 0 else f"\N{MINUS SIGN}{text}"


def join(*parts: str) -> str:
    """The parts that say something, with dots between them."""
    return " · ".join(part for part in parts if part)
