"""The monitor's own alarms, passed on verbatim: one fact when a line begins, one when it ends. The texts differ from
language to language, so nothing is read out of them; the colour is the rank."""

from __future__ import annotations

from dataclasses import replace

from devices.monitors.ge_dri.wire import alarms
from devices.monitors.ge_dri.wire.alarms import AlarmStatus
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind

_PRIORITY = {alarms.WHITE: "low", alarms.YELLOW: "medium", alarms.RED: "high"}
_RANK = {"high": 3, "medium": 2, "low": 1, "unknown": 0}


class MonitorAlarms:
    """Compares the five lines with those before; the place of a line means nothing."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._active: dict[str, RelayedAlarm] = {}

    def forget(self) -> None:
        """The link was down: whoever listens has dropped them, and what still stands begins anew."""
        self._active.clear()

    def changes(self, status: AlarmStatus, at: Instant) -> list[RelayedAlarm]:
        """What has begun, ended or changed its rank."""
        now: dict[str, RelayedAlarm] = {}
        for line in status.lines:
            if not line.text:
                continue
            priority = _PRIORITY.get(line.colour, "unknown")
            known = now.get(line.text)
            if known is None or _RANK[priority] > _RANK[known.priority]:
                alarm = RelayedAlarm(self._source, "", line.text, AlarmKind.OTHER, line.text, priority, True, at)
                now[line.text] = alarm
        ended = [replace(one, active=False, at=at) for text, one in self._active.items() if text not in now]
        begun = [
            one for text, one in now.items() if text not in self._active or self._active[text].priority != one.priority
        ]
        self._active = now
        return ended + begun
