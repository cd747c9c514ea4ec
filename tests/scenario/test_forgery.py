"""Whoever rewrites a record so that every hash fits again is found by the signatures, in a database and an export."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import main
from exomonitor.records.verify import verify_database
from exomonitor.signing import fingerprint, open_key
from tests.commands.program import run
from tests.scenario.forger import cut_database, rewrite_database, rewrite_export

VERIFIER = Path(__file__).resolve().parents[2] / "resources" / "verifier" / "verify_export.py"
GONE = "is not signed by the workstation: the signature is gone"
UNFIT = "is a signature of the workstation that does not fit"


def started(rows):
    """The row that says when product began to run."""
    return next(row for row in rows if row["type"] == "SessionStarted")


def edit(rows):
    started(rows)["utc"] = "2026-01-01T00:00:00.000Z"


def delete(rows):
    rows.remove(started(rows))


def reorder(rows):
    at = rows.index(started(rows))
    rows[at], rows[at + 1] = rows[at + 1], rows[at]


def duplicate(rows):
    rows.insert(rows.index(started(rows)), dict(started(rows)))


def truncate(rows):
    del rows[next(n for n, row in enumerate(rows) if row["type"] == "HeadSigned") :]


def unsign(rows):
    rows[:] = [row for row in rows if row["type"] != "HeadSigned"]


REHASHED = {edit: UNFIT, delete: UNFIT, reorder: UNFIT, duplicate: UNFIT, truncate: GONE, unsign: GONE}


@pytest.fixture(scope="module")
def short(played):
    return played("short")


@pytest.fixture
def database(short, tmp_path):
    """A copy of the database with the public key beside it, as in a data folder."""
    shutil.copy(short.database.with_name("station.pub"), tmp_path)
    return Path(shutil.copy(short.database, tmp_path))


@pytest.fixture
def export(short, tmp_path):
    return Path(shutil.copytree(short.export, tmp_path / "export"))


@pytest.fixture
def key(short):
    """The workstation's fingerprint, as its clinic noted it."""
    return fingerprint(short.database.with_name("station.pub").read_text().strip())


@pytest.fixture
def stranger(tmp_path):
    """A key that the forger made."""
    (tmp_path / "elsewhere").mkdir()
    return open_key(tmp_path / "elsewhere")


def alone(folder, *words):
    """The stand-alone verifier, in a process and a folder of its own, without this program."""
    command = [sys.executable, "-I", str(VERIFIER), str(folder), *words]
    said = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder.parent)
    assert said.stderr == ""
    return said.returncode, said.stdout


@pytest.mark.parametrize("change", REHASHED)
def test_a_database_whose_hashes_were_all_made_to_fit_again_is_found_by_its_signatures(database, change):
    rewrite_database(database, change)
    told = [str(finding) for finding in verify_database(database)]
    assert any(REHASHED[change] in line for line in told), told
    assert all(line.startswith("journal: row ") for line in told if REHASHED[change] in line)


@pytest.mark.parametrize(
    "place", ["whole session", "all but the first", "in the middle", "behind the sign-off", "last"]
)
def test_an_end_cut_off_with_all_that_belongs_to_it_is_missed_wherever_the_cut_is(short, database, place):
    mark = shutil.copy(short.database.with_name(f"{short.database.name}.signed"), database.parent)
    assert verify_database(database) == []
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT seq, type FROM journal ORDER BY seq").fetchall()
    of = {kind: seq for seq, kind in reversed(rows)}
    signed = [seq for seq, kind in rows if kind == "HeadSigned"]
    keep = {
        "whole session": of["SessionOpened"] - 1,
        "all but the first": 1,
        "in the middle": of["SessionStarted"],
        "behind the sign-off": signed[0],
        "last": signed[-1] - 1,
    }[place]
    cut_database(database, keep)
    told = [str(finding) for finding in verify_database(database)]
    assert any(f"missing at the end ({Path(mark).name} knows of row {signed[-1]})" in line for line in told), told


@pytest.mark.parametrize("change", [edit, delete, reorder, duplicate])
def test_rows_changed_with_plain_sql_and_not_rehashed_are_named(database, change):
    rewrite_database(database, lambda rows: _keeping_numbers(rows, change), rehash=False)
    assert any(finding.table == "journal" for finding in verify_database(database))


def _keeping_numbers(rows, change):
    """The rows as they then lie in the table: every number once."""
    change(rows)
    for number, row in enumerate(rows, 1):
        if change is not delete:
            row["seq"] = row["session_seq"] = number
    rows.sort(key=lambda row: row["seq"])


