"""Events and commands of what happens beside the infusion: away and back, the site, the line, the patient's words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.clock import Instant
from exomonitor.session.codec import private
from exomonitor.session.commands import Command
from exomonitor.session.entry import Event, recorded

AWAY_REASONS = ("toilet", "walk", "imaging", "other")
LINE_OK, LINE_PROBLEM = "ok", "problem"
SITE_ACTIONS = ("stopped", "resited", "secured", "flushed", "watch", "prescriber")
SIGNS = ("redness", "swelling", "pain", "cord", "cool", "leak", "no_flow", "pulled_out")
DILUENT, PRODUCT = "diluent", "product"

# --- the record
# ----------------------------------------------------------------------------------------------------------


@recorded
@dataclass(frozen=True, slots=True)
class PatientAway(Event):
    """The patient has left the chair at `when`; sensors are off."""

    when: Instant
    why: str
    text: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class PatientBack(Event):
    """The patient is back at `when`. line: `ok`, `problem`, or "" where nobody said that it was looked at."""

    when: Instant
    line: str = ""
    sensors_on: bool | None = None
    text: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class SiteChecked(Event):
    """The site was looked at between sets: grades of both scales, None = not judged."""

    when: Instant
    phlebitis: int | None = None
    infiltration: int | None = None
    text: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class SiteProblem(Event):
    """Something is wrong with the site or the line: what is seen, both grades, whether the pump was stopped, what was
    done."""

    when: Instant
    stopped: bool
    phlebitis: int | None = None
    infiltration: int | None = None
    signs: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    text: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class LineReplaced(Event):
    """A new access, where, and what became of the old set: `discarded_ml` of product went with it, of `pumped_ml` that
    the pump had moved by then (None = not known)."""

    when: Instant
    site: str
    side: str
    gauge: str
    device: str = ""
    attempts: int | None = None
    patency_ok: bool | None = None
    old_set_discarded: bool = False
    discarded_ml: Decimal = Decimal(0)
    primed_with: str = ""
    pumped_ml: Decimal | None = None
    text: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class PatientSaid(Event):
    """What the patient said, in the patient's words."""

    when: Instant
    text: str = private()


# --- what a person asks
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MarkAway(Command):
    """The patient leaves the chair: toilet, walk, imaging, other."""

    why: str = "toilet"
    text: str = ""


@dataclass(frozen=True, slots=True)
class MarkBack(Command):
    """The patient is back in the chair."""

    line: str = ""
    sensors_on: bool | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class CheckSite(Command):
    """The site was looked at between sets."""

    phlebitis: int | None = None
    infiltration: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReportSiteProblem(Command):
    """A problem of site or line; `stopped` = stopped at the pump, which is recorded as a pause for the site."""

    stopped: bool
    phlebitis: int | None = None
    infiltration: int | None = None
    signs: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceLine(Command):
    """A new access. `set_ml`: what the discarded set held; None = the volume of the line in the order."""

    site: str
    side: str
    gauge: str
    device: str = ""
    attempts: int | None = None
    patency_ok: bool | None = None
    old_set_discarded: bool = False
    set_ml: Decimal | None = None
    primed_with: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class RecordPatientSaid(Command):
    """What the patient said."""

    text: str
