"""One session of the field from its first entry to its signature, over as many lives of the program as it takes.

`python -m tests.bench.field_session MINUTES SEED SEED ...` plays these one after the other and prints a JSON line for
each; `SEED:FAULT,FAULT` is a session with these faults and no others.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
import tempfile
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from exomonitor.clock import NS, stopwatch
from tests.bench.field_judge import judge
from tests.bench.field_life import live
from tests.bench.field_plan import Day, day
from tests.bench.field_told import Heard, LifeTold

SHORTEST_S = 2.0
PIECE = 1 << 16


@dataclass(slots=True)
class Boot:
    """The computer since it was switched on: its boot id, the scenario's second then, and how wrong its clock is."""

    id: str
    began_s: float
    wall_s: float = 0.0


@dataclass(slots=True)
class Pipes:
    """What a child told before it ended."""

    told: bytearray = field(default_factory=bytearray)
    commits: bytearray = field(default_factory=bytearray)
    status: int = 0


def play(one: Day, folder: Path) -> dict[str, object]:
    """All lives of a session, then the judge; what was found as plain values."""
    began, boot = stopwatch(), Boot(f"field-{one.seed}-1", -100.0)
    database = (folder / "data" / "field.sqlite3").resolve()
    second, lives = 0.0, list[LifeTold]()
    for number in range(len(one.deaths) + 1):
        clock = (boot.id, round((second - boot.began_s) * NS), boot.wall_s)
        pipes = _in_a_child(one, number, second, clock, database)
        told = LifeTold(number, boot.id, round(boot.began_s * NS), second, *_understood(pipes)).on_its_line()
        lives.append(told.on_the_record(lives))
        if told.died and number < len(one.deaths):
            second, boot = _next_start(one, number, told, boot)
            continue
        break
    found = judge(one, lives, database)
    return {"seed": one.seed, "faults": one.faults, "together": one.together, "s": stopwatch() - began, **found}


def _next_start(one: Day, number: int, told: LifeTold, boot: Boot) -> tuple[float, Boot]:
    """The second at which the program is there again, and the boot that this belongs to."""
    death = one.deaths[number]
    died_s = max(told.last_s, told.second + SHORTEST_S)
    second = round(died_s + death.away_s, 3)
    if death.how == "power cut":
        return second, Boot(f"field-{one.seed}-{number + 2}", second - 25.0)
    steps = (h.amount for h in one.happenings if h.what == "clock step" and told.second <= h.at_s <= died_s)
    return second, Boot(boot.id, boot.began_s, boot.wall_s + sum(steps))


def _in_a_child(one: Day, number: int, second: float, clock: tuple[str, int, float], database: Path) -> Pipes:
    """Fork, let the child live, and listen until it has ended."""
    facts_out, facts_in = os.pipe()
    commits_out, commits_in = os.pipe()
    child = os.fork()
    if not child:
        code = 3
        try:
            os.close(facts_out)
            os.close(commits_out)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            code = live(one, number, second, clock, database, (facts_in, commits_in))
        except BaseException:  # noqa: BLE001 - the child's edge: the parent judges by its words and its code
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(facts_in)
    os.close(commits_in)
    pipes = Pipes()
    with selectors.DefaultSelector() as looking:
        looking.register(facts_out, selectors.EVENT_READ, pipes.told)
        looking.register(commits_out, selectors.EVENT_READ, pipes.commits)
        while looking.get_map():
            for key, _ in looking.select():
                if piece := os.read(key.fd, PIECE):
                    key.data.extend(piece)
                else:
                    looking.unregister(key.fd)
                    os.close(key.fd)
    pipes.status = os.waitpid(child, 0)[1]
    return pipes


def _understood(pipes: Pipes) -> tuple[bool, int, str, list[tuple[int, str]], Heard]:
    """Whether it was killed, its exit code, the phase at its end, what it acknowledged, and what it heard."""
    heard, phase = Heard(), ""
    whole, _, _ = bytes(pipes.told).rpartition(b"\n")
    for line in whole.decode().splitlines():
        if line.startswith("END "):
            phase = line[4:]
        else:
            heard.take(line)
    commits = [json.loads(line) for line in bytes(pipes.commits).splitlines(keepends=True) if line.endswith(b"}\n")]
    acknowledged = [(row["seq"], row["hash"]) for row in commits if row.get("kind") == "recorded"]
    died = os.WIFSIGNALED(pipes.status) and os.WTERMSIG(pipes.status) == signal.SIGKILL
    return died, pipes.status, phase, acknowledged, heard


def main(words: list[str]) -> None:
    """Play them all."""
    memory = Path("/dev/shm")
    for word in words[1:]:
        seed, _, faults = word.partition(":")
        with tempfile.TemporaryDirectory(prefix="field-", dir=memory if memory.is_dir() else None) as name:
            one = day(int(seed), float(words[0]), tuple(faults.split(",")) if faults else ())
            sys.stdout.write(json.dumps(play(one, Path(name))) + "\n")  # one write: others write into the same pipe
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
