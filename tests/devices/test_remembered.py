"""A workstation remembers its devices."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from devices.discovery import FoundPort
from devices.remembered import RememberedDevices
from devices.service import LiveDevices
from devices.transport.memory import pair
from exomonitor.clock import SystemClock, pause, stopwatch
from exomonitor.engine.ports import Binding
from exomonitor.errors import CommandRefused
from exomonitor.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from devices.spec import Transport

PUMP = Binding("1", "pump", "bbraun-space", "memory-pump", 9600)


@pytest.fixture
def live() -> Iterator[LiveDevices]:
    devices = LiveDevices(
        SystemClock(),
        lambda chair, *facts: None,
        lambda chair, info: None,
        lambda chair, source: None,
        find=tuple,
        transport=lambda port, settings: pair(port)[0],
    )
    yield devices
    devices.close()


@pytest.mark.parametrize("binding", [PUMP, Binding("1", "monitor", "ge-dri", "memory-monitor", line="8E1")])
def test_a_binding_is_there_again_after_a_restart(binding, live, tmp_path):
    RememberedDevices(live, tmp_path, Settings()).bind(binding)
    live.close()
    RememberedDevices(live, tmp_path, load_settings(tmp_path)).bind_all()
    assert live.bindings() == (binding,)


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


def test_a_device_is_known_again_by_its_adapter_its_socket_and_its_own_number(tmp_path):
    ports = [FoundPort("COM7", "adapter", "A1", "1-1", 1, 2)]
    client, device = pair("COM7")
    device.open()
    devices = listening(ports, lambda port: client)
    remembered = RememberedDevices(devices, tmp_path, Settings())
    remembered.bind(Binding("1", "monitor", "masimo", "COM7"))
    wait_until(device.has_client)
    for second in range(3):  # no checksum: once is not enough
        device.write(MASIMO.replace(b"09:00:00", b"09:00:%02d" % second))
        wait_until(partial(has_heard, devices, second + 1))
    wait_until(lambda: any(one.serial for one in load_settings(tmp_path).device))
    (kept,) = load_settings(tmp_path).device
    assert (kept.port, kept.adapter, kept.location, kept.serial) == ("COM7", "A1", "1-1", "0000070986")
    assert kept.model == devices.bindings()[0].model
    remembered.close()


def test_a_port_that_was_renumbered_over_night_is_read_under_its_new_name(tmp_path):
    known = {"adapter": "A1", "location": "1-1", "serial": "80213"}
    other = {"adapter": "B2", "location": "1-2"}
    settings = Settings.model_validate(
        {
            "device": [
                {"chair": "1", "role": "pump", "key": "bbraun-space", "port": "COM7", **known},
                {"chair": "1", "role": "monitor", "key": "ge-dri", "port": "COM4", **other},
            ]
        }
    )
    ports = [FoundPort("COM4", "adapter", "A1", "1-1", 1, 2), FoundPort("COM7", "adapter", "B2", "1-2", 1, 2)]
    devices = listening(ports, lambda port: pair(port)[0])
    remembered = RememberedDevices(devices, tmp_path, settings)
    remembered.bind_all()
    found = {binding.role: (binding.port, binding.serial) for binding in remembered.bindings()}
    assert found == {"pump": ("COM4", "80213"), "monitor": ("COM7", "")}
    remembered.accept("1", "pump", "99999")
    assert {one.role: one.serial for one in load_settings(tmp_path).device}["pump"] == "99999"
    remembered.close()


@pytest.mark.expects_log("pump is not read")
def test_learning_a_number_forgets_nothing_that_could_not_be_read_this_time(tmp_path):
    settings = Settings.model_validate(
        {"device": [{"chair": "1", "role": "pump", "key": "perpetual-motion", "port": "x"}]}
    )
    remembered = RememberedDevices(listening([], lambda port: pair(port)[0]), tmp_path, settings)
    remembered.bind_all()
    remembered.bind(replace(PUMP, role="monitor", key="ge-dri", baud=0))
    assert {one.key for one in load_settings(tmp_path).device} == {"ge-dri", "perpetual-motion"}
    remembered.close()


MASIMO = (
    b"03/02/26 09:00:00 SN=0000070986 SPO2=097% BPM=072 PI=02.10% SPCO=--% SPMET=--% DESAT=-- PIDELTA=+-- ALARM=0000 "
    b"EXC=000000\r\n"
)


def listening(ports: list[FoundPort], transport: Callable[[str], Transport]) -> LiveDevices:
    return LiveDevices(
        SystemClock(),
        lambda chair, *facts: None,
        lambda chair, info: None,
        lambda chair, source: None,
        find=lambda: tuple(ports),
        transport=lambda port, settings: transport(port),
    )


def has_heard(devices: LiveDevices, pieces: int) -> bool:
    return sum(not row.sent and bool(row.data) for row in devices.wire("1", "monitor")) >= pieces


def wait_until(done: Callable[[], bool]) -> None:
    limit = stopwatch() + 10
    while not done():
        assert stopwatch() < limit
        pause(0.01)
