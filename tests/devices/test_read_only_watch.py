"""The watch over what drivers send: it is on, for every family, and it bites."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.catalogue import CATALOGUE
from devices.spec import DeviceSpec
from exomonitor.clock import ManualClock
from tests.devices.read_only_watch import driver_class, watch
from tests.devices.toy_device import ToyDriver, toy_spec


@pytest.mark.parametrize("spec", CATALOGUE.values(), ids=lambda spec: spec.key)
def test_every_family_is_watched(spec: DeviceSpec) -> None:
    assert hasattr(driver_class(spec).due, "__wrapped__")


def test_a_driver_that_wants_to_command_fails_its_test(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    class Bad(ToyDriver):
        pass

    watch(monkeypatch, replace(toy_spec(), make_driver=Bad))
    good, bad = Bad("x"), Bad("x", b"RUN\n")
    for driver in (good, bad):
        driver.opened(clock.now())
    assert good.due(clock.now()) == b"?\n"
    with pytest.raises(AssertionError, match="toy wanted to send b'RUN"):
        bad.due(clock.now())
