"""A past session as the history shows it: figures, log and trend made from its journal and readings. No widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from exomonitor.clock import Instant, parse_utc
from exomonitor.engine.ports import Archive, Readable, Series
from exomonitor.engine.stored import SessionRow
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.exports.material import withheld
from exomonitor.session.entry import Entry
from exomonitor.session.fold import fold
from exomonitor.session.kept import fold_kept
from exomonitor.session.not_certain import NOT_CERTAIN, absent, at_least, counted, unsure
from exomonitor.session.review import review_missing
from exomonitor.session.state import SessionState
from exomonitor.session.timing import Progress, progress
from exomonitor.signals.vitals import Sign
from exomonitor.units import clock_text, rounded
from ui.presenters.emergency_record import emergency_rows, later_words
from ui.presenters.past import pressures, series_left
from ui.presenters.versions import SUPERSEDED, LogLine, log_view
from ui.presenters.words import hm, join

_CURVES = (Sign.HR.value, Sign.SPO2.value)
_SHOWN = (*_CURVES, Sign.NIBP_SYS.value, Sign.NIBP_DIA.value)
_Curves = tuple[tuple[tuple[float, Sign, float], ...], tuple[tuple[float, float, float], ...]]
"""(minute, sign, value) and (minute, systolic, diastolic)."""
PHASES = {
    "prepare": "being prepared",
    "infuse": "running",
    "observe": "being observed",
    "emergency": "emergency, open",
    "signed": "signed",
    "abandoned": "not started",
}
_EMERGENCIES = {"emergency": "EMERGENCY\nopen", "signed": "EMERGENCY\nsigned", "abandoned": "EMERGENCY\nvoid"}
COLUMNS = ("Opened", "Study id", "State", "Ordered", "Given", "Reactions")


@dataclass(frozen=True, slots=True)
class Review:
    """One session, read-only: its state, the log from the first entry on, the vital signs by minute since the start."""

    state: SessionState
    now: Instant
    progress: Progress
    log: tuple[LogLine, ...]
    vitals: tuple[tuple[float, Sign, float], ...]
    pressures: tuple[tuple[float, float, float], ...]
    entries: tuple[Entry, ...] = ()
    people: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    damaged: str = ""
    """What of it cannot be read any more, in a sentence; "" = all of it can."""
    around: str = ""
    """What of the clinic's lists cannot be read, so that names may be missing; "" = all of it can."""

    def lines(self, *, every: bool) -> tuple[LogLine, ...]:
        """The log, with every version on request."""
        return log_view(self.entries, self.state, self.people, every=every)


def row_words(row: SessionRow, *, names: bool) -> tuple[str, ...]:
    """The cells of one line of the table."""
    opened = parse_utc(row.opened_utc).astimezone()
    study = f"{row.study_id} DAMAGED" if row.damaged and row.simulated else row.study_id  # two lines are seen of a cell
    who = f"{study}\n{row.name}" if names and row.name else study
    given = (
        "--" if row.delivered_ml is None else f"{rounded(row.delivered_ml, 1)} mL" + f"\n{NOT_CERTAIN}" * bool(row.lost)
    )
    ordered = f"{row.dose_billion} billion" if row.dose_billion else "--"
    state = (_EMERGENCIES if row.kind else PHASES).get(row.phase, row.phase) + ("\nSIMULATED" if row.simulated else "")
    state += "\nDAMAGED" if row.damaged and not row.simulated else ""
    reactions = str(row.reactions) if not row.lost else f"at least\n{row.reactions}" if row.reactions else "not known"
    return f"{opened:%Y-%m-%d}\n{opened:%H:%M}", who, state, ordered, given, reactions


def load_review(archive: Archive, session: str, *, names: bool = True) -> Review:
    """Read and prove a whole session, without private texts unless `names`; blocks. Of a damaged one what can be read.
    CommandRefused when there is none, EnvironmentFault when nothing of it is left."""
    found = archive.readable(session)
    damaged = found.damage.sentence
    if damaged and not found.entries:
        raise EnvironmentFault(damaged)
    entries = found.entries if names else tuple(map(withheld, found.entries))
    lost = found.damage.entries
    state = fold_kept(session, entries, simulated=found.simulated, lost=lost) if damaged else fold(entries)
    if state is None:
        raise CommandRefused("This session has no entries")
    now = state.last_at or state.opened
    people = archive.staff() if names else {}
    log = log_view(entries, state, people, every=False)
    curves, fault = _readings(archive, found, state)
    damaged = damaged or fault
    told = progress(state, now, None)
    return Review(state, now, told, log, *curves, entries, people, damaged, found.lists_lost)


