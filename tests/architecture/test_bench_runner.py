"""The bench runner finds benches, prints their rows and says by its exit code whether the targets are met."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCH = '''"""A bench."""


def run():
    return [{"name": "one", "value": 2.0, "unit": "s", "against": "x", "ratio": 0.5, "target": "<= 1", "ok": OK}]
'''


def bench(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the benches of a folder that holds a copy of the runner."""
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", *words], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tests/bench").mkdir(parents=True)
    runner = (ROOT / "tests/bench/__main__.py").read_text(encoding="utf-8")
    (tmp_path / "tests/bench/__main__.py").write_text(runner, encoding="utf-8")
    (tmp_path / "tests/bench/bench_good.py").write_text(BENCH.replace("OK", "True"), encoding="utf-8")
    return tmp_path


def test_met_targets_are_printed_and_end_well(folder):
    ran = bench(folder, "good", "--json", "rows.json")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[1].split() == ["one", "2", "s", "x", "0.5", "<=", "1", "yes"]
    assert json.loads((folder / "rows.json").read_text())["rows"][0]["value"] == 2.0


def test_a_missed_target_ends_badly(folder):
    (folder / "tests/bench/bench_bad.py").write_text(BENCH.replace("OK", "False"), encoding="utf-8")
    ran = bench(folder)
    assert ran.returncode == 1
    assert ran.stdout.count("one") == 2


def test_a_bench_that_breaks_is_told_and_the_others_are_measured(folder):
    (folder / "tests/bench/bench_broken.py").write_text("def run():\n    raise OSError('no disk')\n", encoding="utf-8")
    ran = bench(folder, "--json", "rows.json")
    assert ran.returncode == 1
    assert "broken was not measured: OSError: no disk" in ran.stdout
    told = json.loads((folder / "rows.json").read_text())
    assert [row["ok"] for row in told["rows"]] == [False, True]
    assert told["machine"]["processors"] > 0


def test_an_unknown_bench_is_refused_in_a_sentence(folder):
    ran = bench(folder, "nonsense")
    assert (ran.returncode, ran.stderr) == (2, "No bench is called nonsense; there are: good\n")
