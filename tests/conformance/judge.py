"""Judges one run under a fault against what the device says on a good line: lost, invented, late, untold."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from devices.link import BACKOFF_S
from devices.spec import DeviceSpec
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkFault, LinkState
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import PLAUSIBLE, VitalReading
from exomonitor.signals.waves import WaveChunk
from tests.conformance.bed import Run
from tests.conformance.codecs import IN_STEP_ONLY, SHORTEST, Cut
from tests.conformance.dialogue import START

GRAIN_S = 0.6
"""How finely a run can tell when something happened."""
ROUNDING = 1e-6
INSTANT_S = 0.005
"""Less than passes between two answers."""
MOMENT_S = 0.05
"""Within so much a frame is read and what it says is told."""
LATEST_S = 0.6
"""After its last byte no reading may be told later, unless the driver itself says that it waits longer for a rest."""
LONGEST_S = {"bbraun-space": 5.0}
"""By device: no driver may wait longer; the longest answer of a B. Braun pump takes 4.3 s."""
USUALLY_S = 1.0
"""Nor may any other."""
STEP_S = 0.1
"""Within so much after its patience has ended the driver is asked."""
BACK_OFF_S = BACKOFF_S[-1]
OLDEST_S = 3600.0
"""No cuff measurement of these runs is older."""

Said = dict[tuple[str, ...], list[tuple[float, float]]]
"""Name of a number -> (second, value), in the order of time."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What the device says where nothing is wrong; `fits` holds for the whole time, whenever it was said."""

    numbers: Said
    words: frozenset[tuple[str, ...]]
    waves: dict[tuple[str, float], bytes]


@dataclass(slots=True)
class Verdict:
    """What is wrong with a run, in words, and how much of what; no words: all is well."""

    wrong: list[str] = field(default_factory=list)
    frames: int = 0
    intact: int = 0
    lost: int = 0
    damaged_at: list[float] = field(default_factory=list)
    """When a frame that nobody sent was taken for a good one by the codec, each time."""
    accepted: list[tuple[float, bytes]] = field(default_factory=list)
    """What the codec took, and when."""
    invented: int = 0
    recovery_s: float | None = None
    worst_silence_s: float = 0.0

    @property
    def damaged_taken(self) -> int:
        """How many frames that nobody sent the codec took for good ones."""
        return len(self.damaged_at)


@dataclass(frozen=True, slots=True)
class Told:
    """Something that was told although the device did not say it: when, and in words. `over`: the end of an alarm."""

    t: float
    text: str
    over: bool = False


def numbers_of(fact: DeviceFact) -> Iterable[tuple[tuple[str, ...], float]]:
    """Every number in a reading under its name."""
    match fact:
        case VitalReading() if fact.value is not None and fact.validity is not Validity.QUESTIONABLE:
            yield ("vital", fact.sign), fact.value
        case PumpReading():
            for name, (value, _) in fact.numbers().items():
                if value is not None:
                    yield ("pump", fact.channel, name), value


def words_of(fact: DeviceFact) -> Iterable[tuple[str, ...]]:
    """Statuses and alarms."""
    match fact:
        case PumpReading() if fact.status is not PumpStatus.UNKNOWN:
            yield ("status", fact.channel, fact.status)
        case RelayedAlarm():
            yield ("alarm", fact.channel, fact.code)


def truth_of(runs: Sequence[Run]) -> Truth:
    """The truth that runs on a good line tell."""
    numbers: Said = {}
    words: set[tuple[str, ...]] = set()
    waves: dict[tuple[str, float], bytes] = {}
    for one in runs:
        for t, fact in one.facts:
            for name, value in numbers_of(fact):
                numbers.setdefault(name, []).append((t, value))
            words.update(words_of(fact))
            if isinstance(fact, WaveChunk):
                key = (fact.wave, fact.gain)
                waves[key] = waves.get(key, b"") + fact.samples.tobytes()
    for rows in numbers.values():
        rows.sort()
    return Truth(numbers, frozenset(words), waves)


def moment_of(t: float, fact: DeviceFact) -> float:
    """As of when a reading or an alarm that came at `t` is told; `told_late` holds that it is hardly sooner."""
    return t if isinstance(fact, LinkChange | LinkFault) else fact.at.since(START)


def told_late(key: str, result: Run) -> list[str]:
    """Readings and alarms that came later after their own moment than the driver said, from that moment on, that it
    waits in silence for a rest."""
    longest_s, out = LONGEST_S.get(key, USUALLY_S) + STEP_S, []
    for t, fact in result.facts:
        moment = moment_of(t, fact)
        late_s = t - moment
        waited = LATEST_S < late_s <= longest_s and _waited(result.waits, moment, t)
        if not (-ROUNDING <= late_s <= LATEST_S or waited):
            out.append(f"told {late_s:.1f} s late at {t:.1f} s")
    return out


def _waited(waits: Sequence[tuple[float, float]], moment: float, t: float) -> bool:
    """Whether the driver has said between these two seconds that it waits at least until the second one."""
    first = bisect_left(waits, (moment - MOMENT_S, 0.0))
    last = bisect_left(waits, (t + ROUNDING, 0.0))
    return any(until + STEP_S >= t for _, until in waits[first:last])


