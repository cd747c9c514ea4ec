"""A whole session in 75 s: the summary line as promised, and what the nurse did in the order she did it."""

from __future__ import annotations

import stat

import pytest

from tests.scenario.played import LINE_KEYS


@pytest.fixture(scope="module")
def short(played):
    return played("short")


def test_the_summary_line_has_exactly_the_promised_keys(short):
    assert list(short.line) == LINE_KEYS
    assert list(short.line["checks"]) == ["done", "late", "missed"]


def test_a_whole_session_is_prepared_infused_observed_and_signed(short):
    kinds = [row["type"] for row in short.events if row["type"] not in {"AlarmChanged", "LinkChanged"}]
    assert kinds == [
        "SessionOpened",
        "PatientIdentified",
        "DoseTimed",
        "ChecklistRecorded",
        "ChecklistRecorded",
        "ProductEntered",
        "OrderEntered",
        "LineEntered",
        "DeviceBound",
        "DeviceBound",
        "PremedicationGiven",
        "HydrationGiven",
        "ChecklistRecorded",
        "SingleNurseAccepted",
        "ObservationRecorded",
        "ChecklistRecorded",
        "SessionStarted",
        "DeliveryChanged",
        "DeliveryChanged",
        "DeliveryChanged",
        "ProductEnded",
        "DeliveryChanged",
        "FlushRecorded",
        "ObservationRecorded",
        "IvRemoved",
        "PatientLeft",
        "SessionSigned",
        "HeadSigned",
    ]


def test_its_figures_are_those_of_the_scenario(short):
    line = short.line
    assert (line["scenario"], line["simulated"], line["phase"]) == ("short", True, "signed")
    assert (line["planned_ml"], line["delivered_ml"]) == (20.0, 20.0)
    assert line["infusing_min"] == pytest.approx(1.0, abs=0.05)
    assert line["checks"] == {"done": 2, "late": 0, "missed": 2}
    assert (line["reactions"], line["gaps"]) == (0, [])


def test_every_exported_row_is_marked_as_simulated(short):
    assert {row["origin"] for row in short.readings} == {"simulator"}
    assert short.session["simulated"] is True
    assert short.report.count("SIMULATED") >= 1
    assert {row[0] for row in short.ask("SELECT DISTINCT origin FROM wave_chunks")} == {"simulator"}


def test_no_name_is_in_the_de_identified_export(short):
    for path in short.export.iterdir():
        content = path.read_bytes()
        assert b"Jane" not in content, path.name
        assert b"DEMO-0048213" not in content, path.name
        assert "jane" not in path.name.lower()


def test_record_and_export_are_private_to_the_user(short):
    for path in (short.database, short.export, *short.export.iterdir(), *(short.out / "data" / "captures").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
