"""The checklists of the visit: consent, hydration, premedication, readiness, time-out; who answered what and when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType

from exomonitor.clinical.checklists import ChecklistRow
from exomonitor.clock import Instant
from exomonitor.integrity import canonical_json
from exomonitor.session import events as ev
from exomonitor.session.codec import private
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry, Event, recorded
from exomonitor.session.parts.part import Part

TIME_OUT = "time_out"
NONE_ORDERED = "none ordered"
ORAL, INTRAVENOUS = "oral", "IV"

# --- what people ask
# ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordChecklist(Command):
    """The answers of one list, by the keys of its items; an answer that does not pass is recorded and keeps its gate
    open. `reason`: why an earlier answer is corrected, once the infusion has begun."""

    checklist: str
    answers: Mapping[str, str]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GivePremedication(Command):
    """A drug that was given `ago_min` minutes before now."""

    drug: str
    dose: str
    route: str
    ago_min: Decimal = Decimal(0)
    ordered_by: str = ""
    sedating: bool | None = None


@dataclass(frozen=True, slots=True)
class GiveHydration(Command):
    """Fluid drunk (`oral`) or run in (`IV`, which fluid), in mL, begun `ago_min` minutes before now."""

    volume_ml: Decimal
    route: str
    fluid: str = ""
    ago_min: Decimal = Decimal(0)


# --- what the journal keeps
# --------------------------------------------------------------------------------------------


@recorded
@dataclass(frozen=True, slots=True)
class ChecklistRecorded(Event):
    """One list as answered. Typed words may name somebody: they stand apart, as a JSON object, in `text`."""

    checklist: str
    version: str
    sha256: str
    answers: Mapping[str, str]
    text: str = private()
    supersedes: int | None = None
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class PremedicationGiven(Event):
    """A drug before the infusion."""

    drug: str
    dose: str
    route: str
    when: Instant
    ordered_by: str = private()
    sedating: bool | None = None


@recorded
@dataclass(frozen=True, slots=True)
class HydrationGiven(Event):
    """Fluid before the infusion, in mL."""

    volume_ml: Decimal
    route: str
    when: Instant
    fluid: str = ""


# --- what follows
# ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListDone:
    """One list as it stands: all answers by item, under which version of the table, when, by whom, in which entry."""

    answers: Mapping[str, str]
    version: str
    sha256: str
    at: Instant
    by: str
    seq: int


@dataclass(frozen=True, slots=True)
class Premedication:
    """One drug given at `when`; sedating None = not said."""

    drug: str
    dose: str
    route: str
    when: Instant
    by: str
    ordered_by: str = ""
    sedating: bool | None = None

    def words(self) -> str:
        """`cetirizine 10 mg oral`."""
        return " ".join(part for part in (self.drug, self.dose, self.route) if part)


@dataclass(frozen=True, slots=True)
class Hydration:
    """Fluid in mL by this route, begun at `when`."""

    volume_ml: Decimal
    route: str
    fluid: str
    when: Instant
    by: str

    def words(self) -> str:
        """`500 mL IV, saline`."""
        return f"{self.volume_ml.normalize():f} mL {self.route}{f', {self.fluid}' if self.fluid else ''}"


_NO_LISTS: Mapping[str, ListDone] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Checks:
    """The lists by key, and the drugs and fluids given before the infusion. A time-out is forgotten when what it
    compared changes."""

    lists: Mapping[str, ListDone] = field(default_factory=lambda: _NO_LISTS)
    premedication: tuple[Premedication, ...] = ()
    hydration: tuple[Hydration, ...] = ()
    time_out_lost: str = ""
    """Why an earlier time-out does not count any more."""

    def answers(self, key: str) -> Mapping[str, str]:
        """The answers of a list; none when it was not recorded."""
        done = self.lists.get(key)
        return done.answers if done is not None else {}

    @property
    def sedated(self) -> bool:
        """Whether a drug was given that makes drowsy: somebody must take the patient home."""
        given = any(one.sedating for one in self.premedication)
        return given or self.answers("premedication").get("sedating") == "yes"

    def minutes_before(self, start: Instant) -> float | None:
        """How long before `start` the latest drug was given, in minutes; None when none was."""
        times = [start.since(one.when) / 60 for one in self.premedication]
        return min(times, default=None)


def packed(answers: Mapping[str, str], checklist: ChecklistRow) -> tuple[dict[str, str], str]:
    """The coded answers, and the typed words as one JSON text ("" when there are none)."""
    typed = {row.key for row in checklist.item if row.kind in {"text", "person"}}
    said = {key: answer.strip() for key, answer in answers.items() if answer.strip()}
    words = {key: answer for key, answer in said.items() if key in typed}
    coded = {key: answer for key, answer in said.items() if key not in typed}
    return coded, canonical_json(words).decode() if words else ""


def unpacked(event: ChecklistRecorded) -> Mapping[str, str]:
    """All answers of an entry; typed words are missing where the record withholds them."""
    try:
        words = json.loads(event.text) if event.text else {}
    except ValueError:  # the words are withheld in a de-identified record
        words = {}
    return MappingProxyType({**event.answers, **(words if isinstance(words, dict) else {})})


def _list(s: Checks, entry: Entry, e: ChecklistRecorded) -> Checks:
    done = ListDone(unpacked(e), e.version, e.sha256, entry.at, entry.actor, entry.seq)
    lost = "" if e.checklist == TIME_OUT else s.time_out_lost
    return replace(s, lists=MappingProxyType({**s.lists, e.checklist: done}), time_out_lost=lost)


def _premedication(s: Checks, entry: Entry, e: PremedicationGiven) -> Checks:
    given = Premedication(e.drug, e.dose, e.route, e.when, entry.actor, e.ordered_by, e.sedating)
    return replace(s, premedication=(*s.premedication, given))


def _hydration(s: Checks, entry: Entry, e: HydrationGiven) -> Checks:
    given = Hydration(e.volume_ml, e.route, e.fluid, e.when, entry.actor)
    return replace(s, hydration=(*s.hydration, given))


_COMPARED: Mapping[type[Event], str] = MappingProxyType(
    {ev.PatientIdentified: "patient", ev.ProductEntered: "bag", ev.OrderEntered: "order"}
)


def _compared_changed(s: Checks, _: Entry, e: Event) -> Checks:
    if TIME_OUT not in s.lists:
        return s
    lists = {key: done for key, done in s.lists.items() if key != TIME_OUT}
    return replace(s, lists=MappingProxyType(lists), time_out_lost=f"{_COMPARED[type(e)]} changed since the time-out")


def _tell_list(e: ChecklistRecorded) -> str:
    words = ", ".join(f"{key.replace('_', ' ')} {answer}" for key, answer in unpacked(e).items())
    told = f"Checklist {e.checklist.replace('_', ' ')}: {words or 'answered'}"
    return f"Corrected: {told}" if e.supersedes is not None else told


def _tell_premedication(e: PremedicationGiven) -> str:
    by = f", ordered by {e.ordered_by}" if e.ordered_by else ""
    return f"Premedication: {' '.join(part for part in (e.drug, e.dose, e.route) if part)}{by}"


def _tell_hydration(e: HydrationGiven) -> str:
    return f"Hydration: {e.volume_ml.normalize():f} mL {e.route}{f', {e.fluid}' if e.fluid else ''}"


PART = Part(
    "checks",
    steps={
        ChecklistRecorded: _list,
        PremedicationGiven: _premedication,
        HydrationGiven: _hydration,
        **dict.fromkeys(_COMPARED, _compared_changed),
    },
    tellers={
        ChecklistRecorded: _tell_list,
        PremedicationGiven: _tell_premedication,
        HydrationGiven: _tell_hydration,
    },
    records={
        RecordChecklist: ChecklistRecorded,
        GivePremedication: PremedicationGiven,
        GiveHydration: HydrationGiven,
    },
)
