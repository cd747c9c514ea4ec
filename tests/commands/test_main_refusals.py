"""Whatever is asked wrongly is refused in one sentence on stderr, with exit code 2 and no traceback."""

from __future__ import annotations

import getpass
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from devices.spec import PortSettings
from devices.transport.pty import PtyServer
from devices.transport.serial_port import SerialPort
from exomonitor.records.verify import verify_database
from main import main
from tests.commands.program import REFUSED, Said, run

HEADLESS = ("demo", "--headless", "--scenario", "short")


@pytest.fixture(scope="module")
def recorded(short_copy):
    """A folder with the record of a short session."""
    return short_copy("recorded").out / "data"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("watch", "gedri", "/dev/ttyS0"), "There is no device 'gedri'; there are: bbraun-space, "),
        (("simulate", "nope"), "There is no device 'nope'; there are: bbraun-space, "),
        (("decode", "nope", "/dev/null"), "There is no device 'nope'"),
        (("watch", "ge-dri", "/dev/no-such-port"), "/dev/no-such-port does not exist"),
        (("watch", "ge-dri", "ftp://somewhere"), "ftp://somewhere is no port"),
        (("watch", "ge-dri", "socket://127.0.0.1:1"), "Nothing listens at 127.0.0.1:1"),
        (("simulate", "new-era", "--tcp", "127.0.0.1:99999"), "127.0.0.1:99999 needs a host and a port"),
        (("simulate", "new-era", "--pty", "--tcp", "127.0.0.1:0"), "--tcp: not allowed with argument --pty"),
        (("simulate", "new-era", "--speed", "0"), "'0' is not a number above 0"),
        ((*HEADLESS, "--out", "unused", "--speed", "-1"), "'-1' is not a number above 0"),
        ((*HEADLESS, "--out", "unused", "--speed", "nan"), "'nan' is not a number above 0"),
        ((*HEADLESS, "--out", "unused", "--wire", "usb"), "'usb' (choose from 'memory', 'pty')"),
        ((*HEADLESS, "--out", "unused", "--resume"), "There is no record at unused/data/demo.sqlite3."),
        (HEADLESS, "Say where the export goes: --out DIR"),
        (("demo", "--headless", "--scenario", "nope", "--out", "unused"), "There is no scenario 'nope'; there are:"),
        (("export", "last"), "--out"),
        (("export", "last", "--out", "unused", "--format", "csv,xml"), "Format 'xml' is not known"),
        (("export", "last", "--out", "unused", "--identified"), "An export with names needs a reason"),
        (("export", "last", "--out", "unused", "--reason", "because"), "A reason is only for an identified export"),
        (("export", "last", "--out", "unused", "--data", "nowhere"), "There is no record at nowhere/clinic.sqlite3."),
        (("sessions", "--data", "nowhere"), "There is no record at nowhere/clinic.sqlite3."),
        (("verify", "nowhere"), "There is nothing at nowhere"),
        (("fly",), "invalid choice: 'fly'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_one_sentence(tmp_path, monkeypatch, capfd, asked, told):
    monkeypatch.chdir(tmp_path)
    assert told in called(asked, capfd).sentence
    assert list(tmp_path.iterdir()) == []  # and nothing was made on the way


def called(asked, capfd):
    """The command in this process, with all that reaches the two outputs."""
    capfd.readouterr()
    try:
        code = main(asked)
    except SystemExit as ended:  # as the parser ends it
        code = int(ended.code or 0)
    said = capfd.readouterr()
    return Said(code, said.out, said.err)


@pytest.mark.parametrize(
    "asked", [("fly",), ("watch", "ge-dri", "/dev/no-such-port"), ("sessions", "--data", "nowhere")]
)
def test_a_process_of_its_own_is_refused_with_the_same_words(tmp_path, monkeypatch, capfd, asked):
    """By the parser, by what the computer lacks, by the person's own mistake."""
    monkeypatch.chdir(tmp_path)
    assert run(*asked, cwd=tmp_path) == called(asked, capfd)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_port_that_another_program_uses_is_refused(tmp_path):
    server = PtyServer("taken")
    server.open()
    other = SerialPort(server.port, PortSettings(9600))
    other.open()
    try:
        assert run("watch", "ge-dri", server.port).sentence.startswith("Another program uses ")
    finally:
        other.close()
        server.close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path, recorded):
    (tmp_path / "file").write_text("in the way")
    assert str(tmp_path / "file") in run(*HEADLESS, "--out", tmp_path / "file" / "below").sentence
    said = run("export", "last", "--data", recorded, "--out", tmp_path / "file" / "below")
    assert said.sentence.startswith(f"Nothing exported: {tmp_path / 'file' / 'below'} cannot be written")


