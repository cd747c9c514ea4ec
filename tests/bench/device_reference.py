"""The slow second opinion on what no limit says: data old or lost, sensors off, signs without a value, and what devices
alarm about.

Nothing of the alarm manager is used: what the devices told, the journal and the ticks are gone through one after the
other. The program looks at its links once a second, so a moment may be told that much later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.relayed import relayed_key, relayed_priority
from exomonitor.clock import NS
from exomonitor.engine.alarm_basis import basis_of
from exomonitor.engine.live import SourceInfo
from exomonitor.session.entry import Entry
from exomonitor.session.fold import apply
from exomonitor.session.parts.leaving_events import PatientLeft
from exomonitor.session.state import SessionState
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkFault, LinkState
from exomonitor.signals.vitals import VitalReading
from tests.bench.alarm_reference import HOLD_S, Compared, Presence, recorded
from tests.bench.missing_reference import MissingReference

GONE = frozenset({LinkState.LOST, LinkState.CLOSED})
LATE_NS = int(1.5 * NS)
OFF = {"spo2": (10, 70), "hr": (10, 70), "temp": (10, None)}
"""Sensor -> seconds until it is low, and until it is medium."""
BEGIN_NS = 60 * NS


@dataclass(slots=True)
class Source:
    """One device: how long it may be silent, when it spoke last, what its link said."""

    stale_ns: int
    lost_ns: int
    last_ns: int | None = None
    link: LinkState | None = None


@dataclass(slots=True)
class DeviceReference:
    """Goes through one session; `found` has every presence in the order in which they began."""

    sources: dict[str, Source]
    found: list[Presence] = field(default_factory=list)
    endless: set[str] = field(default_factory=set)
    """What a device says only once: it stands until somebody has seen it."""
    open_: dict[str, Presence] = field(default_factory=dict)
    off: dict[str, int] = field(default_factory=dict)
    worked: set[str] = field(default_factory=set)
    relayed: dict[str, RelayedAlarm] = field(default_factory=dict)
    cuff_ns: int | None = None
    state: SessionState | None = None
    missing: MissingReference = field(init=False)

    def __post_init__(self) -> None:
        self.missing = MissingReference(self.off, self.sources["monitor"].stale_ns if "monitor" in self.sources else 0)

    def run(self, entries: Sequence[Entry], facts: Iterable[tuple[int, DeviceFact]], ticks: Iterable[int]) -> None:
        """Everything in the order of time; at one instant what was told, then what was done, then the tick."""
        moments: list[tuple[int, int, object]] = [(at, 0, fact) for at, fact in facts]
        moments += [(entry.at.mono_ns, 1, entry) for entry in entries]
        moments += [(at, 2, None) for at in ticks]
        for now, _, what in sorted(moments, key=lambda one: one[:2]):
            if isinstance(what, Entry):
                self.state = apply(self.state, what)
                if isinstance(what.event, PatientLeft):
                    break
            elif what is None:
                self._links(now)
                self._look(now)
                self._sensors(now)
            else:
                self._told(what, now)

    def _told(self, fact: object, now: int) -> None:
        if isinstance(fact, LinkFault):
            return
        if isinstance(fact, LinkChange):
            self._link(fact, now)
            return
        source = self.sources.get(getattr(fact, "source", ""))
        if source is not None:
            source.last_ns = getattr(fact, "at").mono_ns  # noqa: B009 - every other fact has it
        if isinstance(fact, RelayedAlarm):
            self._alarm(fact, now)
        elif isinstance(fact, VitalReading):
            self._reading(fact, now)
            self._sensors(now)

    def _link(self, change: LinkChange, now: int) -> None:
        source = self.sources.get(change.source)
        if source is None:
            return
        before, source.link = source.link, change.state
        if change.state in GONE and before is not change.state:
            for key, alarm in list(self.relayed.items()):
                if alarm.source == change.source and not alarm.latched:
                    del self.relayed[key]
                    self._set(key, None, now)
            if change.source == "monitor":
                self.off.clear()
                self.missing.link_gone()

    def _alarm(self, alarm: RelayedAlarm, now: int) -> None:
        key = relayed_key(alarm)
        if not alarm.active:
            self.relayed.pop(key, None)
            self._set(key, None, now)
            return
        self.relayed[key] = alarm
        if alarm.latched:
            self.endless.add(key)
        self._set(key, relayed_priority(alarm), now)

    def _reading(self, reading: VitalReading, now: int) -> None:
        sign = reading.sign.value
        if sign == "nibp_sys":
            self.cuff_ns = (self.cuff_ns or now) if reading.validity.value == "measuring" else None
        self.missing.read(reading, now, cuff=self._cuff_holds(now))
        if sign not in OFF:
            return
        if sign == "spo2" and self._cuff_holds(now):
            since = self.off.get(sign)
            if since is not None and now - since < OFF[sign][0] * NS:
                self.off[sign] = now
            return
        if reading.validity.value == "sensor_off" and sign in self.worked:
            self.off.setdefault(sign, now)
        else:
            self.off.pop(sign, None)
        if reading.value is not None:
            self.worked.add(sign)

    def _cuff_holds(self, now: int) -> bool:
        reaction = self.state is not None and self.state.open_reaction is not None
        held = self.cuff_ns is not None and now - self.cuff_ns < HOLD_S * NS
        return held and not reaction and basis_of(self.state).same_arm

    def _sensors(self, now: int) -> None:
        for sign, (low_s, medium_s) in OFF.items():
            lasted = (now - self.off[sign]) / NS if sign in self.off else -1.0
            priority = Priority.LOW if lasted >= low_s else None
            if medium_s is not None and lasted >= medium_s:
                priority = Priority.MEDIUM
            self._set(f"sensor_off_{sign}", priority, now)
        for key, level in self.missing.told(now, cuff=self._cuff_holds(now)).items():
            self._set(key, level, now)

    def _look(self, now: int) -> None:
        monitor = self.sources.get("monitor")
        if monitor is not None and monitor.last_ns is not None:
            silent = now - monitor.last_ns
            lost = (monitor.link in GONE and silent > monitor.stale_ns) or silent > monitor.lost_ns
            self.missing.look(now, speaks=silent <= monitor.stale_ns, lost=lost)

    def _links(self, now: int) -> None:
        is_open = self.state is not None and self.state.phase.is_open
        for name, source in self.sources.items():
            if source.last_ns is None or not is_open:
                continue
            silent, wrong = now - source.last_ns, source.link is LinkState.WRONG_DEVICE
            stale = silent > source.stale_ns
            lost = (source.link in GONE and stale) or silent > source.lost_ns
            self._set(f"{name}.lost", Priority.MEDIUM if lost and not wrong else None, now)
            self._set(f"{name}.stale", Priority.LOW if stale and not lost and not wrong else None, now)

    def _set(self, key: str, priority: Priority | None, now: int) -> None:
        one = self.open_.get(key)
        if priority is None:
            if one is not None:
                one.until_ns = now
                del self.open_[key]
        elif one is None:
            self.open_[key] = Presence(key, now, None, priority)
            self.found.append(self.open_[key])
        else:
            one.peak = max(one.peak, priority)


def devices_compared(
    infos: Iterable[SourceInfo],
    entries: Sequence[Entry],
    facts: Sequence[tuple[int, DeviceFact]],
    ticks: Sequence[int],
) -> Compared:
    """The journal against the reference, to the second and a half in which the program looks at its links."""
    reference = DeviceReference({one.source: Source(int(one.stale_s * NS), int(one.lost_s * NS)) for one in infos})
    reference.run(entries, facts, ticks)
    left = next((e.at.mono_ns for e in entries if isinstance(e.event, PatientLeft)), entries[-1].at.mono_ns)
    opened = entries[0].at.mono_ns
    keys = {e.event.key for e in entries if hasattr(e.event, "key") and _is_about_a_device(str(e.event.key))}
    must = [one for one in reference.found if opened + BEGIN_NS <= one.since_ns < left]
    was = [one for one in recorded(entries, keys) if opened + BEGIN_NS <= one.since_ns < left]
    agreed, lost, left_over = 0, [], list(was)
    for one in must:
        same = next(
            (other for other in left_over if _same(one, other, left, endless=one.key in reference.endless)), None
        )
        if same is not None:
            left_over.remove(same)
            agreed += 1
        elif _lasts(one, left):
            lost.append(str(one))
    begun_before = [one for one in left_over if one.since_ns - opened - BEGIN_NS < LATE_NS]
    return Compared(agreed, tuple(lost), tuple(str(one) for one in left_over if one not in begun_before))


def _is_about_a_device(key: str) -> bool:
    return key.startswith(("relayed:", "sensor_off_", "no_value_")) or key.endswith((".stale", ".lost"))


def _lasts(one: Presence, end_ns: int) -> bool:
    """Whether the program, which looks once a second, must have seen it."""
    return (one.until_ns or end_ns) - one.since_ns > LATE_NS and end_ns - one.since_ns > LATE_NS


def _same(one: Presence, other: Presence, end_ns: int, *, endless: bool) -> bool:
    peak = other.peak is one.peak or (other.again and other.peak > one.peak)
    if one.key != other.key or not peak or abs(other.since_ns - one.since_ns) > LATE_NS:
        return False
    return endless or abs((other.until_ns or end_ns) - (one.until_ns or end_ns)) <= LATE_NS
