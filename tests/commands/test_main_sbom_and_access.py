"""`sbom` lists what the program is made of; `access` says who came in, looked, exported, and failed to."""

from __future__ import annotations

import json
import re

import pytest

import main
from exomonitor.access_log import access_lines
from exomonitor.records.queries import open_archive
from exomonitor.sbom import LOCK, sbom
from exomonitor.session.commands import OpenSession
from exomonitor.session.parts.handover import SignOut
from exomonitor.session.parts.trust import ViewRecord
from tests.exomonitor.station_bench import CHAIR, do, sign_in, station_on


def test_the_list_holds_every_locked_package_with_its_hashes_the_fonts_and_python():
    listed = json.loads(sbom())["components"]
    locked = re.findall(r"^([A-Za-z0-9._-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    libraries = [one for one in listed if one["type"] == "library"]
    assert [one["name"] for one in libraries] == locked
    assert all(one["hashes"] for one in libraries)
    assert {"cryptography", "pyside6-essentials", "sqlalchemy"} <= {one["name"].lower() for one in libraries}
    assert {one["type"] for one in listed} == {"library", "file", "platform"}


def test_it_is_printed_by_a_command(capsys):
    assert main.main(["sbom"]) == 0
    assert json.loads(capsys.readouterr().out)["bomFormat"] == "CycloneDX"


def test_who_came_in_looked_and_failed_is_told_line_by_line(tmp_path, clock, capsys):
    with station_on(tmp_path, clock) as station:
        by = sign_in(station)
        do(station, OpenSession(CHAIR, by))
        do(station, ViewRecord(CHAIR, by, "record", "s-7"))
        with pytest.raises(Exception, match="not recognised"):
            station.prove("V. DEMO-SANTOS", "0000").result(5)
        do(station, SignOut(CHAIR, by))
    assert main.main(["access", "--data", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = [line.split("  ", 2)[2] for line in lines]
    assert "A. DEMO-ADMIN: Account made: nurse, verifier, V. DEMO-SANTOS" in told
    assert any(line.startswith("R. DEMO-OKAFOR: R. DEMO-OKAFOR signed in (PIN)") for line in told)
    assert "R. DEMO-OKAFOR: Record opened with names, session s-7" in told
    assert "station: Wrong PIN or badge, 1 in a row, V. DEMO-SANTOS" in told
    assert told[-1].startswith("R. DEMO-OKAFOR: Signed out")


def test_a_record_without_entries_has_no_lines(tmp_path, clock):
    with station_on(tmp_path, clock):
        pass
    archive = open_archive(tmp_path / "clinic.sqlite3")
    assert list(access_lines([], archive.staff())) == []
