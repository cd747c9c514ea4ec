"""What a set starts with: live values with their source and age; a stale one, or an old cuff reading, is left empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical.observations import BASELINE, Slot, SlotStatus
from exomonitor.clinical.ranges import ENTRY_LIMITS, FAHRENHEIT_SPAN, EntryLimit
from exomonitor.engine.snapshot import SlotView, Snapshot
from exomonitor.errors import CommandRefused
from exomonitor.session.commands import ValueEntry
from exomonitor.session.events import ObservationRecorded
from exomonitor.session.narrative import set_words
from exomonitor.signals.quality import Origin
from exomonitor.signals.vitals import Sign
from exomonitor.units import clock_text, fahrenheit_to_celsius, parse_typed, rounded, shown_unit
from ui.presenters.tiles import Look, decimals, look_of
from ui.presenters.words import age, hm

FIELDS = (
    ("hr", "HR"), ("spo2", "SpO₂"), ("rr", "RR"), ("nibp_sys", "BP systolic"), ("nibp_dia", "BP diastolic"),
    ("temp", "Temperature"),
)  # fmt: skip
"""Names and labels of a set's numbers, in the order of the form."""
_PRESS_START = "press Start on the monitor"
_TYPE_IT = "type it"
_MARKS = {
    SlotStatus.DONE: "done",
    SlotStatus.DONE_LATE: "done late",
    SlotStatus.MISSED: "missed",
    SlotStatus.DUE: "DUE",
    SlotStatus.OVERDUE: "OVERDUE",
    SlotStatus.LATE: "LATE",
    SlotStatus.PLANNED: "planned",
}


@dataclass(frozen=True, slots=True)
class Prefill:
    """One field's beginning: text "" = to be typed. age_s belongs to the value; hint says where it comes from."""

    text: str
    age_s: float
    hint: str


def prefill(snapshot: Snapshot) -> dict[str, Prefill]:
    """Every field of a set as the monitor has it now."""
    return {name: _one(snapshot, Sign(name)) for name, _ in FIELDS}


def measured_mean(snapshot: Snapshot) -> ValueEntry | None:
    """The monitor's own mean pressure where it belongs to the pressure that counts for a set now."""
    mean, upper = snapshot.vitals.get(Sign.NIBP_MAP), snapshot.vitals.get(Sign.NIBP_SYS)
    if mean is None or upper is None or mean.reading.value is None or look_of(mean) is not Look.LIVE:
        return None
    if mean.reading.taken_at != upper.reading.taken_at or mean.age_s >= snapshot.schedule.nibp_counts_s:
        return None
    return ValueEntry(rounded(mean.reading.value, 0), "monitor", round(mean.age_s, 1))


def _one(snapshot: Snapshot, sign: Sign) -> Prefill:
    live = snapshot.vitals.get(sign)
    if sign is Sign.HR and look_of(live) is not Look.LIVE:
        live = snapshot.vitals.get(Sign.PULSE)
    is_cuff = sign in {Sign.NIBP_SYS, Sign.NIBP_DIA}
    if live is None or look_of(live) is not Look.LIVE or live.reading.value is None:
        # The cuff is the one thing that the nurse can make the monitor measure.
        return Prefill("", 0.0, _PRESS_START if is_cuff and live is not None else _TYPE_IT)
    if live.reading.origin not in {Origin.DEVICE, Origin.SIMULATOR}:
        return Prefill("", 0.0, f"last {hm(live.reading.taken_at)}, typed: take it again")
    if is_cuff and live.age_s >= snapshot.schedule.nibp_counts_s:
        return Prefill("", 0.0, f"{age(live.age_s)} old: press Start")
    text = str(rounded(live.reading.value, decimals(sign)))
    return Prefill(text, live.age_s, f"monitor, {age(live.age_s)} ago")


@dataclass(frozen=True, slots=True)
class TypedValue:
    """A number read from an entry; `question`: press again before it is taken; `remark` goes into the record."""

    value: Decimal | None
    error: str = ""
    question: str = ""
    remark: str = ""


