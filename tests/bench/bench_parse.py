"""Whether cutting and checking frames runs at half the speed of bytearray.find on the same bytes.

The floor walks the same bytes with bytearray.find in a loop: where a frame begins, where it ends, and its bytes copied
out for each frame, as a driver needs them; nothing is checked. One find over all bytes, without loop and copies, would
be far faster than either. Both go in pieces as a port gives them, in turns, in processor time of this thread. The
target is held by all formats together, as many bytes of each as it sends; long frames alone cannot hold it, their sum
costs more than twice what finding them does.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from devices.monitors.hl7_pcd01.wire.mllp import BlockCutter
from exomonitor.clock import Instant, cpu_stopwatch
from tests.conformance.codecs import MAKERS
from tests.conformance.dialogue import SPECS, START, talk_of

ROUNDS = 9
BYTES = 1_000_000
PIECE = 4096
TARGET = 0.5

# How the floor finds a frame: the bytes that begin it, and the bytes that end it or its length.
ENDS: Mapping[str, tuple[bytes, bytes | int]] = {
    "alaris-asena": (b"!", b"\r"),
    "bbraun-space": (b"\x01", b"\x04"),
    "fresenius-base": (b"\x02", b"\x03"),
    "ge-dri": (b"\x7e", b"\x7e"),
    "harvard-ultra": (b"\n", b"\r"),
    "hl7-pcd01": (b"\x0b", b"\x1c"),
    "masimo": (b"/", b"\r"),
    "nellcor": (b"-", b"\r"),
    "new-era": (b"\x02", b"\x03"),
    "nonin/ascii": (b"S", b"\r"),
    "nonin/df13": (b"\x00\x02\x00\x0d", 22),
    "nonin/df2": (b"\x01", 5),
    "nonin/df7": (b"\x80", 5),
    "nonin/df8": (b"\x80", 4),
    "philips-intellivue": (b"\xc0", b"\xc1"),
}


def run() -> list[dict[str, Any]]:
    """One row for each format, and one for all of them together."""
    rows = []
    ours_s = floor_s = really_ours = really_floor = 0.0
    for key in sorted(SPECS):
        pieces = _pieces(key)
        gc.collect()
        turns = [(_parse_s(key, pieces), _floor_s(key, pieces)) for _ in range(ROUNDS)]
        ours, floor = statistics.median(turn[0] for turn in turns), statistics.median(turn[1] for turn in turns)
        ours_s, floor_s = ours_s + ours, floor_s + floor
        size = sum(map(len, pieces))
        really_ours += ours * len(talk_of(key).heard) / size
        really_floor += floor * len(talk_of(key).heard) / size
        rows.append(_row(key, size, ours, floor, statistics.median(floor / ours for ours, floor in turns)))
    ratio = really_floor / really_ours
    heard = sum(len(talk_of(key).heard) for key in SPECS)
    return [
        *rows,
        _row("all, the same number of bytes of each", BYTES * len(SPECS), ours_s, floor_s, floor_s / ours_s),
        {
            **_row("all, as many bytes of each as it sends", heard, really_ours, really_floor, ratio),
            "target": f">= {TARGET}",
            "ok": ratio >= TARGET,
        },
    ]


def _row(name: str, size: int, ours: float, floor: float, ratio: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": size / ours / 1e6,
        "unit": "MB/s",
        "against": f"{size / floor / 1e6:.0f} MB/s",
        "ratio": ratio,
    }


def _pieces(key: str) -> list[bytes]:
    heard = talk_of(key).heard
    data = heard * (BYTES // len(heard) + 1)
    return [data[begin : begin + PIECE] for begin in range(0, BYTES, PIECE)]


def _parse_s(key: str, pieces: list[bytes]) -> float:
    # as the driver calls it; HL7's messages are read behind the cutter
    cut: Callable[[bytes, Instant], Iterable[object]] = (
        BlockCutter().feed if key == "hl7-pcd01" else MAKERS[key]().dated
    )
    began = cpu_stopwatch()
    for piece in pieces:
        for _ in cut(piece, START):
            pass
    return cpu_stopwatch() - began


def _floor_s(key: str, pieces: list[bytes]) -> float:
    begins, ends = ENDS[key]
    buffer = bytearray()
    out: list[bytes] = []
    began = cpu_stopwatch()
    for piece in pieces:
        buffer += piece
        done = 0
        while (start := buffer.find(begins, done)) >= 0:
            end = buffer.find(ends, start + 1) + 1 if isinstance(ends, bytes) else start + ends
            if not 0 < end <= len(buffer):
                break
            out.append(bytes(buffer[start:end]))
            done = end
        del buffer[:done]
        out.clear()
    return cpu_stopwatch() - began
