"""What a link tells: one fact by one, or all that one read brought together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from exomonitor.signals.facts import DeviceFact


class Listener(Protocol):
    """Whoever hears the devices of several chairs. What is told in one call belongs together."""

    def __call__(self, chair: str, /, *facts: DeviceFact) -> None:
        """The facts, in order."""


class Outlet:
    """The mouth of one link, for the link's thread.

    What one read brought is told in one call, so that the record holds all of it or nothing: a gap that begins with
    its moment would else hide what came with it and was not stored.
    """

    def __init__(
        self, tell: Callable[[DeviceFact], None], tell_together: Callable[[Sequence[DeviceFact]], None] | None = None
    ) -> None:
        """`tell_together`: None = one by one."""
        self._tell, self._tell_together = tell, tell_together
        self._held: list[DeviceFact] | None = None

    def __call__(self, fact: DeviceFact) -> None:
        """Tell it now, or with the others."""
        if self._held is None:
            self._tell(fact)
        else:
            self._held.append(fact)

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is said meanwhile is told at the end; also where something went wrong after it."""
        if self._tell_together is None or self._held is not None:
            yield
            return
        self._held = []
        try:
            yield
        finally:
            held, self._held = self._held, None
            if held:
                self._tell_together(held)
