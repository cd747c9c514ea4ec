"""The lock files install the same thing everywhere: by version and hash, from no particular address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NAMES = ("run", "encrypted", "test")
LOCKS = {name: (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8") for name in NAMES}


def locked(text: str) -> dict[str, set[str]]:
    """Package name (normalised) to its `version ; marker` entries."""
    found: dict[str, set[str]] = {}
    for name, rest in re.findall(r"^([A-Za-z0-9._-]+)==([^\\\n]+)", text, re.MULTILINE):
        found.setdefault(normalised(name), set()).add(rest.strip())
    return found


def normalised(name: str) -> str:
    """A package name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(requirements: list[str]) -> set[str]:
    """Normalised names of the packages that requirement strings ask for."""
    return {normalised(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]) for requirement in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address(name):
    assert not re.search(r"://|@ |--index|--extra|--find-links|^-", LOCKS[name], re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name):
    entries = re.split(r"^(?=[A-Za-z0-9])", LOCKS[name], flags=re.MULTILINE)
    assert all("--hash=sha256:" in entry for entry in entries if entry.strip() and "==" in entry)


def test_the_locks_cover_what_the_project_asks_for():
    assert wanted(PROJECT["project"]["dependencies"]) <= set(locked(LOCKS["run"]))
    assert wanted(PROJECT["project"]["optional-dependencies"]["encrypted"]) <= set(locked(LOCKS["encrypted"]))
    assert wanted(PROJECT["dependency-groups"]["test"]) <= set(locked(LOCKS["test"]))


def test_the_tests_run_on_the_versions_that_the_program_runs_on():
    run, encrypted, test = (locked(LOCKS[name]) for name in ("run", "encrypted", "test"))
    assert run.items() <= encrypted.items() <= test.items()


def test_pyside_stays_below_the_release_that_kills_python_3_11():
    assert all(
        tuple(map(int, version.split(";")[0].strip().split("."))) < (6, 12)
        for package in ("pyside6-essentials", "pyside6-addons", "shiboken6")
        for version in locked(LOCKS["run"])[package]
    )
