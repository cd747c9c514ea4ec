"""The raw bytes of every session are kept from the binding of its device on, and can be read by themselves."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devices import remembered
from devices.commands import run_decode
from devices.remembered import CaptureKeeper
from devices.service import LiveDevices
from devices.simulation.patient import PatientWorld
from devices.spec import Transport
from devices.transport.capture import Kind, read_capture
from devices.transport.memory import MemoryEnd, pair
from exomonitor.clock import ManualClock, pause, stopwatch
from exomonitor.engine.ports import Binding
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import CommandRefused
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange
from exomonitor.signals.pump import PumpReading

PUMP = Binding("1", "pump", "bbraun-space", "memory-pump", 9600)
KEY = "bbraun-space-pump"


class Ward:
    """Bound devices whose far ends the test holds, and the keeper that listens."""

    def __init__(self, folder: Path, clock: ManualClock, *, read_only: bool = False) -> None:
        self.folder = folder
        self.clock = clock
        self.ends: dict[str, MemoryEnd] = {}
        self.told: list[DeviceFact] = []
        self.devices = LiveDevices(
            clock,
            lambda chair, *facts: self.told.extend(facts),
            lambda chair, info: None,
            lambda chair, source: None,
            find=tuple,
            transport=lambda port, settings: self._line(port),
        )
        self.keeper = CaptureKeeper(self.devices, folder, read_only=read_only)

    def _line(self, port: str) -> Transport:
        near, self.ends[port] = pair(port)
        self.ends[port].open()
        return near

    def look(self, phase: Phase | None, chair: str = "1", study: str = "EXO-1") -> None:
        """A snapshot of this moment; returns when what it means for the files is done."""
        now = self.clock.now()
        session = None
        if phase is not None:
            session = SessionState("s", study, chair, False, "p", "1", "0", "x", now, "UTC", phase=phase)
        self.keeper(Snapshot(chair, now, 1, False, session=session))
        self.keeper._worker.submit(int).result(timeout=10)

    def talk(self, port: str = "memory-pump") -> None:
        """The pump answers until it has said all once and its rate has been read."""
        pump, before = PatientPump(), self._rates()
        limit = stopwatch() + 20
        while not (pump.said_all and self._rates() > before):
            assert stopwatch() < limit
            self.ends[port].write(pump.answer(self.ends[port].read(0.05)))
            self.clock.advance(0.2)

    def _rates(self) -> int:
        return sum(isinstance(fact, PumpReading) and fact.rate_ml_h is not None for fact in self.told)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []

    def close(self) -> None:
        self.devices.close()
        self.keeper.close()


class PatientPump:
    """A simulated pump that knows when it has told everything once."""

    def __init__(self) -> None:
        from devices.catalogue import spec_of

        self._pump = spec_of("bbraun-space").make_simulator(PatientWorld(), running=True, rate_ml_h=40.0, vtbi_ml=100.0)
        self._t = 0.0
        self.said_all = False

    def answer(self, heard: bytes) -> bytes:
        self._t += 0.2
        said = self._pump.received(heard, self._t) if heard else b""
        self.said_all = self.said_all or b"INVI" in said
        return said


@pytest.fixture
def ward(tmp_path: Path, clock: ManualClock) -> Iterator[Ward]:
    ward = Ward(tmp_path / "captures", clock)
    yield ward
    ward.close()


def test_a_session_that_opens_late_has_the_dialogue_from_its_first_byte(ward: Ward) -> None:
    ward.devices.bind(PUMP)
    ward.talk()
    ward.look(Phase.PREPARE)
    ward.look(Phase.INFUSE)
    ward.look(Phase.SIGNED)
    ward.close()
    (name,) = ward.files()
    assert name.startswith(f"EXO-1-{KEY}-")
    kinds = [record.kind for record in read_capture(ward.folder / name)]
    assert kinds[0] is Kind.OPEN
    out = io.StringIO()
    run_decode("bbraun-space", str(ward.folder / name), out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["value"] for line in lines if line.get("name") == "rate"][:1] == [40.0]


def test_a_session_has_its_file_under_its_name_at_once(ward: Ward) -> None:
    """A program that is killed leaves it so."""
    ward.devices.bind(PUMP)
    ward.look(Phase.PREPARE)
    assert [name for name in ward.files() if name.startswith(f"EXO-1-{KEY}-")]


def test_the_next_session_begins_a_file_of_its_own_that_can_be_read_by_itself(ward: Ward) -> None:
    ward.devices.bind(PUMP)
    ward.talk()
    ward.look(Phase.INFUSE)
    ward.look(Phase.SIGNED)
    _until(lambda: len(ward.files()) == 2)  # what was under way on the line belongs to the first
    ward.talk()
    ward.look(Phase.PREPARE, study="EXO-2")
    ward.look(None)
    ward.close()
    first, second = ward.files()
    assert (first[:6], second[:6]) == ("EXO-1-", "EXO-2-")
    for name in (first, second):
        out = io.StringIO()
        run_decode("bbraun-space", str(ward.folder / name), out)
        assert '"rate"' in out.getvalue()


def test_what_no_session_needs_is_deleted(ward: Ward) -> None:
    ward.devices.bind(PUMP)
    ward.look(None)
    assert len(ward.files()) == 1
    ward.close()
    assert ward.files() == []


def test_a_recording_that_grows_while_nobody_is_there_is_begun_anew(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "TOO_LARGE", 10)
    ward.devices.bind(PUMP)
    ward.look(None)
    (before,) = ward.files()
    ward.clock.advance(61.0)
    ward.look(None)
    _until(lambda: len(ward.files()) == 1 and ward.files() != [before])
    ward.look(Phase.INFUSE)
    ward.clock.advance(61.0)
    ward.look(Phase.INFUSE)
    ward.close()
    assert len(ward.files()) == 1


def test_every_chair_of_a_station_has_files_of_its_own(ward: Ward) -> None:
    ward.devices.bind(PUMP)
    ward.devices.bind(replace(PUMP, chair="2", port="memory-other"))
    for chair, study in (("1", "EXO-1"), ("2", "EXO-2")):
        ward.look(Phase.INFUSE, chair, study)
    ward.look(None, "2")
    ward.close()
    assert [name.partition("-bbraun")[0] for name in ward.files()] == ["EXO-1", "EXO-2"]


def test_a_device_that_is_bound_in_the_middle_of_a_session_is_kept_too(ward: Ward) -> None:
    ward.look(Phase.INFUSE)
    assert ward.files() == []
    ward.devices.bind(PUMP)
    ward.devices.release("1", "pump")
    ward.devices.bind(PUMP)
    ward.look(Phase.SIGNED)
    ward.close()
    assert [name[:6] for name in ward.files()] == ["EXO-1-", "EXO-1-"]


def test_a_disk_without_second_names_gives_the_file_its_name_when_it_is_finished(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError("no second names here")

    monkeypatch.setattr(os, "link", refuse)
    ward.devices.bind(PUMP)
    ward.look(Phase.INFUSE)
    assert [name[:5] for name in ward.files()] == ["line-"]
    ward.look(Phase.SIGNED)
    ward.close()
    (name,) = ward.files()
    assert name.startswith("EXO-1-")


@pytest.mark.expects_log("no raw recording of the pump")
def test_a_folder_that_cannot_be_made_costs_the_recording_and_not_the_device(ward: Ward, tmp_path: Path) -> None:
    (tmp_path / "captures").write_text("in the way")
    ward.devices.bind(PUMP)
    ward.talk()
    assert {fact.unrecorded for fact in ward.told if isinstance(fact, LinkChange)} == {"File exists"}
    ward.look(Phase.INFUSE)
    ward.look(Phase.SIGNED)
    with pytest.raises(CommandRefused):
        ward.devices.capture_anew("1", "monitor", tmp_path / "x")


def _until(done: object) -> None:
    limit = stopwatch() + 10
    assert callable(done)
    while not done():
        assert stopwatch() < limit
        pause(0.01)
