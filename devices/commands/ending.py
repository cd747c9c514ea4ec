"""How a command that runs for ever ends: Ctrl-C, a termination signal, or nobody reading its output any more."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO


class Ended(Exception):
    """The command was asked to end; a clean way out, never shown."""


@contextmanager
def until_ended(out: TextIO) -> Iterator[None]:
    """Turn SIGINT and SIGTERM (in the main thread) and a closed `out` into a quiet end of this block."""
    main = threading.current_thread() is threading.main_thread()
    signals = (signal.SIGINT, signal.SIGTERM) if main else ()
    before = {number: signal.signal(number, _end) for number in signals}
    try:
        yield
    except BrokenPipeError:
        _forget(out.fileno())
    except (Ended, KeyboardInterrupt):
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check_reader(out: TextIO) -> None:
    """Raise Ended when the program that read our output has gone; otherwise a silent device would keep us for ever."""
    try:
        descriptor = out.fileno()
    except (OSError, AttributeError):
        return
    if not hasattr(select, "poll"):
        return
    poll = select.poll()
    poll.register(descriptor, 0)
    if any(event & (select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0)):
        _forget(descriptor)
        raise Ended


def _forget(descriptor: int) -> None:
    """Let the interpreter's last flush go nowhere in place of raising once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _end(number: int, frame: FrameType | None) -> None:
    raise Ended
