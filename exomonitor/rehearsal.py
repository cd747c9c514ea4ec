"""Plays a scenario against a station: whole by its script, or prepared and then left to the person at the window."""

from __future__ import annotations

import signal
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Protocol

from exomonitor.clinical.gs1 import scan_label
from exomonitor.clock import ManualClock, SystemClock
from exomonitor.computer import ending
from exomonitor.engine.bedside import Receipt
from exomonitor.engine.conductor import Conductor
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.ports import Archive
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import EnvironmentFault
from exomonitor.headless import ScriptedNurse, ScriptRow, command_name
from exomonitor.registry.demo_people import DEMO_PEOPLE
from exomonitor.registry.patients import PatientRecord
from exomonitor.registry.registry import Registry
from exomonitor.session import events as ev
from exomonitor.session.entry import Entry, Event, RegistryEvent
from exomonitor.session.parts.emergency_events import EmergencyStepDone
from exomonitor.session.parts.every import RECORDS
from exomonitor.session.parts.trust import ASKED, EndMonitoring
from exomonitor.session.phases import Phase
from exomonitor.settings import ChairSetting, Seat, seats_of
from exomonitor.station import Station

RESTART_S = 5.0
"""How long a restart takes in simulated time."""
LOOK_S = 6.0
"""How long the nurse looks at the screen after a restart: by then the monitor has spoken again."""
WARM_UP_S = 60.0
"""By then the simulated monitor has measured everything once, the cuff included."""
COMMAND_WAIT_S = 30.0
TOLD_TO_END = "It was told to end. What was recorded stays; with --resume the session goes on."


class DemoWorld(Protocol):
    """What a demo's devices offer beyond being stepped."""

    @property
    def pump_starts_s(self) -> float:
        """The second at which the scenario starts the pump."""
        ...

    def infos(self) -> tuple[SourceInfo, ...]:
        """What the engine must know of each device."""
        ...

    def hold(self) -> None:
        """Let the scenario wait."""
        ...

    def go_on(self) -> None:
        """Let it take its course."""
        ...


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a simulated run begins: its clock, the scenario's second then, and the rows that are still to do.

    `resumed`: the id of the session that goes on, or of the newest one when it is over already (`finished`)."""

    clock: ManualClock
    second: float
    rows: tuple[ScriptRow, ...]
    resumed: str = ""
    finished: bool = False


def begin_anew(rows: Sequence[ScriptRow] = ()) -> Beginning:
    """At the real UTC, at the scenario's beginning."""
    utc = SystemClock().now().utc
    start = utc - timedelta(microseconds=utc.microsecond % 1000)
    return Beginning(_clock(start), 0.0, tuple(rows))


def begin_again(archive: Archive, rows: Sequence[ScriptRow]) -> Beginning:
    """After the last recorded instant of the newest open session (plus the time that a restart takes). Where none was
    opened yet the run begins anew; where the newest one is closed nothing is left to do but to export it."""
    waiting, sessions = archive.open_sessions(), archive.sessions()
    if not sessions:
        return begin_anew(rows)
    session = waiting[-1] if waiting else sessions[0].session
    entries = archive.entries(session)
    last = max(entry.at.utc for entry in entries)
    opened_at_s = next((row.at_s for row in rows if row.do == "open_session"), 0.0)
    second = (last - entries[0].at.utc).total_seconds() + opened_at_s + RESTART_S
    left = (*_at_work(rows, second), *rows_to_do(rows, entries, second - RESTART_S))
    return Beginning(_clock(last + timedelta(seconds=RESTART_S)), second, left, session, finished=not waiting)


def _at_work(rows: Sequence[ScriptRow], second: float) -> tuple[ScriptRow, ...]:
    """Who was at work when the program went signs in again."""
    came = [row for row in rows if row.do in {"sign_in", "take_over"} and row.at_s < second]
    if not came:
        return ()
    values = came[-1].values if came[-1].do == "sign_in" else came[-1].values["proof"]
    return (ScriptRow(came[-1].at_s, "sign_in", values),)


def welcome(station: Station) -> None:
    """The made-up people of every simulated run may sign in, the administrator first."""
    nurse = nurse_of(station)
    known = {user.name for user in station.runtime.engine.registry.users.values()}
    first, *others = DEMO_PEOPLE
    for person in (first, *others):
        if person.name in known:
            continue
        values: dict[str, object] = {
            "name": person.name,
            "roles": list(person.roles),
            "pin": person.pin,
            "phone": person.phone,
        }
        if person is not first:
            values["proof"] = {"user": first.name, "pin": first.pin}
        nurse.perform(ScriptRow(0.0, "add_user", values))


