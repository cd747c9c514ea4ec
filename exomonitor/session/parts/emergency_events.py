"""Emergency steps, drugs, restarts, and who did them: what people ask, and what the journal keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clock import Instant
from exomonitor.session.codec import private
from exomonitor.session.commands import Command
from exomonitor.session.entry import Event, recorded

# --- what people ask
# ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DoEmergencyStep(Command):
    """One tap on the emergency page; `text` may hold a name (the prescriber who was called)."""

    step: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class VoidEmergencyEntry(Command):
    """A tap was wrong: the entry stays in the record, struck through, and does not count."""

    seq: int
    why: str = "wrong_tap"


@dataclass(frozen=True, slots=True)
class GiveDrug(Command):
    """A drug was given just now (or `ago_min` minutes ago); unit and route as in the table. `completes`: the seq of
    the tap of which this is the dose."""

    drug: str
    dose: Decimal
    unit: str
    route: str
    reaction: str = ""
    ago_min: Decimal = Decimal(0)
    completes: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class AttributeActions(Command):
    """Say who made entries that bear no name: whoever proves it, or without a proof whoever is signed in. Without
    `seqs`: all of them."""

    seqs: tuple[int, ...] = ()
    proof: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmRestart(Command):
    """The prescriber let the infusion go on after a reaction, at this rate; a second person (`proof`) has checked it.

    `way`: how the order came (session.ordering.WAYS), with `prescriber_proof` where he signs it here.

    `ruled_out`: why the prescriber holds that it was not anaphylaxis, where its criteria were met.
    """

    rate_ml_h: Decimal
    prescriber_id: str
    ordered_min_ago: Decimal
    present_grade: int
    proof: str = ""
    override_reason: str = ""
    ruled_out: str = ""
    way: str = ""
    prescriber_proof: str = ""


@dataclass(frozen=True, slots=True)
class SetOwnSbpLimit(Command):
    """Below which systolic pressure (mmHg) it is low for this patient, whose baseline is below the ordinary limit; the
    reason says who set it and why."""

    limit_mmhg: int
    reason: str = ""


_STEP_WORDS = {
    "stop": "stop and clamp",
    "call": "help called",
    "airway": "airway and position",
    "called_ems": "ambulance called",
    "ems_arrived": "ambulance arrived",
    "epinephrine": "epinephrine given",
    "cpr": "CPR, AED",
    "slowed": "rate slowed",
    "other": "other treatment",
}


def step_words(step: str) -> str:
    """What the record says of a tap; a step of the clinic's own goes by its key."""
    return _STEP_WORDS.get(step, step.replace("_", " "))


# --- what the journal keeps
# --------------------------------------------------------------------------------------------


@recorded
@dataclass(frozen=True, slots=True)
class EmergencyStepDone(Event):
    """A step while no reaction was open."""

    step: str
    when: Instant
    text: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class EmergencyEntryVoided(Event):
    """The entry with that seq was a wrong tap, or otherwise no fact."""

    seq: int
    why: str


@recorded
@dataclass(frozen=True, slots=True)
class DrugGiven(Event):
    """A drug with its dose, route and time; `completes` names the tap that it describes."""

    drug: str
    dose: Decimal
    unit: str
    route: str
    when: Instant
    reaction: str = ""
    completes: int | None = None
    text: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class ActionsAttributed(Event):
    """Said afterwards: these entries, made without a sign-in, were `user`'s. They keep their actor."""

    seqs: tuple[int, ...]
    user: str


@recorded
@dataclass(frozen=True, slots=True)
class AnaphylaxisAssessed(Event):
    """The set of anaphylaxis criteria that are met has changed, and by what; empty = none is met any more."""

    reaction: str
    criteria: tuple[str, ...]
    because: tuple[str, ...]
    brown: int
    ring_messmer: int


@recorded
@dataclass(frozen=True, slots=True)
class RestartConfirmed(Event):
    """The infusion goes on after a reaction on a prescriber's order. `second`: the user who checked it."""

    reaction: str
    when: Instant
    rate_ml_h: Decimal
    rate_at_onset_ml_h: Decimal | None
    worst_grade: int
    present_grade: int
    ordered_at: Instant
    second: str
    prescriber: str = private()
    override_reason: str = private()
    ruled_out: str = private()
    prescriber_id: str = ""
    way: str = ""


@recorded
@dataclass(frozen=True, slots=True)
class OwnSbpLimitSet(Event):
    """The patient's own limit of a low systolic pressure, with the baseline that asks for it (mmHg)."""

    limit_mmhg: int
    baseline_mmhg: int
    reason: str = private()