def invented(result: Run, truth: Truth, window_s: float) -> list[Told]:
    """What was reported although the device did not say it within `window_s` before."""
    out = []
    for told_at, fact in result.facts:
        t = moment_of(told_at, fact)
        out += [
            Told(t, f"{' '.join(name)} = {value:g}")
            for name, value in numbers_of(fact)
            if not _was_said(truth.numbers.get(name, []), value, t, window_s)
        ]
        over = isinstance(fact, RelayedAlarm) and not fact.active
        out += [Told(t, " ".join(word), over) for word in words_of(fact) if word not in truth.words]
        if isinstance(fact, WaveChunk) and not _is_piece(fact, truth):
            out.append(Told(t, f"wave {fact.wave}"))
    return out


def unexcused(false: Sequence[Told], damaged_at: Sequence[float], hold_s: float) -> list[Told]:
    """What no damaged frame explains: such a frame explains what is told at its own moment, or while what it said is
    put together with the next ones (`hold_s`), and the end of an alarm that it began."""
    begun: set[str] = set()
    out = []
    for told in false:
        if any(at - MOMENT_S <= told.t <= at + hold_s + MOMENT_S for at in damaged_at):
            begun.add(told.text)
        elif not (told.over and told.text in begun):
            out.append(told)
    return out


def _was_said(rows: Sequence[tuple[float, float]], value: float, t: float, window_s: float) -> bool:
    first = bisect_left(rows, (t - window_s, float("-inf")))
    last = bisect_left(rows, (t + GRAIN_S, float("inf")))
    # One row more on each side: between two polls a counter has every value between theirs.
    near = [said for _, said in rows[max(0, first - 1) : last + 1]]
    return bool(near) and min(near) - ROUNDING <= value <= max(near) + ROUNDING


def _is_piece(fact: WaveChunk, truth: Truth) -> bool:
    whole, piece = truth.waves.get((fact.wave, fact.gain), b""), fact.samples.tobytes()
    if fact.gap_before:  # it says itself that its time jumps: every sample was sent, be it with holes or twice
        return bool(np.isin(fact.samples, np.frombuffer(whole, np.int16)).all())
    found = whole.find(piece)
    while found > 0 and found % 2:  # samples are of two bytes
        found = whole.find(piece, found + 1)
    return found >= 0


def judge_frames(key: str, result: Run, verdict: Verdict, window_s: float = float("inf")) -> None:
    """What of the device's frames was heard without a scratch, what of that the codec missed, and what it took else:
    a frame that the device did not send within `window_s` before is a damaged one."""
    sent, said_at = Cut(key), defaultdict[bytes, list[float]](list)
    for t, data in result.said:
        known = len(sent.raws)
        sent.feed(data, START.plus(t))
        for raw in sent.raws[known:]:
            said_at[raw].append(t)
    wanted = {raw for raw in sent.raws if len(raw) >= SHORTEST}
    verdict.frames = len(sent.raws)
    for opening in result.heard:
        stream = b"".join(data for _, data in opening)
        taken = Cut(key)
        seen = 0
        for t, data in [*opening, *((t, b"") for t, _ in opening[-1:])]:
            taken.feed(data, START.plus(t if data else t + 3600))
            ended = [when.since(START) for when in taken.moments[seen:]]
            new, seen = list(zip(ended, taken.raws[seen:], strict=True)), len(taken.raws)
            verdict.accepted += new
            fresh = [(at, raw) for at, raw in new if len(raw) >= SHORTEST]
            verdict.damaged_at += [at for at, raw in fresh if not _sent_before(said_at.get(raw, []), at, window_s)]
        got = Counter(raw for raw in taken.raws if len(raw) >= SHORTEST)
        if key in IN_STEP_ONLY:
            there = _beside_another(stream, wanted)
            verdict.intact += there
            verdict.lost += max(0, there - got.total())
            continue
        for raw in wanted:
            there = _answers_in(stream, raw) if key == "harvard-ultra" else stream.count(raw)
            verdict.intact += there
            verdict.lost += max(0, there - got[raw])
    if verdict.lost:
        verdict.wrong.append(f"{verdict.lost} intact frames lost")


def _sent_before(times: Sequence[float], t: float, window_s: float) -> bool:
    place = bisect_left(times, t - window_s)
    return place < len(times) and times[place] <= t + GRAIN_S


def _answers_in(stream: bytes, raw: bytes) -> int:
    """Harvard's answers: the prompt ends with the next line, and behind a line that was cut off it is its second."""
    return len(re.findall(rb"(?<!\r)" + re.escape(raw) + rb"(?=\n)", stream))


def _beside_another(stream: bytes, wanted: set[bytes]) -> int:
    """How many whole frames of one length stand right before or behind another; of two that overlap, one."""
    length = max(map(len, wanted))
    places = {at for at in range(len(stream) - length + 1) if stream[at : at + length] in wanted}
    count, free = 0, -1
    for at in sorted(places):
        if at == free or (at > free and at + length in places):
            count, free = count + 1, at + length
    return count


