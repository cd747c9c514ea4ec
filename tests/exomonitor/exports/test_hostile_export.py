"""An export from somebody who means harm: both verifiers name what is wrong with it, whatever stands in its files."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from exomonitor.exports.verify import prove, verify_export
from tests.exomonitor.untrusted import VERIFIER

ALONE = runpy.run_path(str(VERIFIER))
ODD = [None, True, -1, 1e308, "", "\ud800", "\r\x1b[2KINTACT", [], [[1]], {}, {"a": [1]}, "9" * 400]
FIRST = {"SessionOpened", "SessionSigned", "HeadSigned", "ReadingsStored", "PatientIdentified"}
ESCAPE = "\r\x1b[2KINTACT and SIGNED"


@pytest.fixture(scope="module")
def files(exported_once):
    folder = exported_once[True]
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def spots(value, path=()):
    """Every place in a JSON value, the whole first; of a journal only one entry of some types, of a list the ends."""
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from spots(inner, (*path, name))
    elif isinstance(value, list):
        seen = {row["type"]: place for place, row in reversed(list(enumerate(value))) if path == ("journal",)}
        places = [seen[kind] for kind in sorted(FIRST & seen.keys())] if seen else [0][: len(value)]
        for place in places:
            yield from spots(value[place], (*path, place))


def with_odd(data, path, odd):
    """The JSON text with another value at that place."""
    if not path:
        return json.dumps(odd).encode()
    value = inner = json.loads(data)
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = odd
    return json.dumps(value).encode()


def said_alone(files):
    """What the verifier in the export finds; a file that it cannot take at all is one finding."""
    try:
        return ALONE["check"](files, "")[1]
    except (KeyError, ValueError, TypeError, RecursionError) as cause:  # main() says that in a sentence
        return [] if "unhashable" in str(cause) else [str(cause)]


@pytest.mark.parametrize("name", ["manifest.json", "session.json"])
def test_a_value_of_another_kind_anywhere_is_found_and_breaks_neither_verifier(files, name):
    few = {**files, "readings.csv": b"", "vitals_wide.csv": b""}  # whose batches are not what this is about
    places = list(spots(json.loads(files[name])))
    assert len(places) > 30
    for number, path in enumerate(places):
        odd = ODD[number % len(ODD)]
        spoilt = {**few, name: with_odd(files[name], path, odd)}
        assert prove(spoilt), (path, odd)
        assert said_alone(spoilt), (path, odd)


@pytest.mark.parametrize("column", ["hash", "seq", "session_seq", "prev_in_session", "type"])
def test_an_entry_with_a_list_where_a_text_belongs_is_no_entry(files, column):
    spoilt = {**files, "session.json": with_odd(files["session.json"], ("journal", 3, column), [1])}
    assert "session.json: cannot be read" in map(str, prove(spoilt))
    assert "session.json: cannot be read" in said_alone(spoilt)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes and devices with a name in a folder")
def test_pipes_devices_and_links_are_named_and_not_read(exported):
    os.mkfifo(exported / "pipe.csv")
    (exported / "zero.csv").symlink_to("/dev/zero")
    (exported / "folder").symlink_to(exported.parent)
    (exported / "readings.csv").rename(exported.parent / "kept.csv")
    (exported / "readings.csv").symlink_to(exported.parent / "kept.csv")
    told = [f"{name}: is a link or no file at all: it was not read" for name in LINKS]
    assert [str(finding) for finding in verify_export(exported)][: len(told)] == told
    command = [sys.executable, "-I", str(VERIFIER), str(exported)]
    said = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stderr) == (1, "")
    assert said.stdout.splitlines()[: len(told)] == told


LINKS = ("folder", "pipe.csv", "readings.csv", "zero.csv")


def test_a_name_that_moves_the_cursor_of_a_terminal_is_spelled_out(exported, capsys):
    manifest = exported / "manifest.json"
    plain = json.loads(manifest.read_text())
    plain["files"] |= {ESCAPE: {}, "\u202etxt.\ud800": {}}
    manifest.write_text(json.dumps(plain))
    lines = [str(finding) for finding in verify_export(exported)]
    assert ALONE["main"]([str(exported)]) == 1
    for said in (lines, capsys.readouterr().out.splitlines()):
        assert "\\r\\x1b[2KINTACT and SIGNED: is missing" in said
        assert "\\u202etxt.\\ud800: is missing" in said
        assert all(line.isprintable() for line in said)


def test_it_is_printed_where_the_terminal_knows_no_such_letter(exported):
    Path(exported / "\u00b5-\u4e2d.csv").write_text("a")
    command = [sys.executable, str(VERIFIER), str(exported)]
    said = subprocess.run(
        command, check=False, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, timeout=60
    )
    assert (said.returncode, said.stderr) == (1, b"")
    assert said.stdout.splitlines()[0] == b"\\xb5-\\u4e2d.csv: was not exported: it was added"
