"""The file for support of a line that is not recorded has a gap: behind it every device is read as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices import tap as taps
from devices.commands.decode import facts_in
from devices.commands.heard_again import Expected, heard_again
from devices.link import Link
from devices.scenes import Scene
from devices.simulation.scenarios import load_scenario
from devices.spec import Role
from devices.transport.capture import read_capture
from exomonitor.clock import ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import PumpReading
from tests.conformance.dialogue import SPECS, meaning

TALKED_S = 90


@pytest.mark.parametrize("key", sorted(key for key, spec in SPECS.items() if spec.role is Role.PUMP))
def test_behind_the_gap_a_pump_is_read_as_the_link_read_it(
    key: str, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taps, "HEAD_BYTES", 1 << 13)
    monkeypatch.setattr(taps, "KEPT_BYTES", 3 << 13)
    scene, seen = Scene(load_scenario("short"), keys={Role.PUMP: key}), list[DeviceFact]()
    scene.press(Role.PUMP, "start")
    link = Link(scene.specs[Role.PUMP], scene.transports[Role.PUMP], "pump", clock, seen.append)
    began = clock.now()
    while clock.now().since(began) < TALKED_S:
        clock.advance(0.05)
        scene.step(clock.now().since(began))
        link.step()
    saved = tmp_path / "support"
    link.tap.save(saved, key)
    link.close()
    scene.close()
    moments = [record.at for record in read_capture(saved)]
    gap = max(range(1, len(moments)), key=lambda number: moments[number].since(moments[number - 1]))
    assert moments[gap].since(moments[gap - 1]) > 10
    whole = moments[gap].plus(6.0)  # what the base has on it, and whether it runs, follows from more than one answer
    live = [(one.at.mono_ns, meaning(one)) for one in seen if isinstance(one, PumpReading)]
    expected = [told for told in live if told[0] > whole.mono_ns]
    assert len(expected) > 5
    driver = SPECS[key].make_driver("pump")
    for facts in (facts_in(driver, saved), heard_again(SPECS[key], read_capture(saved), Expected())):
        again = [(one.at.mono_ns, meaning(one)) for one in facts if isinstance(one, PumpReading)]
        assert [told for told in again if told[0] > whole.mono_ns] == expected
        assert set(again) & set(live) > set(expected)
