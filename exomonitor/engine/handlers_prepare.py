"""Handlers of everything before the start: patient, bag, order, line, devices, gates."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date
from decimal import Decimal

from exomonitor.clinical import dosing
from exomonitor.clinical.ranges import Check, DoseVerdict
from exomonitor.clinical.rates import ramp_plan
from exomonitor.clinical.sites import SiteScore, site_prompt
from exomonitor.engine.ordering import listed_person, ordered_by
from exomonitor.engine.situation import Decision, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import PRESCRIBER, VERIFIER
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.endotoxin import load_of
from exomonitor.session.fold import order_of
from exomonitor.session.phases import DeliverySource, Phase
from exomonitor.session.places import is_lounge
from exomonitor.session.state import SessionState
from exomonitor.session.timing import unheard_ml
from exomonitor.signals.pump import PumpStatus
from exomonitor.units import rounded

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MIN_REASON = 5
MOST_ATTEMPTS = 10
LONGEST_IN_MIN = Decimal(90 * 24 * 60)
"""A port stays in for months, a needle in it for days: more is a slip."""
LATEST = -1
"""As `supersedes`: the newest entry of the same type, which the engine resolves to its seq."""


def random_id(prefix: str, length: int) -> str:
    """An opaque id that can be read aloud: no I, L, O, U."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def open_session(at: Situation, c: cmd.OpenSession) -> Decision:
    """One open session a chair."""
    if is_lounge(at.chair):
        raise CommandRefused("A session is prepared at a chair")
    if at.state is not None and at.state.phase.is_open:
        what = "An emergency record" if at.state.is_emergency else "A session"
        raise CommandRefused(f"{what} is already open in chair {at.chair}")
    opened = session_opened(at)
    return Decision((opened,), opened.study_id, new_session_id())


def new_session_id() -> str:
    """A random id for a session's journal."""
    return random_id("s-", 16)


def session_opened(at: Situation, kind: str = "") -> ev.SessionOpened:
    """The first entry of a session in this chair, by the protocol in force."""
    return ev.SessionOpened(
        study_id=random_id("EXO-", 6),
        chair=at.chair,
        simulated=at.simulated,
        protocol=at.protocol.name,
        protocol_version=at.protocol.version,
        protocol_sha256=at.protocol.sha256,
        program=at.program,
        rules_sha256=at.protocol.rules.sha256,
        kind=kind,
        late_entry_s=at.protocol.schedule.late_entry_s,
    )


def confirm_patient(at: Situation, c: cmd.ConfirmPatient) -> Decision:
    """The same patient is still in the chair."""
    at.session()
    return Decision((ev.PatientConfirmed(at.chair),))


def enter_order(at: Situation, c: cmd.EnterOrder) -> Decision:
    """Dose, volume and time in their ranges, or with a reason; the plan must be one that a pump can run."""
    state = at.session()
    plan_checks = [
        dosing.check_dose(c.dose_billion, at.protocol.ranges),
        dosing.check_volume(c.volume_ml, at.protocol.ranges),
        dosing.check_minutes(c.minutes, at.protocol.ranges),
    ]
    if c.volume_ml > 0 and c.minutes > 0:
        plan_checks.append(dosing.check_rate_volume(c.volume_ml * 60 / c.minutes, c.volume_ml))
    ordered = ordered_by(at, c.prescriber_id.strip(), c.way, c.prescriber_proof, c.by)
    confirmed_by = _judge(at, plan_checks, c)
    if not Decimal(0) <= c.line_ml < c.volume_ml:
        raise CommandRefused(f"A line of {c.line_ml} mL does not fit a bag of {c.volume_ml} mL")
    order_date = c.order_date.strip()
    if order_date:
        _past_date(order_date, "Date of the order", at)
    event = ev.OrderEntered(
        c.dose_billion,
        c.volume_ml,
        c.minutes,
        c.ramp,
        c.line_ml,
        c.first_dose,
        ordered.name,
        c.premedication.strip(),
        c.override_reason.strip(),
        _amendment(state.order is not None and state.phase is not Phase.PREPARE, c.reason),
        c.reason,
        c.source_cell,
        c.indication.strip(),
        order_date,
        c.hydration.strip(),
        c.special_limits.strip(),
        ordered.user,
        confirmed_by,
        bool(confirmed_by) and at.signed_by(c.override_proof, PRESCRIBER),
        ordered.way,
    )
    ramp_plan(c.volume_ml, c.minutes, c.ramp)
    return Decision((_with_endotoxin(at, state, event, c),))


def enter_line(at: Situation, c: cmd.EnterLine) -> Decision:
    """Site, side and gauge."""
    state = at.session()
    supersedes = _amendment(state.line is not None and state.phase is not Phase.PREPARE, c.reason)
    scores = SiteScore(c.phlebitis, c.infiltration)
    site_prompt(scores, at.protocol.rules.sites.content)  # refuses grades that the scales do not have
    if c.attempts is not None and not 1 <= c.attempts <= MOST_ATTEMPTS:
        raise CommandRefused(f"Attempts: {c.attempts} is not a number from 1 to {MOST_ATTEMPTS}")
    if c.placed_outside and c.inserted_by.strip():
        raise CommandRefused("The line was put in by somebody of this clinic or by somebody outside, not by both")
    ago = c.inserted_ago_min
    if ago is not None and not 0 <= ago <= LONGEST_IN_MIN:
        raise CommandRefused("The line was put in at a time that cannot be")
    line = ev.LineEntered(
        need_text(c.site, "The site"),
        need_text(c.side, "The side"),
        need_text(c.gauge, "The gauge"),
        c.cuff_arm.strip(),
        c.spo2_site.strip(),
        supersedes,
        c.reason,
        c.device.strip(),
        c.patent,
        c.dedicated,
        c.filter.strip(),
        listed_person(at, c.inserted_by, "Line put in by"),
        at.now.plus(-60 * float(ago)) if ago is not None else None,
        c.attempts,
        c.phlebitis,
        c.infiltration,
        c.placed_outside,
    )
    return Decision((line,))


