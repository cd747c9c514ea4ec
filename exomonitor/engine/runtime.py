"""The engine's thread: one inbox, one tick on a deadline. The same steps can be driven by hand on simulated time."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from exomonitor.clock import Clock, Instant
from exomonitor.engine.bedside import Receipt
from exomonitor.engine.desk import Ask
from exomonitor.engine.engine import Engine
from exomonitor.errors import EnvironmentFault
from exomonitor.session.commands import Command
from exomonitor.signals.facts import DeviceFact

log = logging.getLogger(__name__)
TICK_S = 0.25
COMMIT_WAIT_S = 30.0
Work = Callable[[Instant], None]


class Runtime:
    """Brings everything to the engine on one thread: facts, commands, commits and time."""

    def __init__(self, clock: Clock, make_engine: Callable[[Callable[[Work], None]], Engine]) -> None:
        """`make_engine` gets the function that posts work to this runtime."""
        self._clock = clock
        self._inbox: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self.engine = make_engine(self.post)
        self._next_tick = clock.now()
        self._thread: threading.Thread | None = None
        self._door = threading.Lock()  # between the last command and the end
        self._closed = False

    def post(self, work: Work) -> None:
        """Have `work` called on the engine's thread with the instant of that moment."""
        self._inbox.put(work)

    def post_facts(self, chair: str, *facts: DeviceFact) -> None:
        """What a device of this chair said at once: nothing comes between, and nothing of it is stored without the
        rest. What the engine cannot take keeps nothing else of it away."""
        self.post(lambda now: self._take(chair, facts, now))

    def _take(self, chair: str, facts: Sequence[DeviceFact], now: Instant) -> None:
        for fact in facts:
            try:
                self.engine.on_device(chair, fact, now)
            except Exception:  # as at the thread's edge, for each of them
                log.exception("engine: a step failed")
        self.engine.all_told(chair, now)

    def submit(self, command: Command) -> Future[Receipt]:
        """A person's command; its future always resolves."""
        answer: Future[Receipt] = Future()
        with self._door:
            if not self._closed:
                self.post(lambda now: self.engine.on_command(Ask(command, answer), now))
                return answer
        answer.set_exception(EnvironmentFault("The program is closing"))
        return answer

    @property
    def closed(self) -> bool:
        """Whether what is posted from here on may never be done."""
        return self._closed

    @property
    def next_tick(self) -> Instant:
        """When the engine must be told that time has passed."""
        return self._next_tick

    def step(self, wait_s: float = 0.0) -> bool:
        """Do what is in the inbox (waiting up to `wait_s` real seconds for the first) and tick when due; False
        = closed."""
        going = self._work_off(wait_s)
        self._let_time_pass()
        return going

    def _work_off(self, wait_s: float = 0.0) -> bool:
        going = True
        try:
            work = self._inbox.get(timeout=wait_s) if wait_s > 0 else self._inbox.get_nowait()
            while True:
                if work is None:
                    going = False
                else:
                    work(self._clock.now())
                work = self._inbox.get_nowait()
        except queue.Empty:
            pass
        return going

    def _let_time_pass(self) -> None:
        now = self._clock.now()
        if now.since(self._next_tick) >= 0:
            self.engine.tick(now)
            self._next_tick = now.plus(TICK_S)

    def settle(self) -> None:
        """On simulated time: go on until no commit or command is under way, waiting for the recorder in real time.

        What was said is stored before time passes: else it would depend on the disk what a tick finds.
        """
        for let_time_pass in (False, True):
            if let_time_pass:
                self._let_time_pass()
            self._work_off()
            while self.engine.busy:
                self._work_off(COMMIT_WAIT_S)
        self._work_off()

    def start(self) -> None:
        """Run on a thread of its own, in real time."""
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        going = True
        while going:
            wait = min(TICK_S, max(0.001, self._next_tick.since(self._clock.now())))
            try:
                going = self.step(wait)
            except Exception:  # a thread's edge: the engine must not die quietly, and goes on with the next work
                log.exception("engine: a step failed")

    def close(self) -> None:
        """Take nothing new, finish what is under way, end the thread."""
        with self._door:
            self._closed = True
            self._inbox.put(None)
        if self._thread is not None:
            self._thread.join(timeout=COMMIT_WAIT_S)
            self._thread = None
        self.settle()
