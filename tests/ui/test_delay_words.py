"""How late an alarm may be is said with what the device averages itself, where its maker tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.catalogue import CATALOGUE
from exomonitor.engine.snapshot import LinkView, Snapshot
from tests.ui import scenes
from ui.presenters.alarm_limits import device_words


def averaging(seconds: float | None) -> Snapshot:
    scene = scenes.normal()
    links: tuple[LinkView, ...] = tuple(replace(link, interval_s=2.0, averaging_s=seconds) for link in scene.links)
    return replace(scene, links=links)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (7.0, "reports every 2 s and itself averages over up to 7 s"),
        (None, "what the device averages itself is not told by it and comes on top"),
    ],
)
def test_what_the_device_averages_is_said_or_said_to_be_unknown(seconds: float | None, words: str) -> None:
    assert words in device_words(averaging(seconds))


def test_no_device_claims_to_average_over_a_time_without_words_about_it() -> None:
    for spec in CATALOGUE.values():
        assert spec.averaging
        assert spec.averaging_s is None or 0 < spec.averaging_s <= 60
