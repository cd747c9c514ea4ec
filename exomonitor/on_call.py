"""Tells whoever is on call: starts a program of this computer with one line that names no patient."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from concurrent.futures import Future

WAIT_S = 20.0


class OnCallProgram:
    """Implements the OnCall port. The program gets the line on its standard input; 0 is what it ends with when told."""

    def __init__(self, words: Sequence[str], wait_s: float = WAIT_S) -> None:
        """words: the program and what it is started with."""
        self._words, self._wait_s = tuple(words), wait_s

    def tell(self, line: str) -> Future[str]:
        """Start it on a thread of its own; the future gives "" or why nobody was told."""
        answer: Future[str] = Future()
        threading.Thread(target=lambda: answer.set_result(self._run(line)), name="on-call", daemon=True).start()
        return answer

    def _run(self, line: str) -> str:
        try:
            done = subprocess.run(
                self._words, input=f"{line}\n", text=True, encoding="utf-8", capture_output=True,
                timeout=self._wait_s, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"{self._words[0]} did not end within {self._wait_s:.0f} s"
        except OSError as cause:
            return f"{self._words[0]} cannot be started: {cause.strerror or cause}"
        return "" if done.returncode == 0 else f"{self._words[0]} ended with {done.returncode}"
