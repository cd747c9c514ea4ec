"""The device's own alarm limits beside ours, where it tells them: `limits differ` is said, and nothing is blocked."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.alarms.limits import plain
from exomonitor.engine.snapshot import Live, Snapshot
from exomonitor.session.parts.alarm_limits import SHOWN, UNITS
from exomonitor.signals.vitals import Sign

LIMITS_DIFFER = "limits differ"


@dataclass(frozen=True, slots=True)
class DeviceLimit:
    """One limit of the device. ours None = there is none here to compare with."""

    key: str
    device: float
    ours: float | None

    @property
    def differs(self) -> bool:
        """Whether this program alarms at another value than the device."""
        return self.ours is not None and self.ours != self.device

    @property
    def words(self) -> str:
        """`SpO₂ low: device 85 %, here 90 %`."""
        unit = UNITS.get(self.key.rpartition("_")[0], "")
        return (
            f"{SHOWN.get(self.key, self.key)}: device {plain(self.device)} {unit}, here {plain(self.ours or 0)} {unit}"
        )


def told_limits(snapshot: Snapshot) -> tuple[DeviceLimit, ...]:
    """Every limit that a device tells at present."""
    found = []
    for sign in (Sign.HR, Sign.SPO2, Sign.NIBP_SYS):
        live = _speaking(snapshot, sign)
        if live is None or live.reading.device_limits is None:
            continue
        for side, device, ours in zip(("low", "high"), live.reading.device_limits, (live.low, live.high), strict=True):
            if device is not None:
                found.append(DeviceLimit(f"{sign.value}_{side}", device, ours))
    return tuple(found)


def differing(snapshot: Snapshot) -> tuple[DeviceLimit, ...]:
    """Those at which this program and the device alarm at another value."""
    return tuple(one for one in told_limits(snapshot) if one.differs)


def differ_words(snapshot: Snapshot) -> str:
    """`Limits differ. SpO₂ low: device 85 %, here 90 %; ...`; "" where they are alike or not told."""
    found = "; ".join(one.words for one in differing(snapshot))
    return f"{LIMITS_DIFFER.capitalize()}. {found}" if found else ""


def _speaking(snapshot: Snapshot, sign: Sign) -> Live | None:
    """What the device says of the sign now; of the heart rate also the pulse of an oximeter, which is judged as one."""
    live = snapshot.vitals.get(sign)
    if sign is Sign.HR and (live is None or live.stale or live.lost or live.reading.value is None):
        live = snapshot.vitals.get(Sign.PULSE)
    return None if live is None or live.stale or live.lost else live
