"""A high alarm that nobody acknowledges is told to whoever is on call, once, where this station is set up for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import Condition
from exomonitor.clock import Instant
from exomonitor.engine.chair import Chair
from exomonitor.engine.ports import OnCall
from exomonitor.engine.standing import told_key
from exomonitor.session.parts.alarm_limits import OnCallTold

Arrived = Callable[[Callable[[Instant], None]], None]


def watch_on_call(chair: Chair, on_call: OnCall, arrived: Arrived, now: Instant) -> None:
    """Tell of what nobody has acknowledged for too long and was not told of yet; the answer comes with `arrived`. A
    pause of the sound is no acknowledgement."""
    for one in chair.alarms.unanswered(now, chair.protocol.alarm_settings.on_call_after_s):
        raised = told_key(one.key, one.raised_at)
        if raised in chair.told_on_call:
            continue
        chair.told_on_call.add(raised)
        _tell(chair, one, on_call, arrived, now)


def line_of(chair: str, text: str, stands_s: float) -> str:
    """What is told; nothing that names the patient."""
    return f"ExoMonitor, chair {chair}: high alarm, nobody has acknowledged it for {stands_s:.0f} s: {text}"


def _tell(chair: Chair, one: Condition, on_call: OnCall, arrived: Arrived, now: Instant) -> None:
    stands_s = now.since(one.raised_at) if one.raised_at is not None else 0.0
    told = OnCallTold(one.key, one.text, told=True, raised=one.raised_at)  # the answer may come when it rose again
    future = on_call.tell(line_of(chair.name, one.text, stands_s))
    future.add_done_callback(lambda done: arrived(lambda at: _told(chair, told, done, at)))


def _told(chair: Chair, told: OnCallTold, done: Future[str], at: Instant) -> None:
    why = str(done.exception() or "") or done.result()
    chair.record(replace(told, told=not why, why=why), at)
    if why:
        chair.record_alarms(
            chair.alarms.note("on_call", Priority.MEDIUM, f"ON CALL NOT TOLD ({why}) - call somebody yourself", at)
        )
    chair.outbox.send_events(at)
