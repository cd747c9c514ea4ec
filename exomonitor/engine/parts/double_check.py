"""Handlers of the independent double check: hand over, compare blind, or "single nurse" with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from exomonitor.clinical.double_check import (
    CheckValues,
    check_single_nurse,
    compare,
    differing_fields,
    freeze,
)
from exomonitor.clinical.ranges import RATE_SPAN
from exomonitor.clock import Instant
from exomonitor.engine.parts.lots import read_label
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import VERIFIER
from exomonitor.session.commands import Command
from exomonitor.session.parts.double_check import (
    BeginDoubleCheck,
    CompleteDoubleCheck,
    DoubleCheckBegun,
    DoubleCheckDone,
    SingleNurse,
    SingleNurseAccepted,
    check_values,
    double_check_why,
    packed,
    patient_key,
    product_code,
)
from exomonitor.session.parts.supply import hanging
from exomonitor.session.state import SessionState
from exomonitor.session.timing import infusing_seconds, planned_rate
from exomonitor.units import checked, rounded

TWO_IDENTIFIERS = "Scan the wristband, or type two identifiers: MRN or name, and the date of birth"
NOT_YOURSELF = "The double check needs a second person: you entered what is checked"


def begin(at: Situation, c: BeginDoubleCheck) -> Decision:
    """Freeze what stands; refused while patient, bag or order is missing."""
    state = _checkable(at)
    frozen = freeze(_values(state, at.now))
    why, alone = double_check_why(state.double_check, frozen)
    if not why and not alone and not state.changes.unchecked:
        raise CommandRefused("The double check is done, and nothing has changed since")
    return Decision((DoubleCheckBegun(c.by, frozen),))


def complete(at: Situation, c: CompleteDoubleCheck) -> Decision:
    """Compare what the second person found with what was frozen. A mismatch is recorded, and keeps the gate open."""
    state = _checkable(at)
    check = state.double_check
    if not check.frozen or check.begun is None:
        raise CommandRefused("Hand over first: the double check has not begun")
    verifier = at.proven(c.proof, VERIFIER)
    if verifier in {check.first, *check.entered_by, *state.changes.entered_by}:
        raise CommandRefused(NOT_YOURSELF)
    first = _values(state, check.begun)
    second = _entered(at, state, c)
    elapsed_s = round(at.now.since(check.begun), 1)
    outcome = compare(first, check.frozen, second, elapsed_s, at.protocol.rules.double_check.content)
    done = DoubleCheckDone(
        verifier,
        outcome.agrees,
        tuple(differing_fields(outcome)),
        elapsed_s,
        outcome.too_fast,
        check.frozen,
        packed(second),
    )
    return Decision((done,), "agrees" if outcome.agrees else "differs")


def single_nurse(at: Situation, c: SingleNurse) -> Decision:
    """Nobody is there: in the record and in print, for the values as they stand."""
    state = at.preparing()
    reason = check_single_nurse(c.reason, at.protocol.rules.double_check.content)
    return Decision((SingleNurseAccepted(reason, freeze(_values(state, at.now))),))


def _checkable(at: Situation) -> SessionState:
    """The session while it is prepared, and later where something was changed that nobody has checked again."""
    return at.started() if at.session().changes.unchecked else at.preparing()


def _values(state: SessionState, at: Instant) -> CheckValues:
    """What the record says of the bag that hangs and of the rate that is meant at that moment."""
    found = check_values(state.patient, hanging(state.product, state.supply), state.order)
    rate = planned_rate(state, infusing_seconds(state, at))
    return found if rate is None else replace(found, rate_ml_h=Decimal(str(rounded(rate, 1))))


def _entered(at: Situation, state: SessionState, c: CompleteDoubleCheck) -> CheckValues:
    """The second person's entries in the form of the record: whose wristband, which bag, and three numbers."""
    ranges = at.protocol.ranges
    if not ranges.dose_billions.lo <= c.dose_billion <= ranges.dose_billions.hi:
        raise CommandRefused(f"Dose {c.dose_billion} billion is not accepted: type billions")
    found = CheckValues(
        patient_id=_whose(at, state, c),
        dose_billions=c.dose_billion,
        volume_ml=c.volume_ml,
        rate_ml_h=checked(c.rate_ml_h, RATE_SPAN),
    )
    return _with_bag(at, state, c, found)


def _whose(at: Situation, state: SessionState, c: CompleteDoubleCheck) -> str:
    """The record's id of this patient when the wristband is theirs, or both identifiers that were typed instead; else
    what was said."""
    said, born = need_text(c.wristband, "The wristband"), c.born.strip()
    if c.typed and not born:
        raise CommandRefused(TWO_IDENTIFIERS)
    patient = state.patient
    if patient is None:
        return said
    record = at.registry.patients.get(patient.id)
    theirs = {one.strip().casefold() for one in (patient.mrn, patient.name if c.typed else "") if one.strip()}
    wears = said.casefold() in theirs or (record is not None and record.wears(said))
    if wears and (not born or born == patient.born):
        return patient_key(patient)
    return f"{said}, born {born}" if born else said


def _with_bag(at: Situation, state: SessionState, c: CompleteDoubleCheck, found: CheckValues) -> CheckValues:
    if not c.label:
        expiry = need_text(c.expiry, "The expiry")
        try:
            day = date.fromisoformat(expiry)
        except ValueError:
            raise CommandRefused(f"Expiry: {expiry!r} is not a date (write 2027-06-30)") from None
        source = need_text(c.source_cell, "The source cell")
        return replace(found, product_code=source, lot=need_text(c.lot, "The lot"), expiry=day)
    own = at.registry.bags.get(c.label.strip().upper())
    if own is not None:
        lot = at.registry.lots[own.lot]
        until = date.fromisoformat(lot.expiry) if lot.expiry else None
        return replace(found, product_code=_code(state, own.gtin or lot.gtin, lot.id), lot=lot.id, expiry=until)
    label = read_label(at, c.label)
    return replace(found, product_code=_code(state, label.gtin, label.lot), lot=label.lot, expiry=label.expiry)


def _code(state: SessionState, gtin: str | None, lot: str | None) -> str:
    """The product code of a scanned bag. Where the first person's bag has none, the lot says what it is: a label does
    not name the cell."""
    first = hanging(state.product, state.supply)
    if first is None or first.gtin:
        return gtin or "none on the label"
    return product_code(first) if first.lot == lot else f"lot {lot}"


HANDLERS: dict[type[Command], Handler] = {
    BeginDoubleCheck: begin,
    CompleteDoubleCheck: complete,
    SingleNurse: single_nurse,
}
