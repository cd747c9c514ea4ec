"""Watches over the record while the program runs: is it still proved, and are we still the one that records into it.

One thread. What takes long is done by a process of its own that gives way to everybody, so that no alarm waits for it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import exomonitor
from exomonitor.errors import EnvironmentFault
from exomonitor.records.verify import INTACT, NOT_INTACT, OF_SESSION

LOOK_S = 10.0
"""Real seconds between two looks at the lease."""
FIRST, EVERY = 3, 8640
"""Looks before the first verification, when the window has long been painted, and until the next one: a day."""
LIMIT_S = 4 * 3600.0
_POLL_S = 0.5

Told = Callable[[str, str], None]
Damaged = Callable[[Sequence[str]], None]
Prove = Callable[[Path, threading.Event], str]

log = logging.getLogger(__name__)


def prove_apart(
    path: Path,
    closing: threading.Event,
    program: Sequence[str] = ("-m", "exomonitor.records.verify"),
    found: Damaged = lambda sessions: None,
) -> str:
    """Verify by a process of its own: the findings in one sentence, "" = intact, or the program closes meanwhile.
    `found` is told of which sessions something is lost. Raises EnvironmentFault where nothing can be said."""
    root = str(Path(exomonitor.__file__).parents[1])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    words = [sys.executable, *program, str(path)]
    try:
        ran = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            encoding="utf-8", env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip
    except OSError as cause:
        raise EnvironmentFault(f"it could not be started: {cause.strerror or cause}") from cause
    with ran:
        for _ in range(int(LIMIT_S / _POLL_S)):
            try:
                said, why = ran.communicate(timeout=_POLL_S)
            except subprocess.TimeoutExpired:
                if closing.is_set():
                    ran.terminate()
                    return ""
            else:
                lines = said.splitlines()
                answer = _sentence(ran.returncode, [line for line in lines if not line.startswith(OF_SESSION)], why)
                found([line.removeprefix(OF_SESSION) for line in lines if line.startswith(OF_SESSION)])
                return answer
        ran.terminate()
    raise EnvironmentFault(f"it was not done after {LIMIT_S / 3600:.0f} h")


def _sentence(code: int, found: list[str], why: str) -> str:
    if code == INTACT:
        return ""
    if code != NOT_INTACT or not found:
        raise EnvironmentFault((why.strip().splitlines() or ["it ended without a word"])[-1])
    return found[0] + (f" and {len(found) - 1} more" if len(found) > 1 else "")


class RecordWatch:
    """Tells `verify`, `lease` and `clock` (engine.upkeep_health), when it is something else than before."""

    def __init__(
        self,
        path: Path,
        look: Callable[[], str],
        told: Told,
        prove: Prove | None = None,
        look_s: float = LOOK_S,
        first: int = FIRST,
        clock: Callable[[], str] = str,
        found: Damaged = lambda sessions: None,
    ) -> None:
        """`look`: who has the lease instead of us, "" = nobody; `clock`: why the clock cannot be right, "" = it can;
        `found`: is told the sessions of which something is lost."""
        self._path, self._look, self._told = path, look, told
        self._prove = prove or partial(prove_apart, found=found)
        self._look_s, self._due = look_s, first
        self._clock = clock
        self._before = {"verify": "", "lease": "", "clock": ""}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="record watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End, also in the middle of a verification."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        self._tell("clock", self._clock())
        while not self._closing.wait(self._look_s):
            try:
                self._tell("clock", self._clock())
                self._tell("lease", self._look())
                self._due -= 1
                if self._due <= 0:
                    self._due = EVERY
                    self._tell("verify", self._prove(self._path, self._closing))
            except EnvironmentFault as why:
                log.warning("the record could not be verified: %s", why)
            except Exception:  # a thread's edge: what cannot be looked at stops nothing else
                log.exception("the record could not be looked at")

    def _tell(self, what: str, why: str) -> None:
        if self._closing.is_set() or why == self._before[what]:
            return
        self._before[what] = why
        if why:
            log.error("the record, %s: %s", what, why)
        self._told(what, why)
