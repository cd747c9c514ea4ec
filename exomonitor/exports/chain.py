"""Whether the journal rows of one session hang together: hashes recomputed, links followed, nothing assumed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from exomonitor.integrity import GENESIS, JOURNAL_COLUMNS, row_hash


def body_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body of a journal row as an object, whether the row holds it as one or as its text. Raises ValueError."""
    body = row.get("body")
    plain = json.loads(body) if isinstance(body, str) else body
    if isinstance(plain, dict):
        return plain
    raise ValueError("the body is no object")


def chain_breaks(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """(where, what) for every row whose hash or link does not hold, in order."""
    previous, number = GENESIS, None
    for place, row in enumerate(rows, 1):
        where = f"entry {row.get('seq', f'in place {place}')}"
        if lacking := [name for name in JOURNAL_COLUMNS if name not in row]:
            yield where, f"lacks {', '.join(lacking)}"
        if row.get("hash") != _hash(row):
            yield where, "its hash does not fit its content"
        if row.get("prev_in_session") != previous:
            yield where, "does not follow the entry before it: one was changed, removed or added"
        if number is not None and row.get("session_seq") != number + 1:
            yield where, f"has number {row.get('session_seq')} in the session, {number + 1} was expected"
        previous, number = str(row.get("hash")), _number(row.get("session_seq"), number)


def _hash(row: Mapping[str, Any]) -> str:
    try:
        return row_hash(row)
    except (TypeError, ValueError, RecursionError):
        return ""


def _number(value: Any, before: int | None) -> int | None:
    if isinstance(value, int):
        return value
    return None if before is None else before + 1
