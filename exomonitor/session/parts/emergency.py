"""Beyond the reaction's first record: emergency steps, drugs, criteria, restarts, and who is said to have done what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from exomonitor.clinical.emergency import EPINEPHRINE
from exomonitor.clock import Instant
from exomonitor.session import events as ev
from exomonitor.session.entry import Entry, Event
from exomonitor.session.ordering import by_whom
from exomonitor.session.parts.emergency_events import (
    ActionsAttributed,
    AnaphylaxisAssessed,
    AttributeActions,
    ConfirmRestart,
    DoEmergencyStep,
    DrugGiven,
    EmergencyEntryVoided,
    EmergencyStepDone,
    GiveDrug,
    OwnSbpLimitSet,
    RestartConfirmed,
    SetOwnSbpLimit,
    VoidEmergencyEntry,
    step_words,
)
from exomonitor.session.parts.part import Part, Step

UNNAMED = "unnamed"
"""The actor of what a person did who has not given a name."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """One tap; `why_void` says why it does not count, "" = it counts."""

    seq: int
    step: str
    when: Instant
    by: str
    reaction: str = ""
    text: str = ""
    why_void: str = ""


@dataclass(frozen=True, slots=True)
class DrugDone:
    """One drug as given."""

    seq: int
    event: DrugGiven
    by: str
    why_void: str = ""


_NOBODY: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Emergency:
    """This part's share of the session's state. `unnamed`: seqs of entries in a reaction that nobody signed."""

    steps: tuple[StepDone, ...] = ()
    drugs: tuple[DrugDone, ...] = ()
    assessed: tuple[tuple[Instant, AnaphylaxisAssessed], ...] = ()
    restarts: tuple[RestartConfirmed, ...] = ()
    unnamed: tuple[int, ...] = ()
    attributed: Mapping[int, str] = field(default_factory=lambda: _NOBODY)
    own_limit: OwnSbpLimitSet | None = None

    @property
    def own_sbp_limit(self) -> int | None:
        """Below which systolic pressure (mmHg) it is low for this patient; None = the ordinary limit."""
        return self.own_limit.limit_mmhg if self.own_limit is not None else None

    @property
    def unattributed(self) -> tuple[int, ...]:
        """The entries of which it is still to be asked who made them."""
        return tuple(seq for seq in self.unnamed if seq not in self.attributed)

    def done(self, step: str, reaction: str) -> tuple[StepDone, ...]:
        """The taps on a step in one reaction (or without one) that count."""
        return tuple(s for s in self.steps if s.step == step and s.reaction == reaction and not s.why_void)

    def given(self, reaction: str) -> tuple[DrugDone, ...]:
        """The drugs of one reaction that count."""
        return tuple(d for d in self.drugs if d.event.reaction == reaction and not d.why_void)

    def epinephrine(self, reaction: str) -> tuple[Instant, ...]:
        """When each dose of epinephrine was given, a dose that describes a tap counted once, at the tap."""
        taps = self.done(EPINEPHRINE, reaction)
        told = {tap.seq for tap in taps}
        others = [
            d.event.when for d in self.given(reaction) if d.event.drug == EPINEPHRINE and d.event.completes not in told
        ]
        return tuple(sorted((*(tap.when for tap in taps), *others), key=lambda at: at.utc))

    def undescribed(self, reaction: str) -> tuple[StepDone, ...]:
        """The taps on epinephrine of which dose and route are not recorded yet."""
        described = {d.event.completes for d in self.given(reaction)}
        return tuple(tap for tap in self.done(EPINEPHRINE, reaction) if tap.seq not in described)

    def assessment(self, reaction: str) -> AnaphylaxisAssessed | None:
        """The criteria as last assessed in a reaction."""
        return next((e for _, e in reversed(self.assessed) if e.reaction == reaction), None)

    def ever_met(self, reaction: str) -> tuple[Instant, AnaphylaxisAssessed] | None:
        """The first time that criteria were met in a reaction."""
        return next(((at, e) for at, e in self.assessed if e.reaction == reaction and e.criteria), None)


def _action(s: Emergency, entry: Entry, e: ev.ReactionAction) -> Emergency:
    done = StepDone(entry.seq, e.action, e.when, entry.actor, e.reaction, e.text)
    return replace(s, steps=(*s.steps, done))


def _step(s: Emergency, entry: Entry, e: EmergencyStepDone) -> Emergency:
    return replace(s, steps=(*s.steps, StepDone(entry.seq, e.step, e.when, entry.actor, "", e.text)))


def _drug(s: Emergency, entry: Entry, e: DrugGiven) -> Emergency:
    return replace(s, drugs=(*s.drugs, DrugDone(entry.seq, e, entry.actor)))


def _voided(s: Emergency, _: Entry, e: EmergencyEntryVoided) -> Emergency:
    steps = tuple(replace(one, why_void=e.why) if one.seq == e.seq else one for one in s.steps)
    drugs = tuple(replace(one, why_void=e.why) if one.seq == e.seq else one for one in s.drugs)
    return replace(s, steps=steps, drugs=drugs)


def _attributed(s: Emergency, _: Entry, e: ActionsAttributed) -> Emergency:
    return replace(s, attributed=MappingProxyType({**s.attributed, **dict.fromkeys(e.seqs, e.user)}))


def _assessed(s: Emergency, entry: Entry, e: AnaphylaxisAssessed) -> Emergency:
    return replace(s, assessed=(*s.assessed, (entry.at, e)))


def _restarted(s: Emergency, _: Entry, e: RestartConfirmed) -> Emergency:
    return replace(s, restarts=(*s.restarts, e))


def _noting(step: Step | None = None) -> Step:
    """The step, and the entry remembered if nobody has signed it."""

    def taken(s: Emergency, entry: Entry, event: Event) -> Emergency:
        after: Emergency = step(s, entry, event) if step is not None else s
        return replace(after, unnamed=(*after.unnamed, entry.seq)) if entry.actor == UNNAMED else after

    return taken


def _named(seqs: tuple[int, ...]) -> str:
    return f"{len(seqs)} {'entry' if len(seqs) == 1 else 'entries'} made without sign-in"


def _criteria(e: AnaphylaxisAssessed) -> str:
    if not e.criteria:
        return "Anaphylaxis criteria are not met any more"
    scales = f"Brown {e.brown}, Ring and Messmer {e.ring_messmer}"
    return f"Anaphylaxis criteria may be met ({', '.join(e.criteria)}): {' + '.join(e.because)}; {scales}"


def _restart(e: RestartConfirmed) -> str:
    more = f"; above half the rate: {e.override_reason}" if e.override_reason else ""
    ruled_out = f"; not anaphylaxis: {e.ruled_out}" if e.ruled_out else ""
    return f"Restart at {e.rate_ml_h} mL/h confirmed, ordered by {by_whom(e.prescriber, e.way)}{more}{ruled_out}"


PART = Part(
    "emergency",
    steps={
        ev.ReactionOpened: _noting(),
        ev.ReactionAction: _noting(_action),
        ev.ReactionDetailed: _noting(),
        ev.ObservationRecorded: _noting(),
        EmergencyStepDone: _noting(_step),
        EmergencyEntryVoided: _noting(_voided),
        DrugGiven: _noting(_drug),
        ActionsAttributed: _attributed,
        AnaphylaxisAssessed: _assessed,
        RestartConfirmed: _restarted,
        OwnSbpLimitSet: lambda s, _, e: replace(s, own_limit=e),
    },
    tellers={
        EmergencyStepDone: lambda e: f"Emergency: {step_words(e.step)}" + (f": {e.text}" if e.text else ""),
        EmergencyEntryVoided: lambda e: f"Entry {e.seq} does not count: {e.why.replace('_', ' ')}",
        DrugGiven: lambda e: (
            f"Given: {e.drug} {e.dose.normalize():f} {e.unit} {e.route}" + (f" - {e.text}" if e.text else "")
        ),
        ActionsAttributed: lambda e: f"Said afterwards: {_named(e.seqs)} ({_span(e.seqs)}) by {e.user}",
        AnaphylaxisAssessed: _criteria,
        RestartConfirmed: _restart,
        OwnSbpLimitSet: lambda e: (
            f"Own limit of low SBP {e.limit_mmhg} mmHg, baseline {e.baseline_mmhg} mmHg"
            + (f": {e.reason}" if e.reason else "")
        ),
    },
    records={
        DoEmergencyStep: ev.ReactionAction,
        VoidEmergencyEntry: EmergencyEntryVoided,
        GiveDrug: DrugGiven,
        AttributeActions: ActionsAttributed,
        ConfirmRestart: RestartConfirmed,
        SetOwnSbpLimit: OwnSbpLimitSet,
    },
)


def _span(seqs: tuple[int, ...]) -> str:
    return ", ".join(f"no. {seq}" for seq in seqs)
