"""What a chair's devices said last: readings with their age, link reports, and the gaps between valid frames."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field, replace

from exomonitor.clinical.hemodynamics import PAIR_WITHIN_S
from exomonitor.clock import Instant
from exomonitor.engine.channels import Channels
from exomonitor.engine.ran_on import ran_on
from exomonitor.session.machine_events import GapClosed
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading

NIBP_SIGNS = frozenset({Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP})
# A cuff reading is not stale because no new one came: it shows its time. It is greyed at twice the usual interval.
NIBP_STALE_S = 1800.0
KEPT_BEFORE_S = 600.0
"""So much of what came before a reaction's moment zero belongs to it."""
_SILENT = frozenset({LinkState.STALE, LinkState.LOST, LinkState.CLOSED})
_SECONDS = re.compile(r" for [0-9]+ s\b")
"""How long it had been silent when the link said so: no part of the cause."""

NOT_RUNNING = "the program was not running"
"""The cause of a gap that a restart left."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What the engine must know of a bound device: its role's source name, its limits, and what it cannot say."""

    source: str
    role: str
    key: str
    name: str
    grade: str = ""
    stale_s: float = 10.0
    lost_s: float = 30.0
    never_reports: tuple[str, ...] = ()
    interval_s: float = 0.0
    """Usual seconds between two reports; 0 = not said."""
    averaging_s: float | None = None
    """The longest that the device averages over, in seconds; None = its maker does not say."""


@dataclass(slots=True)
class SourceState:
    """One device as seen from here."""

    info: SourceInfo
    last_frame: Instant | None = None
    change: LinkChange | None = None
    bound_at: Instant | None = None
    cause: str = ""
    """Why nothing valid came since the last frame, as the link said it first, "" = it said nothing."""
    channels: Channels = field(default_factory=Channels)

    def take_change(self, change: LinkChange) -> None:
        """What the link tells of itself now."""
        self.change = change
        why = _SECONDS.sub("", change.reason)
        if change.state in _SILENT and not self.cause:
            self.cause = why
        elif change.state is LinkState.WRONG_DEVICE and why not in self.cause:
            self.cause = f"{self.cause}; {why}" if self.cause else why

    def silent_s(self, now: Instant) -> float | None:
        """Seconds since the last valid frame (since the binding when there was none), None when never bound."""
        since = self.last_frame or self.bound_at
        return None if since is None else now.since(since)

    def is_stale(self, now: Instant) -> bool:
        """Whether values of this source must not look live."""
        silent = self.silent_s(now)
        return self.last_frame is None or silent is None or silent > self.info.stale_s

    def grows_old(self, now: Instant) -> bool:
        """Whether the source is silent beyond its stale limit and not lost yet; one just bound gets that long to
        speak."""
        silent = self.silent_s(now)
        return silent is not None and silent > self.info.stale_s and not self.is_lost(now)

    def is_lost(self, now: Instant) -> bool:
        """Whether the source counts as lost: the port has gone, or it was silent beyond its lost limit."""
        silent = self.silent_s(now)
        gone = self.change is not None and self.change.state in {LinkState.LOST, LinkState.CLOSED}
        return (gone and self.is_stale(now)) or (silent is not None and silent > self.info.lost_s)


