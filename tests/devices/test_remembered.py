"""A workstation remembers its devices, and keeps the raw bytes of each session."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devices.remembered import CaptureKeeper, RememberedDevices
from devices.service import LiveDevices
from devices.transport.memory import pair
from exomonitor.clock import SystemClock
from exomonitor.engine.ports import Binding
from exomonitor.engine.snapshot import LinkView, Snapshot
from exomonitor.errors import CommandRefused
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState
from exomonitor.settings import Settings, load_settings
from exomonitor.signals.links import LinkChange, LinkState

if TYPE_CHECKING:
    from collections.abc import Iterator

PUMP = Binding("1", "pump", "bbraun-space", "memory-pump", 9600)


@pytest.fixture
def live() -> Iterator[LiveDevices]:
    devices = LiveDevices(
        SystemClock(),
        lambda chair, fact: None,
        lambda chair, info: None,
        lambda chair, source: None,
        find=tuple,
        transport=lambda port, settings: pair(port)[0],
    )
    yield devices
    devices.close()


def snapshot(phase: Phase | None, *roles: str) -> Snapshot:
    now = SystemClock().now()
    session = None
    if phase is not None:
        session = SessionState("s-1", "EXO-1", "1", False, "p", "1", "0", "x", now, "UTC", phase=phase)
    links = tuple(
        LinkView(role, PUMP.key, "a pump", LinkChange(role, LinkState.SILENT, "", now), None) for role in roles
    )
    return Snapshot("1", now, 1, False, session=session, links=links)


def test_a_binding_is_there_again_after_a_restart(live, tmp_path):
    RememberedDevices(live, tmp_path, Settings()).bind(PUMP)
    live.close()
    RememberedDevices(live, tmp_path, load_settings(tmp_path)).bind_all()
    assert live.bindings() == (PUMP,)


def test_a_released_device_is_not_read_next_time(live, tmp_path):
    remembered = RememberedDevices(live, tmp_path, Settings())
    remembered.bind(PUMP)
    remembered.release("1", "pump")
    assert load_settings(tmp_path).device == ()


def test_nonsense_is_refused_and_not_remembered(live, tmp_path):
    remembered = RememberedDevices(live, tmp_path, Settings())
    with pytest.raises(CommandRefused):
        remembered.bind(replace(PUMP, key="perpetual-motion"))
    assert load_settings(tmp_path).device == ()


@pytest.mark.expects_log("pump is not read")
def test_a_device_that_cannot_be_read_any_more_stays_in_the_settings(live, tmp_path):
    settings = Settings.model_validate(
        {"device": [{"chair": "1", "role": "pump", "key": "perpetual-motion", "port": "x"}]}
    )
    RememberedDevices(live, tmp_path, settings).bind_all()
    assert live.bindings() == ()


def test_raw_bytes_are_kept_from_the_opening_of_a_session_to_its_signature(live, tmp_path):
    live.bind(PUMP)
    keeper = CaptureKeeper(live, tmp_path / "captures")
    keeper(snapshot(None, "pump"))
    keeper(snapshot(Phase.PREPARE, "pump"))
    keeper(snapshot(Phase.INFUSE, "pump"))
    keeper(snapshot(Phase.SIGNED, "pump"))
    keeper.close()
    kept = [path.name for path in (tmp_path / "captures").iterdir()]
    assert len(kept) == 1
    assert kept[0].startswith("EXO-1-bbraun-space-pump-")


def test_every_chair_of_a_station_has_raw_files_of_its_own(live, tmp_path):
    live.bind(PUMP)
    live.bind(replace(PUMP, chair="2", port="memory-other"))
    keeper = CaptureKeeper(live, tmp_path / "captures")
    first = snapshot(Phase.INFUSE, "pump")
    assert first.session is not None
    second = replace(first, chair="2", session=replace(first.session, study_id="EXO-2"))
    for _ in range(2):
        keeper(first)
        keeper(second)
    keeper(replace(second, session=None))
    keeper.close()
    kept = sorted(path.name.partition("-bbraun")[0] for path in (tmp_path / "captures").iterdir())
    assert kept == ["EXO-1", "EXO-2"]


def test_a_session_without_devices_keeps_no_bytes(live, tmp_path):
    keeper = CaptureKeeper(live, tmp_path / "captures")
    keeper(snapshot(Phase.INFUSE))
    keeper.close()
    assert not (tmp_path / "captures").exists()
