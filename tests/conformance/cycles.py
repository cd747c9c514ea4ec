"""Whether a reading that is put together of several answers was told when all of them had come whole, each time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.conformance.bed import Run
from tests.conformance.judge import MOMENT_S
from tests.conformance.told import Accepted, moments

STEADY_S = 10.0
"""On a good line by then every dialogue has begun, and asks the same in every cycle."""
LAST = b"\xff" * 8
"""Behind all that is said at one moment."""
SPARE_S = 1.1
"""What a device that sends by itself may need more, until the next round second."""
TICK_S = 0.005
"""Less than an answer takes."""
ASKED = frozenset({"new-era", "harvard-ultra", "alaris-asena", "fresenius-base"})
"""Where a cycle of questions makes a reading; the others send by themselves once they were asked to."""

SIGNS = frozenset({b"\x06", b"\x14"})
"""ACK and DC4 ask for nothing."""

Cycle = tuple[bytes, ...]
"""Questions, one after the other."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked at one moment, and whether the answer came whole before the next question."""

    t: float
    until: float
    question: bytes
    whole: bool


@dataclass(frozen=True, slots=True)
class Usual:
    """How readings come on a good line: the cycles that make one, and the longest time between two of them, in s."""

    cycles: frozenset[Cycle]
    gap_s: float


def exchanges(result: Run, accepted: Accepted) -> list[Exchange]:
    """All questions of a run in their order; those that went at one moment are one."""
    asked: dict[float, bytes] = defaultdict(bytes)
    for t, data in result.asked:
        if data not in SIGNS:
            asked[t] += data
    said = sorted(_by_moment(result.said).items())
    heard = sorted(_by_moment([piece for opening in result.heard for piece in opening]).items())
    taken = sorted(t for t, _ in accepted)
    out = []
    for t, until in pairwise(sorted(asked)):
        came = _between(heard, t, until)
        whole = bool(came) and came == _between(said, t, until)
        count = bisect_right(taken, until) - bisect_right(taken, t)
        out.append(Exchange(t, until, asked[t], whole and count > 0))
    return out


def cycles(good: Run, accepted: Accepted) -> frozenset[Cycle]:
    """What is asked on a good line from one reading to the next, where one follows whenever just that is asked."""
    told = [at for at in moments(good) if at > STEADY_S]
    every = exchanges(good, accepted)
    found = set()
    for last, at in pairwise(told):
        if at - last > MOMENT_S:
            asked = tuple(one.question for one in every if last - TICK_S <= one.t < at - TICK_S)
            found.add(asked)
    return frozenset(one for one in found - {()} if not untold(good, accepted, {one}, STEADY_S))


def untold(result: Run, accepted: Accepted, usual: Collection[Cycle], from_s: float) -> list[str]:
    """Cycles all of whose answers came whole, and no reading was told: as often as that happened after `from_s`."""
    told = moments(result)
    every = [one for one in exchanges(result, accepted) if one.t >= from_s]
    out = []
    for end in range(1, len(every) + 1):
        for cycle in usual:
            there = every[end - len(cycle) : end] if len(cycle) <= end else []
            if not there or tuple(one.question for one in there) != cycle or not all(one.whole for one in there):
                continue
            place = bisect_left(told, there[0].t + TICK_S)
            if place == len(told) or told[place] > there[-1].until + TICK_S:
                out.append(f"{len(cycle)} whole answers from {there[0].t:.1f} s on told nothing")
    return out


def silent_stretches(result: Run, longest_s: float, from_s: float) -> list[str]:
    """Times in which every byte came as it was said, longer than any on a good line without a reading, and none was."""
    told = moments(result)
    said, heard = _by_moment(result.said), _by_moment([piece for opening in result.heard for piece in opening])
    hurt = [t for t in sorted({*said, *heard}) if said.get(t) != heard.get(t)]
    spoken = [t for t in sorted(said) if t >= from_s]
    pauses = [t for pair in pairwise(spoken) if pair[1] - pair[0] > longest_s / 2 for t in pair]
    edges = sorted({from_s, *(t for t in hurt if t >= from_s), *pauses, *spoken[-1:]})
    quiet = {sooner for sooner, later in zip(pauses[::2], pauses[1::2], strict=True)}
    out = []
    for begin, until in pairwise(edges):
        if begin in quiet:
            continue
        marks = [begin, *(at for at in told if begin < at < until), until]
        worst = max(later - sooner for sooner, later in pairwise(marks))
        if worst > longest_s:
            out.append(f"no reading for {worst:.1f} s of undamaged bytes after {begin:.1f} s")
    return out


def longest_gap(good: Run) -> float:
    """The longest time between two readings on a good line."""
    told = [at for at in moments(good) if at > STEADY_S]
    return max((later - sooner for sooner, later in pairwise(told)), default=0.0)


def _between(pieces: Sequence[tuple[float, bytes]], t: float, until: float) -> Sequence[tuple[float, bytes]]:
    return pieces[bisect_right(pieces, (t, LAST)) : bisect_right(pieces, (until, LAST))]


def _by_moment(pieces: Sequence[tuple[float, bytes]]) -> dict[float, bytes]:
    out: dict[float, bytes] = defaultdict(bytes)
    for t, data in pieces:
        out[round(t, 6)] += data
    return out


def swallowed_while_damaged(usual: Usual, result: Run, accepted: Accepted) -> list[str]:
    """What a driver made nothing of although nothing of it was damaged; where a reading is more than one message."""
    if usual.cycles:
        return untold(result, accepted, usual.cycles, STEADY_S)
    return silent_stretches(result, 2 * usual.gap_s + SPARE_S, STEADY_S)


def usual_of(key: str, good: Run, accepted: Accepted) -> Usual:
    """How this family's readings come on a good line."""
    return Usual(cycles(good, accepted) if key in ASKED else frozenset(), longest_gap(good))
