"""Whether one process reads 32 devices on pseudo-terminals for a minute of real time: lost frames, processor time."""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import threading
from itertools import cycle, islice
from typing import Any

from devices.link import Link
from devices.link_thread import LinkThread
from devices.transport.serial_port import SerialPort
from exomonitor.clock import SystemClock, stopwatch
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkState
from exomonitor.signals.waves import WaveChunk
from tests.conformance.codecs import Cut
from tests.conformance.dialogue import SPECS

PUMPS = ("bbraun-space", "new-era", "harvard-ultra", "alaris-asena", "fresenius-base")
MONITORS = ("ge-dri", "philips-intellivue")  # the families that send three waves and more
EACH = 16
SECONDS = 60.0
DRAIN_S = 2.0
PATIENCE_S = 30.0


class Tape(SerialPort):
    """A serial port that keeps what it read."""

    def __init__(self, port: str, key: str) -> None:
        super().__init__(port, SPECS[key].settings)
        self.heard: list[bytes] = []

    def read(self, timeout_s: float) -> bytes:
        """As the port gives it."""
        data = super().read(timeout_s)
        if data:
            self.heard.append(data)
        return data


class Reader:
    """One device being read, and what came of it."""

    def __init__(self, key: str, port: str) -> None:
        self.key = key
        self.tape = Tape(port, key)
        self.facts = 0
        self.waves: set[str] = set()
        self.link = Link(SPECS[key], self.tape, f"{key} {port}", SystemClock(), self._take)
        self.thread = LinkThread(self.link)

    def _take(self, fact: DeviceFact) -> None:
        self.facts += 1
        if isinstance(fact, WaveChunk):
            self.waves.add(fact.wave)


def run() -> list[dict[str, Any]]:
    """Start the ward, read it, compare."""
    keys = [*islice(cycle(PUMPS), EACH), *islice(cycle(MONITORS), EACH)]
    words = [sys.executable, "-m", "tests.bench.ward", *keys]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as ward:
        assert ward.stdin is not None
        assert ward.stdout is not None
        readers = [Reader(key, port) for key, port in zip(keys, json.loads(ward.stdout.readline()), strict=True)]
        gc.collect()
        gc.freeze()
        used, began = _cpu_s(), stopwatch()
        for reader in readers:
            reader.thread.start()
        threading.Event().wait(SECONDS)
        used, took = _cpu_s() - used, stopwatch() - began
        talking = sum(reader.link.state is LinkState.TALKING for reader in readers)
        ward.stdin.write("enough\n")
        ward.stdin.flush()
        threading.Event().wait(DRAIN_S)
        for reader in readers:
            reader.thread.stop()
        said = json.loads(ward.stdout.readline())
    return _rows(readers, said, talking, used, took)


def _rows(readers: list[Reader], said: list[list[int]], talking: int, used: float, took: float) -> list[dict[str, Any]]:
    cuts = [(Cut(reader.key), reader) for reader in readers]
    heard = [sum(len(cut.feed(data)) for data in reader.tape.heard) for cut, reader in cuts]
    sent_bytes, sent = (sum(column) for column in zip(*said, strict=True))
    lost = sum(max(0, frames - got) for (_, frames), got in zip(said, heard, strict=True))
    counters = [reader.link.counters() for reader in readers]
    bad = sum(sum(one.frames_bad.values()) for one in counters)
    waves = min(len(reader.waves) for reader in readers if reader.key in MONITORS)
    return [
        {"name": "devices read at once", "value": len(readers), "unit": f"{took:.0f} s", "target": "32"},
        {"name": "of these talking at the end", "value": talking, "target": "32", "ok": talking == len(readers)},
        {"name": "waves of each monitor, at least", "value": waves, "target": ">= 3", "ok": waves >= 3},
        {"name": "bytes sent", "value": sent_bytes, "against": f"{sum(one.bytes_in for one in counters)} read"},
        {"name": "frames sent", "value": sent, "against": f"{sum(heard)} read"},
        {"name": "frames lost", "value": lost, "target": "0", "ok": lost == 0},
        {"name": "frames damaged", "value": bad, "target": "0", "ok": bad == 0},
        {"name": "facts told", "value": sum(reader.facts for reader in readers)},
        {"name": "processor", "value": used, "unit": "s", "ratio": used / took, "target": "<= 1", "ok": used <= took},
    ]


def _cpu_s() -> float:
    mine = resource.getrusage(resource.RUSAGE_SELF)
    return mine.ru_utime + mine.ru_stime
