"""Steps one link on a thread of its own; what goes wrong inside becomes a lost link, never a dead thread."""

from __future__ import annotations

import logging
import threading

from devices.link import MAX_WAIT_S, Link

log = logging.getLogger(__name__)

MIN_WAIT_S = 0.002  # a driver whose deadline has passed must not make its thread spin


class LinkThread(threading.Thread):
    """Steps one link until stop(); what goes wrong inside becomes a lost link that tries again, never a dead thread."""

    def __init__(self, link: Link, max_wait_s: float = MAX_WAIT_S) -> None:
        """`max_wait_s`: the longest real time between two steps; shorter where simulated time runs fast."""
        super().__init__(name=f"link-{link.source}", daemon=True)
        self.link = link
        self._max_wait_s = max_wait_s
        self._stopping = threading.Event()

    def run(self) -> None:
        """The thread's body."""
        while not self._stopping.is_set():
            try:
                self._once()
            except Exception:
                log.exception("%s: the link failed", self.link.source)
                self.link.fail("the program made an error while reading this device; it tries again")
        self.link.close()

    def _once(self) -> None:
        ahead_s = self.link.next_due().since(self.link.clock.now())
        wait_s = min(max(ahead_s, MIN_WAIT_S), self._max_wait_s)
        if not self.link.is_open and ahead_s > 0:
            self._stopping.wait(wait_s)
        if not self._stopping.is_set():
            self.link.step(wait_s)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ask the thread to close its link and end, and wait for it."""
        self._stopping.set()
        if self.is_alive():
            self.join(timeout_s)
