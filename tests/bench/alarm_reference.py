"""A slow second opinion: which limit alarms a recorded session must have had, found from what it stores alone.

Nothing of the alarm manager is used: stored readings, the journal and the instants of the ticks are gone through one
after the other, every limit by itself. What a limit is (thresholds, delays) is the protocol's and the patient's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from exomonitor.alarms.limits import Limit, Priority, build_limits
from exomonitor.alarms.tailored import Basis, tailored
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import NS, Instant
from exomonitor.engine.alarm_basis import basis_of
from exomonitor.engine.ports import ReadingRow
from exomonitor.session import events as ev
from exomonitor.session.entry import Entry
from exomonitor.session.fold import apply
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.session.parts.leaving_events import PatientLeft
from exomonitor.session.state import SessionState

PRESENT = frozenset({"active", "acked"})
HELD = frozenset({"held", "measuring"})
PRESSURES = frozenset({"nibp_sys", "nibp_dia", "nibp_map"})
WEAK = frozenset({"low_perfusion", "artifact"})
FRESH_S, HOLD_S, DIFFER = 15.0, 60.0, 20.0
WAIT_S, WEAK_WAIT_S = 10.0, 15.0
"""When the lack of a value is an alarm itself, and when a weak signal is: until then nothing that stands may end."""
TYPED = frozenset({"typed", "counted"})


@dataclass(slots=True)
class Presence:
    """From when to when a condition was there (ns of the monotonic clock), and how urgent it was at most.

    again: it came back while what had latched was still unseen, so that it counts as urgent as that.
    """

    key: str
    since_ns: int
    until_ns: int | None = None
    peak: Priority = Priority.LOW
    again: bool = False

    def is_recorded_as(self, other: Presence) -> bool:
        """Whether the journal's entry is this presence."""
        if (self.key, self.since_ns) != (other.key, other.since_ns):
            return False
        return self.until_ns == other.until_ns and (self.peak is other.peak or (other.again and other.peak > self.peak))

    def __str__(self) -> str:
        until = "the end" if self.until_ns is None else f"{self.until_ns / NS:.2f} s"
        return f"{self.key} ({self.peak.word}) from {self.since_ns / NS:.2f} s to {until}"


@dataclass(slots=True)
class Crossing:
    """How one limit stands: since when it is crossed, by how many samples, the last of them, and whether it counts."""

    limit: Limit
    since_ns: int | None = None
    samples: int = 0
    value: float = 0.0
    on: bool = False
    stopped_ns: int | None = None
    """Since when nothing was measured: that time does not count."""

    def clear(self) -> None:
        """The value is inside, or there is none."""
        self.since_ns, self.samples, self.on, self.stopped_ns = None, 0, False, None

    def is_full(self, now: int) -> bool:
        """Whether it has been measured beyond for long enough, and often enough."""
        measured_ns = (self.stopped_ns or now) - self.since_ns if self.since_ns is not None else -1
        return measured_ns >= self.limit.delay_s * NS and self.samples >= self.limit.min_samples


