"""The slow second opinion on a sign that had a value and has none: since when, how urgent, and whether that is said of
its sensor, of its electrodes or of the probe already.

Nothing of the alarm manager is used: readings come one after the other, and at each tick it is told who still speaks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from exomonitor.alarms.limits import Priority
from exomonitor.clock import NS
from exomonitor.signals.vitals import VitalReading

STAGES = {"spo2": (10, 70), "hr": (10, 70), "rr": (10, 70), "temp": (10, None)}
"""Sign -> seconds until its lack is low, and until it is medium."""
WEAK_S = 15
HELD_S = 60
RATE_S = 15
_WEAK = frozenset({"low_perfusion", "artifact"})
_HELD = frozenset({"held", "measuring"})
_BY_HAND = frozenset({"typed", "counted"})


@dataclass(slots=True)
class MissingReference:
    """Since when each sign has no value (ns). `off`: since when each sensor is, as another looks at it."""

    off: dict[str, int]
    stale_ns: int
    since: dict[str, int] = field(default_factory=dict)
    """Of what is told; it outlives a short silence of the monitor, in which nothing is known."""
    lacks: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    weak: int | None = None
    worked: set[str] = field(default_factory=set)
    spoken: dict[str, int] = field(default_factory=dict)
    """Sign -> when the monitor last said anything of it."""
    rates: dict[str, tuple[int, bool]] = field(default_factory=dict)

    def read(self, reading: VitalReading, now: int, *, cuff: bool) -> None:
        """One reading. cuff: one inflates on the arm of the probe."""
        name, there = reading.sign.value, reading.value is not None
        if name not in {*STAGES, "pulse"} or reading.origin.value in _BY_HAND:
            return
        self.spoken[name] = now
        if name == "spo2" and cuff:
            self._postpone(now)
            return
        if name in {"hr", "pulse"}:
            self.rates[name] = (now, there)
        if name == "spo2":
            is_weak = reading.validity.value in _WEAK and name in self.worked
            self.weak = (now if self.weak is None else self.weak) if is_weak else None
        if there:
            self.worked.add(name)
        if name in {"hr", "pulse"}:
            if not self._leads(name, now, there):
                return
            name = "hr"
        if there:
            for kept in (self.held, self.lacks, self.since):
                kept.pop(name, None)
        else:
            self._lack(name, reading.validity.value, now)

    def look(self, now: int, *, speaks: bool, lost: bool) -> None:
        """A tick: of what the monitor has not spoken for too long. speaks: it is heard of other things."""
        for name, last in self.spoken.items():
            if speaks and now - last <= self.stale_ns:
                continue
            sign = "hr" if name == "pulse" else name
            if lost:
                self.since.pop(sign, None)
            if name in {"hr", "pulse"}:
                self.rates.pop(name, None)
                if self._has_rate(now):
                    continue
            if speaks and sign != "temp":  # a temperature is measured now and then
                self._lack(sign, "stale", now)
            else:
                self.held.pop(sign, None)
                self.lacks.pop(sign, None)

    def link_gone(self) -> None:
        """The monitor will say anew what it has."""
        self.since.clear()
        self.weak = None

    def told(self, now: int, *, cuff: bool) -> dict[str, Priority | None]:
        """How urgent the lack of each sign is; None = it is none, or said already."""
        found: dict[str, Priority | None] = {}
        for sign, (low_s, medium_s) in STAGES.items():
            lasted = (now - self.since[sign]) / NS if sign in self.since else -1.0
            level = Priority.LOW if lasted >= low_s else None
            if medium_s is not None and lasted >= medium_s:
                level = Priority.MEDIUM
            found[f"no_value_{sign}"] = None if level is not None and self._is_said(sign, now, cuff=cuff) else level
        return found

    def _lack(self, sign: str, why: str, now: int) -> None:
        began = now
        if why in _HELD and sign not in self.lacks:
            held = self.held.setdefault(sign, now)
            if now - held < HELD_S * NS:
                return
            began = held + (HELD_S - STAGES[sign][0]) * NS
        self.held.pop(sign, None)
        self.lacks.setdefault(sign, began)
        if sign in self.worked or (sign == "hr" and "pulse" in self.worked):
            self.since.setdefault(sign, self.lacks[sign])

    def _postpone(self, now: int) -> None:
        """A cuff takes the pulse from the probe: what is not told yet begins behind it."""
        for kept, wait_s in ((self.lacks, 10), (self.since, 10)):
            if "spo2" in kept and now - kept["spo2"] < wait_s * NS:
                kept["spo2"] = now
        if self.weak is not None and now - self.weak < WEAK_S * NS:
            self.weak = now

    def _is_said(self, sign: str, now: int, *, cuff: bool) -> bool:
        off = self.off.get(sign)
        if off is not None and (off <= self.since[sign] or now - off >= STAGES[sign][0] * NS):
            return True
        if sign == "spo2":
            return self.weak is not None and (self.weak <= self.since[sign] or now - self.weak >= WEAK_S * NS)
        if sign == "rr":
            return "hr" in self.off
        by_probe = sign == "hr" and "hr" not in self.worked
        return by_probe and (cuff or "spo2" in self.off or self.weak is not None or "spo2" in self.since)

    def _leads(self, name: str, now: int, there: bool) -> bool:
        at, has = self.rates.get("pulse" if name == "hr" else "hr", (0, False))
        other = has and now - at <= RATE_S * NS
        return (there or not other) if name == "hr" else not other

    def _has_rate(self, now: int) -> bool:
        return any(has and now - at <= RATE_S * NS for at, has in self.rates.values())
