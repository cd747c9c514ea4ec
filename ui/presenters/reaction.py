"""An open reaction in words: how long it lasts, what was known at its beginning, which steps were done and when."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten

from exomonitor.alarms.limits import Priority
from exomonitor.clinical.emergency import EPINEPHRINE
from exomonitor.clinical.observations import BASELINE
from exomonitor.clinical.reaction_report import Grading, suggested_grades
from exomonitor.clinical.reactions import suggested_terms
from exomonitor.clinical.rulebook import Rulebook
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.on_file import reaction_on_file
from exomonitor.session.commands import DetailReaction
from exomonitor.session.state import Reaction
from exomonitor.signals.vitals import Sign
from exomonitor.units import clock_text
from ui.presenters.emergency import emergency_of
from ui.presenters.pump import Shape, pump_word
from ui.presenters.tiles import Look, TileView, look_of, nibp_is_recent, nibp_tile, vital_tile
from ui.presenters.words import hm, hms, join, number, whole_age

ON_FILE_CHARS = 90
EPINEPHRINE_MARK_S = 300.0
"""The dose may be repeated about every 5 minutes: the tile says when that mark is reached."""


@dataclass(frozen=True, slots=True)
class StepTile:
    """One of the four first steps."""

    action: str
    title: str
    below: str
    done: bool


OLD = "OLD"


@dataclass(frozen=True, slots=True)
class VitalWord:
    """One vital sign in the strip; live False = it must look old. note: its age, or when it was measured; alarm: of it,
    and whether nobody has answered that yet (filled)."""

    label: str
    value: str
    note: str
    live: bool
    unit: str = ""
    alarm: Priority | None = None
    filled: bool = False


@dataclass(frozen=True, slots=True)
class ReactionView:
    """The head of the page, its four tiles, and the strip below them."""

    title: str
    stamped: str
    pressure: str
    steps: tuple[StepTile, ...]
    pump: str
    shape: Shape
    pump_live: bool
    vitals: tuple[VitalWord, ...]


def count_up(seconds: float) -> str:
    """Always with hours, so that the figures do not move."""
    whole = max(0, int(seconds))
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def reaction_view(snapshot: Snapshot, reaction: Reaction | None) -> ReactionView:
    """The page for this reaction; None = it is just being stamped."""
    word, shape, look = pump_word(snapshot)
    rate = snapshot.pump.reading.rate_ml_h if snapshot.pump is not None and not snapshot.pump.lost else None
    running = f" {number(rate, 1)} mL/h" if rate else ""
    old = " (OLD)" if look is Look.STALE else ""
    return ReactionView(
        title=f"Reaction · {count_up(snapshot.now.since(reaction.when))}" if reaction else "Reaction · stamping ...",
        stamped=_stamped(reaction) if reaction is not None else "",
        pressure=_pressure(snapshot, reaction),
        steps=_steps(snapshot, reaction),
        pump=f"PUMP: {word}{running}{old}",
        shape=shape,
        pump_live=look not in {Look.STALE, Look.LOST},
        vitals=_vitals(snapshot),
    )


def on_file_words(snapshot: Snapshot) -> str:
    """The patient's earlier reaction to this product, "" where none is on file."""
    found = reaction_on_file(snapshot.registry, snapshot.session)
    return f"Reacted to this product before ({shorten(found, ON_FILE_CHARS, placeholder=' …')})" if found else ""


def _stamped(reaction: Reaction) -> str:
    minute = f"minute {clock_text(reaction.minute * 60)}" if reaction.minute is not None else ""
    rate = f"{number(reaction.rate_ml_h, 1)} mL/h" if reaction.rate_ml_h is not None else ""
    given = f"{number(reaction.delivered_ml, 1)} mL in" if reaction.delivered_ml is not None else ""
    kept = f"vitals and pump kept from {hm(reaction.kept_from)}"
    return join(f"stamped {hms(reaction.when)}", minute, rate, given, kept)


def _pressure(snapshot: Snapshot, reaction: Reaction | None) -> str:
    live = snapshot.vitals.get(Sign.NIBP_SYS)
    newer = live is not None and reaction is not None and live.reading.taken_at.since(reaction.when) > 0
    if newer and nibp_is_recent(snapshot) and live is not None:
        return f"BP {nibp_tile(snapshot).value} at {hm(live.reading.taken_at)}"
    return "BP now: press Start on the monitor"


def _steps(snapshot: Snapshot, reaction: Reaction | None) -> tuple[StepTile, ...]:
    session = snapshot.session
    prescriber = session.order.prescriber if session is not None and session.order is not None else ""
    words = (
        ("stop", "1 STOP", "at the pump and the clamp"),
        ("call", "2 CALL", f"help and prescriber\n{prescriber}" if prescriber else "help and prescriber"),
        ("airway", "3 AIRWAY", "position, oxygen\nflat, legs up; sit if breathless"),
        ("epinephrine", "4 EPINEPHRINE", "per order, then tap:\ncount-up and 5-min mark"),
    )
    return tuple(_step(snapshot, reaction, *one) for one in words)