def rows_to_do(rows: Sequence[ScriptRow], entries: Sequence[Entry], recorded_s: float) -> tuple[ScriptRow, ...]:
    """The rows that the journal does not hold yet: of each kind the first ones are done, as many as are recorded.

    What leaves no entry of its own counts as done when the record reaches beyond it, to second `recorded_s`."""
    done = Counter(type(entry.event) for entry in entries)
    left: list[ScriptRow] = []
    for row in rows:
        kinds = _kinds(row)
        if not kinds:
            is_done = row.at_s <= recorded_s
        else:
            kind = max(kinds, key=lambda one: done[one])
            is_done = done[kind] > 0
            done[kind] -= 1
        if not is_done:
            left.append(row)
        elif row.do in _PAUSES and row.values.get("stopped", True):
            done[ev.MeaningGiven] -= 1
    return tuple(left)


def _kinds(row: ScriptRow) -> tuple[type[Event], ...]:
    """The entries, one of which this row leaves in the session's journal; none where it leaves nothing there."""
    if not row.leaves_a_trace:
        return ()
    if row.do == "do_emergency_step":
        return (ev.ReactionAction, EmergencyStepDone)  # while a reaction is open the step is one of its actions
    kind = _RECORDS.get(row.do) or _PART_RECORDS.get(row.do)
    return () if kind is None or issubclass(kind, RegistryEvent) else (kind,)


_RECORDS: dict[str, type[Event]] = {
    "open_session": ev.SessionOpened,
    "identify_patient": ev.PatientIdentified,
    "enter_product": ev.ProductEntered,
    "enter_order": ev.OrderEntered,
    "enter_line": ev.LineEntered,
    "pin_device": ev.DeviceBound,
    "override_gate": ev.GateOverridden,
    "start_session": ev.SessionStarted,  # the pump's start counts as well: then there is no key to press any more
    "give_meaning": ev.MeaningGiven,
    "end_product": ev.ProductEnded,
    "record_flush": ev.FlushRecorded,
    "observe": ev.ObservationRecorded,
    "record_observation": ev.ObservationRecorded,
    "miss_observation": ev.ObservationMissed,
    "open_reaction": ev.ReactionOpened,
    "do_reaction_action": ev.ReactionAction,
    "detail_reaction": ev.ReactionDetailed,
    "add_note": ev.NoteAdded,
    "sign_off": ev.SessionSigned,
}
"""What each row of a script leaves in the journal."""
_NAMES_A_PATIENT = frozenset({"mrn", "wristband", "label_patient"})
_NAMES_SOMEBODY = frozenset({"register_patient", "identify_patient"})
DEMO_PATIENTS = (
    "DEMO, Jane", "EXAMPLE, John", "SAMPLE, Anna", "SPECIMEN, Ben", "TEST, Carla", "TRIAL, David", "MODEL, Eva",
    "PATTERN, Frank",
)  # fmt: skip
"""Made-up people for chairs side by side; the first one is the scenario's own."""
_NAMES_A_BAG = ("lot", "raw", "label")
_RECEIVES_A_LOT = frozenset({"enter_certificate", "release_lot"})
_PAUSES = frozenset({"report_site_problem", "confirm_restart"})
"""What leaves the meaning of a pause or a restart beside its own entry."""
_PART_RECORDS = {command_name(command): event for command, event in RECORDS.items()}


def _clock(start: datetime) -> ManualClock:
    return ManualClock(start, f"simulated-{uuid.uuid4().hex[:12]}")


def nurse_of(station: Station, chair: str = "") -> ScriptedNurse:
    """A scripted nurse whose commands are waited for on simulated time; at the chair on screen unless it is named."""

    def settled(future: Future[Receipt]) -> Receipt:
        station.runtime.settle()
        return future.result(COMMAND_WAIT_S)

    return ScriptedNurse(station.at(chair or station.chair), settled)


def attach_all(station: Station, world: DemoWorld, chair: str = "") -> None:
    """Tell the engine of every device of the chair on screen, or of the one that is named."""
    for info in world.infos():
        station.attach(chair or station.chair, info)


def play_whole(station: Station, conductor: Conductor, begin: Beginning, until_s: float) -> str:
    """Do every row that is left, let time run to `until_s`; the id of the session that stands then, or "".

    A signal that tells the process to end is recorded in the open session, and raised as EnvironmentFault."""
    welcome(station)
    with _told_to_end(conductor.stop):
        whole = _played(station, conductor, begin, until_s)
    state = station.latest().session
    if not whole:
        _end_monitoring(station)
        raise EnvironmentFault(TOLD_TO_END)
    return state.id if state is not None else ""


def _played(station: Station, conductor: Conductor, begin: Beginning, until_s: float) -> bool:
    """False where it was stopped before its end."""
    nurse = nurse_of(station)
    if begin.resumed and not conductor.run_until(conductor.t + LOOK_S):
        return False
    for row in begin.rows:
        if not conductor.run_until(row.at_s):
            return False
        nurse.perform(row)
        if begin.resumed and station.latest().resume_offer:
            nurse.perform(ScriptRow(row.at_s, "confirm_patient", {}))
    return conductor.run_until(until_s)


def _end_monitoring(station: Station) -> None:
    told = station.submit(EndMonitoring(station.chair, "", ASKED))
    station.runtime.settle()
    told.result(COMMAND_WAIT_S)


