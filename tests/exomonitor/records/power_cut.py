"""What a disk may hold after the power failed: everything synced, and of the rest anything, in pieces of 512 bytes.

The model: a sync makes all earlier writes and truncates of its file durable, and the names of the files with them. A
write that was not synced is kept, dropped, or torn: each sector of 512 bytes is kept or not. Bytes that nobody wrote do
not change. Creating and deleting files reaches the disk in order, as far as the cut allows.
"""

from __future__ import annotations

import io
import json
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from exomonitor.clock import ManualClock
from exomonitor.records.database import open_database
from exomonitor.records.keys import FILE as KEYS
from exomonitor.records.signed_mark import mark_beside
from exomonitor.records.verify import verify_database
from tests.exomonitor.records.disk import Call, Disk
from tests.exomonitor.records.record_samples import ask

SECTOR = 512


class Heard(io.StringIO):
    """A stream whose lines stand among the calls, at the moment when they are printed."""

    def __init__(self, disk: Disk) -> None:
        super().__init__()
        self._disk = disk

    def write(self, text: str) -> int:
        """Take lines down."""
        for line in text.splitlines():
            self._disk.say(line)
        return len(text)


@dataclass(slots=True)
class _Inode:
    durable: bytearray = field(default_factory=bytearray)
    waiting: list[Call] = field(default_factory=list)

    def settle(self) -> None:
        """Everything so far is on the disk."""
        for call in self.waiting:
            _apply(self.durable, call)
        self.waiting.clear()

    def after_cut(self, chance: random.Random, fate: str) -> bytes:
        """What may be left of it."""
        content = bytearray(self.durable)
        for call in self.waiting:
            lot = {"all": 0.0, "none": 1.0}.get(fate, chance.random())
            if lot < 0.4:
                _apply(content, call)
            elif lot < 0.7 and call.what == "write":
                for piece in _sectors(call):
                    if chance.random() < 0.5:
                        _apply(content, piece)
        return bytes(content)


def _apply(content: bytearray, call: Call) -> None:
    if call.what == "truncate":
        del content[call.at :]
        content.extend(bytes(call.at - len(content)))
        return
    content.extend(bytes(max(0, call.at - len(content))))
    content[call.at : call.at + len(call.data)] = call.data


