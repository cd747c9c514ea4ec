"""Runs main.py as a person would: in a process of its own, with a time limit, and hands back what it said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 100.0
DONE, NOT_INTACT, REFUSED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Said:
    """What a finished command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def sentence(self) -> str:
        """The one sentence of a refusal; fails for anything longer, and for a traceback."""
        told = self.err.splitlines()
        assert (self.code, self.out, len(told)) == (REFUSED, "", 1), (self.code, self.out, self.err)
        name, _, sentence = told[0].partition(": ")
        assert name == "exomonitor"
        assert "Traceback" not in sentence
        return sentence


def words(*arguments: object) -> list[str]:
    return [sys.executable, str(ROOT / "main.py"), *map(str, arguments)]


def surroundings(**changes: str | None) -> dict[str, str]:
    """This process's environment without a screen, changed; None = not set."""
    merged: dict[str, str | None] = {**os.environ, "QT_QPA_PLATFORM": None, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def run(*arguments: object, limit_s: float = LIMIT_S, **options: Any) -> Said:
    """Run one command to its end."""
    ran = subprocess.run(
        words(*arguments), capture_output=True, text=True, encoding="utf-8", timeout=limit_s, check=False, **options
    )
    return Said(ran.returncode, ran.stdout, ran.stderr)


@contextmanager
def running(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on until the block ends; killed then if it still runs."""
    with subprocess.Popen(
        words(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    """The first line that a command prints; fails with what it complained about when there is none."""
    line = of(process.stdout).readline()
    assert line, of(process.stderr).read()
    return line.strip()


def of(pipe: IO[str] | None) -> IO[str]:
    """A pipe that was asked for."""
    assert pipe is not None
    return pipe