@contextmanager
def _told_to_end(stop: Callable[[], None]) -> Iterator[None]:
    """While it lasts, the signals that ask a process to end only call `stop`; heard by a main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {which: signal.signal(which, lambda *_: stop()) for which in ending()}
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


def for_a_fresh_patient(rows: Sequence[ScriptRow], patients: Mapping[str, PatientRecord]) -> tuple[ScriptRow, ...]:
    """The rows with an MRN that nobody has yet: each demo has a patient of its own, not treated this morning."""
    taken = {record.mrn for record in patients.values()}

    def fresh(mrn: str) -> str:
        return mrn if mrn not in taken else next(m for n in count(2) if (m := f"{mrn}-{n}") not in taken)

    def renamed(row: ScriptRow) -> ScriptRow:
        named = {key: fresh(str(value)) for key, value in row.values.items() if key in _NAMES_A_PATIENT and value}
        return replace(row, values={**row.values, **named}) if named else row

    return tuple(renamed(row) for row in rows)


def for_a_fresh_shelf(rows: Sequence[ScriptRow], registry: Registry, year: int) -> tuple[ScriptRow, ...]:
    """The rows for a shelf that other demos have used: a lot that is released is not received once more, one that is
    not to be used gets another name, and a bag another serial number."""
    labels = [str(row.values["raw"]) for row in rows if row.do == "prepare_bag" and "raw" in row.values]
    names = {str(row.values["lot"]) for row in rows if "lot" in row.values}
    usable = {lot.id for lot in registry.lots.values() if lot.released_by and not lot.quarantine}
    new: dict[str, str] = {}
    for name in names:
        if name in registry.lots and name not in usable:
            new[name] = next(n for i in count(2) if (n := f"{name}-{i}") not in registry.lots)
    taken = {bag.serial for bag in registry.bags.values()}
    for serial in {scan_label(raw, year).serial or "" for raw in labels} & taken:
        new[serial] = next(n for i in count(1) if (n := f"{int(serial) + i:0{len(serial)}d}") not in taken)

    def renamed(value: str) -> str:
        for old, fresh in new.items():
            value = value.replace(old, fresh)
        return value

    def anew(row: ScriptRow) -> ScriptRow:
        named = {key: renamed(str(row.values[key])) for key in _NAMES_A_BAG if key in row.values}
        return replace(row, values={**row.values, **named}) if named else row

    return tuple(row for row in map(anew, rows) if row.do not in _RECEIVES_A_LOT or _lot_of(row, year) not in usable)


def _lot_of(row: ScriptRow, year: int) -> str:
    raw = str(row.values.get("raw", ""))
    return (scan_label(raw, year).lot or "") if raw else str(row.values.get("lot", ""))


def demo_seats(first: str, chairs: int) -> tuple[Seat, ...]:
    """So many chairs, the first of that number."""
    return seats_of(tuple(ChairSetting(name=str(int(first) + number)) for number in range(chairs)))


def with_name(rows: Sequence[ScriptRow], name: str) -> tuple[ScriptRow, ...]:
    """The rows with another made-up patient's name."""
    return tuple(
        replace(row, values={**row.values, "name": name}) if row.do in _NAMES_SOMEBODY and "name" in row.values else row
        for row in rows
    )


def play_demo(
    station: Station,
    worlds: Mapping[str, DemoWorld],
    conductor: Conductor,
    rows: Sequence[ScriptRow],
    speed: float,
) -> None:
    """Prepare a session in each chair as fast as it goes, then let time run at its pace; in each the scenario waits for
    the start key."""
    for chair, world in worlds.items():
        world.hold()
        attach_all(station, world, chair)
        station.at(chair).on_snapshot(partial(_go_on, world))
    welcome(station)
    conductor.run_until(WARM_UP_S)
    for number, (chair, world) in enumerate(worlds.items()):
        nurse = nurse_of(station, chair)
        for row in _to_prepare(station, world, with_name(rows, DEMO_PATIENTS[number]) if number else rows):
            conductor.run_until(conductor.t + 1)
            nurse.perform(row)
    conductor.set_speed(speed)
    conductor.run_until(float("inf"))


def _go_on(world: DemoWorld, snapshot: Snapshot) -> None:
    if snapshot.session is not None and snapshot.session.phase is Phase.INFUSE:
        world.go_on()


def _to_prepare(station: Station, world: DemoWorld, rows: Sequence[ScriptRow]) -> list[ScriptRow]:
    """What the nurse of a chair does until the start, with a patient and a bag that nobody has had yet."""
    known = station.latest()
    rows = for_a_fresh_patient(rows, known.registry.patients)
    rows = for_a_fresh_shelf(rows, known.registry, known.now.utc.year)
    begins_s = next((row.at_s for row in rows if row.do == "start_session" and not row.refused), world.pump_starts_s)
    until_s = min(begins_s, world.pump_starts_s)
    return [row for row in rows if row.at_s < until_s and row.leaves_a_trace]
