"""What an export holds, where it goes, and who may read it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
from datetime import datetime, timedelta

import pytest
from pypdf import PdfReader

from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.exports.bundle import safe_name
from exomonitor.exports.columns import sign_column
from exomonitor.exports.manifest import PROVES
from exomonitor.exports.summary import summarise
from exomonitor.integrity import canonical_json, sealed_digest
from exomonitor.session import events as ev
from exomonitor.session.fold import fold
from exomonitor.signals.vitals import Sign
from tests.exomonitor.exports.made_up_session import NAME, PRIVATE, SESSION, STUDY, Script

ALL_FILES = {
    "events.csv",
    "readings.csv",
    "vitals_wide.csv",
    "session.json",
    "report.pdf",
    "data_dictionary.csv",
    "manifest.json",
    "manifest.sha256",
    "verify_export.py",
    "HOW_TO_VERIFY.txt",
}


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def text_of(path):
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def test_an_export_is_one_folder_named_by_the_study_id(exported_once):
    assert exported_once[False].name == STUDY
    assert {p.name for p in exported_once[False].iterdir()} == ALL_FILES


def test_a_second_export_leaves_the_first_one_alone(exported_once):
    assert exported_once[True].name == f"{STUDY}-2"


@pytest.mark.skipif("os.name == 'nt'", reason="Windows has no mode bits")
def test_only_the_user_may_read_it(exported_once):
    folder = exported_once[False]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}


def test_nothing_private_stands_in_a_deidentified_export(exported_once):
    folder = exported_once[False]
    words = {part for text in PRIVATE.values() for part in (text, *re.findall(r"[A-Z]\w{4,}", text))}
    for path in folder.iterdir():
        data = path.read_bytes()
        held = [word for word in words if word.encode() in data or word in path.name]
        assert held == [], path.name
    page_text = text_of(folder / "report.pdf")
    assert [word for word in words if word in page_text] == []
    assert "[text withheld]" in page_text
    about = PdfReader(folder / "report.pdf").metadata
    assert about is not None
    assert about.title == f"Infusion record {STUDY}"


def test_salts_leave_the_database_only_with_the_names(exported_once):
    open_, named = (json.loads((exported_once[kind] / "session.json").read_text()) for kind in (False, True))
    assert open_["sealed"] == []
    assert all(sealed_digest(seal["salt"], seal["value"]) == seal["digest"] for seal in named["sealed"])
    assert NAME in {seal["value"] for seal in named["sealed"]}


def test_an_identified_export_names_patient_and_nurse(exported_once):
    text = text_of(exported_once[True] / "report.pdf")
    for said in (NAME, PRIVATE["mrn"], PRIVATE["allergies"], "Nora Nightshift", PRIVATE["note"]):
        assert said in re.sub(r"\s+", " ", text)
    assert rows_of(exported_once[True] / "events.csv")[0]["actor_name"] == "Nora Nightshift"


def test_no_file_name_holds_a_name(exported_once):
    assert {p.name for p in exported_once[True].iterdir()} == ALL_FILES


@pytest.mark.parametrize("reason", ["", "   ", "why"])
def test_identity_without_a_reason_is_refused(played, export, tmp_path, reason):
    with pytest.raises(CommandRefused, match="reason"):
        export(played, tmp_path, identified=True, reason=reason)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_refused(played, export, tmp_path):
    with pytest.raises(CommandRefused, match="'docx'"):
        export(played, tmp_path, formats=("csv", "docx"))
    with pytest.raises(CommandRefused, match="at least one"):
        export(played, tmp_path, formats=())


def test_only_the_wanted_formats_are_written(played, export, tmp_path):
    folder = export(played, tmp_path, formats=("json",))
    assert {p.name for p in folder.iterdir()} == {
        "session.json",
        "data_dictionary.csv",
        "manifest.json",
        "manifest.sha256",
        "verify_export.py",
        "HOW_TO_VERIFY.txt",
    }


def test_a_place_that_cannot_be_written_is_said_and_nothing_is_left(played, export, tmp_path):
    blocked = tmp_path / "a-file"
    blocked.write_text("in the way")
    with pytest.raises(EnvironmentFault, match="Nothing exported"):
        export(played, blocked)


def test_a_disk_that_fails_half_way_leaves_nothing(played, export, tmp_path, monkeypatch):
    written = []

    def fails_late(descriptor):
        written.append(descriptor)
        if len(written) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails_late)
    with pytest.raises(EnvironmentFault, match="No space left"):
        export(played, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_same_record_gives_the_same_bytes(played, export, tmp_path):
    first, second = export(played, tmp_path), export(played, tmp_path)
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in ALL_FILES)


def test_study_ids_become_plain_folder_names():
    assert safe_name("../a b/ü") == "_a_b__"
    assert safe_name("..") == "session"


def test_every_figure_is_the_same_everywhere(played, exported_once, protocol):
    folder = exported_once[False]
    state = fold(played.archive.told)
    assert state is not None
    summary = summarise(state, played.clock.now(), protocol)
    session = json.loads((folder / "session.json").read_text())
    manifest = json.loads((folder / "manifest.json").read_text())
    text = re.sub(r"\s+", " ", text_of(folder / "report.pdf"))

    assert session["summary"] == json.loads(json.dumps(summary.plain()))
    assert f"Delivered (pump): {summary.delivered_ml} mL of {summary.planned_ml} mL" in text
    assert f"Infusing: {summary.infusing_min:.2f} min" in text
    assert f"Paused: {summary.paused_min:.2f} min" in text
    assert f"Elapsed: {summary.elapsed_min:.2f} min" in text
    checks = summary.checks
    assert (
        f"Observations: {checks.done} in time, {checks.late} late, {checks.missed} missed, {checks.open} open" in text
    )
    assert f"Reactions: {summary.reactions}" in text
    assert f"Alarms: {summary.alarms} became active" in text
    assert f"readings {summary.readings}; wave seconds {summary.wave_seconds}" in text
    assert summary.verdict in text
    assert len(rows_of(folder / "readings.csv")) == summary.readings == manifest["counts"]["readings"]
    assert manifest["counts"]["wave_seconds"] == summary.wave_seconds
    kinds = [row["type"] for row in rows_of(folder / "events.csv")]
    assert kinds.count("ReactionOpened") == summary.reactions == 2
    assert kinds.count("GapClosed") == len(summary.gaps)
    assert manifest["chain_head"] == played.archive.rows[-1]["hash"]
    assert f"Record hash: {manifest['chain_head']}" in text


def test_readings_come_back_exactly(played, exported_once):
    rows = rows_of(exported_once[False] / "readings.csv")
    for row, (batch, reading) in zip(rows, played.archive.stored, strict=True):
        assert (row["name"], row["unit"], row["validity"]) == (reading.name, reading.unit, reading.validity)
        assert (None if row["value"] == "" else float(row["value"])) == reading.value
        assert int(row["batch"]) == batch
    assert float(rows[0]["minute"]) < 0


def test_the_wide_table_never_fills_in(played, exported_once):
    rows = rows_of(exported_once[False] / "vitals_wide.csv")
    told = [r for _, r in played.archive.stored if r.name == "hr"]
    assert len(rows) == len(told)
    cuff = [row[sign_column(Sign.NIBP_SYS)] for row in rows]
    measured = {r.measured_at.iso() for _, r in played.archive.stored if r.measured_at is not None}
    assert len([value for value in cuff if value]) == len(measured) < len(rows)
    assert {row[sign_column(Sign.PI)] for row in rows} == {""}


def test_every_column_stands_in_the_dictionary(exported_once):
    folder = exported_once[False]
    described = {(row["file"], row["name"]) for row in rows_of(folder / "data_dictionary.csv")}
    for name in ("events.csv", "readings.csv", "vitals_wide.csv", "data_dictionary.csv"):
        heading = next(csv.reader(io.StringIO((folder / name).read_text(encoding="utf-8"))))
        assert {(name, column) for column in heading} <= described
    assert {row["meaning"] for row in rows_of(folder / "data_dictionary.csv")}.isdisjoint({""})


def test_a_sentence_in_the_events_table_has_its_local_time_and_minute(exported_once):
    rows = rows_of(exported_once[False] / "events.csv")
    started = next(row for row in rows if row["type"] == "SessionStarted")
    assert started["minute"] == "0.000"
    assert started["utc"] == "2026-03-02T09:05:00.000Z"
    assert started["local_time"] == "2026-03-02T10:05:00+01:00"
    assert "actor_name" not in rows[0]


@pytest.mark.parametrize(("simulated", "said"), [(True, "true"), (False, "false")])
def test_every_row_of_the_events_table_says_whether_it_is_simulated(export, tmp_path, simulated, said):
    script = Script()
    script.say(ev.SessionOpened(STUDY, "4", simulated, "p", "1", "ab" * 32, "x"))
    script.say(ev.NoteAdded("made up"))
    assert [row["simulated"] for row in rows_of(export(script, tmp_path) / "events.csv")] == [said, said]


def test_the_manifest_says_what_it_is(exported_once):
    data = (exported_once[False] / "manifest.json").read_bytes()
    manifest = json.loads(data)
    assert data == canonical_json(manifest) + b"\n"
    assert manifest["simulated"] is True
    assert manifest["identified"] is False
    assert manifest["session"] == SESSION
    assert manifest["chain_intact"] is True
    assert manifest["proves"] == PROVES
    assert "no FDA-approved exosome products" in manifest["not_approved"]


def test_times_are_iso_and_every_number_has_its_unit_or_is_a_plain_count(exported_once):
    """No table can be read in two ways: times with year first, a point for decimals, the unit beside the number."""
    folder = exported_once[False]
    described = {(row["file"], row["name"]): row for row in rows_of(folder / "data_dictionary.csv")}
    for name in ("events.csv", "readings.csv", "vitals_wide.csv"):
        for row in rows_of(folder / name)[:200]:
            assert datetime.fromisoformat(row["utc"]).utcoffset() == timedelta(0)
            for column, value in row.items():
                assert re.fullmatch(r"-?\d+,\d+", value) is None, (name, column, value)
                if re.fullmatch(r"-?\d+\.\d+", value):
                    about = described[name, column]
                    assert about["unit"] or "unit" in row, (name, column)
