"""After a whole session no file but the record and the devices' captures holds a private text, nor does a file name."""

from __future__ import annotations

import pytest

LEAST = 6
"""Shorter texts (`none`, `left`) stand in many words."""
OF_PEOPLE = "field <> 'premedication'"
"""A drug that was ordered is no text about who somebody is; that it was given stands in the open."""


@pytest.fixture(scope="module")
def run(played):
    return played("short")


@pytest.fixture(scope="module")
def private(run):
    """Every text that the record keeps sealed, and the parts of the names."""
    texts = {
        str(value) for (value,) in run.ask(f"SELECT value FROM sealed WHERE {OF_PEOPLE}") if len(str(value)) >= LEAST
    }
    names = {str(value) for (value,) in run.ask("SELECT value FROM sealed WHERE field IN ('name', 'mrn', 'born')")}
    return texts | {part for name in names for part in name.replace(",", " ").split() if len(part) >= LEAST}


def test_there_is_something_to_leak(private):
    assert any("DEMO" in text for text in private)
    assert len(private) > 10


def is_protected(path):
    """The database with its copies and logs, and what the devices said, byte by byte. What lies beside it is not."""
    beside = path.name.endswith((".lease", ".signed", ".restore"))
    return (".sqlite3" in path.name and not beside) or "captures" in path.parts


def test_no_file_but_record_and_captures_holds_a_private_text(run, private):
    open_files = [p for p in run.out.rglob("*") if p.is_file() and not is_protected(p.relative_to(run.out))]
    assert {"demo.sqlite3.lease", "demo.sqlite3.signed", "session.json", "report.pdf"} <= {p.name for p in open_files}
    # The summary line and the lease name no patient; what ships with the program names only made-up words.
    shipped = {"verify_export.py", "HOW_TO_VERIFY.txt", "data_dictionary.csv"}
    found = [
        (path.name, text)
        for path in open_files
        if path.name not in shipped and "protocols" not in path.parts
        for text in private
        if text.encode() in path.read_bytes()
    ]
    assert found == []


def test_no_file_name_tells_who_it_is_about(run, private):
    assert [path.name for path in run.out.rglob("*") for text in private if text in path.name] == []


def test_the_keys_and_the_record_are_private_to_the_user(run):
    data = run.database.parent
    for name in ("station.key", "station.pub", run.database.name, f"{run.database.name}.lease"):
        assert (data / name).stat().st_mode & 0o077 == 0, name
