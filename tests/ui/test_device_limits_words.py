"""The device's own alarm limits stand beside ours where it tells them, and `limits differ` is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.alarms.limits import build_limits
from exomonitor.clinical.protocol import load_protocol
from exomonitor.engine.snapshot import Live, Snapshot
from exomonitor.signals.vitals import Sign
from tests.ui import scenes
from ui.presenters.alarm_limits import changed_words, limit_rows
from ui.presenters.device_limits import LIMITS_DIFFER, differ_words, differing, told_limits
from ui.presenters.tiles import vital_tile

Pair = tuple[float | None, float | None]


def telling(sign: Sign, limits: Pair, ours: Pair, **how: bool) -> Snapshot:
    """The ordinary scene, in which the monitor tells its limits of one sign."""
    base = scenes.normal()
    live = base.vitals[sign]
    told = replace(live, reading=replace(live.reading, device_limits=limits), low=ours[0], high=ours[1], **how)
    return replace(base, vitals={**base.vitals, sign: told})


def test_other_limits_are_said_on_the_tile_and_on_the_page_of_the_alarms() -> None:
    scene = telling(Sign.SPO2, (85.0, 100.0), (90.0, None))
    assert [one.words for one in differing(scene)] == ["SpO₂ low: device 85 %, here 90 %"]
    assert differ_words(scene) == "Limits differ. SpO₂ low: device 85 %, here 90 %"
    assert vital_tile(scene, Sign.SPO2).beside.startswith(LIMITS_DIFFER)
    assert LIMITS_DIFFER not in vital_tile(scene, Sign.HR).beside
    assert changed_words(scene) == differ_words(scene)
    rows = {row.key: row.device for row in limit_rows(scene, build_limits(load_protocol()))}
    assert rows == {
        "hr_low": "--", "hr_high": "--", "spo2_low": "85 %", "nibp_sys_low": "--", "nibp_sys_high": "--",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "ours", "how"),
    [
        ((90.0, 100.0), (90.0, None), {}),
        ((None, None), (90.0, None), {}),
        ((85.0, 100.0), (90.0, None), {"stale": True}),
        ((85.0, 100.0), (90.0, None), {"lost": True}),
    ],
)
def test_alike_not_told_or_no_longer_heard_says_nothing(limits: Pair, ours: Pair, how: dict[str, bool]) -> None:
    scene = telling(Sign.SPO2, limits, ours, **how)
    assert differ_words(scene) == ""
    assert LIMITS_DIFFER not in vital_tile(scene, Sign.SPO2).beside


def test_the_pulse_of_an_oximeter_is_compared_with_the_limits_of_the_heart_rate() -> None:
    scene = telling(Sign.HR, (40.0, 170.0), (45.0, 120.0))
    pulse = replace(scene.vitals[Sign.HR], reading=replace(scene.vitals[Sign.HR].reading, sign=Sign.PULSE))
    alone: dict[Sign, Live] = {**scene.vitals, Sign.PULSE: pulse}
    del alone[Sign.HR]
    found = told_limits(replace(scene, vitals=alone))
    assert [(one.key, one.device, one.ours) for one in found] == [("hr_low", 40.0, 45.0), ("hr_high", 170.0, 120.0)]
    assert vital_tile(replace(scene, vitals=alone), Sign.HR).beside.startswith(LIMITS_DIFFER)
