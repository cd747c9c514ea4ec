"""Beside an encrypted record the raw bytes of a session are encrypted too, and `decode` reads them with its key."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devices import remembered
from devices.commands import run_decode
from devices.transport.capture import CaptureWriter, Kind
from devices.transport.sealed import Seal, is_sealed
from exomonitor.clock import ManualClock
from exomonitor.errors import EnvironmentFault
from exomonitor.records import keys
from exomonitor.records.cipher import SealedBox
from exomonitor.session.phases import Phase
from exomonitor.signals.links import LinkChange
from tests.devices.test_capture_keeper import PUMP, Ward


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose record is encrypted."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    keys.keep_in_file(folder, keys.new_key())
    yield folder
    keys.forget_keys()


def keep_one(ward: Ward) -> Path:
    ward.devices.bind(PUMP)
    ward.talk()
    ward.look(Phase.INFUSE)
    ward.close()
    (file,) = ward.folder.glob("EXO-1-*")
    return file


def decoded(file: Path) -> list[float]:
    out = io.StringIO()
    assert run_decode("bbraun-space", str(file), out) == 0
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return [line["value"] for line in lines if line.get("name") == "rate"]


def test_the_bytes_of_a_session_are_sealed_and_read_again_with_the_key(data: Path, clock: ManualClock) -> None:
    file = keep_one(Ward(data / "captures", clock))
    assert is_sealed(file)
    assert b"INRT" not in file.read_bytes()
    keys.forget_keys()
    assert decoded(file)[0] == 40.0


def test_without_the_key_nothing_is_read_and_that_is_said(data: Path, clock: ManualClock) -> None:
    file = keep_one(Ward(data / "captures", clock))
    (data / keys.FILE).unlink()
    keys.forget_keys()
    with pytest.raises(EnvironmentFault, match="is encrypted and its key"):
        decoded(file)


@pytest.mark.parametrize("place", [3, 30, 60])
def test_what_is_sealed_and_damaged_is_never_decoded_as_if_a_device_had_said_it(
    data: Path, clock: ManualClock, place: int
) -> None:
    file = keep_one(Ward(data / "captures", clock))
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    out = io.StringIO()
    with pytest.raises(EnvironmentFault, match="damaged at its beginning"):
        run_decode("bbraun-space", str(file), out)
    assert out.getvalue() == ""


def test_a_record_in_the_clear_has_its_bytes_in_the_clear(tmp_path: Path, clock: ManualClock) -> None:
    file = keep_one(Ward(tmp_path / "captures", clock))
    assert not is_sealed(file)
    assert decoded(file)[0] == 40.0


def older(data: Path, *names: str) -> Path:
    """The folder with recordings in the clear."""
    folder = data / "captures"
    folder.mkdir(mode=0o700)
    for name in names:
        CaptureWriter(folder / f"{name}.excap", "bbraun-space").close()
    return folder


def test_recordings_from_before_are_sealed_at_the_next_start(data: Path, clock: ManualClock) -> None:
    folder = older(data, "EXO-0-old")
    ward = Ward(folder, clock)
    ward.keeper._sealer.submit(int).result(timeout=10)
    assert is_sealed(folder / "EXO-0-old.excap")
    ward.close()


@pytest.mark.expects_log("an older recording stays in the clear")
def test_a_recording_that_cannot_be_sealed_leaves_no_other_one_in_the_clear(data: Path, clock: ManualClock) -> None:
    folder = older(data, "b", "c")
    (folder / "a.excap").mkdir()
    (folder / "b.excap.0123.sealing").write_bytes(b"half")  # of a program that was killed
    ward = Ward(folder, clock)
    ward.keeper._sealer.submit(int).result(timeout=10)
    assert all(is_sealed(folder / name) for name in ("b.excap", "c.excap"))
    ward.close()
    assert ward.files() == ["a.excap", "b.excap", "c.excap"]


def test_neither_a_session_nor_the_end_waits_until_all_is_sealed(
    data: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = older(data, "a", "b", "c")
    begun, go_on, sealed = threading.Event(), threading.Event(), []

    def slowly(path: Path, seal: Seal, ending: Callable[[], bool]) -> None:
        begun.set()
        assert go_on.wait(10)
        sealed.append(path.name)

    monkeypatch.setattr(remembered, "seal_file", slowly)
    ward = Ward(folder, clock)
    assert begun.wait(10)
    ward.devices.bind(PUMP)
    ward.look(Phase.INFUSE)  # returns when the file has its name
    assert [name for name in ward.files() if name.startswith("EXO-1-")]
    closing = threading.Thread(target=ward.close)
    closing.start()
    assert ward.keeper._ending.wait(10)  # close() says it, before it waits
    go_on.set()
    closing.join(10)
    assert not closing.is_alive()
    assert sealed == ["a.excap"]


def test_the_end_waits_for_no_long_recording_and_leaves_it_whole_in_the_clear(
    data: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = older(data, "a")
    writer = CaptureWriter(folder / "b.excap", "bbraun-space")
    for _ in range(3):
        writer.add(Kind.RX, bytes(1 << 20), clock.now())
    writer.close()
    before, begun, closed = (folder / "b.excap").read_bytes(), threading.Event(), SealedBox.close

    def held(box: SealedBox, content: bytes) -> bytes:
        if len(content) > 1 << 20:
            begun.set()
            assert ward.keeper._ending.wait(10)
        return closed(box, content)

    monkeypatch.setattr(SealedBox, "close", held)
    ward = Ward(folder, clock)
    assert begun.wait(10)
    ward.close()
    assert is_sealed(folder / "a.excap")
    assert (folder / "b.excap").read_bytes() == before
    assert ward.files() == ["a.excap", "b.excap"]


def test_a_program_that_only_reads_seals_nothing_and_clears_nothing_away(data: Path, clock: ManualClock) -> None:
    folder = older(data, "a")
    (folder / "a.excap.0123.sealing").write_bytes(b"half")  # of the one that records, and is at it now
    ward = Ward(folder, clock, read_only=True)
    ward.close()
    assert not is_sealed(folder / "a.excap")
    assert ward.files() == ["a.excap", "a.excap.0123.sealing"]


@pytest.mark.expects_log("no raw recording of the pump")
@pytest.mark.expects_log("older recordings stay as they are")
def test_where_the_key_is_missing_nothing_is_kept_in_the_clear_and_the_link_says_why(
    data: Path, clock: ManualClock
) -> None:
    text = (data / keys.FILE).read_text(encoding="utf-8")
    (data / keys.FILE).write_text(text.replace("key ", "store "), encoding="utf-8")
    keys.forget_keys()
    ward = Ward(data / "captures", clock)
    ward.devices.bind(PUMP)
    ward.talk()
    told = {fact.unrecorded for fact in ward.told if isinstance(fact, LinkChange)}
    ward.close()
    assert "its key" in told.pop()
    assert ward.files() == []
