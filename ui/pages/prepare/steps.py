"""The steps of the preparation: their order, which are done and when, what still stands before the start. No widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import checklist, events, gate_rules
from exomonitor.session.checklist import Gate
from exomonitor.session.entry import Entry, Event
from exomonitor.session.parts.checks import ChecklistRecorded, HydrationGiven, PremedicationGiven
from exomonitor.session.parts.course import DoseTimed, DoseTimingAccepted
from exomonitor.session.parts.double_check import DoubleCheckDone, SingleNurseAccepted
from exomonitor.session.parts.emergency_events import OwnSbpLimitSet
from ui.presenters.words import hm

PATIENT, PRODUCT, ORDER, LINE = checklist.PATIENT, checklist.PRODUCT, checklist.ORDER, checklist.LINE
COURSE = checklist.COURSE
OWN_LIMIT = checklist.OWN_LIMIT
DEVICES, BASELINE, START = checklist.DEVICES, checklist.BASELINE_GATE, "start"
CONSENT, PREMED, READINESS, DOUBLE = gate_rules.CONSENT, "premed", gate_rules.READINESS, checklist.DOUBLE_CHECK
STEPS = (
    (PATIENT, "Patient"),
    (COURSE, "Course"),
    (PRODUCT, "Bag and lot"),
    (ORDER, "Order and rate"),
    (CONSENT, "Consent"),
    (LINE, "Line and site"),
    (DEVICES, "Pump and monitor"),
    (PREMED, "Hydration, premed"),
    (READINESS, "Readiness"),
    (DOUBLE, "Second check"),
    (BASELINE, "Baseline set"),
    (OWN_LIMIT, "Own pressure limit"),
    (START, "Time-out"),
)
KEYS = tuple(key for key, _ in STEPS)
SOMETIMES = frozenset({OWN_LIMIT})
"""Steps that are there only while their gate is."""
_DONE_BY: dict[type[Event], str] = {
    events.PatientIdentified: PATIENT,
    DoseTimed: COURSE,
    DoseTimingAccepted: COURSE,
    events.ProductEntered: PRODUCT,
    events.OrderEntered: ORDER,
    events.LineEntered: LINE,
    events.DeviceBound: DEVICES,
    HydrationGiven: PREMED,
    PremedicationGiven: PREMED,
    DoubleCheckDone: DOUBLE,
    SingleNurseAccepted: DOUBLE,
    OwnSbpLimitSet: OWN_LIMIT,
}
_STEP_OF_GATE = {
    gate_rules.TODAY: CONSENT,
    gate_rules.HYDRATION: PREMED,
    gate_rules.PREMEDICATION: PREMED,
    gate_rules.TIME_OUT: START,
    checklist.ENDOTOXIN: ORDER,
    checklist.SOUND: START,
}
"""Gates that are closed on another step's page; lists that a clinic adds stand on the page of the readiness."""


def step_of_gate(gate: str) -> str:
    """The step on which this gate is closed."""
    return gate if gate in KEYS else _STEP_OF_GATE.get(gate, READINESS)


@dataclass(frozen=True, slots=True)
class StepView:
    """One line of the list: `time` when it was last recorded; accepted = open, accepted with a reason; waits = there
    is nothing to do, and nothing is done, before an earlier step."""

    key: str
    label: str
    number: int
    done: bool
    accepted: bool
    time: str
    waits: bool = False


def step_views(snapshot: Snapshot) -> tuple[StepView, ...]:
    """The list as it stands; a step that only some patients need is not there for the others."""
    by_step: dict[str, list[Gate]] = {}
    for gate in snapshot.gates:
        by_step.setdefault(step_of_gate(gate.key), []).append(gate)
    times = {_step_of(entry): hm(entry.at) for entry in snapshot.log if _step_of(entry)}
    session = snapshot.session
    started = session is not None and session.started is not None
    views = []
    shown = [step for step in STEPS if step[0] in by_step or step[0] not in SOMETIMES]
    for number, (key, label) in enumerate(shown, start=1):
        gates = by_step.get(key, [])
        done = (bool(gates) and all(gate.done for gate in gates)) or (key == START and started)
        accepted = bool(gates) and not done and all(gate.done or gate.overridden for gate in gates) and key != START
        waits = key == COURSE and (session is None or session.patient is None)
        time = times.get(key, "") if done or accepted else ""
        views.append(StepView(key, label, number, done, accepted, time, waits))
    return tuple(views)


def _step_of(entry: Entry) -> str:
    event = entry.event
    if isinstance(event, events.ObservationRecorded):
        return BASELINE if event.slot == "baseline" else ""
    if isinstance(event, ChecklistRecorded):
        return step_of_gate(event.checklist)
    return _DONE_BY.get(type(event), "")


def open_gates(snapshot: Snapshot) -> tuple[Gate, ...]:
    """What stands in the way of the start."""
    return tuple(gate for gate in snapshot.gates if not gate.closed)


def newly_asked(before: Sequence[Gate], now: Sequence[Gate]) -> bool:
    """Whether the patient's own limit is asked for now and was not before."""
    return OWN_LIMIT in {gate.key for gate in now if not gate.closed} - {gate.key for gate in before}


def next_key(after: str, views: Sequence[StepView]) -> str:
    """The step after this one that is not done; the last step when all are."""
    place = KEYS.index(after) if after in KEYS else -1
    rest = [view for view in views if KEYS.index(view.key) > place]
    return next((view.key for view in rest if not view.done and not view.accepted), START)


def first_open(views: Sequence[StepView]) -> str:
    """Where to begin: the first step that is not done."""
    return next((view.key for view in views if not view.done and not view.accepted), START)


def needs_typed_rate(snapshot: Snapshot) -> bool:
    """Whether the start needs the rate from the pump's display, because no pump is read."""
    bound = snapshot.session.devices.get("pump") if snapshot.session is not None else None
    return bound is None or not bound.key
