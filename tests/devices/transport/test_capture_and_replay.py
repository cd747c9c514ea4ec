"""Captures keep bytes and times, notice damage, and play again at their own pace."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.spec import TransportLost
from devices.transport.capture import CaptureWriter, Kind, Record, capture_key, is_capture, read_capture
from devices.transport.replay import Replay
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused, EnvironmentFault


def make(path: Path) -> list[tuple[Kind, bytes]]:
    clock = ManualClock()
    rows = [
        (Kind.OPEN, b""),
        (Kind.TX, b"ask"),
        (Kind.RX, b"one"),
        (Kind.CLOSE, b""),
        (Kind.OPEN, b""),
        (Kind.RX, b"2"),
    ]
    writer = CaptureWriter(path, "toy")
    for kind, data in rows:
        writer.add(kind, data, clock.advance(1.5))
    writer.close()
    return rows


class Pace:
    """Real time by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def seconds(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def test_a_capture_returns_what_was_put_in_with_its_times(tmp_path: Path) -> None:
    rows = make(tmp_path / "c")
    records = list(read_capture(tmp_path / "c"))
    assert [(record.kind, record.data) for record in records] == rows
    assert records[2].at.since(records[0].at) == pytest.approx(3.0)
    assert records[0].at.utc == ManualClock().advance(1.5).utc
    assert capture_key(tmp_path / "c") == "toy"
    assert is_capture(tmp_path / "c")


def test_a_capture_is_private_and_never_overwrites(tmp_path: Path) -> None:
    make(tmp_path / "c")
    assert stat.S_IMODE((tmp_path / "c").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        CaptureWriter(tmp_path / "c", "toy")


def test_a_record_cut_by_a_crash_ends_the_capture_quietly(tmp_path: Path) -> None:
    rows = make(tmp_path / "c")
    content = (tmp_path / "c").read_bytes()
    (tmp_path / "c").write_bytes(content[:-3])
    assert len(list(read_capture(tmp_path / "c"))) == len(rows) - 1


@given(st.data())
def test_one_changed_byte_is_always_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("capture")
    rows = make(folder / "c")
    whole: list[Record] = list(read_capture(folder / "c"))
    content = bytearray((folder / "c").read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    (folder / "c").write_bytes(content)
    seen: list[Record] = []
    try:
        for record in read_capture(folder / "c"):
            seen.append(record)
    except (EnvironmentFault, CommandRefused):
        pass
    else:
        # A damaged length can look like a record cut short: fewer records then, never a false one.
        assert len(seen) < len(rows)
    assert seen == whole[: len(seen)]


def test_a_missing_or_foreign_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandRefused, match="does not exist"):
        list(read_capture(tmp_path / "none"))
    (tmp_path / "text").write_text("hello")
    assert not is_capture(tmp_path / "text")
    with pytest.raises(CommandRefused, match="no capture"):
        capture_key(tmp_path / "text")


def test_a_capture_plays_at_its_own_pace(tmp_path: Path) -> None:
    make(tmp_path / "c")
    pace = Pace()
    replay = Replay(tmp_path / "c", pace.seconds, pace.wait)
    replay.open()
    assert replay.read(0.25) == b""  # the opening itself
    assert replay.read(0.25) == b""
    assert pace.now == pytest.approx(100.25)
    assert replay.read(5.0) == b"one"
    assert pace.now == pytest.approx(103.0)


def test_a_recorded_loss_is_a_loss_again_and_goes_on_after_opening(tmp_path: Path) -> None:
    make(tmp_path / "c")
    pace = Pace()
    replay = Replay(tmp_path / "c", pace.seconds, pace.wait)
    replay.open()
    assert [replay.read(9.0), replay.read(9.0)] == [b"", b"one"]
    with pytest.raises(TransportLost, match="closed here when it was recorded"):
        replay.read(9.0)
    assert not replay.ended
    replay.open()
    assert [replay.read(9.0), replay.read(9.0)] == [b"", b"2"]
    with pytest.raises(TransportLost, match="has ended"):
        replay.read(0)
    assert replay.ended
    with pytest.raises(TransportLost, match="has ended"):
        replay.open()


def test_a_caller_who_changed_in_the_recording_changes_again_when_it_is_played(tmp_path: Path) -> None:
    clock, pace = ManualClock(), Pace()
    writer = CaptureWriter(tmp_path / "c", "toy")
    for kind, data in ((Kind.OPEN, b""), (Kind.RX, b"half a mess"), (Kind.OPEN, b""), (Kind.RX, b"whole\n")):
        writer.add(kind, data, clock.advance(1.0))
    writer.close()
    replay = Replay(tmp_path / "c", pace.seconds, pace.wait)
    replay.open()
    heard = []
    for _ in range(4):
        heard.append((replay.read(5.0), replay.caller_changed()))
    assert heard == [(b"", False), (b"half a mess", False), (b"", True), (b"whole\n", False)]
    assert replay.has_client()


def test_plain_bytes_play_at_once(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(b"x" * 700)
    replay = Replay(tmp_path / "raw")
    replay.open()
    replay.write(b"ignored")
    assert [len(replay.read(0)), len(replay.read(0))] == [512, 188]


def test_a_missing_recording_is_lost_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(TransportLost, match="none does not exist"):
        Replay(tmp_path / "none").open()


def test_a_closed_replay_says_so(tmp_path: Path) -> None:
    with pytest.raises(TransportLost, match="is closed"):
        Replay(tmp_path / "none").read(0)
