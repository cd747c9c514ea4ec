"""Looks into every file that a visit leaves, but those that are there to hold who somebody is, for private texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from exomonitor import drafts

LEAST = 6
"""Shorter texts (`none`, `left`) stand in many words."""
SHIPPED = frozenset({"verify_export.py", "HOW_TO_VERIFY.txt", "data_dictionary.csv", "visit.toml"})
"""What the program ships, and the script of the visit, name only made-up words."""

OFFERED = frozenset({"reaction of grade 3: transfer"})
"""A reason in the program's own words, which somebody took over."""


def private_texts(database: Path, *also: str) -> set[str]:
    """Every text that the record keeps sealed, the parts of the names, and these."""
    with closing(sqlite3.connect(database)) as record:
        rows = record.execute("SELECT field, value FROM sealed WHERE field <> 'premedication'").fetchall()
    texts = {str(value) for _, value in rows} | set(also)
    names = {str(value) for field, value in rows if field in {"name", "mrn", "born"}}
    parts = {part for name in names for part in name.replace(",", " ").split()}
    return {text for text in (texts | parts) - OFFERED if len(text) >= LEAST}


def leaks(folder: Path, texts: set[str]) -> list[tuple[str, str]]:
    """Files (their names too) that hold one of the texts, in UTF-8 or UTF-16."""
    found = []
    for path in _open_files(folder):
        content, name = path.read_bytes(), str(path.relative_to(folder))
        found += [(name, t) for t in texts if t in name or t.encode() in content or t.encode("utf-16-le") in content]
    return found


def half_filled(folder: Path) -> list[Path]:
    """The files of forms that nobody has saved yet: theirs alone who records here."""
    kept = [path for path in sorted((folder / drafts.FOLDER).glob("*")) if path.is_file()]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (*kept, folder / drafts.FOLDER) if path.exists())
    return kept


def _open_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        kept_apart = ".sqlite3" in path.name and not path.name.endswith((".lease", ".signed"))
        elsewhere = parts[0] in {"captures", drafts.FOLDER, "protocols"} or path.name in SHIPPED
        if path.is_file() and not kept_apart and not elsewhere:
            yield path
