"""Whether what came whole beside damage told its reading, where only some messages are one by themselves."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from devices.monitors.ge_dri.wire.records import PHDB, WAVE, decode_record
from devices.monitors.nonin.driver.beats import JUMP_S, TOLD_EVERY
from devices.monitors.nonin.wire import frames
from devices.monitors.philips_intellivue.wire import codes, session
from devices.monitors.philips_intellivue.wire.fields import Malformed
from devices.monitors.philips_intellivue.wire.operations import Result, decode_operation
from devices.monitors.philips_intellivue.wire.results import decode_poll_result
from exomonitor.signals.waves import WaveChunk
from tests.conformance.bed import Run
from tests.conformance.codecs import Cut
from tests.conformance.dialogue import START
from tests.conformance.judge import MOMENT_S
from tests.conformance.told import Accepted, moments, near

STEADY_S = 10.0
"""On a good line by then every dialogue has begun."""
PACKET = frames.PER_PACKET * frames.LENGTH
Kind = tuple[int, Hashable]
"""What a message is about, and its form."""
NUMBERS = frozenset({PHDB, codes.NUMERICS})
WAVES = frozenset({WAVE, codes.WAVES})


def _ge_kind(payload: bytes) -> Kind | None:
    """Which record with which parts."""
    record = decode_record(payload)
    return None if record is None else (record.maintype, tuple(kind for kind, _ in record.subrecords))


def _philips_kind(payload: bytes) -> Kind | None:
    """Of which poll, whether it is the last part of a result, and whether anything is in it (the first has nothing)."""
    try:
        operation = None if session.session_kind(payload) is not None else decode_operation(payload)
        result = decode_poll_result(operation) if isinstance(operation, Result) else None
    except Malformed:
        return None
    if result is None or not isinstance(operation, Result):
        return None
    return result.kind, (operation.is_last, bool(result.objects))


KINDS: Mapping[str, Callable[[bytes], Kind | None]] = {"ge-dri": _ge_kind, "philips-intellivue": _philips_kind}
"""Where a message of some kind is a reading, or a piece of a wave, by itself."""
PACKETS = frozenset({"nonin/df2", "nonin/df7"})
"""Where 25 frames are one packet, and one packet of three a reading."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The kinds of messages that tell a number, and those that tell a wave, each time on a good line."""

    numbers: Collection[Kind]
    waves: Collection[Kind]


def telling(key: str, good: Run, accepted: Accepted) -> Telling:
    """What is told by which kind on a good line, once its dialogue has begun."""
    kinds: defaultdict[Kind, list[float]] = defaultdict(list)
    for t, raw in accepted:
        if t > STEADY_S and (kind := _kind(key, raw)) is not None:
            kinds[kind].append(t)
    told = [
        {kind for kind, times in kinds.items() if kind[0] in about and all(near(there, t) for t in times)}
        for about, there in ((NUMBERS, moments(good)), (WAVES, wave_moments(good)))
    ]
    return Telling(*told)


def swallowed(key: str, result: Run, accepted: Accepted, usual: Telling) -> list[str]:
    """Messages that the device sent, that came whole for the first time and did not tell what their kind tells. A wave
    needs what the monitor told of it when the dialogue began: it counts once one was told since the port was opened."""
    sent = Cut(key)
    for _, data in result.said:
        sent.feed(data)
    left = set(sent.raws)
    numbers, waves = moments(result), wave_moments(result)
    openings = [opening[0][0] for opening in result.heard if opening]
    out = []
    for t, raw in accepted:
        if raw not in left or t <= STEADY_S:
            continue
        left.discard(raw)
        kind = _kind(key, raw)
        if kind in usual.numbers and not near(numbers, t):
            out.append(f"a whole message at {t:.1f} s told no number")
        begun = max((at for at in openings if at <= t), default=0.0)
        known = any(begun <= at < t for at in waves)
        if kind in usual.waves and known and not near(waves, t):
            out.append(f"a whole message at {t:.1f} s told no wave")
    return out


def packets_swallowed(key: str, result: Run) -> list[str]:
    """Times in which so many whole packets came one behind the other that one of them must have told a number, and
    none did; the beginning of the next one, which tells that the last is whole, with them."""
    told = moments(result)
    place = 0 if key == "nonin/df7" else 1
    out = []
    for opening in result.heard:
        stream = b"".join(data for _, data in opening)
        times = [t for t, data in opening for _ in data]
        sent = _packets(b"".join(data for _, data in result.said), place)
        ends: list[int] = []  # where the whole packets of one row end
        at = 0
        while at <= len(stream) - PACKET - frames.LENGTH:
            follows = stream[at + PACKET + place] & frames.SYNC
            steady = all(later - sooner <= JUMP_S for sooner, later in pairwise(times[at : at + PACKET + 1]))
            if stream[at : at + PACKET] not in sent or not follows or not steady:
                ends, at = [], at + 1
                continue
            at += PACKET
            ends.append(at)
            if len(ends) > TOLD_EVERY:
                begin, end = times[ends[-TOLD_EVERY - 1]], times[at + frames.LENGTH - 1]
                first = bisect_left(told, begin - MOMENT_S)
                if first == len(told) or told[first] > end + MOMENT_S:
                    out.append(f"{TOLD_EVERY} whole packets until {end:.1f} s told no number")
    return out


def _packets(stream: bytes, place: int) -> frozenset[bytes]:
    """Every packet that the device sent: 25 frames, of which the first alone begins one."""
    found = set()
    for at in range(len(stream) - PACKET + 1):
        if stream[at + place] & frames.SYNC and stream[at + place] & frames.ALWAYS:
            piece = stream[at : at + PACKET]
            whole = [frames.decode_frame(piece, n, wide=place == 0) for n in range(0, PACKET, frames.LENGTH)]
            if all(whole) and not any(one.status & frames.SYNC for one in whole[1:] if one is not None):
                found.add(piece)
    return frozenset(found)


def wave_moments(result: Run) -> list[float]:
    """When each piece of a wave was heard, by its own time."""
    return sorted(fact.at.since(START) for _, fact in result.facts if isinstance(fact, WaveChunk))


def _kind(key: str, raw: bytes) -> Kind | None:
    payloads = Cut(key).feed(raw)
    return KINDS[key](payloads[0]) if payloads else None