def _step(snapshot: Snapshot, reaction: Reaction | None, action: str, title: str, below: str) -> StepTile:
    times = [one.when for one in reaction.actions if one.action == action] if reaction is not None else []
    if action == EPINEPHRINE and reaction is not None:
        # A dose that was recorded with amount and route counts as well as a tap.
        times = list(emergency_of(snapshot.session).epinephrine(reaction.id)) or times
    if not times:
        return StepTile(action, title, below, done=False)
    last, first_line = times[-1], below.split("\n", maxsplit=1)[0]
    if action != EPINEPHRINE:
        return StepTile(action, title, f"{first_line}\ndone {hms(times[0])}", done=True)
    ago = snapshot.now.since(last)
    mark = "5-min mark reached" if ago >= EPINEPHRINE_MARK_S else f"{clock_text(ago)} ago"
    return StepTile(action, title, f"dose {len(times)} at {hms(last)}\n{mark} · next: tap", done=True)


def _vitals(snapshot: Snapshot) -> tuple[VitalWord, ...]:
    cuff, live = nibp_tile(snapshot), snapshot.vitals.get(Sign.NIBP_SYS)
    at = ""
    if live is not None and look_of(live) is not Look.EMPTY:
        at = f"{hm(live.reading.taken_at)}, {whole_age(live.age_s)}"
    heart, oxygen, breath = (_with_age(snapshot, sign) for sign in (Sign.HR, Sign.SPO2, Sign.RR))
    return heart, oxygen, _word(cuff, at), breath


def _with_age(snapshot: Snapshot, sign: Sign) -> VitalWord:
    tile, live = vital_tile(snapshot, sign), snapshot.vitals.get(sign)
    age_of = whole_age(live.age_s) if live is not None and tile.look in {Look.LIVE, Look.STALE} else ""
    return _word(tile, f"{OLD} {age_of}" if tile.look is Look.STALE else age_of)


def _word(tile: TileView, note: str) -> VitalWord:
    mark = tile.mark[:1] if tile.label != "NIBP" else ""
    live = tile.look is Look.LIVE
    return VitalWord(tile.label, tile.value + mark, note, live, tile.unit, tile.alarm, tile.filled)


def terms_in_order(symptoms: tuple[str, ...], rules: Rulebook) -> tuple[tuple[str, bool], ...]:
    """All terms of the CTCAE table in force with whether the symptoms suggest them, the suggested ones first."""
    first = suggested_terms(symptoms, rules.symptoms.content, rules.ctcae.content)
    rest = sorted(name for name in rules.ctcae.content.terms if name not in first)
    return tuple((name, True) for name in first) + tuple((name, False) for name in rest)


_WORST = {
    "Fever": ("temp_max", "°C"),
    "Hypothermia": ("temp_min", "°C"),
    "Hypoxia": ("spo2_min", "% SpO₂"),
    "Hypertension": ("nibp_sys_max", "mmHg"),
}


def grade_suggestions(
    snapshot: Snapshot, reaction: Reaction | None, rules: Rulebook
) -> tuple[tuple[Grading, str], ...]:
    """What the numbers since moment zero suggest, with the number: a person decides."""
    session = snapshot.session
    if session is None or reaction is None or reaction.id != session.reactions[-1].id:
        return ()
    worst = snapshot.worst or (reaction.details.worst if reaction.details is not None else {})
    done = session.observations.get(BASELINE)
    baseline = {name: value.value for name, value in done.event.values.items()} if done is not None else {}
    found = []
    for grading in suggested_grades(worst, baseline, rules.ctcae.content):
        key, unit = _WORST[grading.term]
        number_of_it = f" ({worst[key]} {unit})" if key in worst else ""
        found.append((grading, f"{grading.term} grade {grading.grade}{number_of_it}"))
    return tuple(found)


_EXTREMES = (
    ("spo2_min", "lowest SpO₂", "%"),
    ("nibp_sys_min", "lowest SBP", "mmHg"),
    ("nibp_sys_max", "highest SBP", "mmHg"),
    ("hr_max", "highest HR", "/min"),
    ("rr_max", "highest RR", "/min"),
    ("temp_max", "highest temp", "°C"),
)


def worst_words(snapshot: Snapshot, reaction: Reaction | None) -> str:
    """The extremes since moment zero in one line, "" where nothing was measured."""
    if reaction is None:
        return ""
    worst = snapshot.worst or (reaction.details.worst if reaction.details is not None else {})
    told = [f"{words} {worst[key]} {unit}" for key, words, unit in _EXTREMES if key in worst]
    return f"Since {hms(reaction.when)}: {', '.join(told)}" if told else ""


def details_of(reaction: Reaction, chair: str, by: str) -> DetailReaction:
    """What is recorded of the reaction so far, as the command that would say it again."""
    known = reaction.details
    if known is None:
        return DetailReaction(chair, by, reaction.id)
    return DetailReaction(
        chair,
        by,
        reaction.id,
        known.symptoms,
        known.term,
        known.grade,
        known.actions,
        known.outcome,
        not reaction.is_open,
        known.text,
        more=known.more,
        present_grade=known.present_grade,
        causality=known.causality,
        serious=known.serious,
        response=known.response,
        rechallenge=known.rechallenge,
        photo_consent=known.photo_consent,
    )
