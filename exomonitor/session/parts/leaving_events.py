"""Events and commands of the end of a visit: IV removal, how the patient left, follow-up calls, the next dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from exomonitor.clinical.discharge import SETTLED
from exomonitor.clock import Instant
from exomonitor.session.codec import private
from exomonitor.session.commands import Command
from exomonitor.session.entry import Event, recorded

WHOLE, NOT_WHOLE, STAYS = "whole", "not_whole", "stays"
CATHETERS = (WHOLE, NOT_WHOLE, STAYS)
"""How the catheter came out; `stays` = a port or PICC that is not removed."""
DISCHARGED, TRANSFERRED, AGAINST_ADVICE = "discharged", "transferred", "against_advice"
BOOKED, AS_NEEDED, PRESCRIBER_DECIDES, NO_FURTHER = "booked", "as_needed", "prescriber_decides", "no_further"
NEXT_DOSE = (BOOKED, AS_NEEDED, PRESCRIBER_DECIDES, NO_FURTHER)

# --- leaving
# -----------------------------------------------------------------------------------------------------------


@recorded
@dataclass(frozen=True, slots=True)
class SessionMoved(Event):
    """The patient is watched on in another place of the station, without devices; the chair is free."""

    origin: str
    to: str


@recorded
@dataclass(frozen=True, slots=True)
class IvRemoved(Event):
    """The IV came out at `when`: catheter `whole`, `not_whole` or `stays`; whether bleeding stopped; the site."""

    when: Instant
    catheter: str
    bleeding_stopped: bool
    site: str = ""
    site_score: int | None = None
    text: str = private()
    supersedes: int | None = None
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class DischargeTasksAnswered(Event):
    """Answers to the checklist before leaving; later ones replace earlier ones, "" takes one back."""

    answers: Mapping[str, str]
    checklist: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class CriterionNoted:
    """One criterion as it stood when the patient left: `met`, `not met`, `not known` or `not applicable`."""

    key: str
    text: str
    state: str
    why: str

    @property
    def open(self) -> bool:
        """Whether it stood in the way."""
        return self.state not in SETTLED


@recorded
@dataclass(frozen=True, slots=True)
class PatientLeft(Event):
    """The patient left: `discharged`, `transferred` or `against_advice`, and every criterion as it stood.

    `prescriber`: the user who signed, "" where nobody had to. `overridden`: not every criterion was met.
    """

    when: Instant
    kind: str
    criteria: tuple[CriterionNoted, ...] = ()
    overridden: bool = False
    prescriber: str = ""
    reason: str = private()
    to: str = private()
    handed_over_to: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class NextDoseDecided(Event):
    """What was decided on the next dose: `booked` for a local date and time, `as_needed`, `prescriber_decides` or
    `no_further`; the window (ISO dates) and where the date lies in it; the holds that stood."""

    decision: str
    planned: str = ""
    time: str = ""
    minutes: int = 0
    tz: str = ""
    phase: str = ""
    earliest: str = ""
    latest: str = ""
    timing: str = ""
    holds: tuple[str, ...] = ()
    prescriber: str = ""
    uid: str = ""
    reason: str = private()


# --- after the visit
# ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SymptomTold:
    """The answer to one question of the call; hours count from the end of the infusion."""

    present: bool
    details: tuple[str, ...] = ()
    grade: int | None = None
    onset_h: float | None = None
    still: bool | None = None
    worse: bool | None = None


@recorded
@dataclass(frozen=True, slots=True)
class FollowUpCalled(Event):
    """One attempt at a call of the plan (`call` "" = beside the plan) at `when`, how it was answered (reached, no
    answer ...), what the patient told, and the triage of that: `level` green, amber, red, or "" while open."""

    call: str
    when: Instant
    answer: str
    symptoms: Mapping[str, SymptomTold] = field(default_factory=dict)
    temp: Decimal | None = None
    fever_since_h: float | None = None
    site_score: int | None = None
    level: str = ""
    at_least: str = ""
    reasons: tuple[str, ...] = ()
    still_to_ask: tuple[str, ...] = ()
    advice: str = ""
    table: str = ""
    text: str = private()
    pro_ctcae: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """PRO-CTCAE item -> attribute -> score, over the last 7 days; these are no CTCAE grades."""
    pro_ctcae_library: str = ""


@recorded
@dataclass(frozen=True, slots=True)
class TriageSettled(Event):
    """What was done about a red or amber answer (`call_seq` = its entry); then it holds the next dose no more."""

    call_seq: int
    prescriber: str = ""
    text: str = private()


# --- commands
# ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MoveToLounge(Command):
    """The observation goes on away from the chair, values are typed; answers with the name of the place."""


@dataclass(frozen=True, slots=True)
class RecordIvRemoval(Command):
    """The IV is out, now; a second time corrects the first and needs a reason."""

    catheter: str
    bleeding_stopped: bool
    site_score: int | None = None
    site: str = ""
    text: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnswerDischargeTasks(Command):
    """Answers to items of the checklist before leaving, by key; "" takes an answer back."""

    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Discharge(Command):
    """The patient goes home. With a prescriber's `proof` (and `reason`) also before every criterion is met."""

    proof: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Transfer(Command):
    """The patient is taken elsewhere: where, and who took over."""

    to: str
    handed_over_to: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LeaveAgainstAdvice(Command):
    """The patient leaves before being discharged; what was said."""

    reason: str


@dataclass(frozen=True, slots=True)
class DecideNextDose(Command):
    """What becomes of the next dose. `visit` "" = the open session. `planned` is an ISO date, `time` hh:mm."""

    decision: str
    planned: str = ""
    time: str = ""
    visit: str = ""
    proof: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RecordCallAttempt(Command):
    """One attempt at a follow-up call of a visit (its session's id), or a call that the patient made."""

    visit: str
    call: str
    answer: str
    symptoms: Mapping[str, SymptomTold] = field(default_factory=dict)
    temp: Decimal | None = None
    fever_since_h: float | None = None
    site_score: int | None = None
    text: str = ""
    pro_ctcae: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Item -> attribute -> score, where the call offers PRO-CTCAE; an item with all its attributes."""


@dataclass(frozen=True, slots=True)
class SettleTriage(Command):
    """What was done about a red or amber answer; a prescriber may sign it."""

    visit: str
    call_seq: int
    text: str
    proof: str = ""