def test_a_database_that_a_stranger_signed_anew_is_found_by_the_key_beside_it_or_the_one_that_was_noted(
    database, stranger, key, capsys
):
    rewrite_database(database, edit, key=stranger)
    assert [f.what for f in verify_database(database)] == ["was signed with another key than this workstation's"]
    database.with_name("station.pub").unlink()
    assert verify_database(database) == []  # whose key it is, nothing in the file itself can tell
    assert main.main(["verify", str(database), "--key", key]) == 1
    assert "another key" in capsys.readouterr().out


def test_verify_says_with_which_key_a_database_and_an_export_are_signed(database, export, key, capsys):
    for path in (database, export):
        assert main.main(["verify", str(path), "--key", key]) == 0
        assert f"with the workstation's key {key}." in capsys.readouterr().out


def test_a_backup_in_its_folder_is_proved_with_the_key_above_it(short, stranger, tmp_path):
    kept = next((short.database.parent / "backups").glob("*.sqlite3"))
    shutil.copytree(short.database.parent, tmp_path / "data")
    copy = tmp_path / "data" / "backups" / kept.name
    assert verify_database(copy) == []
    rewrite_database(copy, edit, key=stranger)
    assert [f.what for f in verify_database(copy)] == ["was signed with another key than this workstation's"]


def test_the_verifier_in_an_export_is_the_shipped_one_and_proves_it_alone(export, key):
    assert (export / "verify_export.py").read_bytes() == VERIFIER.read_bytes()
    code, said = alone(export, "--key", key)
    assert (code, said.splitlines()) == (0, [f"INTACT and SIGNED. Key: {key} (the key you named)."])


@pytest.mark.parametrize("change", [edit, delete, reorder, duplicate, truncate, unsign])
def test_an_export_whose_every_hash_was_made_to_fit_again_is_found_by_the_verifier_alone(export, key, change):
    rewrite_export(export, change)
    code, said = alone(export, "--key", key)
    assert code == 1
    assert "manifest.sig: does not fit manifest.json" in said


def test_an_export_that_a_stranger_signed_anew_is_found_by_the_fingerprint(export, stranger, key):
    rewrite_export(export, edit, stranger)
    assert alone(export)[0] == 0  # only the clinic's own note can tell
    code, said = alone(export, "--key", key)
    assert code == 1
    assert "is of another key" in said


def test_an_export_whose_signature_was_taken_away_is_not_taken_for_an_unsigned_one(export, key):
    (export / "manifest.sig").unlink()
    assert alone(export)[0] == 1
    rewrite_export(export, unsign)
    manifest = export / "manifest.json"
    manifest.write_text(manifest.read_text().replace(open_key_of(manifest), ""))
    code, said = alone(export, "--key", key)
    assert code == 1
    assert "not signed with the key that you named" in said


def open_key_of(manifest):
    return manifest.read_text().split('"public_key":"')[1][:64]


@pytest.mark.parametrize(
    ("name", "spoil", "told"),
    [
        ("readings.csv", lambda data: data.replace(b",on_mains,1.0,", b",on_mains,0.0,", 1), "readings.csv, batch "),
        ("readings.csv", lambda data: data[: len(data) // 2], "readings.csv, batch "),
        ("events.csv", lambda data: data.replace(b",SessionStarted,", b",SessionOpened,"), "events.csv, line "),
        ("session.json", lambda data: data.replace(b'"SessionStarted"', b'"SessionOpened"'), "session.json, entry "),
        ("session.json", lambda data: b"[", "session.json: cannot be read"),
        ("report.pdf", lambda data: data + b" ", "report.pdf: its content is not what was exported"),
    ],
)
def test_the_verifier_alone_names_file_and_place_of_a_change(export, name, spoil, told):
    before = (export / name).read_bytes()
    (export / name).write_bytes(spoil(before))
    assert (export / name).read_bytes() != before
    code, said = alone(export)
    assert code == 1
    assert told in said


def test_the_verifier_alone_names_added_and_missing_files_and_refuses_what_is_no_export(export, tmp_path):
    (export / "more.csv").write_text("a\n")
    (export / "report.pdf").unlink()
    code, said = alone(export)
    assert code == 1
    assert "more.csv: was not exported: it was added" in said
    assert "report.pdf: is missing" in said
    (tmp_path / "empty").mkdir()
    assert alone(tmp_path / "empty")[0] == 2
    assert alone(export, "--key", "1A2B")[0] == 2


def test_the_key_is_printed_for_the_clinic_to_note(short, key):
    said = run("key", "--data", short.database.parent)
    assert said.out.startswith(f"Fingerprint: {key}\n")
