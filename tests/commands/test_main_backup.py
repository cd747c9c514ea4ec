"""`backup`, `restore` and `recover` as commands; a headless session is backed up by itself."""

from __future__ import annotations

import getpass
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.commands.program import DONE, run


@pytest.fixture(scope="module")
def played(short_copy) -> Path:
    """A headless session's data folder."""
    return Path(short_copy("session").out, "data")


def test_a_session_is_backed_up_when_it_has_ended(played):
    (made,) = (played / "backups").iterdir()
    assert run("verify", made).code == DONE


def test_on_demand_into_a_chosen_folder_and_back(played, tmp_path):
    said = run("backup", "--data", played, "--out", tmp_path / "stick")
    assert (said.code, said.err) == (DONE, "")
    made = Path(said.out.strip())
    assert made.parent == tmp_path / "stick"
    said = run("restore", made, "--data", tmp_path / "new")
    assert (said.code, said.err) == (DONE, "")
    assert run("verify", tmp_path / "new" / "demo.sqlite3").code == DONE
    told = run("access", "--data", tmp_path / "new").out
    whose = f"command line, account {getpass.getuser()}"
    assert any(whose in line and f"copied to {tmp_path / 'stick'}" in line for line in told.splitlines())
    assert any(whose in line and "A backup of " in line for line in told.splitlines())
    assert run("sessions", "--data", tmp_path / "new").out == run("sessions", "--data", played).out


def test_what_a_database_without_its_header_holds_is_saved(played, tmp_path):
    content = (played / "demo.sqlite3").read_bytes()
    (tmp_path / "damaged").write_bytes(bytes(100) + content[100:])
    said = run("recover", tmp_path / "damaged", "--out", tmp_path / "new.sqlite3")
    assert (said.code, said.err) == (DONE, "")
    assert said.out.endswith("nothing that was counted is lost.\n")
    assert run("verify", tmp_path / "new.sqlite3").code == DONE


def test_what_cannot_be_done_is_one_sentence(played, tmp_path):
    assert run("restore", tmp_path / "nothing").sentence.startswith("There is no backup at")
    assert run("recover", tmp_path / "nothing", "--out", tmp_path / "new").sentence.startswith("There is no file at")
    assert run("backup", "--data", tmp_path).sentence.startswith("There is no record at")


def test_a_session_that_lost_a_reading_is_marked_where_the_list_is_asked_to_prove_it(played, tmp_path):
    database = tmp_path / "demo.sqlite3"
    database.write_bytes((played / "demo.sqlite3").read_bytes())
    (row,) = json.loads(run("sessions", "--json", "--prove", "--data", tmp_path).out)
    assert (row["damaged"], row["proved"]) == (False, True)
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER readings_no_delete")
        connection.execute("DELETE FROM readings WHERE id = (SELECT max(id) FROM readings)")
    plain, proved = run("sessions", "--data", tmp_path), run("sessions", "--prove", "--data", tmp_path)
    assert "DAMAGED" not in plain.out
    assert plain.out.splitlines()[-1].startswith("Not proved: ")
    assert "DAMAGED" in proved.out.splitlines()[-1]