def pin_device(at: Situation, c: cmd.PinDevice) -> Decision:
    """Pin the device, or say that this role's values are typed."""
    state = at.session()
    if c.role not in {"pump", "monitor"}:
        raise CommandRefused(f"{c.role!r} is no role: pump or monitor")
    channel, before = c.channel, state.devices.get("pump")
    if c.role == "pump" and c.key and not channel:
        if before is None and at.pump is not None and at.pump.status is not PumpStatus.REMOVED:
            channel = at.pump.channel  # the only one there is now: one that turns up later is not the product's
        elif before is not None and before.key == c.key and state.started is not None:
            channel = before.channel  # bound anew in mid-session: its neighbour may be the first that speaks
    model, serial = at.told.get(c.role, ("", "")) if c.key else ("", "")
    bound = ev.DeviceBound(c.role, c.key, c.source, channel, c.model or model, c.serial or serial, c.grade)
    return Decision((bound, *other_counter(at, state, bound)))


def other_counter(
    at: Situation, state: SessionState, bound: ev.DeviceBound, *, another: bool = False
) -> tuple[ev.DeliveryChanged, ...]:
    """Another pump in mid-session counts from elsewhere: what was given by now stands in the record first. `another`:
    it is known to be another one."""
    before, stretch = state.devices.get("pump"), state.delivery
    if bound.role != "pump" or before is None or stretch is None:
        return ()
    known_serials = bool(before.serial and bound.serial)
    is_same = (before.key, before.source, before.channel) == (bound.key, bound.source, bound.channel)
    if is_same and not another and (not known_serials or before.serial == bound.serial):
        return ()
    given, _ = at.given_by_now(state)
    changed = ev.DeliveryChanged(
        at.now, stretch.fluid, stretch.rate_ml_h, DeliverySource.ESTIMATED, PumpStatus.UNKNOWN.value, None, given
    )
    if state.product_end is not None:
        return (changed,)
    unheard = rounded(unheard_ml(state, at.now, at.pump_counted), 3)
    if state.order is None or not dosing.volumes_disagree(Decimal(0), unheard, state.order.volume_ml):
        return (changed,)
    # More than counter and timer may differ by: whoever counts from here on counts from an estimate.
    return (replace(changed, volume_infused_ml=stretch.counter_ml or 0.0), changed)


def abandon_session(at: Situation, c: cmd.AbandonSession) -> Decision:
    """A session that has not started can be closed."""
    if at.preparing().open_reaction is not None:
        raise CommandRefused("A reaction is open: first say what it was, and that it is over")
    return Decision((ev.SessionAbandoned(need_text(c.why, "The reason"), c.text.strip()),))


def _judge(at: Situation, checks: list[Check], c: cmd.EnterOrder) -> str:
    """Refuse what cannot be meant; what is unusual needs a reason, and a second person: answers who that was."""
    for check in checks:
        if check.verdict is DoseVerdict.REJECT:
            raise CommandRefused(check.message)
    unusual = [check for check in checks if check.verdict is DoseVerdict.OVERRIDE]
    if unusual and len(c.override_reason.strip()) < MIN_REASON:
        raise CommandRefused(unusual[0].message)
    if not unusual or not at.registry.users:
        return ""
    second = at.proven(c.override_proof)
    if second == c.by:
        raise CommandRefused("A second person confirms what lies outside the usual range: not the one who enters it")
    return at.proven(c.override_proof, VERIFIER, PRESCRIBER)


def _with_endotoxin(at: Situation, state: SessionState, event: ev.OrderEntered, c: cmd.EnterOrder) -> ev.OrderEntered:
    """The order with the load that a prescriber accepted, where it is above the limit; refused without one."""
    limit = at.protocol.rules.certificate.content.endotoxin_limit_eu_kg_h
    load = load_of(state.product, order_of(event), state.patient, limit)
    if load is None or load.ok:
        return event
    tokens = [token for token in (c.override_proof, c.prescriber_proof) if at.signed_by(token, PRESCRIBER)]
    if not tokens or not event.override_reason:
        raise CommandRefused(f"{load.sentence}: a prescriber signs for it, with a reason")
    need_text(event.override_reason, "The reason", MIN_REASON)
    signer = at.proven(tokens[0], PRESCRIBER)
    signed = event.prescriber_signed or not event.confirmed_by
    return replace(
        event, endotoxin_eu_kg_h=load.eu_kg_h, endotoxin_limit=limit, endotoxin_by=signer, prescriber_signed=signed
    )


def _amendment(is_one: bool, reason: str) -> int | None:
    """Whether this supersedes the entry before; a correction after the start needs a reason."""
    if not is_one:
        return None
    need_text(reason, "The reason for the correction", MIN_REASON)
    return LATEST


def _iso_date(text: str, what: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise CommandRefused(f"{what}: {text.strip()!r} is not a date (write 1972-03-14)") from None


def _past_date(text: str, what: str, at: Situation) -> None:
    if _iso_date(text, what) > at.now.utc.date():
        raise CommandRefused(f"{what}: {text} is in the future")
