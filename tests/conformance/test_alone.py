"""The judge of the matrix sees a reading that is swallowed beside damage also where only some messages are one."""

from __future__ import annotations

import pytest

from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk
from tests.conformance.dialogue import START
from tests.conformance.test_told import Swallower, Wrapped, judged


class Deaf(Wrapped):
    """Tells no reading of one second of the damage."""

    kind: type[VitalReading] | type[WaveChunk] = VitalReading

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        silent = 24.6 < at.since(START) < 29.9
        return [fact for fact in self._inner.received(data, at) if not (silent and isinstance(fact, self.kind))]


class WaveDeaf(Deaf):
    kind = WaveChunk


@pytest.mark.parametrize("key", ["ge-dri", "philips-intellivue"])
def test_a_number_that_is_swallowed_beside_damage_is_seen(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, told = judged(key, "false starts", Deaf, monkeypatch)
    assert honest == ""
    assert "told no number" in told


@pytest.mark.parametrize("key", ["ge-dri", "philips-intellivue"])
def test_a_piece_of_a_wave_that_is_swallowed_beside_damage_is_seen(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "told no wave" in judged(key, "false starts", WaveDeaf, monkeypatch)[1]


@pytest.mark.parametrize("key", ["nonin/df2", "nonin/df7"])
def test_three_whole_packets_that_tell_nothing_are_seen(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, told = judged(key, "bytes changed now and then", Swallower, monkeypatch)
    assert honest == ""
    assert "3 whole packets" in told
