"""What holds for every file of the project: its size, its first line, and that it speaks of no particular machine."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE = 400
LONGEST_MAIN = 300
NOT_OURS = {"build", "dist", "__pycache__"}  # and what is hidden
TEXT = {".py", ".toml", ".md", ".txt", ".cmd", ".json", ".csv", ".qss", ".svg", ".ini", ".cfg", ".yml", ".yaml", ""}
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|home|root|Users|opt|tmp/team)/\w")


def project_files() -> list[Path]:
    """Every tracked file that still exists; where git cannot say, every file outside caches and environments."""
    if git := shutil.which("git"):
        listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
        if listed.returncode == 0 and listed.stdout:
            return [path for name in os.fsdecode(listed.stdout).split("\0") if name and (path := ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and _is_ours(path.relative_to(ROOT).parts[:-1])]


def _is_ours(folders: tuple[str, ...]) -> bool:
    return not any(name in NOT_OURS or name.startswith(".") for name in folders if name != ".ci")


def modules() -> list[Path]:
    """Every Python module of the project."""
    return [path for path in project_files() if path.suffix == ".py"]


def test_no_file_names_a_path_of_one_machine():
    named = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in project_files()
        if path.suffix in TEXT and path.name != "LICENSE"
        for found in [MACHINE_PATH.search(path.read_text(encoding="utf-8", errors="replace"))]
        if found
    ]
    assert named == []


def test_no_module_is_longer_than_a_reader_can_hold():
    lengths = {str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in modules()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}
    assert lengths.get("main.py", 0) <= LONGEST_MAIN


def test_every_module_says_in_its_first_line_what_it_is_for():
    silent = [str(path.relative_to(ROOT)) for path in modules() if not _first_line(path)]
    assert silent == []


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_bytes())) or "").partition("\n")[0]


def test_the_commands_can_be_executed():
    assert all(os.access(ROOT / name, os.X_OK) for name in ("run", ".ci/run"))


def test_unfinished_business_is_not_left_in_the_code():
    words = re.compile(
        r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error"]) + r")\b"
    )
    found = [str(path.relative_to(ROOT)) for path in modules() if words.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_no_expression_repeats_a_group_possessively():
    """Python before 3.11.5 takes what does not match for such a group (CPython issue 106052); Debian 12 has 3.11.2."""
    group = re.compile(r"\)(?:\+\+|\*\+|\?\+|\{[0-9,]+\}\+)|\(\?>")
    assert group.search(r"(?:a|ab)++")
    assert group.search(r"(?>a|ab)")
    assert not group.search(r"[a-b]++c")
    named = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules()
        if path.relative_to(ROOT).parts[0] in {"devices", "exomonitor", "ui"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "(?" in line and group.search(line)
    ]
    assert named == []
