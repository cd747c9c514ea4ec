"""The observation grid of the report: one row for each set that the schedule asked for."""

from __future__ import annotations

from exomonitor.clinical.observations import SlotState, SlotStatus, missing_fields
from exomonitor.exports.material import Material
from exomonitor.exports.report_facts import clock
from exomonitor.session.events import ObservationRecorded
from exomonitor.session.narrative import WITHHELD, slot_words
from exomonitor.session.not_certain import MISSED_OR_LOST
from exomonitor.session.plan import Patient
from exomonitor.session.schedule import slot_states
from exomonitor.session.scoring import score_of
from exomonitor.session.state import ObservationDone

GRID_HEADINGS = (
    "Set", "Due", "Actual", "HR\n/min", "BP\nmmHg", "SpO₂\n% / O₂", "RR\n/min", "T\n°C", "ACVPU", "NEWS2", "Site\n0-4",
    "Symptoms and answers", "Who", "Source", "State",
)  # fmt: skip
_FIELD_WORDS = {
    "hr": "HR",
    "nibp_sys": "BP",
    "nibp_dia": "BP",
    "rr": "RR",
    "spo2": "SpO₂",
    "temp": "T",
    "acvpu": "ACVPU",
    "o2": "O₂ or air",
}
_STATUS_WORDS = {
    SlotStatus.PLANNED: "to come",
    SlotStatus.DUE: "due",
    SlotStatus.OVERDUE: "overdue",
    SlotStatus.LATE: "long overdue",
    SlotStatus.DONE: "in time",
    SlotStatus.DONE_LATE: "LATE",
    SlotStatus.MISSED: "MISSED",
}


def grid(material: Material) -> list[list[str]]:
    """R3: one row per observation set, in the columns of GRID_HEADINGS; sets beside the schedule come last."""
    at = material.summary.as_of
    checks = slot_states(material.state, at, material.protocol.schedule)
    # An extra set that another one stands for was never taken: its row would say nothing.
    rows = [_grid_row(material, check) for check in checks if not (check.slot.extra and check.by_end)]
    asked = {check.slot.key for check in checks}
    return rows + [_extra_row(material, done) for key, done in material.state.observations.items() if key not in asked]


def _extra_row(material: Material, done: ObservationDone) -> list[str]:
    amended = f", amended ({done.amended})" if done.amended else ""
    return [slot_words(done.event.slot), "-", *_values(material, done), f"extra{amended}"]


def _grid_row(material: Material, check: SlotState) -> list[str]:
    state = material.state
    done = state.observations.get(check.slot.key)
    due = state.started.plus(check.slot.due_s) if state.started is not None else None
    row = [slot_words(check.slot.key), clock(material, due)]
    if done is None:
        why = state.missed.get(check.slot.key, "")
        said = _STATUS_WORDS[check.status] + (f": {why.replace('_', ' ')}" if why else "")
        if check.status is SlotStatus.MISSED and check.slot.key not in state.missed and material.damage.entries:
            said = MISSED_OR_LOST
        if check.by_end:
            said = "covered by the end set" if check.done_at_s is not None else f"as the end set: {said}"
        return [*row, "-", *[""] * 11, said]
    return [*row, *_values(material, done), _state_words(check, done)]


def _values(material: Material, done: ObservationDone) -> list[str]:
    """What the set says, from the time it was taken to its sources."""
    event = done.event
    return [
        clock(material, event.observed),
        _value(event, "hr") or _value(event, "pulse"),
        _pressure(event),
        _saturation(event),
        _value(event, "rr"),
        _value(event, "temp"),
        event.consciousness,
        _news2(event, material.state.patient),
        "" if event.site_score is None else str(event.site_score),
        _answers(event),
        _who(material, done),
        _sources(event),
    ]


def _who(material: Material, done: ObservationDone) -> str:
    """Who took it; of one made without a sign-in, who was said to have taken it."""
    who = material.state.emergency.attributed.get(done.seq, done.by)
    name = material.staff[who][0] if who in material.staff else who
    return name if who == done.by else f"{done.by}: {name}"


def _value(event: ObservationRecorded, name: str) -> str:
    value = event.values.get(name)
    return "" if value is None else str(value.value)


def _pressure(event: ObservationRecorded) -> str:
    systolic, diastolic = _value(event, "nibp_sys"), _value(event, "nibp_dia")
    return f"{systolic or '-'}/{diastolic or '-'}" if systolic or diastolic else ""


def _saturation(event: ObservationRecorded) -> str:
    flow = f" {event.oxygen_l_min} L" if event.oxygen_l_min is not None else ""
    oxygen = {True: f" O₂{flow}", False: " air", None: ""}[event.on_oxygen]
    return f"{_value(event, 'spo2')}{oxygen}".strip()


def _news2(event: ObservationRecorded, patient: Patient | None) -> str:
    """The total, or how many of the seven there are and what they come to at least."""
    if event.news2 is not None:
        return str(event.news2)
    found = score_of(event, patient)
    return "n/a" if found.not_applicable else f"{found.given} of 7, at least {found.at_least}"


def _answers(event: ObservationRecorded) -> str:
    parts = [", ".join(event.symptoms).replace("_", " ") or ("none" if event.symptoms_asked else "")]
    parts += [
        f"fatigue {event.fatigue}" if event.fatigue else "",
        f"flu-like {event.flu_like}" if event.flu_like else "",
    ]
    if event.hydration_ml is not None:
        parts.append(f"hydration {event.hydration_ml} mL")
    if event.text:
        parts.append("note withheld" if event.text == WITHHELD else event.text)
    return "; ".join(part for part in parts if part)


def _sources(event: ObservationRecorded) -> str:
    return ", ".join(sorted({value.source for value in event.values.values()}))


def _state_words(check: SlotState, done: ObservationDone) -> str:
    amended = f", amended ({done.amended})" if done.amended else ""
    lacking = _lacking(check, done.event)
    return _STATUS_WORDS[check.status] + amended + (f"; no {', '.join(lacking)}" if lacking else "")


def _lacking(check: SlotState, event: ObservationRecorded) -> list[str]:
    """What the schedule asks of this set and nobody gave."""
    given = set(event.values)
    given |= {"hr"} if "pulse" in given else set()
    given |= {"acvpu"} if event.consciousness else set()
    given |= {"symptoms"} if event.symptoms or event.symptoms_asked else set()
    given |= {"site"} if event.site_score is not None else set()
    given |= {"o2"} if event.on_oxygen is not None else set()
    return list(dict.fromkeys(_FIELD_WORDS.get(name, name) for name in missing_fields(check.slot, given)))
