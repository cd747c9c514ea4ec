"""Something slow on a thread of its own, so that neither the bedside nor the screen waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")


def aside(name: str, work: Callable[[], T]) -> Future[T]:
    """Do it on a thread of this name; what comes of it, or why nothing did, is in the answer."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except Exception as error:  # noqa: BLE001 - a thread's edge: whoever asked is told
            answer.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return answer


def unasked(name: str, work: Callable[[], T]) -> Future[T]:
    """The same where nobody waits for the answer: why nothing came of it is said in the log."""

    def tell(done: Future[T]) -> None:
        if why := done.exception():
            log.error("the thread %s came to nothing: %s", name, why)

    answer = aside(name, work)
    answer.add_done_callback(tell)
    return answer