@dataclass(slots=True)
class Reference:
    """Goes through one session. `found` has every presence of a limit's condition, in the order in which they began."""

    protocol: ClinicProtocol
    stale_s: float
    """After so long the monitor's values are no longer live."""
    spoke: Sequence[int] = ()
    """When the monitor was heard of anything else, in order (ns): a wave is no reading, but who sends one speaks."""
    found: list[Presence] = field(default_factory=list)
    crossings: dict[str, list[Crossing]] = field(default_factory=dict)
    newest: dict[str, ReadingRow] = field(default_factory=dict)
    """By sign: the last stored reading, whatever it says."""
    sample: dict[str, tuple[float, int, bool]] = field(default_factory=dict)
    """By sign as it is judged: value, when, whether it is good."""
    measured: dict[str, int] = field(default_factory=dict)
    held_since: dict[str, int] = field(default_factory=dict)
    missing: dict[str, tuple[int, float]] = field(default_factory=dict)
    """By sign: since when it has no value, and for how many seconds what stands waits for one."""
    typed: set[str] = field(default_factory=set)
    """What a person measured last: a monitor that measures nothing does not end it."""
    cuff_since: int | None = None
    reaction: bool = False
    basis: Basis = field(default_factory=Basis)

    def run(self, entries: Sequence[Entry], readings: Iterable[ReadingRow], ticks: Iterable[int]) -> list[Presence]:
        """Everything in the order of time; at one instant what was measured, then what was done, then the tick."""
        state: SessionState | None = None
        end_ns = next((e.at.mono_ns for e in entries if isinstance(e.event, PatientLeft)), entries[-1].at.mono_ns)
        moments: list[tuple[int, int, object]] = [(row.at.mono_ns, 0, row) for row in readings if not row.channel]
        moments += [(entry.at.mono_ns, 1, entry) for entry in entries]
        moments += [(at, 2, None) for at in ticks if at >= entries[0].at.mono_ns]
        self._tailor(None)
        for now, _, what in sorted(moments, key=lambda one: one[:2]):
            if now > end_ns:
                break
            if isinstance(what, ReadingRow):
                self._read(what, now)
            elif isinstance(what, Entry):
                state = apply(state, what)
                self._entered(what, now)
                self.reaction = state is not None and state.open_reaction is not None
                continue
            else:
                self._stale(now)
                self._tailor(state)
            self._judge(now)
        return self.found

    # --- what comes ------------------------------------------------------------------------------------------------

    def _read(self, row: ReadingRow, now: int) -> None:
        self.newest[row.name] = row
        if row.name == "nibp_sys":
            measuring = row.validity == "measuring"
            self.cuff_since = (self.cuff_since or now) if measuring else None
        if row.name == "spo2" and self._cuff_holds(now):
            self._stop("spo2", now)
            since, wait_s = self.missing.get("spo2", (now, WAIT_S))
            if "spo2" in self.missing and now - since < wait_s * NS:
                self.missing["spo2"] = (now, wait_s)
            return
        sign = row.name
        if sign in {"hr", "pulse"}:
            if not self._leads(row, now):
                return
            sign = "hr"
        if row.value is None:
            self._no_value(sign, row.validity, now)
            return
        self.held_since.pop(sign, None)
        self.missing.pop(sign, None)
        taken = (row.measured_at or row.at).mono_ns
        if sign in PRESSURES:
            if self.measured.get(sign) == taken:
                return
            self.measured[sign] = taken
        self._see(sign, row.value, now, good=row.validity != "questionable", final=False)

    def _entered(self, entry: Entry, now: int) -> None:
        """What a person counted or typed counts where no device says it at that moment."""
        done = entry.event
        if not isinstance(done, ev.ObservationRecorded) or entry.at.since(done.observed) > 600:
            return
        for sign, one in done.values.items():
            read = self.newest.get(sign)
            fresh = read is not None and read.value is not None and now - read.at.mono_ns <= self.stale_s * NS
            if one.source in TYPED and (sign in PRESSURES or not fresh):
                self._see(sign, float(one.value), now, good=True, final=sign not in PRESSURES)
        self._judge(now)

    def _see(self, sign: str, value: float, now: int, *, good: bool, final: bool) -> None:
        self.sample[sign] = (value, now, good)
        (self.typed.add if final else self.typed.discard)(sign)
        agrees = sign != "hr" or not self._differ(now)
        for crossing in self._of(sign):
            limit = crossing.limit
            if not (limit.held_by(value) if crossing.on else limit.crossed_by(value)):
                crossing.clear()
                continue
            if (limit.good_signal and not good) or (limit.needs_agreement and not agrees):
                if not crossing.on:
                    crossing.clear()
                continue
            if limit.by_hand and not final:
                continue
            if crossing.since_ns is not None and crossing.stopped_ns is not None:
                crossing.since_ns += now - crossing.stopped_ns
            crossing.stopped_ns = None
            crossing.since_ns = now if crossing.since_ns is None else crossing.since_ns
            crossing.samples += 1
            crossing.value = value
            crossing.on = crossing.on or final

    def _no_value(self, sign: str, validity: str, now: int) -> None:
        """What alarms stands until the lack of a value is an alarm; what is on its way to one waits as long."""
        if sign in PRESSURES:
            return
        began = now
        if validity in HELD and sign not in self.missing:
            held = self.held_since.setdefault(sign, now)
            if now - held < HOLD_S * NS:
                self._stop(sign, now)
                return
            began = held + int((HOLD_S - WAIT_S) * NS)
        self.held_since.pop(sign, None)
        weak = sign == "spo2" and validity in WEAK
        self.missing[sign] = (self.missing.get(sign, (began, 0.0))[0], WEAK_WAIT_S if weak else WAIT_S)
        if sign not in self.typed:
            self.sample.pop(sign, None)
            self._stop(sign, now)

    def _nothing(self, sign: str) -> None:
        """The monitor is silent altogether: that is told of the link, and nothing is known of the patient."""
        if sign in PRESSURES:
            return
        self.held_since.pop(sign, None)
        self.missing.pop(sign, None)
        if sign not in self.typed:
            self.sample.pop(sign, None)
            for crossing in self._of(sign):
                crossing.clear()

    def _give_up(self, now: int) -> None:
        for sign, (since, wait_s) in self.missing.items():
            if now - since >= wait_s * NS and sign not in self.typed:
                for crossing in self._of(sign):
                    crossing.clear()

    def _stale(self, now: int) -> None:
        last = max((row.at.mono_ns for row in self.newest.values()), default=0)
        heard = bisect_right(self.spoke, now)
        last = max(last, self.spoke[heard - 1]) if heard else last
        speaks = now - last <= self.stale_s * NS
        for name, row in self.newest.items():
            if name in PRESSURES or now - row.at.mono_ns <= self.stale_s * NS:
                continue
            if name in {"hr", "pulse"} and self._speaks(now):
                continue
            sign = "hr" if name == "pulse" else name
            if speaks and sign != "temp":  # a temperature is measured now and then
                self._no_value(sign, "stale", now)
            else:
                self._nothing(sign)

    def _tailor(self, state: SessionState | None) -> None:
        basis = basis_of(state)
        if self.crossings and basis == self.basis:
            return
        self.basis, before = basis, self.crossings
        self.crossings = {}
        for limit in tailored(build_limits(self.protocol), basis):
            self.crossings.setdefault(limit.key, []).append(_carried(limit, before.get(limit.key, []), self.sample))

    # --- what stands -----------------------------------------------------------------------------------------------

    def _judge(self, now: int) -> None:
        self._give_up(now)
        for key, crossings in self.crossings.items():
            for one in crossings:
                one.on = one.on or one.is_full(now)
            reached = [one.limit.priority for one in crossings if one.on and self._counts(one.limit, now)]
            last = next((p for p in reversed(self.found) if p.key == key and p.until_ns is None), None)
            if reached and last is None:
                self.found.append(Presence(key, now, None, max(reached)))
            elif reached and last is not None:
                last.peak = max(last.peak, *reached)
            elif last is not None:
                last.until_ns = now

    def _counts(self, limit: Limit, now: int) -> bool:
        if limit.reaction_only and not self.reaction:
            return False
        if limit.hr_rise is None and limit.spo2_fall is None:
            return True
        rise, fall = self._change("hr", now), self._change("spo2", now)
        faster = limit.hr_rise is not None and rise is not None and rise >= limit.hr_rise
        return faster or (limit.spo2_fall is not None and fall is not None and -fall >= limit.spo2_fall)

    def _change(self, sign: str, now: int) -> float | None:
        value, at, good = self.sample.get(sign, (0.0, 0, False))
        was = next((number for known, number in self.basis.baseline.items() if known.value == sign), None)
        return value - was if was is not None and good and now - at <= FRESH_S * NS else None

    def _of(self, sign: str) -> list[Crossing]:
        return [one for every in self.crossings.values() for one in every if one.limit.sign.value == sign]

    def _stop(self, sign: str, now: int) -> None:
        for crossing in self._of(sign):
            if crossing.since_ns is None or crossing.on or crossing.stopped_ns is not None:
                continue
            crossing.on = crossing.is_full(now)
            crossing.stopped_ns = None if crossing.on else now

    def _fresh_rate(self, name: str, now: int) -> float | None:
        row = self.newest.get(name)
        fresh_ns = min(FRESH_S, self.stale_s) * NS  # what is too old to look live is silent
        return row.value if row is not None and now - row.at.mono_ns <= fresh_ns else None

    def _leads(self, row: ReadingRow, now: int) -> bool:
        other = self._fresh_rate("pulse" if row.name == "hr" else "hr", now) is not None
        return (row.value is not None or not other) if row.name == "hr" else not other

    def _speaks(self, now: int) -> bool:
        return any(self._fresh_rate(name, now) is not None for name in ("hr", "pulse"))

    def _differ(self, now: int) -> bool:
        rates = [rate for name in ("hr", "pulse") if (rate := self._fresh_rate(name, now)) is not None]
        return len(rates) == 2 and abs(rates[0] - rates[1]) > DIFFER

    def _cuff_holds(self, now: int) -> bool:
        since = self.cuff_since
        return self.basis.same_arm and not self.reaction and since is not None and now - since < HOLD_S * NS


