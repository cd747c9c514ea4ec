"""Half-filled forms on the disk: private, whole, bounded, and gone when they are of no use any more."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exomonitor.drafts import FOLDER, LASTING, MOST_BYTES, MOST_DRAFTS, DraftField, DraftStore, FormDraft, open_drafts
from exomonitor.errors import EnvironmentFault

NOW = datetime(2026, 3, 2, 14, 3, tzinfo=UTC)


def draft(scope: str = "s1", form: str = "order", *, at: datetime = NOW, **texts: str) -> FormDraft:
    return FormDraft(scope, form, {name: DraftField(text, at) for name, text in (texts or {"dose": "20"}).items()})


def files(data: Path) -> list[Path]:
    return sorted((data / FOLDER).iterdir()) if (data / FOLDER).exists() else []


def test_what_was_kept_is_there_after_a_restart_field_by_field(tmp_path: Path):
    kept = FormDraft("s1", "order", {"dose": DraftField("20", NOW), "µ": DraftField("", NOW + timedelta(seconds=9))})
    DraftStore(tmp_path).keep(kept)
    again = DraftStore(tmp_path).find("s1", "order", NOW)
    assert again == kept
    assert again is not None
    assert again.at == NOW + timedelta(seconds=9)


def test_nothing_is_made_before_something_is_kept(tmp_path: Path):
    assert DraftStore(tmp_path).find("s1", "order", NOW) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no modes")
def test_folder_and_files_are_private_whatever_the_umask_says(tmp_path: Path):
    before = os.umask(0)
    try:
        DraftStore(tmp_path).keep(draft())
    finally:
        os.umask(before)
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in files(tmp_path)] == [0o600]


def test_a_file_name_says_nothing_about_session_or_form(tmp_path: Path):
    DraftStore(tmp_path).keep(draft("calls", "DEMO-EXAMPLE/48h"))
    (path,) = files(tmp_path)
    assert "DEMO" not in path.name
    assert "calls" not in path.name


def test_a_draft_is_replaced_as_a_whole_and_forgotten_when_saved(tmp_path: Path):
    store = DraftStore(tmp_path)
    store.keep(draft(dose="20"))
    store.keep(draft(volume="100"))
    found = store.find("s1", "order", NOW)
    assert found is not None
    assert set(found.fields) == {"volume"}
    store.forget("s1", "order")
    store.forget("s1", "order")
    assert store.find("s1", "order", NOW) is None
    assert files(tmp_path) == []


def test_with_the_session_all_its_drafts_go_and_no_others(tmp_path: Path):
    store = DraftStore(tmp_path)
    for scope, form in (("s1", "order"), ("s1", "note"), ("s2", "order")):
        store.keep(draft(scope, form))
    store.forget_scope("s1")
    assert [store.find(*key, NOW) is not None for key in (("s1", "order"), ("s1", "note"), ("s2", "order"))] == [
        False,
        False,
        True,
    ]
    assert len(files(tmp_path)) == 1


def test_a_start_keeps_open_sessions_and_what_belongs_to_none(tmp_path: Path):
    store = DraftStore(tmp_path)
    for scope in ("open", "signed", *LASTING):
        store.keep(draft(scope, "x"))
    store.keep(draft("open", "old", at=NOW - timedelta(hours=30)))
    again = open_drafts(tmp_path, ["open"], NOW)
    assert again.find("open", "x", NOW) is not None
    assert again.find(LASTING[0], "x", NOW) is not None
    assert again.find("signed", "x", NOW) is None
    assert len(files(tmp_path)) == 1 + len(LASTING)


def test_what_is_a_day_old_is_offered_to_nobody(tmp_path: Path):
    store = DraftStore(tmp_path)
    store.keep(draft())
    assert store.find("s1", "order", NOW + timedelta(hours=23)) is not None
    assert store.find("s1", "order", NOW + timedelta(hours=25)) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"fields": {"a": 1}}', b"\xff\xfe", b'{"scope": "s1", "form": "order", "fields": {}}'],
)
def test_a_damaged_file_is_thrown_away_and_the_others_stay(tmp_path: Path, content: bytes):
    DraftStore(tmp_path).keep(draft())
    (tmp_path / FOLDER / f"{'0' * 32}.json").write_bytes(content)
    assert DraftStore(tmp_path).find("s1", "order", NOW) is not None
    assert len(files(tmp_path)) == 1


def test_what_a_power_cut_left_beside_a_draft_is_thrown_away(tmp_path: Path):
    DraftStore(tmp_path).keep(draft())
    (path,) = files(tmp_path)
    path.with_suffix(".new").write_bytes(b'{"scope": "s1", "fo')
    assert DraftStore(tmp_path).find("s1", "order", NOW) == draft()
    assert files(tmp_path) == [path]


def test_a_file_under_another_name_is_nobodys_draft(tmp_path: Path):
    DraftStore(tmp_path).keep(draft())
    (path,) = files(tmp_path)
    path.rename(path.with_name(f"{'a' * 32}.json"))
    assert DraftStore(tmp_path).find("s1", "order", NOW) is None


def test_size_and_number_are_bounded(tmp_path: Path):
    store = DraftStore(tmp_path)
    with pytest.raises(EnvironmentFault, match="too long"):
        store.keep(draft(words="x" * MOST_BYTES))
    for number in range(MOST_DRAFTS):
        store.keep(draft(form=f"form {number}"))
    store.keep(draft(form="form 0", dose="21"))
    with pytest.raises(EnvironmentFault, match="too many"):
        store.keep(draft(form="one more"))


def test_a_disk_that_refuses_is_said_and_the_form_goes_on_from_memory(tmp_path: Path):
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    store = DraftStore(tmp_path)
    with pytest.raises(EnvironmentFault):
        store.keep(draft())
    assert store.find("s1", "order", NOW) == draft()
