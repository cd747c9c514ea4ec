"""The monitor's own alarms, passed on verbatim: one fact when each begins, one when it ends."""

from __future__ import annotations

from collections.abc import Iterable

from devices.monitors.philips_intellivue.wire import codes, values
from devices.monitors.philips_intellivue.wire.fields import Attributes
from devices.monitors.philips_intellivue.wire.values import Alarm
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind

_LISTS = {codes.P_ALARMS: "P", codes.T_ALARMS: "T"}
_SILENT = values.ALARM_INHIBITED | values.ALARM_SUSPENDED
_NOT_REAL = values.ALARM_TEST | values.ALARM_STANDBY | values.ALARM_DEMO
_PRIORITIES = (
    (values.HIGH_P | values.HIGH_T, "high"),
    (values.MEDIUM_P | values.MEDIUM_T, "medium"),
    (values.LOW_P | values.LOW_T, "low"),
)
_RANK = {"high": 3, "medium": 2, "low": 1, "unknown": 0}


class MonitorAlarms:
    """Compares each list with the one before. A list that a message does not have says nothing."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._active: dict[str, dict[str, RelayedAlarm]] = {name: {} for name in _LISTS.values()}

    def forget(self) -> None:
        """The link was down: whoever listens has dropped them, and what is still active begins anew."""
        for active in self._active.values():
            active.clear()

    def changes(self, attributes: Attributes, at: Instant) -> list[RelayedAlarm]:
        """What has begun, ended or changed its rank; raises Malformed."""
        facts: list[RelayedAlarm] = []
        for number, name in _LISTS.items():
            if number in attributes:
                facts += self._compare(name, values.decode_alarms(attributes[number]), at)
        return facts

    def _compare(self, name: str, alarms: Iterable[Alarm], at: Instant) -> list[RelayedAlarm]:
        before = self._active[name]
        now: dict[str, RelayedAlarm] = {}
        for alarm in alarms:
            if alarm.state & (_SILENT | _NOT_REAL):
                continue
            relayed = self._relayed(name, alarm, at)
            known = now.get(relayed.code)
            if known is None or _RANK[relayed.priority] > _RANK[known.priority]:
                now[relayed.code] = relayed
        ended = [_ended(one, at) for code, one in before.items() if code not in now]
        # The text holds the changing value: only another rank is another alarm.
        begun = [one for code, one in now.items() if code not in before or before[code].priority != one.priority]
        self._active[name] = now
        return ended + begun

    def _relayed(self, name: str, alarm: Alarm, at: Instant) -> RelayedAlarm:
        code = f"{name}{alarm.source:04X}-{alarm.code:04X}"
        priority = next((word for bits, word in _PRIORITIES if alarm.kind & bits), "unknown")
        text = alarm.text or f"monitor alarm {code}"
        return RelayedAlarm(
            self._source, "", code, AlarmKind.OTHER, text, priority, True, at, physiological=name == "P"
        )


def _ended(alarm: RelayedAlarm, at: Instant) -> RelayedAlarm:
    return RelayedAlarm(
        alarm.source,
        alarm.channel,
        alarm.code,
        alarm.kind,
        alarm.text,
        alarm.priority,
        active=False,
        at=at,
        physiological=alarm.physiological,
    )