def _sectors(call: Call) -> Iterator[Call]:
    start, end = call.at, call.at + len(call.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield Call("write", call.path, start, call.data[start - call.at : stop - call.at])
        start = stop


@dataclass(slots=True)
class Platter:
    """The files of one folder as the calls leave them."""

    names: dict[str, _Inode] = field(default_factory=dict)
    durable_names: dict[str, _Inode] = field(default_factory=dict)
    renaming: list[list[tuple[str, _Inode | None]]] = field(default_factory=list)
    """Names that are not durable yet, in order; what stands together happens together."""

    def take(self, call: Call) -> None:
        """One more call."""
        match call.what:
            case "found":
                self.names[call.path] = self.durable_names[call.path] = _Inode(bytearray(call.data))
            case "create":
                self._name((call.path, _Inode()))
            case "delete":
                self._name((call.path, None))
                if call.at:
                    self._settle_names()
            case "rename":
                self._name((call.data.decode(), self.names[call.path]), (call.path, None))
            case "write" | "truncate":
                self.names[call.path].waiting.append(call)
            case "sync":
                if call.path in self.names:  # else it is the folder
                    self.names[call.path].settle()
                self._settle_names()

    def _name(self, *changes: tuple[str, _Inode | None]) -> None:
        self.renaming.append([*changes])
        for path, inode in changes:
            _rename(self.names, path, inode)

    def _settle_names(self) -> None:
        self.durable_names = dict(self.names)
        self.renaming.clear()

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """What the folder may hold when the power fails now, by path."""
        fate = chance.choice(("all", "none", *["any"] * 8))
        names = dict(self.durable_names)
        reached = {"all": len(self.renaming), "none": 0}.get(fate, chance.randint(0, len(self.renaming)))
        for path, inode in chain.from_iterable(self.renaming[:reached]):
            _rename(names, path, inode)
        return {path: inode.after_cut(chance, fate) for path, inode in names.items()}


def _rename(names: dict[str, _Inode], path: str, inode: _Inode | None) -> None:
    if inode is None:
        names.pop(path, None)
    else:
        names[path] = inode


@dataclass(slots=True)
class Tally:
    """What was found after the cuts. `acknowledged` counts records over all cuts; `marked`: after how many a mark of a
    signed end lay there; `first`: what was wrong first."""

    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    corrupt: int = 0
    marked: int = 0
    first: str = ""


def cut_at_random(calls: Sequence[Call], database: Path, folder: Path, cuts: int, seed: int) -> Tally:
    """Cut the power so often in the course of the calls, each time open what is left with the product, and compare."""
    chance, tally = random.Random(seed), Tally()
    calls = [call for call in calls if call.what == "said" or _is_of(database, Path(call.path))]
    begin = next(number for number, call in enumerate(calls) if call.path) + 1
    moments = sorted(chance.randint(begin, len(calls)) for _ in range(cuts))
    platter, told, done = Platter(), list[tuple[int, str]](), 0
    for moment in moments:
        for call in calls[done:moment]:
            platter.take(call)
            told += _acknowledged(call)
        done = moment
        _look(platter.after_cut(chance), database, folder, told, tally, chance)
    return tally


def left_after_cuts(calls: Sequence[Call], database: Path, folder: Path, cuts: int, seed: int) -> Iterator[Path]:
    """Cut the power so often in the course of what is done to a database that was there before: where it lies then."""
    chance = random.Random(seed)
    of_it = [call for call in calls if _is_of(database, Path(call.path))]
    found = [call for call in of_it if call.what == "found"]
    asked = [call for call in of_it if call.what != "found"]
    for moment in (0, len(asked), *(chance.randint(0, len(asked)) for _ in range(cuts - 2))):
        platter = Platter()
        for call in (*found, *asked[:moment]):
            platter.take(call)
        _lay(platter.after_cut(chance), folder)
        yield folder / database.name


def _lay(left: dict[str, bytes], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in left.items():
        (folder / Path(name).name).write_bytes(content)


def _is_of(database: Path, path: Path) -> bool:
    """Whether a file is the database, lies beside it under its name, holds its keys, or is the folder."""
    named = database.stem in path.name or path.name == KEYS
    return path == database.parent or (path.parent == database.parent and named)


def _acknowledged(call: Call) -> list[tuple[int, str]]:
    if call.what != "said" or not call.data.startswith(b"{"):
        return []
    line = json.loads(call.data)
    return [(line["seq"], line["hash"])] if line.get("kind") == "recorded" else []


def _look(
    left: dict[str, bytes],
    database: Path,
    folder: Path,
    told: Sequence[tuple[int, str]],
    tally: Tally,
    chance: random.Random,
) -> None:
    _lay(left, folder)
    path = folder / database.name
    if chance.random() < 0.3:  # what shared memory left behind is worth nothing
        path.with_name(path.name + "-shm").write_bytes(chance.randbytes(32_768))
    tally.cuts += 1
    tally.acknowledged += len(told)
    tally.marked += mark_beside(path).exists()
    try:
        open_database(path, "ExoMonitor after a power cut", True, ManualClock())
        kept = {int(str(row[0])): row[1] for row in ask(path, "SELECT seq, hash FROM journal")}
        findings = [str(finding) for finding in verify_database(path)]
    except Exception as why:  # noqa: BLE001 - whatever it is, it is counted
        kept, findings = {}, [str(why)]
    lost = [seq for seq, row_hash in told if kept.get(seq) != row_hash]
    tally.lost += len(lost)
    tally.corrupt += bool(findings)
    if (lost or findings) and not tally.first:
        tally.first = f"cut {tally.cuts}: lost {lost[:5]}, found {findings[:3]}"
