"""The steps of the preparation: their order, which are done and when, what still stands before the start. No widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import checklist, events
from exomonitor.session.checklist import Gate
from exomonitor.session.entry import Entry, Event
from exomonitor.session.parts.course import DoseTimed, DoseTimingAccepted
from ui.presenters.words import hm

PATIENT, PRODUCT, ORDER, LINE = checklist.PATIENT, checklist.PRODUCT, checklist.ORDER, checklist.LINE
COURSE = checklist.COURSE
DEVICES, BASELINE, START = checklist.DEVICES, checklist.BASELINE_GATE, "start"
STEPS = (
    (PATIENT, "Patient"),
    (COURSE, "Course"),
    (PRODUCT, "Bag and lot"),
    (ORDER, "Order and rate"),
    (LINE, "Line and site"),
    (DEVICES, "Pump and monitor"),
    (BASELINE, "Baseline set"),
    (START, "Start"),
)
KEYS = tuple(key for key, _ in STEPS)
_DONE_BY: dict[type[Event], str] = {
    events.PatientIdentified: PATIENT,
    DoseTimed: COURSE,
    DoseTimingAccepted: COURSE,
    events.ProductEntered: PRODUCT,
    events.OrderEntered: ORDER,
    events.LineEntered: LINE,
    events.DeviceBound: DEVICES,
}


@dataclass(frozen=True, slots=True)
class StepView:
    """One line of the list: `time` when it was last recorded; accepted = open, but accepted with a reason."""

    key: str
    label: str
    number: int
    done: bool
    accepted: bool
    time: str


def step_views(snapshot: Snapshot) -> tuple[StepView, ...]:
    """The list as it stands."""
    gates = {gate.key: gate for gate in snapshot.gates}
    times = {_step_of(entry): hm(entry.at) for entry in snapshot.log if _step_of(entry)}
    session = snapshot.session
    started = session is not None and session.started is not None
    views = []
    for number, (key, label) in enumerate(STEPS, start=1):
        gate = gates.get(key)
        done = started if key == START else gate is not None and gate.done
        accepted = gate is not None and gate.overridden and not gate.done
        views.append(StepView(key, label, number, done, accepted, times.get(key, "") if done else ""))
    return tuple(views)


def _step_of(entry: Entry) -> str:
    event = entry.event
    if isinstance(event, events.ObservationRecorded):
        return BASELINE if event.slot == "baseline" else ""
    return _DONE_BY.get(type(event), "")


def open_gates(snapshot: Snapshot) -> tuple[Gate, ...]:
    """What stands in the way of the start."""
    return tuple(gate for gate in snapshot.gates if not gate.closed)


def next_key(after: str, views: Sequence[StepView]) -> str:
    """The step after this one that is not done; the last step when all are."""
    rest = views[KEYS.index(after) + 1 :] if after in KEYS else views
    return next((view.key for view in rest if not view.done and not view.accepted), START)


def first_open(views: Sequence[StepView]) -> str:
    """Where to begin: the first step that is not done."""
    return next((view.key for view in views if not view.done and not view.accepted), START)


def needs_typed_rate(snapshot: Snapshot) -> bool:
    """Whether the start needs the rate from the pump's display, because no pump is read."""
    bound = snapshot.session.devices.get("pump") if snapshot.session is not None else None
    return bound is None or not bound.key
