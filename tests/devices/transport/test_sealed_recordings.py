"""A sealed recording holds nothing in the clear, is read with its key alone, and tells where it was damaged."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from devices.spec import TransportLost
from devices.transport.capture import CaptureWriter, Kind, Record, capture_key, is_capture, read_capture
from devices.transport.replay import Replay
from devices.transport.sealed import NAME_BYTES, SEALED, is_sealed, seal_file, unsealed
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records import keys
from exomonitor.records.cipher import SealedBox

SECRET = b"PID|1||DEMO-EXAMPLE, Jane"
HEAD = len(SEALED) + NAME_BYTES


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
    """Each with its length before it."""
    found, pos = [], HEAD
    while pos < len(content):
        end = pos + 4 + int.from_bytes(content[pos : pos + 4], "little")
        found.append(content[pos:end])
        pos = end
    return found


def test_a_sealed_recording_is_the_same_with_its_key_and_nothing_without(tmp_path: Path) -> None:
    seal = box()
    make(tmp_path / "sealed", seal)
    make(tmp_path / "clear", None)
    content = (tmp_path / "sealed").read_bytes()
    assert (b"DEMO" in content, b"hl7" in content) == (False, False)
    assert content[:HEAD] == seal.beginning
    assert read(tmp_path / "sealed", seal) == read(tmp_path / "clear", None)
    assert capture_key(tmp_path / "sealed", seal) == "hl7-pcd01"
    assert is_capture(tmp_path / "sealed", seal)
    assert (is_sealed(tmp_path / "sealed"), is_sealed(tmp_path / "clear")) == (True, False)
    assert not is_sealed(tmp_path / "none")
    assert not is_capture(tmp_path / "sealed")
    with pytest.raises(CommandRefused, match="no capture"):
        read(tmp_path / "sealed", box())
    assert stat.S_IMODE((tmp_path / "sealed").stat().st_mode) == 0o600


def test_every_flushed_record_is_there_when_the_program_dies_and_half_a_piece_is_no_damage(tmp_path: Path) -> None:
    seal = box()
    make(tmp_path / "sealed", seal)
    content = (tmp_path / "sealed").read_bytes()
    whole = len(content) - len(pieces_of(content)[-1])
    for end in (whole, whole + 3, whole + 4, len(content) - 1):
        (tmp_path / "cut").write_bytes(content[:end])
        assert len(read(tmp_path / "cut", seal)) == 4


@pytest.mark.parametrize("harm", ["changed", "moved", "left out", "too long"])
def test_what_is_behind_a_damage_is_not_used_and_that_is_said(tmp_path: Path, harm: str) -> None:
    seal = box()
    make(tmp_path / "sealed", seal)
    content = (tmp_path / "sealed").read_bytes()
    first, *others = pieces_of(content)
    one, two, *rest = others
    changed = {
        "changed": [one, two[:-1] + bytes([two[-1] ^ 1]), *rest],
        "moved": [one, rest[0], two, *rest[1:]],
        "left out": [one, *rest],
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
    assert unsealed(b"", seal) == (b"", 0)


def test_an_encrypted_recording_is_not_played_as_if_it_were_a_port(tmp_path: Path) -> None:
    make(tmp_path / "sealed", box())
    with pytest.raises(TransportLost, match="encrypted with the key of the record"):
        Replay(tmp_path / "sealed").open()


def test_a_sealed_file_begins_as_every_encrypted_file_of_the_record_does() -> None:
    assert box().beginning.startswith(SEALED)
    assert keys.MARK == SEALED
    assert len(box().beginning) == HEAD
