"""Whatever is changed, removed or added in an export is found and named."""

from __future__ import annotations

import json
import runpy
import shutil

import pytest

from exomonitor.errors import EnvironmentFault
from exomonitor.exports.finding import Finding
from exomonitor.exports.manifest import manifest_hash
from exomonitor.exports.verify import verify_export
from exomonitor.integrity import GENESIS, canonical_json, row_hash, sha256_hex
from tests.exomonitor.exports.test_export_folder import ALL_FILES
from tests.exomonitor.untrusted import VERIFIER


def places(findings):
    return {finding.place for finding in findings}


def reseal(folder):
    """What a careful forger would do: make the list and its hash fit again."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in manifest["files"]:
        data = (folder / name).read_bytes()
        manifest["files"][name] = {"sha256": sha256_hex(data), "size": len(data)}
    plain = canonical_json(manifest) + b"\n"
    (folder / "manifest.json").write_bytes(plain)
    (folder / "manifest.sha256").write_bytes(manifest_hash(plain))


def edit_journal(folder, change):
    path = folder / "session.json"
    session = json.loads(path.read_text())
    change(session["journal"])
    path.write_text(json.dumps(session))


def test_what_was_not_touched_is_intact(exported_once):
    for folder in exported_once.values():
        assert verify_export(folder) == []


def test_a_single_format_verifies_too(played, export, tmp_path):
    for wanted in ("csv", "json", "pdf"):
        assert verify_export(export(played, tmp_path, formats=(wanted,))) == []


@pytest.mark.parametrize("name", sorted(ALL_FILES))
@pytest.mark.parametrize("where", [0.0, 0.31, 0.73, 1.0])
def test_one_changed_byte_in_any_file_is_found_and_the_file_named(exported, name, where):
    path = exported / name
    data = bytearray(path.read_bytes())
    data[round(where * (len(data) - 1))] ^= 0x01
    path.write_bytes(data)
    assert name in places(verify_export(exported))


@pytest.mark.parametrize("name", sorted(ALL_FILES - {"manifest.json"}))
def test_a_removed_file_is_named(exported, name):
    (exported / name).unlink()
    assert name in places(verify_export(exported))


def test_an_added_file_is_named(exported):
    (exported / "more").mkdir()
    (exported / "more" / "extra.csv").write_text("a,b\n")
    assert verify_export(exported) == [Finding("more/extra.csv", "", "was not exported: it was added")]


def test_an_export_whose_manifest_is_gone_is_not_intact(exported):
    (exported / "manifest.json").unlink()
    assert verify_export(exported) == [Finding("manifest.json", "", "is missing, so nothing else could be checked")]


def test_a_folder_that_holds_no_export_is_unusable(tmp_path):
    with pytest.raises(EnvironmentFault, match="holds no manifest"):
        verify_export(tmp_path)
    with pytest.raises(EnvironmentFault):
        verify_export(tmp_path / "nowhere")


def test_a_changed_reading_is_named_by_its_batch_even_when_the_list_was_made_to_fit(exported):
    path = exported / "readings.csv"
    lines = path.read_bytes().split(b"\r\n")
    number = next(n for n, line in enumerate(lines) if b",spo2,98.0," in line)
    lines[number] = lines[number].replace(b",spo2,98.0,", b",spo2,99.0,")
    path.write_bytes(b"\r\n".join(lines))
    reseal(exported)
    [found] = verify_export(exported)
    assert (found.place, found.where.split(" (")[0]) == ("readings.csv", "batch 1")
    assert "not as it was stored" in found.what


@pytest.mark.parametrize("change", ["delete", "repeat", "move"])
def test_readings_that_were_deleted_added_or_reordered_are_found(exported, change):
    path = exported / "readings.csv"
    lines = path.read_bytes().split(b"\r\n")
    lines[5:7] = {"delete": lines[6:7], "repeat": [lines[5], lines[5], lines[6]], "move": [lines[6], lines[5]]}[change]
    path.write_bytes(b"\r\n".join(lines))
    reseal(exported)
    assert places(verify_export(exported)) == {"readings.csv"}


def test_a_changed_journal_row_breaks_the_chain_even_when_the_list_was_made_to_fit(exported):
    def change(journal):
        journal[3]["body"] = journal[3]["body"].replace('"5.0"', '"9.0"')

    edit_journal(exported, change)
    reseal(exported)
    assert [f.where for f in verify_export(exported)] == ["entry 8"]


def test_a_rehashed_journal_row_breaks_the_link_after_it(exported):
    def change(journal):
        journal[3]["actor"] = "u-99"
        journal[3]["hash"] = row_hash(journal[3])

    edit_journal(exported, change)
    reseal(exported)
    findings = verify_export(exported)
    assert "entry 10" in {f.where for f in findings if f.place == "session.json"}
    assert "line 5" in {f.where for f in findings if f.place == "events.csv"}


@pytest.mark.parametrize("cut", [slice(4, 5), slice(0, 1), slice(-1, None)])
def test_a_deleted_journal_row_is_found_wherever_it_stood(exported, cut):
    def change(journal):
        del journal[cut]

    edit_journal(exported, change)
    reseal(exported)
    assert "session.json" in places(verify_export(exported))


def test_an_added_journal_row_is_found(exported):
    def change(journal):
        row = {**journal[-1], "seq": 99_999, "session_seq": journal[-1]["session_seq"] + 1}
        row["prev_in_session"] = journal[-1]["hash"]
        row["hash"] = row_hash(row)
        journal.append(row)

    edit_journal(exported, change)
    reseal(exported)
    assert {f.where for f in verify_export(exported) if f.place == "session.json"} >= {"the last entry"}


def test_a_changed_private_text_does_not_fit_its_seal(exported_once, tmp_path):
    folder = shutil.copytree(exported_once[True], tmp_path / "named")
    path = folder / "session.json"
    session = json.loads(path.read_text())
    seal = next(seal for seal in session["sealed"] if seal["field"] == "mrn")
    seal["value"] = "MRN-1"
    path.write_text(json.dumps(session))
    reseal(folder)
    [found] = verify_export(folder)
    assert found.where == f"sealed text mrn of entry {seal['seq']}"


def test_the_beginning_of_a_private_text_cannot_be_hidden_in_its_salt(exported_once, tmp_path):
    folder = shutil.copytree(exported_once[True], tmp_path / "named")
    session = json.loads((folder / "session.json").read_text())
    seal = next(seal for seal in session["sealed"] if seal["field"] == "mrn")
    seal["salt"] += seal["value"].encode()[:1].hex()
    seal["value"] = seal["value"][1:]
    (folder / "session.json").write_text(json.dumps(session))
    reseal(folder)
    assert f"sealed text mrn of entry {seal['seq']}" in {found.where for found in verify_export(folder)}
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    _, alone = runpy.run_path(str(VERIFIER))["check"](files, "")
    assert any("a private text: does not fit" in line for line in alone)


def test_events_that_disagree_with_the_journal_are_named_by_line(exported):
    path = exported / "events.csv"
    path.write_bytes(path.read_bytes().replace(b",u-31,", b",u-32,", 1))
    reseal(exported)
    [found] = verify_export(exported)
    assert (found.place, found.where) == ("events.csv", "line 2")


def test_a_record_that_was_broken_before_shows_it_in_the_export(played, export, tmp_path, monkeypatch):
    rows = [dict(row) for row in played.archive.rows]
    rows[9]["utc"] = "2020-01-01T00:00:00.000Z"
    monkeypatch.setattr(played.archive, "rows", rows)
    folder = export(played, tmp_path)
    assert json.loads((folder / "manifest.json").read_text())["chain_intact"] is False
    assert "session.json" in places(verify_export(folder))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\xfe", b'{"format": "exomonitor-export", "files": 3}'])
def test_a_manifest_that_says_nothing_is_a_finding_not_a_crash(exported, content):
    (exported / "manifest.json").write_bytes(content)
    assert "manifest.json" in places(verify_export(exported))


@pytest.mark.parametrize("content", [b"", b"[]", b'{"journal": [1]}', b'{"journal": [{}], "sealed": [1]}', b"\xff"])
def test_a_session_file_that_says_nothing_is_a_finding_not_a_crash(exported, content):
    (exported / "session.json").write_bytes(content)
    reseal(exported)
    assert "session.json" in places(verify_export(exported))


def test_the_first_entry_starts_from_nothing(played):
    assert played.archive.rows[0]["prev_in_session"] == GENESIS
