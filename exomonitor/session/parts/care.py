"""During the infusion: patient away, site problems, new lines, what is seen at the site and what the patient says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from exomonitor.clinical.sites import SiteScore
from exomonitor.clock import Instant
from exomonitor.session.entry import Entry
from exomonitor.session.events import LineEntered, ObservationRecorded, ReactionOpened
from exomonitor.session.parts import care_events as ev
from exomonitor.session.parts.care_tellers import TELLERS
from exomonitor.session.parts.part import Part


@dataclass(frozen=True, slots=True)
class Away:
    """One time that the patient was not in the chair; ended None = still away."""

    began: Instant
    why: str
    ended: Instant | None = None
    line: str = ""


@dataclass(frozen=True, slots=True)
class SiteLook:
    """What somebody saw at the site, when, and in which entry (a corrected set replaces its own look)."""

    source: str
    when: Instant
    score: SiteScore


@dataclass(frozen=True, slots=True)
class Access:
    """One access of the session, from when on, and whether a set was thrown away for it."""

    since: Instant
    site: str
    side: str
    gauge: str
    old_set_discarded: bool = False
    discarded_ml: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Care:
    """This part's share of the session's state."""

    aways: tuple[Away, ...] = ()
    looks: tuple[SiteLook, ...] = ()
    """Newest look at the site last; those at an earlier access are gone from here."""
    accesses: tuple[Access, ...] = ()
    problems: tuple[ev.SiteProblem, ...] = ()
    statements: int = 0
    discarded_ml: Decimal = Decimal(0)
    """Product that was thrown away with sets that were taken off."""
    settled_ml: Decimal = Decimal(0)
    """What the pump had moved when the last set was thrown away: the present one holds nothing of it."""
    primed_with_product: bool = False
    """Whether the set that hangs since then was filled with product beforehand."""

    @property
    def away(self) -> Away | None:
        """The absence that is not over."""
        return self.aways[-1] if self.aways and self.aways[-1].ended is None else None

    @property
    def site(self) -> SiteLook | None:
        """The newest look at the present site."""
        return max(self.looks, key=lambda look: look.when.utc) if self.looks else None


def _away(s: Care, _: Entry, e: ev.PatientAway) -> Care:
    return replace(s, aways=(*s.aways, Away(e.when, e.why)))


def _ended(s: Care, when: Instant, line: str = "") -> Care:
    if s.away is None:
        return s
    return replace(s, aways=(*s.aways[:-1], replace(s.aways[-1], ended=when, line=line)))


def _back(s: Care, _: Entry, e: ev.PatientBack) -> Care:
    return _ended(s, e.when, e.line)


def _reaction(s: Care, _: Entry, e: ReactionOpened) -> Care:
    return _ended(s, e.when)  # whoever stamps a reaction stands beside the patient


def _look(s: Care, source: str, when: Instant, phlebitis: int | None, infiltration: int | None) -> Care:
    score = SiteScore(phlebitis, infiltration)
    kept = tuple(look for look in s.looks if look.source != source)
    return replace(s, looks=kept if score.worst is None else (*kept, SiteLook(source, when, score)))


def _checked(s: Care, entry: Entry, e: ev.SiteChecked) -> Care:
    return _look(s, str(entry.seq), e.when, e.phlebitis, e.infiltration)


def _problem(s: Care, entry: Entry, e: ev.SiteProblem) -> Care:
    s = replace(s, problems=(*s.problems, e))
    return _look(s, str(entry.seq), e.when, e.phlebitis, e.infiltration)


def _observed(s: Care, _: Entry, e: ObservationRecorded) -> Care:
    before = s.accesses[-1].since if s.accesses else None
    if before is not None and e.observed.since(before) < 0:
        return s  # a late entry about the access that was there before
    return _look(s, f"set {e.slot}", e.observed, e.site_score, e.infiltration)


def _line(s: Care, entry: Entry, e: LineEntered) -> Care:
    """The first access; entered again it is corrected, and that of a LineReplaced is said a second time."""
    if not s.accesses:
        return replace(s, accesses=(Access(entry.at, e.site, e.side, e.gauge),))
    corrected = replace(s.accesses[-1], site=e.site, side=e.side, gauge=e.gauge)
    return replace(s, accesses=(*s.accesses[:-1], corrected))


def _replaced(s: Care, _: Entry, e: ev.LineReplaced) -> Care:
    access = Access(e.when, e.site, e.side, e.gauge, e.old_set_discarded, e.discarded_ml)
    s = replace(s, accesses=(*s.accesses, access), looks=(), discarded_ml=s.discarded_ml + e.discarded_ml)
    if not e.old_set_discarded:
        return s
    settled = e.pumped_ml if e.pumped_ml is not None else s.discarded_ml
    return replace(s, settled_ml=settled, primed_with_product=e.primed_with == ev.PRODUCT)


def _said(s: Care, _: Entry, __: Any) -> Care:
    return replace(s, statements=s.statements + 1)


PART = Part(
    "care",
    steps=MappingProxyType(
        {
            ev.PatientAway: _away,
            ev.PatientBack: _back,
            ev.SiteChecked: _checked,
            ev.SiteProblem: _problem,
            ev.LineReplaced: _replaced,
            ev.PatientSaid: _said,
            ReactionOpened: _reaction,
            ObservationRecorded: _observed,
            LineEntered: _line,
        }
    ),
    tellers=TELLERS,
    records=MappingProxyType(
        {
            ev.MarkAway: ev.PatientAway,
            ev.MarkBack: ev.PatientBack,
            ev.CheckSite: ev.SiteChecked,
            ev.ReportSiteProblem: ev.SiteProblem,
            ev.ReplaceLine: ev.LineReplaced,
            ev.RecordPatientSaid: ev.PatientSaid,
        }
    ),
)
