"""The emergency page in words: which steps are done and when, the count-up since each dose, what the card says."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clinical.action_cards import CardRow, card_for
from exomonitor.clinical.emergency import EPINEPHRINE, DrugRow, StepRow, epinephrine_amount, epinephrine_rule
from exomonitor.clinical.rulebook import Rulebook
from exomonitor.clock import Instant
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts.emergency import Emergency
from exomonitor.session.restarts import is_anaphylaxis
from exomonitor.session.state import Reaction, SessionState
from exomonitor.units import clock_text
from ui.presenters.words import hms

NO_EMERGENCY = Emergency()


@dataclass(frozen=True, slots=True)
class StepKey:
    """One step: what the key says, and whether the record has it."""

    key: str
    title: str
    below: str
    done: bool
    again: bool
    """Whether another tap is another fact."""


@dataclass(frozen=True, slots=True)
class DoseView:
    """The card of epinephrine: the doses so far, the count-up since the last, and the clinic's own numbers."""

    title: str
    count_up: str
    mark: str
    amount: str
    """For this patient: what is drawn up."""
    says: str


@dataclass(frozen=True, slots=True)
class LastEntry:
    """The newest tap or drug that counts: what can be taken back."""

    seq: int
    words: str


def emergency_of(session: SessionState | None) -> Emergency:
    """The emergency part of a session, empty where none is open."""
    return session.emergency if session is not None else NO_EMERGENCY


def step_keys(snapshot: Snapshot, reaction: Reaction | None, rules: Rulebook) -> tuple[StepKey, ...]:
    """All steps of the clinic's table."""
    emergency = emergency_of(snapshot.session)
    name = reaction.id if reaction is not None else ""
    prescriber = snapshot.session.order.prescriber if snapshot.session and snapshot.session.order else ""
    return tuple(
        _step_key(row, [tap.when for tap in emergency.done(row.key, name)], snapshot.now, prescriber)
        for row in rules.emergency.content.step
    )


def _step_key(row: StepRow, times: list[Instant], now: Instant, prescriber: str) -> StepKey:
    note = prescriber if row.names and prescriber else row.note
    if not times:
        return StepKey(row.key, row.label, note, done=False, again=True)
    if row.repeats:
        below = f"{len(times)} {'tap' if len(times) == 1 else 'taps'}, last {hms(times[-1])}"
        return StepKey(row.key, row.label, f"{below}\n{clock_text(now.since(times[-1]))} ago", done=True, again=True)
    who = f"{note}\n" if row.names else ""
    return StepKey(row.key, row.label, f"{who}done {hms(times[0])}", done=True, again=False)


def weight_of(session: SessionState | None) -> Decimal | None:
    """The patient's weight in kg where it is recorded."""
    patient = session.patient if session is not None else None
    return patient.weight_kg if patient is not None else None


def dose_view(snapshot: Snapshot, reaction: Reaction | None, rules: Rulebook) -> DoseView:
    """Doses of epinephrine, with the mark of the table."""
    doses = emergency_of(snapshot.session).epinephrine(reaction.id if reaction is not None else "")
    card = rules.actions.content
    amount = epinephrine_amount(weight_of(snapshot.session), card.epinephrine)
    says = f"{card.says}: {epinephrine_rule(card.epinephrine)}"
    if not doses:
        return DoseView("Epinephrine: none given", "--:--", "per order, then tap", amount, says)
    ago, mark_min = snapshot.now.since(doses[-1]), rules.emergency.content.mark_min
    reached = ago >= mark_min * 60
    mark = f"{mark_min}-min mark reached: next dose per order" if reached else f"{mark_min}-min mark to come"
    return DoseView(f"Epinephrine: dose {len(doses)} at {hms(doses[-1])}", clock_text(ago), mark, amount, says)


def action_card(session: SessionState | None, reaction: Reaction | None, rules: Rulebook) -> CardRow | None:
    """The card that applies; None before there is anything to go by: no grade, no criterion, no dose."""
    if session is None or reaction is None:
        return None
    met = session.emergency.ever_met(reaction.id) is not None
    if reaction.worst_grade is None and not met and not is_anaphylaxis(session):
        return rules.actions.content.card(1)
    return card_for(reaction.worst_grade, met or is_anaphylaxis(session), rules.actions.content)


