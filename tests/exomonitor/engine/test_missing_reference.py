"""The record says of every sign that had a value and has none what a slow second evaluation of the readings says."""

from __future__ import annotations

import random

import pytest

from exomonitor.engine.live import SourceInfo
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from tests.bench.alarm_reference import Compared
from tests.bench.device_reference import devices_compared
from tests.exomonitor.engine.bedside_bench import Bench

USUAL = {Sign.SPO2: 97.0, Sign.HR: 78.0, Sign.PULSE: 78.0, Sign.RR: 15.0, Sign.TEMP: 36.6}
WAYS: tuple[Validity | None, ...] = (
    Validity.SENSOR_OFF, Validity.UNAVAILABLE, Validity.HELD, Validity.LOW_PERFUSION, Validity.ARTIFACT, None,
)  # fmt: skip
"""None = the monitor does not speak of that sign at all."""
MINUTES = 12


class LooseProbes:
    """Every second what a monitor says; each sign goes away now and then, for some seconds or more than a minute."""

    def __init__(self, seed: int, signs: tuple[Sign, ...]) -> None:
        self.bench, self.dice, self.signs = Bench(), random.Random(seed), signs
        self.ticks: list[int] = []
        self.facts: list[tuple[int, DeviceFact]] = []
        self.bench.bind("monitor")
        self.bench.prepare(pump="")
        self.quiet = 0
        self.gone: dict[Sign, tuple[int, Validity | None]] = {}
        for second in range(MINUTES * 60):
            self._second(second)
        for sign in self.signs:
            self._say(sign, Validity.VALID)
        self._tick()

    def _second(self, second: int) -> None:
        if second > 90 and self.dice.random() < 0.002:
            self.quiet = second + self.dice.choice((5, 14, 40))
        for sign in self.signs:
            until, how = self.gone.get(sign, (0, Validity.VALID))
            if until <= second:
                away = second > 70 and self.dice.random() < 0.012
                until, how = second + self.dice.choice((3, 9, 14, 40, 95)), self.dice.choice(WAYS)
                if not away:
                    until, how = 0, Validity.VALID
                self.gone[sign] = until, how
            if how is not None and second >= self.quiet:
                self._say(sign, how)
        self._tick()

    def _say(self, sign: Sign, how: Validity) -> None:
        value = USUAL[sign] if how is Validity.VALID else None
        reading = VitalReading("monitor", sign, value, how, self.bench.now)
        self.facts.append((self.bench.now.mono_ns, reading))
        self.bench.hear(reading)

    def _tick(self) -> None:
        self.ticks.append(self.bench.now.mono_ns)
        self.bench.tick()
        self.bench.clock.advance(1.0)

    def judged(self, *, without: AlarmChanged | None = None) -> Compared:
        entries = [entry for entry in self.bench.journal() if entry.event is not without]
        info = SourceInfo("monitor", "monitor", "ge-dri", "a monitor")
        return devices_compared([info], entries, self.facts, self.ticks)

    def told(self) -> list[AlarmChanged]:
        """The alarms of a sign without a value."""
        return [
            entry.event
            for entry in self.bench.journal()
            if isinstance(entry.event, AlarmChanged)
            and entry.event.key.startswith("no_value_")
            and entry.event.to_state == "active"
        ]


EVERYTHING = tuple(USUAL)
BY_PROBE = (Sign.SPO2, Sign.PULSE)


@pytest.mark.parametrize(("seed", "signs"), [(1, EVERYTHING), (3, BY_PROBE)])
def test_no_lack_of_a_value_is_lost_and_none_is_made_up(seed: int, signs: tuple[Sign, ...]):
    played = LooseProbes(seed, signs)
    found = played.judged()
    assert (found.lost, found.invented) == ((), ())
    told = played.told()
    assert len(told) >= 3
    gone = next(one for one in reversed(told) if one.from_state in {"normal", "pending"})
    assert any(gone.key in lost for lost in played.judged(without=gone).lost)
