"""The table of hazards is whole, and every test that it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ROWS = [line for line in (TESTS / "hazards.md").read_text(encoding="utf-8").splitlines() if line.startswith("| H")]
OF_THE_ANALYSIS, OF_OURS = 44, 1
NAMED = [(row[2:5], path, name) for row in ROWS for path, name in re.findall(r"`([a-z0-9_/]+\.py)::(test_\w+)`", row)]


@cache
def functions_of(path: Path) -> set[str]:
    """The names of all test functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_hazard_of_the_analysis_and_of_ours_has_one_row():
    assert [row[2:5] for row in ROWS] == [f"H{n:02}" for n in range(1, OF_THE_ANALYSIS + OF_OURS + 1)]


def test_every_row_names_a_test():
    assert {hazard for hazard, _, _ in NAMED} == {row[2:5] for row in ROWS}


@pytest.mark.parametrize("hazard", sorted({hazard for hazard, _, _ in NAMED}))
def test_every_test_that_a_row_names_exists(hazard):
    missing = [
        f"{path}::{name}"
        for row, path, name in NAMED
        if row == hazard and not ((TESTS / path).exists() and name in functions_of(TESTS / path))
    ]
    assert missing == []
