"""The last few answers of a pure function that is asked about the same objects again and again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_KEPT = 8
"""As many chairs and lounge places as are asked about in turn."""


class Recent(Generic[T]):
    """Answers by identity: what is frozen cannot have changed, and what is kept cannot give its identity to another
    object. May be used from any thread; at worst an answer is worked out twice."""

    def __init__(self) -> None:
        self._kept: deque[tuple[object, object, T]] = deque(maxlen=_KEPT)

    def answer(self, first: object, second: object, work_out: Callable[[], T]) -> T:
        """The answer for these two frozen objects."""
        for known, beside, answer in tuple(self._kept):
            if known is first and beside is second:
                return answer
        found = work_out()
        self._kept.append((first, second, found))
        return found
