"""SIGKILL at random moments: what was printed as recorded is there, and the session goes on to its end."""

from __future__ import annotations

import random
import shutil
import sys

import pytest

from exomonitor.records.keys import named_by
from exomonitor.records.verify import verify_database
from tests.scenario.killed import done_by_people, ended_well, kill, resume

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def check(killed):
    assert killed.died, "it had ended before it was killed"
    assert killed.printed, "it was killed before it had recorded anything"
    assert killed.lost == []
    assert killed.findings == ()


@pytest.mark.parametrize(("seed", "encrypted"), [(11, False), (12, False), (13, True)])
def test_a_killed_session_loses_nothing_and_is_resumed_to_its_end(tmp_path, seed, encrypted, played):
    killed = kill(tmp_path, random.Random(seed), encrypted=encrypted)
    check(killed)
    assert bool(named_by(tmp_path / "data" / "demo.sqlite3")) == encrypted
    again = ended_well(resume(tmp_path), tmp_path)
    assert again is not None
    assert again.line["phase"] == "signed"
    assert verify_database(again.database) == []
    assert done_by_people(again) == done_by_people(played("short"))  # nothing twice, nothing skipped
    before_it = {row["hash"] for row in again.table("events.csv")}
    assert {row_hash for _, row_hash in killed.printed if row_hash in before_it}, "another session was exported"


def test_the_time_without_the_program_is_shown_as_a_gap(tmp_path):
    check(kill(tmp_path, random.Random(2), after=60))  # in the middle of the infusion
    again = ended_well(resume(tmp_path), tmp_path)
    assert again is not None
    [resumed] = again.bodies("MonitoringResumed")
    assert resumed["gap_s"] >= 5.0
    [sentence] = [row["sentence"] for row in again.events if row["type"] == "MonitoringResumed"]
    assert sentence.startswith("Monitoring resumed: nothing was watched for ")
    assert sentence in again.report
    assert {row["sentence"].partition(" for ")[0] for row in again.events if row["type"] == "GapClosed"} == {
        "No pump data",
        "No monitor data",
    }
    assert again.line["delivered_ml"] == 20.0  # the pump's own counter knows what ran meanwhile


def test_a_session_that_is_killed_twice_is_resumed_all_the_same(tmp_path, played):
    chance = random.Random(5)
    check(kill(tmp_path, chance, after=25))
    check(kill(tmp_path, chance, "--resume", after=25))
    again = ended_well(resume(tmp_path), tmp_path)
    assert again is not None
    assert len(again.bodies("MonitoringResumed")) == 2
    assert done_by_people(again) == done_by_people(played("short"))


def test_resuming_what_is_finished_only_exports_it_again(tmp_path, played):
    first = played("short")
    shutil.copytree(first.out, tmp_path, dirs_exist_ok=True)
    again = ended_well(resume(tmp_path), tmp_path)
    assert again is not None
    assert again.export.name != first.export.name
    assert {**again.line, "export": ""} == {**first.line, "export": ""}


def test_there_must_be_something_to_resume(tmp_path):
    assert resume(tmp_path).sentence.startswith("There is no record at ")
