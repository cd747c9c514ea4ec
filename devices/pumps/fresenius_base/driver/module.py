"""One pump module as the driver knows it: what it told, which alarms have begun, and its answer as a reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from devices.pumps.fresenius_base import wire
from devices.pumps.fresenius_base.driver.flow import Flow
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind, PumpReading, PumpStatus

MAX_ML_H = 2000.0
MAX_ML = 10_000.0
_CODES = {wire.ALARM: "Pump alarm", wire.ERROR: "Pump error"}


@dataclass(slots=True)
class Module:
    """A module of the stack. `open`: it takes questions. `question`: the variables that it does not refuse."""

    source: str
    address: int
    open: bool = False
    question: str = wire.EVERYTHING
    misses: int = 0
    connect_due: Instant | None = None
    drug_due: Instant | None = None
    type_told: bool = False
    type: str = ""
    drug: str = ""
    alarms: set[str] = field(default_factory=set)
    flow: Flow = field(default_factory=Flow)

    @property
    def channel(self) -> str:
        """The module's place in the stack."""
        return str(self.address)

    def close(self, retry_at: Instant | None) -> None:
        """It takes no questions until it is connected again, not before `retry_at`."""
        self.open = False
        self.misses = 0
        self.connect_due = retry_at
        self.drug_due = None

    def reading(self, told: Mapping[str, int], digits: Mapping[str, str], at: Instant) -> PumpReading:
        """The variables of one answer as one snapshot; the codes stand in it as they were sent."""
        rate = _within(told[wire.RATE] * wire.ML_H_PER_COUNT, MAX_ML_H)
        volume = _within(told[wire.VOLUME] * wire.ML_PER_COUNT, MAX_ML)
        status = self.flow.judge(rate, volume, at)
        codes = (f"{name}={digits[name]}" for name in (wire.MODE, wire.ALARM, wire.ERROR) if name in digits)
        return PumpReading(
            source=self.source,
            channel=self.channel,
            status=status,
            raw_status=" ".join(codes),
            at=at,
            rate_ml_h=None if status is PumpStatus.UNKNOWN else rate,
            volume_infused_ml=volume,
            drug_label=self.drug,
            model=self.type,
            inferred=frozenset({"status"}),
        )

    def removed(self, at: Instant) -> list[PumpReading | RelayedAlarm]:
        """It is no longer in the stack: its alarms end with it."""
        ended = self._transitions(set(), at)
        status = PumpStatus.REMOVED
        return [*ended, PumpReading(self.source, self.channel, status, "not in the stack", at, model=self.type)]

    def judge_alarms(self, told: Mapping[str, int], digits: Mapping[str, str], at: Instant) -> list[RelayedAlarm]:
        """Beginnings and ends; a code is an alarm as long as it is not zero, and another code is another alarm."""
        kept = {code for code in self.alarms if code.partition("=")[0] not in told}  # this answer says nothing of it
        return self._transitions(kept | {f"{name}={digits[name]}" for name in _CODES if told.get(name)}, at)

    def _transitions(self, codes: set[str], at: Instant) -> list[RelayedAlarm]:
        ended, begun = sorted(self.alarms - codes), sorted(codes - self.alarms)
        self.alarms = codes
        return [self._alarm(code, False, at) for code in ended] + [self._alarm(code, True, at) for code in begun]

    def _alarm(self, code: str, active: bool, at: Instant) -> RelayedAlarm:
        name, _, digits = code.partition("=")
        text = f"{_CODES[name]} (code 0x{digits}): look at the pump, its meaning is not published"
        return RelayedAlarm(self.source, self.channel, code, AlarmKind.OTHER, text, "unknown", active, at)


def _within(value: float, limit: float) -> float | None:
    return round(value, 3) if value <= limit else None
