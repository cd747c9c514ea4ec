"""The monitor's cable is out for 20 s: one gap, and not one invented sample in it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from exomonitor.records.queries import open_archive

pytestmark = pytest.mark.timeout(400)  # plays two hours


@pytest.fixture(scope="module")
def unplug(played):
    return played("unplug")


@pytest.fixture(scope="module")
def gap(unplug):
    """Beginning and end of the gap."""
    [closed] = unplug.bodies("GapClosed")
    return at(closed["began"]["utc"]), at(closed["ended"]["utc"])


FRAME = timedelta(seconds=0.3)
"""The frame that ends the gap brings the samples of the quarter of a second before it: measured, not invented."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_there_is_exactly_one_gap_and_it_is_the_monitor_s(unplug):
    [gap] = unplug.line["gaps"]
    assert gap["source"] == "monitor"
    assert 20.0 <= gap["seconds"] <= 27.0


def test_the_gap_lies_where_the_cable_was_out(unplug, gap):
    began = [row for row in unplug.events if row["type"] == "GapClosed"]
    assert float(began[0]["minute"]) == pytest.approx(18.03 + 20 / 60, abs=0.2)
    assert f"Gap: monitor {unplug.line['gaps'][0]['seconds']} s" in unplug.report


def test_no_reading_of_the_monitor_lies_inside_the_gap(unplug, gap):
    began, ended = gap
    rows = [row for row in unplug.readings if row["source"] == "monitor"]
    assert not [row for row in rows if began < at(row["utc"]) < ended]
    assert [row for row in rows if at(row["utc"]) == ended]
    stored = unplug.ask("SELECT utc FROM readings WHERE source = 'monitor'")
    assert not [utc for (utc,) in stored if began < at(utc) < ended]
    assert len(stored) == len(rows)


def test_no_wide_row_is_filled_in_during_the_gap(unplug, gap):
    began, ended = gap
    assert not [row for row in unplug.table("vitals_wide.csv") if began < at(row["utc"]) < ended]


def test_no_sample_of_a_wave_lies_inside_the_gap(unplug, gap):
    began, ended = gap
    [(session,)] = unplug.ask("SELECT DISTINCT session FROM wave_chunks")
    inside, count = [], 0
    before: set[str] = set()
    after: set[str] = set()
    for _, second in open_archive(unplug.database).waves(session):
        first = second.began.utc
        last = second.began.plus((len(second.samples) - 1) / second.rate_hz).utc
        count += 1
        if first < ended - FRAME and last > began:
            inside.append(second)
        (before if last <= began else after).add(second.wave)
    assert inside == []
    assert before == after == {"ecg_ii", "pleth", "resp"}
    assert count == unplug.line["wave_seconds"]


def test_the_pump_is_read_all_the_while(unplug, gap):
    began, ended = gap
    inside = [row for row in unplug.readings if row["source"] == "pump" and began < at(row["utc"]) < ended]
    assert {row["name"] for row in inside} >= {"rate", "volume_infused"}


def test_the_infusion_is_complete_nevertheless(unplug):
    assert (unplug.line["phase"], unplug.line["delivered_ml"]) == ("signed", 100.0)
    assert json.loads((unplug.export / "manifest.json").read_text())["counts"]["readings"] == unplug.line["readings"]
