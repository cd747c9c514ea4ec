"""A bedside with a real engine behind it: what a page sends is decided, and the next picture shows it."""

from __future__ import annotations

from concurrent.futures import Future

from exomonitor.engine.bedside import Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from tests.exomonitor.engine.bedside_bench import Bench
from tests.ui.fake_bedside import FakeBedside


class BenchBedside(FakeBedside):
    """Takes commands to a bench and serves the bench's picture."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.snapshot)
        self.bench = bench

    def submit(self, command: Command) -> Future[Receipt]:
        self.submitted.append(command)
        answer = self.bench.ask(command)
        self._snapshot = self.bench.snapshot
        return answer

    def latest(self) -> Snapshot:
        return self.bench.snapshot