def test_a_session_that_is_not_there_is_refused(recorded, tmp_path):
    said = run("export", "EXO-NOBODY", "--data", recorded, "--out", tmp_path)
    assert said.sentence == "There is no session EXO-NOBODY."


def test_a_refused_export_leaves_no_trace_in_the_record(recorded, tmp_path):
    def exports():
        with closing(sqlite3.connect(recorded / "demo.sqlite3")) as connection:
            return connection.execute("SELECT count(*) FROM journal WHERE type = 'ExportMade'").fetchall()

    before = exports()
    assert run("export", "last", "--data", recorded, "--out", tmp_path, "--format", "xml").code == REFUSED
    assert run("export", "last", "--data", recorded, "--out", tmp_path, "--identified", "--reason", "x").code == REFUSED
    assert exports() == before


def test_an_identified_export_with_a_reason_holds_the_name_and_the_reason_is_journaled(recorded, tmp_path):
    reason = "asked for by the treating hospital"
    said = run("export", "last", "--data", recorded, "--out", tmp_path, "--identified", "--reason", reason)
    folder = Path(said.out.strip())
    assert (said.code, said.err) == (0, "")
    assert "DEMO, Jane" in (folder / "session.json").read_text(encoding="utf-8")
    assert "jane" not in folder.name.lower()
    with closing(sqlite3.connect(recorded / "demo.sqlite3")) as connection:
        kept = connection.execute("SELECT value FROM sealed WHERE field = 'reason'").fetchall()
        (by,) = connection.execute("SELECT actor FROM journal WHERE type = 'ExportMade' ORDER BY seq DESC").fetchone()
    assert (reason,) in kept
    assert by == f"command line, account {getpass.getuser()}"
    assert run("verify", folder).code == 0


@pytest.mark.parametrize("asked", [("sessions",), ("export", "last", "--out", "unused"), (*HEADLESS, "--out", ".")])
def test_a_database_of_a_newer_version_is_refused_and_left_alone(recorded, tmp_path, asked):
    (tmp_path / "data").mkdir()
    newer = tmp_path / "data" / "demo.sqlite3"
    newer.write_bytes((recorded / "demo.sqlite3").read_bytes())
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version = 9")
    before = newer.read_bytes()
    assert "newer" in run(*asked, "--data", tmp_path / "data", cwd=tmp_path).sentence
    assert newer.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a database, whatever its name says" * 10])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, content):
    (tmp_path / "demo.sqlite3").write_bytes(content)
    said = run("sessions", "--data", tmp_path)
    assert "demo.sqlite3 is " in said.sentence
    assert (tmp_path / "demo.sqlite3").read_bytes() == content


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes there")
@pytest.mark.parametrize("limit_kb", [40, 130, 200])
def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost(tmp_path, limit_kb):
    import resource

    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kb * 1024, limit_kb * 1024))

    said = run(*HEADLESS, "--print-commits", "--out", tmp_path, preexec_fn=no_room)
    assert said.code == REFUSED
    assert "Traceback" not in said.err
    last = said.err.splitlines()[-1]
    assert last.startswith(("exomonitor: Not recorded: ", "exomonitor: No database can be made in ")), said.err
    database = tmp_path / "data" / "demo.sqlite3"
    printed = [(line["seq"], line["hash"]) for line in said.lines]
    if database.exists():
        assert verify_database(database) == []
        with closing(sqlite3.connect(database)) as connection:
            kept = dict(connection.execute("SELECT seq, hash FROM journal"))
        assert [seq for seq, row_hash in printed if kept.get(seq) != row_hash] == []
    else:
        assert printed == []
    again = run(*HEADLESS, "--out", tmp_path, *(["--resume"] if printed else []))  # there is room again
    assert json.loads(again.out)["phase"] == "signed", again.err
