"""How often a frame that was damaged in several places is taken for a good one, in each protocol."""

from __future__ import annotations

import random
from typing import Any

from tests.conformance.codecs import SHORTEST, Cut
from tests.conformance.dialogue import SPECS, talk_of

TRIALS = 20_000
MOST = 16
CONTEXT = 3
"""A damaged frame is heard between good ones, as on a line."""


def run() -> list[dict[str, Any]]:
    """One row for each format; with a checksum of 8 or 16 bits about one of 256 or 65,536 must pass it."""
    return [_row(key) for key in sorted(SPECS)]


def _row(key: str) -> dict[str, Any]:
    frames = _frames(key)
    rng = random.Random(11)
    sent = set(frames)
    taken = 0
    for _ in range(TRIALS):
        place = rng.randrange(len(frames))
        before, after = frames[max(0, place - CONTEXT) : place], frames[place + 1 : place + 1 + CONTEXT]
        cut = Cut(key)
        cut.feed(b"".join([*before, damaged(frames[place], rng), *after]))
        taken += any(raw not in sent for raw in cut.raws if len(raw) >= SHORTEST)
    return {
        "name": key,
        "value": taken,
        "unit": f"of {TRIALS:,} taken",
        "against": "checksum" if SPECS[key].has_checksum else "no checksum",
        "ratio": taken / TRIALS,
    }


def damaged(frame: bytes, rng: random.Random) -> bytes:
    """2 to 16 bytes in a row, or as many here and there, become others."""
    count = min(len(frame), rng.randrange(2, MOST + 1))
    if rng.random() < 0.5:
        begin = rng.randrange(len(frame) - count + 1)
        places = list(range(begin, begin + count))
    else:
        places = rng.sample(range(len(frame)), count)
    out = bytearray(frame)
    for place in places:
        out[place] ^= rng.randrange(1, 256)
    return bytes(out)


def _frames(key: str) -> list[bytes]:
    """The frames of a real talk as they stood on the wire, lines with their ends."""
    cut = Cut(key)
    cut.feed(talk_of(key).heard)
    return [raw for raw in cut.raws if len(raw) >= SHORTEST]
