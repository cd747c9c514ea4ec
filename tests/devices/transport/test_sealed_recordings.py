"""A sealed recording holds nothing in the clear, is read with its key alone, and tells where it was damaged."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from devices.spec import TransportLost
from devices.transport.capture import (
    CaptureWriter,
    Kind,
    Record,
    capture_key,
    copy_in_the_clear,
    is_capture,
    read_capture,
)
from devices.transport.replay import Replay
from devices.transport.sealed import (
    MARK_BYTES,
    NAME_BYTES,
    ONE_FLUSH,
    OWN_KEY,
    SALT_BYTES,
    SEALED,
    SEALING,
    Seal,
    is_sealed,
    seal_file,
)
from exomonitor.clock import ManualClock
from exomonitor.errors import EnvironmentFault
from exomonitor.records import keys
from exomonitor.records.cipher import SealedBox

SECRET = b"PID|1||DEMO-EXAMPLE, Jane"
NAMED = len(SEALED) + NAME_BYTES
HEAD = NAMED + len(OWN_KEY) + SALT_BYTES


def box() -> SealedBox:
    return SealedBox(keys.new_key())


def make(path: Path, seal: SealedBox | None, count: int = 5) -> None:
    clock = ManualClock()
    writer = CaptureWriter(path, "hl7-pcd01", seal)
    for number in range(count):
        writer.add(Kind.RX, SECRET + b"%d" % number, clock.advance(1.0))
        writer.flush()
    writer.close()
    writer.close()


def read(path: Path, seal: SealedBox | None) -> list[Record]:
    return list(read_capture(path, seal))


def pieces_of(content: bytes) -> list[bytes]:
    """Each with its length and mark before it."""
    found, pos = [], HEAD
    while pos < len(content):
        end = pos + 4 + MARK_BYTES + int.from_bytes(content[pos : pos + 4], "little")
        found.append(content[pos:end])
        pos = end
    return found


def test_a_sealed_recording_is_the_same_with_its_key_and_nothing_without(tmp_path: Path) -> None:
    seal = box()
    make(tmp_path / "sealed", seal)
    make(tmp_path / "clear", None)
    content = (tmp_path / "sealed").read_bytes()
    assert (b"DEMO" in content, b"hl7" in content) == (False, False)
    assert content[:NAMED] == seal.beginning
    assert read(tmp_path / "sealed", seal) == read(tmp_path / "clear", None)
    assert capture_key(tmp_path / "sealed", seal) == "hl7-pcd01"
    assert is_capture(tmp_path / "sealed", seal)
    assert (is_sealed(tmp_path / "sealed"), is_sealed(tmp_path / "clear")) == (True, False)
    assert not is_sealed(tmp_path / "none")
    assert not is_capture(tmp_path / "sealed")
    with pytest.raises(EnvironmentFault, match="is damaged"):
        read(tmp_path / "sealed", box())
    assert stat.S_IMODE((tmp_path / "sealed").stat().st_mode) == 0o600


def test_every_flushed_record_is_there_when_the_program_dies_and_half_a_piece_is_no_damage(tmp_path: Path) -> None:
    seal = box()
    make(tmp_path / "sealed", seal)
    content = (tmp_path / "sealed").read_bytes()
    whole = len(content) - len(pieces_of(content)[-1])
    for end in (whole, whole + 3, whole + 12, len(content) - 1):
        (tmp_path / "cut").write_bytes(content[:end])
        assert len(read(tmp_path / "cut", seal)) == 4


@pytest.mark.parametrize("harm", ["changed", "moved", "left out", "too long", "one bit of a length", "of another"])
def test_what_is_behind_a_damage_is_not_used_and_that_is_said(tmp_path: Path, harm: str) -> None:
    seal = box()
    make(tmp_path / "sealed", seal)
    make(tmp_path / "another", seal)
    content = (tmp_path / "sealed").read_bytes()
    first, *others = pieces_of(content)
    one, two, *rest = others
    changed = {
        "changed": [one, two[:-1] + bytes([two[-1] ^ 1]), *rest],
        "moved": [one, rest[0], two, *rest[1:]],
        "left out": [one, *rest],
        "one bit of a length": [one, two[:2] + bytes([two[2] ^ 1]) + two[3:], *rest],
        "of another": [one, pieces_of((tmp_path / "another").read_bytes())[2], *rest],
        "too long": [one, b"\xff\xff\xff\xff" + two[4:], *rest],
    }[harm]
    (tmp_path / "harmed").write_bytes(content[:HEAD] + first + b"".join(changed))
    found: list[bytes] = []
    with pytest.raises(EnvironmentFault, match=r"damaged: its last \d+ bytes were not used"):
        found.extend(record.data for record in read_capture(tmp_path / "harmed", seal))
    assert found == [SECRET + b"0"]


def test_a_recording_in_the_clear_is_sealed_in_its_place(tmp_path: Path) -> None:
    seal = box()
    make(tmp_path / "one", None)
    before = read(tmp_path / "one", None)
    seal_file(tmp_path / "one", seal)
    assert b"DEMO" not in (tmp_path / "one").read_bytes()
    assert read(tmp_path / "one", seal) == before
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_an_encrypted_recording_is_not_played_as_if_it_were_a_port(tmp_path: Path) -> None:
    make(tmp_path / "sealed", box())
    with pytest.raises(TransportLost, match="encrypted with the key of the record"):
        Replay(tmp_path / "sealed").open()


def test_a_sealed_file_begins_as_every_encrypted_file_of_the_record_does() -> None:
    assert box().beginning.startswith(SEALED)
    assert keys.MARK == SEALED
    assert len(box().beginning) == NAMED


def make_older(path: Path, seal: SealedBox, contents: list[bytes]) -> list[int]:
    """As files were sealed before they had a key of their own; where each piece begins."""
    made, begins = bytearray(seal.beginning), []
    for number, content in enumerate(contents):
        begins.append(len(made))
        piece = seal.close(number.to_bytes(8, "little") + content)
        made += len(piece).to_bytes(4, "little") + piece
    path.write_bytes(made)
    return begins


def test_a_file_that_was_sealed_before_files_had_keys_of_their_own_stays_readable(tmp_path: Path) -> None:
    seal = box()
    make(tmp_path / "clear", None)
    clear = (tmp_path / "clear").read_bytes()
    begins = make_older(tmp_path / "old", seal, [clear[:60], clear[60:150], clear[150:]])
    assert read(tmp_path / "old", seal) == read(tmp_path / "clear", None)
    content = (tmp_path / "old").read_bytes()
    (tmp_path / "old").write_bytes(content[:-1])
    assert 0 < len(read(tmp_path / "old", seal)) < 5
    changed = bytearray(content)
    changed[begins[1] + 10] ^= 1
    (tmp_path / "old").write_bytes(changed)
    with pytest.raises(EnvironmentFault, match=f"its last {len(content) - begins[1]} bytes"):
        read(tmp_path / "old", seal)


def test_more_than_a_half_piece_behind_a_length_that_nobody_vouches_for_is_damage(tmp_path: Path) -> None:
    seal = box()
    make(tmp_path / "clear", None)
    begins = make_older(tmp_path / "old", seal, [(tmp_path / "clear").read_bytes(), *[bytes(ONE_FLUSH // 2)] * 3])
    content = bytearray((tmp_path / "old").read_bytes())
    content[begins[1] + 3] ^= 1
    (tmp_path / "old").write_bytes(content)
    with pytest.raises(EnvironmentFault, match="is damaged"):
        read(tmp_path / "old", seal)


@pytest.mark.parametrize("place", [NAMED, NAMED + len(OWN_KEY), HEAD, HEAD + 4, HEAD + 20])
def test_a_damage_at_the_beginning_is_one_and_no_recording(tmp_path: Path, place: int) -> None:
    seal = box()
    make(tmp_path / "sealed", seal)
    content = bytearray((tmp_path / "sealed").read_bytes())
    content[place] ^= 1
    (tmp_path / "sealed").write_bytes(content)
    assert not is_capture(tmp_path / "sealed", seal)
    with pytest.raises(EnvironmentFault, match=r"its last \d+ bytes were not used"):
        read(tmp_path / "sealed", seal)


def test_a_sealed_recording_is_copied_in_the_clear_without_a_look_at_its_records(tmp_path: Path) -> None:
    seal = box()
    make(tmp_path / "sealed", seal)
    make(tmp_path / "clear", None)
    assert copy_in_the_clear(tmp_path / "sealed", seal, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == (tmp_path / "clear").read_bytes()
    make(tmp_path / "empty", seal, count=0)
    assert not copy_in_the_clear(tmp_path / "empty", seal, tmp_path / "none")
    content = bytearray((tmp_path / "sealed").read_bytes())
    content[-1] ^= 1
    (tmp_path / "sealed").write_bytes(content)
    with pytest.raises(EnvironmentFault, match="is damaged"):
        copy_in_the_clear(tmp_path / "sealed", seal, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_what_a_killed_program_left_of_a_sealing_is_no_hindrance(tmp_path: Path) -> None:
    seal = box()
    make(tmp_path / "one", None)
    (tmp_path / f"one{SEALING}").write_bytes(b"half")
    seal_file(tmp_path / "one", seal)
    assert is_sealed(tmp_path / "one")


class Held:
    """A seal that stops before a piece until it may go on, and then may find the disk full."""

    def __init__(self, seal: Seal, piece: int, *, fails: bool = False) -> None:
        self._seal, self._left, self._fails = seal, piece, fails
        self.beginning = seal.beginning
        self.begun, self.go_on = threading.Event(), threading.Event()

    def of_file(self, salt: bytes) -> Held:
        self._seal = self._seal.of_file(salt)
        return self

    def mark(self, content: bytes) -> bytes:
        return self._seal.mark(content)

    def open(self, content: bytes) -> bytes:
        return self._seal.open(content)

    def close(self, content: bytes) -> bytes:
        self._left -= 1
        if not self._left:
            self.begun.set()
            assert self.go_on.wait(10)
            if self._fails:
                raise OSError(errno.ENOSPC, "No space left on device")
        return self._seal.close(content)


def long_one(path: Path) -> None:
    writer = CaptureWriter(path, "hl7-pcd01")
    for _ in range(4):
        writer.add(Kind.RX, bytes(1 << 20), ManualClock().now())
    writer.close()


def test_two_programs_that_seal_the_same_recording_never_lose_it(tmp_path: Path) -> None:
    seal, path = box(), tmp_path / "one"
    long_one(path)
    first, second = Held(seal, 4), Held(seal, 2, fails=True)
    told: list[OSError] = []

    def run(held: Held) -> None:
        try:
            seal_file(path, held)
        except OSError as why:
            told.append(why)

    threads = [threading.Thread(target=run, args=(held,)) for held in (first, second)]
    for thread, held in zip(threads, (first, second), strict=True):
        thread.start()
        assert held.begun.wait(10)
    for thread, held in zip(threads, (first, second), strict=True):
        held.go_on.set()
        thread.join(10)
    assert [why.errno for why in told] == [errno.ENOSPC]
    assert len(read(path, seal)) == 4
    assert [one.name for one in tmp_path.iterdir()] == ["one"]


def test_the_sealed_one_lies_on_the_disk_before_it_takes_the_place_of_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "one", None)
    synced: list[tuple[int, bool]] = []
    monkeypatch.setattr(
        os, "fsync", lambda number: synced.append((os.fstat(number).st_size, is_sealed(tmp_path / "one")))
    )
    seal_file(tmp_path / "one", box())
    assert synced == [((tmp_path / "one").stat().st_size, False)]


def test_a_sealing_that_is_to_end_leaves_the_recording_as_it_was(tmp_path: Path) -> None:
    long_one(tmp_path / "one")
    before, asked = (tmp_path / "one").read_bytes(), iter((False, True))
    seal_file(tmp_path / "one", box(), lambda: next(asked))
    assert (tmp_path / "one").read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["one"]


def test_a_recording_that_another_program_has_sealed_meanwhile_is_not_sealed_again(tmp_path: Path) -> None:
    path, seal = tmp_path / "one", box()
    make(path, None)
    records = read(path, None)
    assert not is_sealed(path)  # so a program looks, and before it goes on another one is done with it
    seal_file(path, seal)
    sealed = path.read_bytes()
    seal_file(path, seal)
    assert path.read_bytes() == sealed
    assert read(path, seal) == records
    assert [one.name for one in tmp_path.iterdir()] == ["one"]