def read_typed(name: str, text: str, limits: Mapping[str, EntryLimit]) -> TypedValue:
    """What a typed text means for this field."""
    limit = limits.get(name) or ENTRY_LIMITS[name]
    if name == "temp":
        converted = _fahrenheit(text)
        if converted is not None:
            typed = text.strip()
            return TypedValue(
                converted, question=f"{typed} is Fahrenheit? Then it is {converted} °C",
                remark=f"temperature typed as {typed} °F",
            )  # fmt: skip
    try:
        value = parse_typed(text, limit.span)
    except CommandRefused as refused:
        return TypedValue(None, error=str(refused))
    if limit.is_unusual(value):
        return TypedValue(value, question=f"{limit.span.name} {value} {shown_unit(limit.span.unit)} is unusual")
    return TypedValue(value)


def _fahrenheit(text: str) -> Decimal | None:
    try:
        return fahrenheit_to_celsius(parse_typed(text, FAHRENHEIT_SPAN))
    except CommandRefused:
        return None


def is_early(view: SlotView) -> bool:
    """Whether the window of this set has not opened yet: the record takes it only then. The baseline is never early."""
    return view.slot.key != BASELINE and view.status is SlotStatus.PLANNED and view.due_in_s > view.slot.early_s


def slot_title(view: SlotView | None, early: SlotView | None = None) -> str:
    """`Set +30 · due 14:34`; early: the set that is too early, so that this one is an extra set."""
    if view is None:
        if early is None:
            return "Extra set"
        opens = clock_text(early.due_in_s - early.slot.early_s)
        return f"Extra set · {set_words(early.slot.key, inside=True)} opens in {opens}"
    words = set_words(view.slot.key)
    at = f" · due {hm(view.due_at)}" if view.due_at is not None else ""
    late = f" · {_MARKS[view.status]}" if view.status.is_waiting else ""
    return f"{words}{at}{late}"


def slot_mark(view: SlotView) -> str:
    """How a set stands, in a word, with its time."""
    return f"{_MARKS[view.status]} {hm(view.due_at) if view.due_at is not None else ''}".strip()


def is_after_end(slot: str) -> bool:
    """Whether hydration, fatigue and flu-like symptoms are asked for in this set."""
    return slot == "end" or slot.startswith("post")


def wanted_answers(slot: Slot | None) -> tuple[str, ...]:
    """Which of the answers a set asks for: acvpu, symptoms, site, o2."""
    if slot is None:
        return ("acvpu", "o2", "symptoms", "site")
    return tuple(name for name in ("acvpu", "o2", "symptoms", "site") if name in slot.required)


def missing_values(slot: Slot | None, given: set[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(words, names) of the numbers that this set asks for and that are not there; a pressure is one of them."""
    wanted = slot.required if slot is not None else ()
    found: list[tuple[str, tuple[str, ...]]] = []
    for name, words in FIELDS:
        if name not in wanted or name in given:
            continue
        if name == "nibp_sys" and "nibp_dia" not in given:
            found.append(("BP", ("nibp_sys", "nibp_dia")))
        elif name == "nibp_dia" and any("nibp_dia" in names for _, names in found):
            continue
        else:
            found.append((words, (name,)))
    return tuple(found)


def last_oxygen(snapshot: Snapshot) -> ObservationRecorded | None:
    """The newest set that said something about oxygen; None where none has."""
    if snapshot.session is None:
        return None
    said = [one.event for one in snapshot.session.observations.values() if one.event.on_oxygen is not None]
    return max(said, key=lambda event: event.observed.utc) if said else None


def missing_words(slot: Slot | None, given: set[str]) -> str:
    """The numbers that this set asks for and that are not there, in words."""
    labels = dict(FIELDS)
    wanted = slot.required if slot is not None else ()
    missing = [labels[name] for name in wanted if name in labels and name not in given]
    joined = ", ".join(missing)
    return joined.replace("BP systolic, BP diastolic", "BP")