def card_lines(session: SessionState | None, reaction: Reaction | None, rules: Rulebook) -> tuple[str, str]:
    """(bold beginning, rest) of the card on the reaction page: criteria first, else what the protocol says."""
    card = action_card(session, reaction, rules)
    if card is None or session is None or reaction is None:
        return "", ""
    protocol = f"Clinic protocol “{session.protocol}” v{session.protocol_version} says"
    first = session.emergency.ever_met(reaction.id)
    if first is None:
        title = card.title
        if reaction.worst_grade is None:  # the card of grade 1 is also what is done before anybody has graded it
            title = f"until it is graded, {title.split(': ', 1)[-1]}"
        return f"{protocol}: {title}.", " · ".join((*card.lines, f"Restart: {card.restart}"))
    at, _ = first
    now = session.emergency.assessment(reaction.id)
    told = now if now is not None and now.criteria else first[1]
    scales = f"Brown {told.brown} of 3, Ring and Messmer {told.ring_messmer} of 4"
    when = "" if now is not None and now.criteria else f" (were met at {hms(at)})"
    head = f"Anaphylaxis criteria may be met{when}: {', '.join(told.criteria)}"
    return (
        head,
        f"{' + '.join(told.because)}; {scales}. {protocol}: infusion stays stopped, emergency steps above (F8).",
    )


def last_entry(session: SessionState | None, reaction: Reaction | None, rules: Rulebook) -> LastEntry | None:
    """The newest tap or drug of this reaction that has not been taken back."""
    emergency, name = emergency_of(session), reaction.id if reaction is not None else ""
    labels = {row.key: row.label for row in rules.emergency.content.step}
    drugs = {row.key: row.label for row in rules.emergency.content.drug}
    found = [
        LastEntry(tap.seq, f"{labels.get(tap.step, tap.step)} {hms(tap.when)}")
        for tap in emergency.steps
        if tap.reaction == name and not tap.why_void
    ]
    found += [
        LastEntry(
            drug.seq, f"{drugs.get(drug.event.drug, drug.event.drug)} {drug_words(drug.event.dose, drug.event.unit)}"
        )
        for drug in emergency.given(name)
    ]
    return max(found, key=lambda one: one.seq, default=None)


def given_lines(session: SessionState | None, reaction: Reaction | None, rules: Rulebook) -> dict[str, str]:
    """By drug: what was given last, with dose, route and time."""
    drugs = {}
    for one in emergency_of(session).given(reaction.id if reaction is not None else ""):
        e = one.event
        drugs[e.drug] = f"{drug_words(e.dose, e.unit)} {e.route} {hms(e.when)}"
    return drugs


def drug_words(dose: Decimal, unit: str) -> str:
    """`0.3 mg`."""
    return f"{dose.normalize():f} {unit}"


def drug_below(drug: DrugRow, given: str, *, waits: int = 0) -> str:
    """The second line of a drug's key: what was given last. waits: doses that were tapped and have no amount yet."""
    if waits:
        return f"amount missing: {waits} {'tap' if waits == 1 else 'taps'}"
    return given or "not given"


def waiting_doses(session: SessionState | None, reaction: Reaction | None) -> dict[str, int]:
    """By drug: taps of which nobody has said the amount yet."""
    taps = emergency_of(session).undescribed(reaction.id if reaction is not None else "")
    return {EPINEPHRINE: len(taps)}


def unnamed_words(session: SessionState | None) -> str:
    """`4 entries without a name`, "" where every entry has one."""
    count = len(emergency_of(session).unattributed)
    return f"{count} {'entry' if count == 1 else 'entries'} without a name" if count else ""


def mine_words(count: int, who: str) -> str:
    """The key that takes them: with how many, for not all of them may be in sight."""
    return f"All {count} were mine: {who}" if count > 1 else f"This was mine: {who}"
