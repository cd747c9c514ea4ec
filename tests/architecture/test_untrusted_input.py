"""What comes from outside is never run: no eval, no pickle, no XML, no archive is unpacked, in the whole program."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CALLS = {"eval", "exec", "__import__", "compile"}
MODULES = {"pickle", "marshal", "shelve", "dill", "xml", "lxml", "zipfile", "tarfile", "gzip", "bz2", "lzma", "yaml"}
"""Without XML there are no entities, and without archives no bombs in them."""
WRITE_ONLY = {"xml.sax.saxutils"}
"""Escapes what a report prints, and reads nothing."""


def offences(path: Path) -> Iterator[str]:
    """Calls and imports that could run or blow up what was read."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield f"{path}:{node.lineno} calls {node.func.id}"
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (
            f"{path}:{getattr(node, 'lineno', 0)} imports {n}"
            for n in names
            if n.split(".")[0] in MODULES and n not in WRITE_ONLY
        )


def test_nothing_evaluates_unpickles_or_reads_xml():
    files = [p for folder in ("exomonitor", "devices", "ui", "resources") for p in (ROOT / folder).rglob("*.py")]
    assert len(files) > 300
    assert [line for path in [*files, ROOT / "main.py"] for line in offences(path)] == []


def test_an_offence_would_be_found(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("import pickle\nfrom xml.dom import minidom\neval('1')\n")
    assert len(list(offences(bad))) == 3
