"""Hostile bytes for every codec and driver, and damaged files for every parser of what comes from elsewhere:
coverage-guided where atheris is installed, else hypothesis and chance at length.

atheris is no part of the locked packages, because it is there for Linux and few Pythons only: `pip install atheris`.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exomonitor.clock import stopwatch
from tests.bench.fuzz_one import UNTRUSTED
from tests.conformance import hostile
from tests.conformance.dialogue import SPECS, talk_of
from tests.conformance.test_hostile_bytes import frames_of, spoilt
from tests.exomonitor.test_untrusted_input import damaged
from tests.exomonitor.untrusted import TARGETS, refused_or_read

SECONDS_EACH = int(os.environ.get("EXOMONITOR_FUZZ_SECONDS", "60"))
EXAMPLES_EACH = 20_000
LONGEST = 1024
_DONE = re.compile(r"Done (\d+) runs")
_COVERAGE = re.compile(r"cov: (\d+)")


def run() -> list[dict[str, Any]]:
    """One row for each format: how many inputs, and whether one of them broke something."""
    guided = importlib.util.find_spec("atheris") is not None
    rows = [_guided(key) if guided else _at_length(key) for key in sorted(SPECS)]
    rows += [_guided(UNTRUSTED + name) if guided else _parser_at_length(name) for name in sorted(TARGETS)]
    broken = sum(row["ok"] is False for row in rows)
    total = sum(row["value"] for row in rows)
    how = "coverage-guided" if guided else "hypothesis"
    return [*rows, {"name": f"all, {how}", "value": total, "unit": "inputs", "target": "0 break", "ok": broken == 0}]


def _guided(key: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        seeds = _seeds(key, Path(folder))
        longest = max(LONGEST, *map(len, seeds))
        for number, seed in enumerate(seeds):
            (corpus / str(number)).write_bytes(seed)
        words = [
            f"-max_total_time={SECONDS_EACH}",
            f"-max_len={longest}",
            "-verbosity=1",
            f"-artifact_prefix={folder}/",
        ]
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.fuzz_one", key, str(corpus), *words],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    told = done.stderr + done.stdout
    runs, covered = _DONE.search(told), _COVERAGE.findall(told)
    fine = done.returncode == 0 and runs is not None
    return {
        "name": key,
        "value": int(runs[1]) if runs is not None else 0,
        "unit": "inputs",
        "against": f"{covered[-1]} branches" if covered else "",
        "target": "none breaks it" if fine else told[-600:],
        "ok": fine,
    }


def _seeds(key: str, folder: Path) -> list[bytes]:
    if not key.startswith(UNTRUSTED):
        return [*frames_of(key)[:40], talk_of(key).heard[:LONGEST]]
    made = folder / "made"
    made.mkdir()
    return [TARGETS[key.removeprefix(UNTRUSTED)].sample(made)]


def _parser_at_length(name: str) -> dict[str, Any]:
    """Samples with damage, by chance alone, for as long as a guided fuzzer would take."""
    dice, count, broken, until_s = random.Random(name), 0, "", stopwatch() + SECONDS_EACH
    logging.disable(logging.CRITICAL)
    try:
        with tempfile.TemporaryDirectory() as made:
            sample = TARGETS[name].sample(Path(made))
        while stopwatch() < until_s:
            with tempfile.TemporaryDirectory() as folder:
                refused_or_read(TARGETS[name], damaged(sample, dice), Path(folder))
            count += 1
    except Exception as cause:  # noqa: BLE001 - whatever it is, the row says so
        broken = f"{type(cause).__name__}: {cause}"
    finally:
        logging.disable(logging.NOTSET)
    return {
        "name": UNTRUSTED + name,
        "value": count,
        "unit": "inputs",
        "target": broken or "none breaks it",
        "ok": not broken,
    }


def _at_length(key: str) -> dict[str, Any]:
    count, broken = 0, ""

    @settings(max_examples=EXAMPLES_EACH, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(spoilt(key), st.binary(max_size=300)))
    def one(data: bytes) -> None:
        nonlocal count
        count += 1
        hostile.check(key, data)

    logging.disable(logging.CRITICAL)
    try:
        one()
    except Exception as cause:  # noqa: BLE001 - whatever it is, the row says so
        broken = f"{type(cause).__name__}: {cause}"
    finally:
        logging.disable(logging.NOTSET)
    return {
        "name": key,
        "value": count,
        "unit": "inputs",
        "target": broken or "none breaks it",
        "ok": not broken,
    }