def _carried(limit: Limit, before: list[Crossing], sample: dict[str, tuple[float, int, bool]]) -> Crossing:
    """A limit that was moved: its crossing goes on where the last value lies beyond the new threshold as well."""
    for old in before:
        if old.limit == limit:
            return old
    for old in before:
        alike = (old.limit.priority, old.limit.delay_s, old.limit.and_from, old.limit.reaction_only, old.limit.by_hand)
        if alike != (limit.priority, limit.delay_s, limit.and_from, limit.reaction_only, limit.by_hand):
            continue
        if old.since_ns is not None and limit.crossed_by(old.value):
            return Crossing(limit, old.since_ns, old.samples, old.value, old.on, old.stopped_ns)
    made = Crossing(limit)
    if limit.sign.value in PRESSURES and limit.sign.value in sample:
        value, at, _ = sample[limit.sign.value]
        if limit.crossed_by(value) and not limit.by_hand:
            made.since_ns, made.samples, made.value = at, 1, value
    return made


def recorded(entries: Sequence[Entry], keys: Iterable[str]) -> list[Presence]:
    """What the journal says of these conditions, in the order in which they began."""
    wanted, found = frozenset(keys), []
    open_: dict[str, Presence] = {}
    for entry in entries:
        e = entry.event
        if not isinstance(e, AlarmChanged) or e.key not in wanted:
            continue
        if e.to_state in PRESENT:
            one = open_.get(e.key)
            if one is None:
                one = open_[e.key] = Presence(e.key, entry.at.mono_ns, again=e.from_state == "latched")
                found.append(one)
            one.peak = max(one.peak, Priority[e.priority.upper()])
        elif e.key in open_:
            open_.pop(e.key).until_ns = entry.at.mono_ns
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """How many alarms both found, and what only one of them did."""

    agreed: int
    lost: tuple[str, ...]
    invented: tuple[str, ...]


