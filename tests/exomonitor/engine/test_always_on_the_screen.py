"""What lasts longer than its delay is on the screen and in its bar, whatever anybody does meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from exomonitor.alarms.tailored import tailored, usual
from exomonitor.engine.alarm_basis import basis_of
from exomonitor.session import commands as cmd
from exomonitor.session.parts import care_events as care
from exomonitor.session.parts.alarm_limits import SetAlarmLimits
from exomonitor.session.parts.corrections import VoidEntry
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind, PumpStatus
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign, VitalReading
from tests.exomonitor.engine.bedside_bench import CHAIR, PRESCRIBER, PROTOCOL, Bench
from tests.exomonitor.engine.test_several_chairs import OTHER, Chairs
from ui.presenters.alarms import alarm_bar, alarm_lines

SECONDS = 180
CALM = {Sign.SPO2: 97.0, Sign.HR: 78.0, Sign.TEMP: 36.6}
BAD: dict[Sign, tuple[float | None, ...]] = {Sign.SPO2: (88.0, 80.0), Sign.HR: (125.0, 42.0), Sign.TEMP: (None,)}
KEYS = {Sign.SPO2: "spo2_low", Sign.HR: "hr"}
DELAY_S = {"spo2_low": 15, "hr_high": 20, "hr_low": 10, "sensor_off_temp": 10}


class Storm:
    """A patient whose signs swing, a pump that alarms, and a nurse who does everything at the wrong moment.

    It reckons by itself since when what must be seen has lasted; whatever makes that doubtful lets it begin anew.
    """

    def __init__(self, seed: int, bench: Bench) -> None:
        self.dice, self.bench = random.Random(seed), bench
        self.values: dict[Sign, float | None] = dict(CALM)
        self.lasted: dict[str, int] = {}
        self.air = False
        self.checked = 0
        self.done: set[str] = set()
        bench.infusing(60)
        self._limits = self._present_limits()

    def pass_by(self) -> None:
        acts: tuple[Callable[[], object], ...] = (
            self.acknowledge, self.pause, self.limit, self.away, self.back, self.site, self.void, self.set,
            self.air_in_line, self.neighbour, self.restart,
        )  # fmt: skip
        for _ in range(SECONDS):
            if self.dice.random() < 0.08:
                sign = self.dice.choice(tuple(BAD))
                self.values[sign] = self.dice.choice((CALM[sign], *BAD[sign], *BAD[sign]))
            if self.dice.random() < 0.15:
                act = self.dice.choice(acts)
                act()
                self.done.add(act.__name__)
            self._second()
            self._judge()

    # --- what happens ----------------------------------------------------------------------------------------------

    def _second(self) -> None:
        self.bench.clock.advance(1)
        self.bench.counter += 100 / 3600
        self.bench.pump(PumpStatus.INFUSING, 100.0)
        for sign, value in self.values.items():
            self.bench.vital(sign, value)
        self.bench.tick()
        limits = self._present_limits()
        watched = self.bench.state.care.away is None and limits == self._limits
        self._limits = limits
        holds = {
            "spo2_low": _below(self.values[Sign.SPO2], limits["spo2_low"]),
            "hr_low": _below(self.values[Sign.HR], limits["hr_low"]),
            "hr_high": (self.values[Sign.HR] or 0) > limits["hr_high"],
            "sensor_off_temp": self.values[Sign.TEMP] is None,
        }
        self.lasted = {key: self.lasted.get(key, -1) + 1 if there and watched else -1 for key, there in holds.items()}

    def _present_limits(self) -> dict[str, float]:
        own = tailored(self.bench.engine.chair(CHAIR).alarms.clinic_limits, basis_of(self.bench.state))
        return {key: usual(own, key) or 0.0 for key in ("spo2_low", "hr_low", "hr_high")}

    def _judge(self) -> None:
        must = {key for key, seconds in self.lasted.items() if seconds > DELAY_S[key]}
        if self.air:
            must.add("relayed:pump:1/1:air")
        snapshot = self.bench.snapshot
        shown = {alarm.key: alarm for alarm in snapshot.alarms if alarm.state.shown}
        assert must <= set(shown)
        bar, lines = alarm_bar(snapshot), alarm_lines(snapshot)
        for key in must:
            self.checked += 1
            assert any(shown[key].text in line.text for line in lines)
            assert any(shown[key].text in text for text in (bar.text, *bar.others))
            assert bar.priority is not None
            assert bar.priority >= shown[key].priority

    # --- what people and machines do -------------------------------------------------------------------------------

    def acknowledge(self) -> None:
        self.bench.ask(cmd.Acknowledge(CHAIR, self.bench.by))
        self.bench.settle()

    def pause(self) -> None:
        self.bench.ask(cmd.PauseAudio(CHAIR, self.bench.by))
        self.bench.settle()

    def limit(self) -> None:
        own = self.dice.choice(({}, {"spo2_low": 86}, {"hr_high": 130, "hr_low": 40}, {"spo2_low": 92}))
        self._do(SetAlarmLimits(CHAIR, self.bench.by, own, "usual for this patient", self.bench.proof(PRESCRIBER)))

    def away(self) -> None:
        self._do(care.MarkAway(CHAIR, self.bench.by, "toilet"))

    def back(self) -> None:
        self._do(care.MarkBack(CHAIR, self.bench.by))

    def site(self) -> None:
        self._do(care.ReportSiteProblem(CHAIR, self.bench.by, False, 1, 0))
        self._do(care.ReplaceLine(CHAIR, self.bench.by, "hand", "right", "22G", patency_ok=True))

    def set(self) -> None:
        self._do(self.bench.set_of("extra1"))

    def void(self) -> None:
        for entry in reversed(self.bench.journal()):
            if type(entry.event).__name__ in {"ObservationRecorded", "SiteProblem", "AlarmLimitsSet"}:
                self._do(VoidEntry(CHAIR, self.bench.by, entry.seq, "duplicate", "written twice"))
                return

    def air_in_line(self) -> None:
        self.air = not self.air
        alarm = RelayedAlarm(
            "pump", "1/1", "air", AlarmKind.AIR_IN_LINE, "Air in line", "high", self.air, self.bench.now
        )
        self.bench.hear(alarm)

    def neighbour(self) -> None:
        if isinstance(self.bench, Chairs):
            value = self.dice.choice((97.0, 79.0))
            told = VitalReading("monitor", Sign.SPO2, value, Validity.VALID, self.bench.now, origin=Origin.SIMULATOR)
            self.bench.said(OTHER, told)

    def restart(self) -> None:
        """The program goes and comes again within a second; devices say anew what they say."""
        if isinstance(self.bench, Chairs):
            return
        if self.bench.alarm("sensor_off_temp") is None:
            self.values[Sign.TEMP] = CALM[Sign.TEMP]  # it is not known of a probe that came off just before
        self.bench = self.bench.after_restart(1.0, boot_id=self.bench.now.boot_id)
        self.bench.bind("pump", "monitor")
        self.lasted = {}
        self.air = False

    def _do(self, command: cmd.Command) -> None:
        """It may be refused: that is no concern of the alarms."""
        answer = self.bench.ask(command)
        for _ in range(3):
            self.bench.settle()
        if answer.done():
            answer.exception()


def _below(value: float | None, limit: float) -> bool:
    return value is not None and value < limit


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_lasts_longer_than_its_delay_is_never_absent_from_the_screen(seed: int) -> None:
    storm = Storm(seed, Chairs(CHAIR, OTHER) if seed % 2 else Bench(protocol=PROTOCOL))
    if isinstance(storm.bench, Chairs):
        storm.bench.monitors(OTHER)
    storm.pass_by()
    assert storm.checked > 30
    assert len(storm.done) > 6