@dataclass(slots=True)
class LiveState:
    """All sources of one chair. Owned by the engine's thread."""

    sources: dict[str, SourceState] = field(default_factory=dict)
    vitals: dict[Sign, VitalReading] = field(default_factory=dict)
    pressures: dict[Sign, VitalReading] = field(default_factory=dict)
    """The last measured pressure, also after a cuff that gave none, or whose monitor was unplugged."""
    pumps: dict[str, PumpReading] = field(default_factory=dict)
    infusing_since: dict[str, PumpReading] = field(default_factory=dict)
    good_since: dict[Sign, Instant] = field(default_factory=dict)
    """Since when a sign has had valid values without a break."""
    hr_at_cuff: VitalReading | None = None
    """The heart rate as it was when the newest pressure was measured."""
    before: deque[VitalReading | PumpReading] = field(default_factory=deque)
    """What was heard while no session was open, its last ten minutes: an emergency may begin with the next key."""
    left_off: dict[str, Instant] = field(default_factory=dict)
    """By source up to when the record of a session that is taken up again holds everything; until it speaks again."""
    away_unknown: bool = False
    """Whether the computer's clock could not tell how long ago that was."""
    judged: dict[str, PumpReading] = field(default_factory=dict)
    """By channel the last reading with a counter that delivery was judged by: what it had reached then."""
    pinned: dict[str, PumpReading] = field(default_factory=dict)
    """By channel the first reading since the session was told that its product runs through there."""

    def keep(self, reading: VitalReading | PumpReading) -> None:
        """No session is open: hold this for as long as an emergency's record would want it."""
        self.before.append(reading)
        while reading.at.since(self.before[0].at) > KEPT_BEFORE_S:
            self.before.popleft()

    def bind(self, info: SourceInfo, now: Instant) -> None:
        """Listen to this source from now on; what the role said before is forgotten."""
        self.unbind(info.source)
        self.sources[info.source] = SourceState(info, bound_at=now)

    def unbind(self, source: str) -> None:
        """Forget a source and all it said."""
        self.sources.pop(source, None)
        self.vitals = {sign: r for sign, r in self.vitals.items() if r.source != source}
        self.good_since = {sign: at for sign, at in self.good_since.items() if sign in self.vitals}
        if self.hr_at_cuff is not None and self.hr_at_cuff.source == source:
            self.hr_at_cuff = None
        self.pumps = {key: r for key, r in self.pumps.items() if r.source != source}
        self.infusing_since = {key: r for key, r in self.infusing_since.items() if r.source != source}
        self.judged = {key: r for key, r in self.judged.items() if r.source != source}
        self.pinned = {key: r for key, r in self.pinned.items() if r.source != source}

    def told(self) -> dict[str, tuple[str, str]]:
        """Role -> model and serial number, of the devices that have said theirs and are the right ones."""
        return {
            source.info.role: (source.change.model, source.change.serial)
            for source in self.sources.values()
            if source.change is not None and source.change.state is LinkState.TALKING
        }

    def begin_anew(self, now: Instant) -> None:
        """A session has ended: what runs by now ran for that patient, and counts for the next one from here on. Of a
        pump that is silent nobody knows it."""
        self.before.clear()
        self.left_off.clear()
        self.pressures.clear()
        self.pinned.clear()
        told = {key: r for key, r in self.pumps.items() if self.fresh(r.source, now) and not self.is_silent(r)}
        self.infusing_since = {key: told[key] for key in self.infusing_since if key in told}
        for source in self.sources.values():
            source.channels.begin_anew()

    def heard(self, source: str, at: Instant) -> GapClosed | None:
        """A valid frame came; the gap that it ends, if there was one."""
        state = self.sources.get(source)
        if state is None:
            return None
        before, state.last_frame = state.last_frame, at
        cause, state.cause = state.cause, ""
        if before is None:
            return self._away(source, at)
        seconds = at.since(before)
        if seconds <= state.info.stale_s:
            return None
        return GapClosed(source, before, at, round(seconds, 3), cause)

    def _away(self, source: str, at: Instant) -> GapClosed | None:
        """The first frame since the program was started anew: from where the record left off, however short it was."""
        before = self.left_off.pop(source, None)
        if before is None:
            return None
        seconds = round(max(0.0, at.since(before)), 3)
        return GapClosed(source, before, at, seconds, NOT_RUNNING, self.away_unknown)

    def take_vital(self, reading: VitalReading) -> None:
        """Keep the sign's newest reading; while the cuff inflates the last pressure stays, with its own time."""
        before = self.vitals.get(reading.sign)
        measuring = reading.sign in NIBP_SIGNS and reading.validity is Validity.MEASURING
        if measuring and before is not None and before.value is not None:
            reading = replace(before, note="measuring")
        if reading.validity is not Validity.VALID:
            self.good_since.pop(reading.sign, None)
        else:
            self.good_since.setdefault(reading.sign, reading.at)
        if reading.sign is Sign.NIBP_SYS and (before is None or before.taken_at != reading.taken_at):
            self.hr_at_cuff = self._rate_at(reading.taken_at)
        self.vitals[reading.sign] = reading
        if reading.sign in NIBP_SIGNS and reading.value is not None:
            self.pressures[reading.sign] = reading

    def _rate_at(self, when: Instant) -> VitalReading | None:
        """The heart rate that was measured within a minute of `when`, the ECG's before the pulse."""
        for sign in (Sign.HR, Sign.PULSE):
            rate = self.vitals.get(sign)
            if rate is not None and rate.value is not None and abs(rate.taken_at.since(when)) <= PAIR_WITHIN_S:
                return rate
        return None

    def take_pump(self, reading: PumpReading, *, pinned: bool = False) -> None:
        """Keep the channel's newest reading and since when it infuses without a break: after a silence beyond the lost
        limit, its link's or its own, nobody knows whether there was one, but by a counter that ran on. pinned: whether
        this is the session's pump; what infused before that and was silent since may have been anything."""
        state, before = self.sources.get(reading.source), self.pumps.get(reading.channel)
        if pinned:
            self.pinned.setdefault(reading.channel, reading)
        else:
            self.pinned.pop(reading.channel, None)
        if state is not None:
            state.channels.take(reading, state.info.stale_s)
            if before is not None and reading.at.since(before.at) > state.info.lost_s:
                self._after_silence(before, reading)
        self.pumps[reading.channel] = reading
        if reading.status is not PumpStatus.INFUSING:
            self.infusing_since.pop(reading.channel, None)
        else:
            self.infusing_since.setdefault(reading.channel, reading)

    def _after_silence(self, before: PumpReading, reading: PumpReading) -> None:
        since, first = self.infusing_since.pop(reading.channel, None), self.pinned.get(reading.channel)
        if since is not None and first is not None and ran_on(before, reading):
            self.infusing_since[reading.channel] = since if since.at.since(first.at) >= 0 else first

    def judged_by(self, reading: PumpReading) -> None:
        """Delivery has been judged by this reading; one without a counter leaves what the last one had reached, one
        without a number is not known to be another pump."""
        before = self.judged.get(reading.channel)
        if reading.volume_infused_ml is not None:
            serial = reading.serial or (before.serial if before is not None else "")
            self.judged[reading.channel] = replace(reading, serial=serial) if serial != reading.serial else reading

    def is_silent(self, reading: PumpReading) -> bool:
        """Whether the link has told nothing of this pump for the stale limit, while it told of others: its values must
        not look live. One that was taken out has said its last word; in a silence of the link nobody is missed."""
        state = self.sources.get(reading.source)
        if state is None or reading.status is PumpStatus.REMOVED:
            return False
        return state.channels.silent_s(reading.channel) > state.info.stale_s

    def last_there(self, pump: PumpReading) -> Instant | None:
        """When this pump was last told to be there; None = only that it was taken out."""
        state = self.sources.get(pump.source)
        return state.channels.there.get(pump.channel) if state is not None else None

    def came_after(self, one: PumpReading, other: PumpReading) -> bool:
        """Whether this pump has turned up when the other one of its link was there no more."""
        state = self.sources.get(one.source)
        came, there = state.channels.came.get(one.channel) if state is not None else None, self.last_there(other)
        return came is not None and (there is None or came.since(there) > 0)

    def infused_beside(self, one: PumpReading, other: PumpReading) -> bool:
        """Whether this pump has infused while the other one of its link was there, since both were put in."""
        state = self.sources.get(one.source)
        return state is not None and one.channel in state.channels.beside.get(other.channel, ())

    def fresh(self, source: str, now: Instant) -> bool:
        """Whether the source's values may be used as live."""
        state = self.sources.get(source)
        return state is not None and not state.is_stale(now)

    def is_lost(self, source: str, now: Instant) -> bool:
        """Whether the source counts as lost, or is none that is listened to."""
        state = self.sources.get(source)
        return state is None or state.is_lost(now)

    def silent_sources(self, now: Instant) -> tuple[str, ...]:
        """The sources whose values may not look live: what they alarmed about ends, and that is told at once."""
        return tuple(name for name in self.sources if not self.fresh(name, now))

    def fresh_vitals(self, now: Instant) -> dict[Sign, VitalReading]:
        """Readings with a value whose source talks and which are not too old of themselves."""
        return {
            sign: reading
            for sign, reading in self.vitals.items()
            if reading.value is not None and not self.vital_is_stale(reading, now)
        }

    def vital_is_stale(self, reading: VitalReading, now: Instant) -> bool:
        """Whether this reading is too old to be shown as live."""
        state = self.sources.get(reading.source)
        if state is None or state.is_stale(now):
            return True
        if reading.sign in NIBP_SIGNS:
            return now.since(reading.taken_at) > NIBP_STALE_S
        return now.since(reading.at) > state.info.stale_s

    def pump(self, channel: str) -> PumpReading | None:
        """The reading of the product channel; with channel "" the only channel there is. None where the link tells of
        others and no more of it: one that has fallen silent is there all the same, and its neighbour not the only."""
        reading = self.last_of(channel)
        return None if reading is None or self.is_silent(reading) else reading

    def last_of(self, channel: str) -> PumpReading | None:
        """The same, also where the link tells no more of it: its last words."""
        if channel:
            return self.pumps.get(channel)
        known = list(self.pumps.values())
        present = [r for r in known if r.status is not PumpStatus.REMOVED] or known
        return present[0] if len(present) == 1 else None

    def last_counted(self, channel: str) -> PumpReading | None:
        """Its last words, with the counter of a moment ago where they say nothing of it: a report that leaves it out
        between two that do not makes no estimate of what was counted."""
        last = self.last_of(channel)
        if last is None or last.volume_infused_ml is not None:
            return last
        state, told = self.sources.get(last.source), self.judged.get(last.channel)
        if state is None or told is None or last.at.since(told.at) > state.info.stale_s:
            return last
        return replace(last, volume_infused_ml=told.volume_infused_ml)