def compared(
    protocol: ClinicProtocol,
    entries: Sequence[Entry],
    readings: Sequence[ReadingRow],
    ticks: Sequence[int],
    stale_s: float,
    spoke: Sequence[int] = (),
) -> Compared:
    """The journal against the reference, to the nanosecond. What began in the first minute is left out: it may rest on
    readings from before the record; of what did not end before the patient left only the beginning is compared."""
    opened: Instant = entries[0].at
    left = next((e.at.mono_ns for e in entries if isinstance(e.event, PatientLeft)), entries[-1].at.mono_ns)
    keys = {limit.key for limit in build_limits(protocol)}
    must = _told(Reference(protocol, stale_s, spoke).run(entries, readings, ticks), opened.mono_ns + 60 * NS, left)
    was = _told(recorded(entries, keys), opened.mono_ns + 60 * NS, left)
    agreed = [one for one in must if any(one.is_recorded_as(other) for other in was)]
    invented = tuple(str(other) for other in was if not any(one.is_recorded_as(other) for one in must))
    return Compared(len(agreed), tuple(str(one) for one in must if one not in agreed), invented)


def _told(found: Iterable[Presence], from_ns: int, to_ns: int) -> list[Presence]:
    kept = []
    for one in found:
        if from_ns <= one.since_ns <= to_ns:
            until = one.until_ns if one.until_ns is not None and one.until_ns < to_ns else None
            kept.append(replace(one, until_ns=until))
    return kept
