"""From samples to findings, purely: which limits are crossed, for how long, and which level is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from exomonitor.alarms.limits import Limit, Priority
from exomonitor.clock import Instant


@dataclass(frozen=True, slots=True)
class Sample:
    """One fresh value. good: not questionable. agrees: no second source contradicts it. final: a person measured it."""

    value: float
    at: Instant
    good: bool = True
    agrees: bool = True
    final: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    """How one limit stands: crossed since when, by how many samples, last by which value; on = it signals.

    stopped: since when there is no value, or only a held one: the delay goes on from there with the next sample, and
    `since` moves by as much."""

    limit: Limit
    since: Instant | None = None
    samples: int = 0
    value: float = 0.0
    on: bool = False
    stopped: Instant | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a condition now. level None = nothing to signal; pending_since: crossed, not yet long enough."""

    level: Priority | None = None
    pending_since: Instant | None = None
    pending_priority: Priority = Priority.LOW
    since: Instant | None = None
    text: str = ""
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    latching: bool = False
    group: str = ""
    delay_s: float = 0.0
    follows: bool = False
    """Its priority goes down with what is so now, also before anybody has seen it: a technical one."""


QUIET = Finding()


def observed(track: Track, sample: Sample) -> Track:
    """The track after one more sample. One that does not qualify ends no alarm that signals and begins none: where the
    delay still runs it begins anew, for nobody knows what was true in between."""
    limit = track.limit
    if not (limit.held_by(sample.value) if track.on else limit.crossed_by(sample.value)):
        return Track(limit)
    if (limit.good_signal and not sample.good) or (limit.needs_agreement and not sample.agrees):
        return track if track.on else Track(limit)
    if limit.by_hand and not sample.final:
        return track
    track = _resumed(track, sample.at)
    more = replace(track, since=track.since or sample.at, samples=track.samples + 1, value=sample.value)
    return settled(replace(more, on=more.on or sample.final), sample.at)


def stopped(track: Track, now: Instant) -> Track:
    """The track while there is no value, or only a held one: its delay neither fills nor begins anew."""
    if track.on or track.since is None or track.stopped is not None:
        return track
    full = settled(track, now)
    return full if full.on else replace(track, stopped=now)


def _resumed(track: Track, at: Instant) -> Track:
    if track.stopped is None or track.since is None:
        return track
    return replace(track, since=track.since.plus(max(0.0, at.since(track.stopped))), stopped=None)


def settled(track: Track, now: Instant) -> Track:
    """The track at `now`: a delay is a time and a number of samples."""
    if track.on or track.since is None or track.stopped is not None:
        return track
    full = track.samples >= track.limit.min_samples and now.since(track.since) >= track.limit.delay_s
    return replace(track, on=True) if full else track


def is_crossed(tracks: Iterable[Track]) -> bool:
    """Whether a limit of one condition is crossed."""
    return any(track.since is not None for track in tracks)


def carried(limit: Limit, before: Iterable[Track], standing: Sample | None) -> Track:
    """What a moved limit keeps of its crossing: all of it while the value lies beyond the new threshold too. standing:
    a measurement that holds until there is another one."""
    old = tuple(before)
    same = next((t for t in old if t.limit == limit), None)
    if same is not None:
        return same
    kin = next((t for t in old if _bare(t.limit) == _bare(limit)), None)
    if kin is not None and kin.since is not None and limit.crossed_by(kin.value):
        return replace(kin, limit=limit)
    return Track(limit) if standing is None else observed(Track(limit), standing)


def _bare(limit: Limit) -> Limit:
    """The limit without what a patient makes of it: how the same row is known again."""
    return replace(limit, threshold=0, inclusive=False, note="")


def judged(tracks: Iterable[Track], counts: Callable[[Limit], bool]) -> Finding:
    """The highest level that the tracks of one condition have reached; of equals, the plain limit before one that
    looks at the baseline, then the one listed last. `counts`: whether a limit is to be looked at now."""
    counted = [t for t in tracks if t.since is not None and counts(t.limit)]
    if not counted:
        return QUIET
    reached = [t for t in counted if t.on]
    first = min((t.since for t in counted if t.since is not None), key=lambda at: at.mono_ns)
    if reached:
        highest = max(t.limit.priority for t in reached)
        level = [t for t in reached if t.limit.priority is highest]
        top = ([t for t in level if t.limit.and_from is None] or level)[-1]
    else:
        top = max(counted, key=lambda t: t.limit.priority)
    return Finding(
        level=top.limit.priority if reached else None,
        pending_since=None if reached else first,
        pending_priority=top.limit.priority,
        since=first,
        text=top.limit.sentence(top.value),
        value=top.value,
        limit=top.limit.threshold,
        unit=top.limit.unit,
        latching=top.limit.priority is Priority.HIGH,
        group=top.limit.group,
        delay_s=top.limit.delay_s if reached else min(t.limit.delay_s for t in counted),
    )


@dataclass(frozen=True, slots=True)
class Report:
    """Something that is reported from outside: it signals with each stage's priority once it has lasted its seconds.

    one_shot: its end will never be reported, so acknowledging ends it. follows: as in a Finding. live_until: no delay
    fills after that until it is reported anew; then all the time counts.
    """

    since: Instant
    stages: tuple[tuple[float, Priority], ...]
    text: str
    latching: bool = False
    one_shot: bool = False
    source: str = ""
    group: str = ""
    follows: bool = False
    live_until: Instant | None = None

    def finding(self, now: Instant) -> Finding:
        """The level reached after the time that it has lasted."""
        until = self.live_until
        known = until if until is not None and now.since(until) > 0 else now
        reached = [priority for delay_s, priority in self.stages if known.since(self.since) >= delay_s]
        return Finding(
            level=reached[-1] if reached else None,
            pending_since=None if reached else self.since,
            pending_priority=self.stages[0][1],
            since=self.since,
            text=self.text,
            latching=self.latching,
            group=self.group,
            delay_s=self.stages[0][0],
            follows=self.follows,
        )
