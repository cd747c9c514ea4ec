"""The power fails while something is written beside the record, or all of it anew: it is the old one or the new one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.errors import EnvironmentFault
from exomonitor.records import keys, signed_mark
from exomonitor.records.database import backup, open_database, restoring
from exomonitor.records.encrypt import rewrite
from exomonitor.records.keys import forget_keys, keep_in_file
from exomonitor.records.restore import held_in, restore
from exomonitor.records.verify import verify_database
from exomonitor.records.writer import RecorderThread, commit_lines
from exomonitor.signing import new_key
from tests.exomonitor.records import disk as disks
from tests.exomonitor.records.disk import Disk
from tests.exomonitor.records.own_files import own_files
from tests.exomonitor.records.power_cut import Heard, Tally, cut_at_random, left_after_cuts
from tests.exomonitor.records.record_samples import ask, fill, make_database, recording

CUTS, PROGRAM = 60, "ExoMonitor after a power cut"


def cut_while_marks_are_made(folder: Path, clock: ManualClock) -> Tally:
    """Two minutes of a record with a key: a mark every half minute."""
    path = folder.resolve() / "data" / "demo.sqlite3"
    path.parent.mkdir()
    with Disk(path.parent) as disk, own_files(disk):
        made = make_database(path, clock, simulated=True)
        recorder = RecorderThread(made, commit_lines(Heard(disk)), key=new_key())
        for _ in range(4):
            fill(recorder, clock, 3)
            clock.advance(31)
        recorder.close()
    return cut_at_random(disk.calls, path, folder / "left", CUTS, 3)


def test_the_mark_of_a_signed_end_is_whole_and_never_ahead_of_the_record(tmp_path, clock):
    tally = cut_while_marks_are_made(tmp_path, clock)
    assert (tally.cuts, tally.lost, tally.corrupt) == (CUTS, 0, 0), tally.first
    assert tally.marked > CUTS // 3


def test_a_mark_that_is_not_synced_is_found_out(tmp_path, clock, monkeypatch):
    def careless(file: Path, data: bytes) -> None:
        fresh = file.with_name(f".{file.name}.new")
        fresh.write_bytes(data)
        fresh.replace(file)

    monkeypatch.setattr(signed_mark, "_replace", careless)
    assert cut_while_marks_are_made(tmp_path, clock).corrupt > 0


@pytest.fixture
def older(tmp_path: Path, clock: ManualClock) -> tuple[Path, Path]:
    """A record, and a backup that goes on where it ends."""
    path, later = tmp_path.resolve() / "data" / "clinic.sqlite3", tmp_path / "later" / "clinic.sqlite3"
    path.parent.mkdir()
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 5)
    shutil.copytree(path.parent, later.parent)
    with recording(make_database(later, clock)) as recorder:
        fill(recorder, clock, 5, "s-2")
    backup(later, tmp_path / "made" / "backup.sqlite3")
    return path, tmp_path / "made" / "backup.sqlite3"


def ends(path: Path) -> object:
    return ask(path, "SELECT seq, hash FROM chain_head")[0]


def test_a_restore_leaves_the_old_record_the_new_one_or_says_that_it_was_interrupted(older, tmp_path, clock):
    path, copy = older
    both: set[object] = {ends(path), ends(copy)}
    seen: set[object] = set()
    with Disk(path.parent) as disk, own_files(disk):
        restore(copy, held_in(copy), path, clock.now().utc)
    for left in left_after_cuts(disk.calls, path, tmp_path / "left", CUTS, 4):
        if restoring(left).exists():
            with pytest.raises(EnvironmentFault, match="was interrupted"):
                open_database(left, PROGRAM, False, clock)
            restore(copy, held_in(copy), left, clock.now().utc)
            seen.add("said")
        assert open_database(left, PROGRAM, False, clock).path == left
        assert verify_database(left) == []
        seen.add(ends(left))
    assert seen == both | {"said"}


def test_a_record_that_is_encrypted_or_gets_another_key_can_be_opened_with_the_key_that_is_kept(
    older, tmp_path, clock, monkeypatch
):
    monkeypatch.setitem(disks.ENCRYPTED, "too", True)
    path, _ = older
    names: set[str] = set()
    with Disk(path.parent) as disk, own_files(disk):
        for key in (keys.new_key(), keys.new_key()):
            keep_in_file(path.parent, key)
            rewrite(path, key, tmp_path / "backups")
    for left in left_after_cuts(disk.calls, path, tmp_path / "left", CUTS, 5):
        forget_keys()
        assert verify_database(left) == []
        names.add(keys.named_by(left))
        assert open_database(left, PROGRAM, False, clock).path == left
    assert len(names) == 3
    forget_keys()