def repeated(result: Run, usual: Sequence[Truth], spare: int) -> list[str]:
    """Numbers that came oftener than a device on a good line tells them in the same time, in any of its states."""
    often = Counter(name for _, fact in result.facts for name, _ in numbers_of(fact))
    last = result.states[-1][0] if result.states else 0.0
    out = []
    for name, count in often.items():
        said = (bisect_left(state.numbers.get(name, []), (last + GRAIN_S, float("inf"))) for state in usual)
        most = max(said, default=0) + spare
        if count > most:
            out.append(f"{' '.join(name)} told {count} times, not {most}")
    return out


def bunched(
    result: Run,
    usual: Sequence[Truth],
    window_s: float,
    late_s: float,
    damaged_at: Sequence[float],
    frames: Sequence[tuple[float, bytes]] = (),
) -> list[str]:
    """Numbers that came oftener at one moment, or within `window_s`, than on a good line in any of its states; once
    more in a window, for a dialogue that begins anew, and once for each damaged frame taken there. What a line held
    back for `late_s` may come at once. `frames`: where each is a reading, so many different ones may come together."""
    out = []
    said: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for t, fact in result.facts:
        for name, _ in numbers_of(fact):
            said[name].append(t)
    for name, times in said.items():
        good = [[t for t, _ in state.numbers.get(name, [])] for state in usual]
        for span_s, spare in ((INSTANT_S, 0), (window_s, 1)):
            most = max((most_within(one, span_s + late_s) for one in good), default=0) + spare
            for first, t in enumerate(times):
                count = bisect_left(times, t + span_s) - first
                if count <= most:
                    continue
                there = sum(t - window_s - MOMENT_S <= at <= t + span_s for at in damaged_at)
                together = len({raw for at, raw in frames if abs(at - t) <= span_s})
                if count > max(most, together) + there:
                    out.append(f"{' '.join(name)} told {count} times within {span_s:g} s at {t:.1f} s, not {most}")
                    break
    return out


def most_within(times: Sequence[float], span_s: float) -> int:
    """The most of these times that lie in one span of so many seconds."""
    return max((bisect_left(times, t + span_s) - first for first, t in enumerate(times)), default=0)


def stale_in_time(spec: DeviceSpec, result: Run) -> list[str]:
    """Moments at which an old value still passed as fresh."""
    late = [
        (t, silent)
        for t, state, silent in result.states
        if silent is not None and silent > spec.stale_s + GRAIN_S and state is LinkState.TALKING
    ]
    return [f"not stale after {silent:.1f} s at {t:.1f} s" for t, silent in late[:1]]


def first_reading_after(result: Run, second: float) -> float | None:
    """When the first whole reading (a number of a vital sign, or a pump that says what it does) came."""
    for t, fact in result.facts:
        if t < second:
            continue
        vital = isinstance(fact, VitalReading) and fact.value is not None
        pump = isinstance(fact, PumpReading) and any(value is not None for value, _ in fact.numbers().values())
        if vital or pump:
            return t
    return None


def gap_told(spec: DeviceSpec, result: Run, begin_s: float) -> list[str]:
    """A silence longer than the stale limit must be told with its cause, and its end."""
    worst = max((silent or 0.0 for _, _, silent in result.states), default=0.0)
    changes = [(t, fact) for t, fact in result.facts if isinstance(fact, LinkChange) and t >= begin_s]
    out = []
    if worst > spec.stale_s + GRAIN_S:
        silent = (LinkState.STALE, LinkState.LOST)
        if not any(change.state in silent and change.reason.strip() for _, change in changes):
            out.append("a gap without a cause")
    if result.states and result.states[-1][1] is not LinkState.TALKING:
        out.append(f"ends {result.states[-1][1]}")
    return out


def loss_told(result: Run, begin_s: float, end_s: float) -> bool:
    """Whether a lost port was told with its cause."""
    return any(
        isinstance(fact, LinkChange) and fact.state is LinkState.LOST and fact.reason and begin_s <= t <= end_s
        for t, fact in result.facts
    )


def damage_told(result: Run) -> bool:
    """Whether bad bytes came out as faults or stand in the counters."""
    return bool(result.bad) or any(isinstance(fact, LinkFault) for _, fact in result.facts)


def out_of_range(result: Run) -> list[str]:
    """Vital signs that no person has and that are told as if they were true."""
    return [
        f"{fact.sign} = {fact.value:g} told as {fact.validity}"
        for _, fact in result.facts
        if isinstance(fact, VitalReading)
        and fact.value is not None
        and fact.validity is Validity.VALID
        and not PLAUSIBLE[fact.sign][0] <= fact.value <= PLAUSIBLE[fact.sign][1]
    ]


def misdated(result: Run) -> list[str]:
    """Readings that are told as of another day, because the device's clock says so, or as of a time to come."""
    return [
        f"{fact.sign} at {t:.1f} s told as of {fact.taken_at.iso()}"
        for t, fact in result.facts
        if isinstance(fact, VitalReading) and not -GRAIN_S <= fact.at.since(fact.taken_at) <= OLDEST_S
    ]