def _readings(archive: Archive, found: Readable, state: SessionState) -> tuple[_Curves, str]:
    """The curves, and why they are not whole although nothing was found lost. Of a damaged session they hold what an
    export gives out: the fast way proves nothing, and would draw what nobody recorded."""
    if state.started is None:
        return ((), ()), ""
    if found.damage.sentence:
        return _curves(series_left(found, state.started, _SHOWN)), ""
    try:
        return _curves(archive.series(state.id, state.started, _SHOWN)), ""
    except EnvironmentFault as why:
        return _curves(series_left(found, state.started, _SHOWN)), str(why)


def _curves(found: Mapping[str, Series]) -> _Curves:
    vitals = tuple(
        (minute, Sign(name), value)
        for name in _CURVES
        for minute, value in zip(*(column.tolist() for column in found[name]), strict=True)
    )
    return vitals, tuple(pressures(found))


def figures(review: Review) -> tuple[tuple[str, str], ...]:
    """(label, words): what was ordered, given, how long, and what happened."""
    state, done = review.state, review.progress
    if state.is_emergency:
        return _emergency_figures(state)
    lost = state.lost
    gaps = ", ".join(f"{gap.source} {rounded(gap.seconds, 0)} s" for gap in state.gaps)
    rows = [
        ("Session", join(state.study_id, f"chair {state.chair}", PHASES[state.phase.value])),
        ("Protocol", f"{state.protocol} {state.protocol_version}"),
        ("Product", _product(state)),
        ("Ordered", _ordered(state)),
        ("Given", _given(done, lost)),
        ("Infusing / paused", unsure(f"{clock_text(done.infusing_s)} / {clock_text(done.paused_s)}", lost)),
        ("Started", hm(state.started) if state.started is not None else absent("not started", lost)),
        ("Sets", _sets(state)),
        ("Reactions", _reactions(state)),
        ("Gaps", at_least(gaps, lost) if gaps else counted(0, lost)),
        ("Corrections", _corrections(state)),
        ("Review", _reviewed(state)),
    ]
    if state.emergency_record.later:
        rows.append(("Emergency after it", ", ".join(later_words(one) for one in state.emergency_record.later)))
    return (*rows, *_signed(state))


def _signed(state: SessionState) -> tuple[tuple[str, str], ...]:
    if state.signature is None:
        return ()
    after = f" ({SUPERSEDED})" if state.corrections.addenda else ""
    return (("Signed", f"{state.signature.name}, {hm(state.signature.when)}: {state.signature.verdict}{after}"),)


def _emergency_figures(state: SessionState) -> tuple[tuple[str, str], ...]:
    """Of an emergency record: no dose, no plan."""
    void = state.emergency_record.void
    return (
        (
            "Emergency",
            join(state.study_id, f"chair {state.chair}", f"VOID: {void}" if void else PHASES[state.phase.value]),
        ),
        ("Infusion", "none: this is the record of an emergency"),
        *emergency_rows(state),
        ("Corrections", _corrections(state)),
        ("Review", _reviewed(state)),
        *_signed(state),
    )


def _corrections(state: SessionState) -> str:
    void, added = len(state.corrections.voided), len(state.corrections.addenda)
    parts = (f"{state.amendments} amended", f"{void} void" if void else "", f"{added} added" if added else "")
    return at_least(join(*parts), state.lost) if state.amendments or void or added else counted(0, state.lost)


def _reviewed(state: SessionState) -> str:
    """Who reviewed it and when, and what a prescriber's review is still asked for."""
    done = [f"{one.name or one.user}, {hm(one.when)}" for one in state.handover.reviews]
    asked = ", ".join(review_missing(state))
    return join(*done, f"asked for: {asked}" if asked else "") or absent("not asked for", state.lost)


def _ordered(state: SessionState) -> str:
    order = state.order
    if order is None:
        return absent("not recorded", state.lost) if state.lost else "--"
    return f"{order.dose_billion} billion in {order.volume_ml} mL, {order.minutes} min"


def _product(state: SessionState) -> str:
    product = state.product
    if product is None:
        return absent("not recorded", state.lost) if state.lost else "--"
    return f"{product.source_cell.value} exosomes, lot {product.lot}"


def _sets(state: SessionState) -> str:
    done = len(state.observations)
    if state.lost:
        return f"{f'at least {done} recorded' if done else 'none can be read'}, missed ones not known"
    return f"{done} recorded, {len(state.missed)} missed"


def _given(done: Progress, lost: int) -> str:
    if done.delivered_ml is None:
        return "not known" if lost else "--"
    dose = f", {rounded(done.dose_given_billion, 2)} billion estimated" if done.dose_given_billion is not None else ""
    return unsure(f"{rounded(done.delivered_ml, 1)} mL ({done.delivered_by}){dose}", lost)


def _reactions(state: SessionState) -> str:
    said = []
    for reaction in state.reactions:
        details = reaction.details
        graded = f"{details.term} grade {details.grade}" if details is not None and details.term else "not graded"
        minute = f" at minute {rounded(reaction.minute, 0)}" if reaction.minute is not None else ""
        said.append(graded + minute)
    return at_least("; ".join(said), state.lost) if said else counted(0, state.lost)
