"""Every number is the same wherever it stands: summary line, session.json, report, CSV files, database, `sessions`."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.commands.program import run

pytestmark = pytest.mark.timeout(400)  # may have to play hours
SCENARIOS = ["short", "unplug", "pump-stops@72", "reaction"]

BEGINS = {"normal", "pending", "latched"}
"""What an alarm was before it became one; getting worse or louder is no new one."""


@pytest.fixture(scope="module", params=SCENARIOS)
def one(request, played):
    return played(request.param)


def minutes(entries):
    """The minute of each entry, by its place in the journal."""
    return [float(row["minute"]) for row in entries]


def test_the_line_is_the_summary_of_session_json(one):
    summary = one.session["summary"]
    shared = one.line.keys() - {"scenario", "export"}
    assert {name: one.line[name] for name in shared} == {name: summary[name] for name in shared}


def test_the_report_prints_the_same_figures(one):
    line, summary = one.line, one.session["summary"]
    checks, by = line["checks"], summary["alarms_by_priority"]
    for said in (
        f"Delivered (pump): {line['delivered_ml']:.1f} mL of {line['planned_ml']:.1f} mL",
        f"Infusing: {line['infusing_min']:.2f} min",
        f"Paused: {line['paused_min']:.2f} min",
        f"Observations: {checks['done']} in time, {checks['late']} late, {checks['missed']} missed",
        f"Reactions: {line['reactions'] or 'none'}",
        f"Alarms: {line['alarms']} became active: high {by.get('high', 0)}, medium {by.get('medium', 0)}",
        f"readings {line['readings']}; wave seconds {line['wave_seconds']}",
        f"Chair, phase: 4, {line['phase']}",
        *(f"Gap: {gap['source']} {gap['seconds']} s" for gap in line["gaps"]),
    ):
        assert said in one.report, said


def test_the_csv_rows_are_as_many_as_the_line_says(one):
    kinds = Counter(row["type"] for row in one.events)
    assert len(one.readings) == one.line["readings"]
    assert kinds["ReactionOpened"] == one.line["reactions"]
    assert kinds["GapClosed"] == len(one.line["gaps"])
    # A set that was not due before the leaving is missed without anybody having written so.
    assert kinds["ObservationMissed"] <= one.line["checks"]["missed"] == one.report.count("MISSED")
    assert kinds["ObservationRecorded"] == one.line["checks"]["done"] + one.line["checks"]["late"]
    raised = [b for b in one.bodies("AlarmChanged") if b["to_state"] == "active" and b["from_state"] in BEGINS]
    assert len(raised) == one.line["alarms"]


def test_the_volume_is_what_the_pumps_own_counter_moved_while_product_ran(one):
    """From the readings alone: how far the counter rose from the start to the end of product."""
    [ended] = [row for row in one.events if row["type"] == "ProductEnded"]
    pump = [row for row in one.readings if row["name"] == "volume_infused"]
    until = [float(row["value"]) for row in pump if row["utc"] <= ended["utc"]]
    assert until[0] == 0.0
    assert max(until) - until[0] == pytest.approx(one.line["delivered_ml"], abs=0.11)  # a pump counts in 0.1 mL


def test_the_clocks_are_the_sums_of_the_stretches_in_events_csv(one):
    """From events.csv and the rates in session.json alone."""
    end = next(float(row["minute"]) for row in one.events if row["type"] == "ProductEnded")
    stretches = [row for row in one.events if row["type"] == "DeliveryChanged"]
    runs = [body["fluid"] == "product" and body["rate_ml_h"] > 0 for body in one.bodies("DeliveryChanged")]
    edges = [*minutes(stretches), minutes(one.events)[-1]]
    infusing = sum(min(b, end) - a for a, b, on in zip(edges, edges[1:], runs, strict=False) if on)
    assert infusing == pytest.approx(one.line["infusing_min"], abs=0.02)
    first_ran = next(a for a, on in zip(edges, runs, strict=False) if on)  # waiting for the pump's key is no pause
    assert end - first_ran - infusing == pytest.approx(one.line["paused_min"], abs=0.02)


def test_the_database_holds_as_many_rows(one):
    assert one.ask("SELECT count(*) FROM readings") == [(one.line["readings"],)]
    assert one.ask("SELECT count(*) FROM wave_staging") == [(0,)]
    assert sum(body["count"] for body in one.bodies("WavesStored")) == one.line["wave_seconds"]
    assert sum(body["count"] for body in one.bodies("ReadingsStored")) == one.line["readings"]
    counts = json.loads((one.export / "manifest.json").read_text(encoding="utf-8"))["counts"]
    assert (counts["readings"], counts["wave_seconds"]) == (one.line["readings"], one.line["wave_seconds"])
    assert counts["vitals_rows"] == len(one.table("vitals_wide.csv"))
    assert counts["journal_entries"] == len(one.table("events.csv")) == len(one.session["journal"])


def test_sessions_lists_the_same(one):
    said = run("sessions", "--json", "--data", one.out / "data")
    [row] = json.loads(said.out)
    assert row["study_id"] == one.session["study_id"] == one.export.name
    assert (row["phase"], row["reactions"]) == (one.line["phase"], one.line["reactions"])
    assert round(row["delivered_ml"], 1) == one.line["delivered_ml"]
    assert row["simulated"] is True


def test_a_second_export_gives_the_same_figures(played, tmp_path):
    one = played("short")
    said = run("export", "last", "--data", one.out / "data", "--out", tmp_path, "--format", "json,csv")
    assert said.code == 0, said.err
    again = json.loads((tmp_path / one.export.name / "session.json").read_text(encoding="utf-8"))
    assert again["summary"] == one.session["summary"]
    for name in ("events.csv", "readings.csv", "vitals_wide.csv"):
        assert (tmp_path / one.export.name / name).read_bytes() == (one.export / name).read_bytes(), name


@pytest.mark.parametrize("scenario", ["short", "reaction"])
def test_export_and_database_are_intact(played, scenario):
    one = played(scenario)
    for path in (one.export, one.database):
        said = run("verify", path)
        assert (said.code, said.err) == (0, ""), said
        assert said.out.startswith("Intact. ")
