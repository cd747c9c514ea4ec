"""Handlers of what happens beside the infusion itself: away and back, the site, a new line, the patient's words."""

from __future__ import annotations

from decimal import Decimal

from exomonitor.clinical.ranges import FLUSH_SPAN
from exomonitor.clinical.sites import INFILTRATION, PHLEBITIS, SiteTable, grade_text
from exomonitor.engine.handlers_infuse import give_meaning
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.session.entry import Event
from exomonitor.session.events import LineEntered
from exomonitor.session.parts import care_events as ev
from exomonitor.session.state import SessionState
from exomonitor.units import checked, rounded

MOST_ATTEMPTS = 10


def mark_away(at: Situation, c: ev.MarkAway) -> Decision:
    """From now on the sensors are not expected to say anything; the pump still is."""
    state = at.started()
    if state.care.away is not None:
        raise CommandRefused("The patient is already recorded as away")
    if state.open_reaction is not None:
        raise CommandRefused("A reaction is open: stay with the patient, and close it before they leave the chair")
    if c.why not in ev.AWAY_REASONS:
        raise CommandRefused(f"{c.why!r} is no reason to be away")
    return Decision((ev.PatientAway(at.now, c.why, c.text.strip()),))


def mark_back(at: Situation, c: ev.MarkBack) -> Decision:
    """The patient sits in the chair again."""
    if at.session().care.away is None:
        raise CommandRefused("The patient is not recorded as away")
    if c.line not in {"", ev.LINE_OK, ev.LINE_PROBLEM}:
        raise CommandRefused("The line is either all right or a problem")
    return Decision((ev.PatientBack(at.now, c.line, c.sensors_on, c.text.strip()),))


def check_site(at: Situation, c: ev.CheckSite) -> Decision:
    """A look at the site between two sets."""
    at.session()
    if c.phlebitis is None and c.infiltration is None:
        raise CommandRefused("Give the grade of phlebitis or of infiltration")
    _check_grades(at.protocol.rules.sites.content, c.phlebitis, c.infiltration)
    return Decision((ev.SiteChecked(at.now, c.phlebitis, c.infiltration, c.text.strip()),))


def report_site_problem(at: Situation, c: ev.ReportSiteProblem) -> Decision:
    """What is wrong, and with `stopped` the pause at the pump with its reason."""
    at.started()
    _check_grades(at.protocol.rules.sites.content, c.phlebitis, c.infiltration)
    for code in c.signs:
        if code not in ev.SIGNS:
            raise CommandRefused(f"{code!r} is no sign at the site")
    for code in c.actions:
        if code not in ev.SITE_ACTIONS:
            raise CommandRefused(f"{code!r} is no action at the site")
    if not (c.stopped or c.signs or c.actions or c.text.strip() or c.phlebitis or c.infiltration):
        raise CommandRefused("Say what is wrong with the site")
    problem = ev.SiteProblem(at.now, c.stopped, c.phlebitis, c.infiltration, c.signs, c.actions, c.text.strip())
    paused: tuple[Event, ...] = ()
    if c.stopped and at.started().product_end is None:
        paused = give_meaning(at, cmd.GiveMeaning(c.chair, c.by, "pause", "site")).events
    return Decision((problem, *paused))


def replace_line(at: Situation, c: ev.ReplaceLine) -> Decision:
    """A new access; with the old set discarded, what it held of the product comes off the dose."""
    state = at.started()
    site, side, gauge = need_text(c.site, "The site"), c.side.strip(), need_text(c.gauge, "The gauge")
    if c.attempts is not None and not 1 <= c.attempts <= MOST_ATTEMPTS:
        raise CommandRefused(f"Attempts: 1 to {MOST_ATTEMPTS}")
    if c.primed_with not in {"", ev.DILUENT, ev.PRODUCT}:
        raise CommandRefused("A set is primed with diluent or with product")
    moved, _ = at.given_by_now(state)
    pumped = None if moved is None else rounded(moved, 2)
    gone = _discarded(state, c.set_ml, pumped) if c.old_set_discarded else Decimal(0)
    replaced = ev.LineReplaced(
        at.now, site, side, gauge, c.device.strip(), c.attempts, c.patency_ok, c.old_set_discarded, gone,
        c.primed_with, pumped, c.text.strip(),
    )  # fmt: skip
    before = state.line
    entered = LineEntered(
        site, side, gauge, before.cuff_arm if before is not None else "", before.spo2_site if before is not None else ""
    )
    return Decision((replaced, entered))


def record_patient_said(at: Situation, c: ev.RecordPatientSaid) -> Decision:
    """The patient's own words."""
    at.session()
    return Decision((ev.PatientSaid(at.now, need_text(c.text, "What the patient said")),))


def _check_grades(table: SiteTable, phlebitis: int | None, infiltration: int | None) -> None:
    for key, grade in ((PHLEBITIS, phlebitis), (INFILTRATION, infiltration)):
        if grade is not None:
            grade_text(table.of(key), grade)


def _discarded(state: SessionState, set_ml: Decimal | None, pumped: Decimal | None) -> Decimal:
    """Millilitres of product in the set that is thrown away: its volume, and never more than has left the bag since
    the last set was thrown away."""
    volume = set_ml if set_ml is not None else (state.order.line_ml if state.order is not None else Decimal(0))
    if volume <= 0:
        raise CommandRefused("Type the volume of the discarded set: it comes off the dose")
    checked(volume, FLUSH_SPAN)
    if pumped is None or state.care.primed_with_product:
        return volume
    return min(volume, max(Decimal(0), rounded(pumped - state.care.settled_ml, 1)))


HANDLERS: dict[type[Command], Handler] = {
    ev.MarkAway: mark_away,
    ev.MarkBack: mark_back,
    ev.CheckSite: check_site,
    ev.ReportSiteProblem: report_site_problem,
    ev.ReplaceLine: replace_line,
    ev.RecordPatientSaid: record_patient_said,
}
