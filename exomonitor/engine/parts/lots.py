"""Handlers of the preparation: certificates, release and quarantine of lots, bags with their thaw."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from exomonitor.clinical.certificate import Certificate, check_certificate
from exomonitor.clinical.dosing import check_volume
from exomonitor.clinical.gs1 import TEST_LOT, Label, escaped, scan_label
from exomonitor.clinical.product import Source, Thaw, check_thaw
from exomonitor.clinical.ranges import DoseVerdict
from exomonitor.clock import parse_utc
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.lot_events import (
    DONORS,
    BagPrepared,
    BagReleased,
    CertificateEntered,
    CertificateLine,
    LotQuarantined,
    LotReleased,
    QuarantineLifted,
    ThawRecord,
)
from exomonitor.registry.lots import Bag, Lot
from exomonitor.registry.shelf import (
    EnterCertificate,
    LiftQuarantine,
    PrepareBag,
    QuarantineLot,
    ReleaseBag,
    ReleaseLot,
    bag_quarantine,
    bag_stop,
    bags_of,
    lot_stop,
)
from exomonitor.registry.users import PRESCRIBER, VERIFIER
from exomonitor.session.commands import Command
from exomonitor.units import rounded

MIN_REASON = 5
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DOSE_OFF = Decimal("0.01")
"""A typed dose may differ by so much from what the product drawn holds: it was rounded."""


def read_label(at: Situation, raw: str) -> Label:
    """A scanned label with lot and expiry, or a refusal in one sentence."""
    label = scan_label(raw, at.now.utc.year)
    if label.lot == TEST_LOT:
        raise CommandRefused("This is the scanner's test code, no product")
    return label


def second_person(at: Situation, proof: str, by: str) -> str:
    """Somebody else than the one who asks, in a role that may sign."""
    user = at.proven(proof, VERIFIER, PRESCRIBER)
    if user == by:
        raise CommandRefused("The second person must be somebody else than the one at work")
    return user


def iso_date(text: str, what: str) -> str:
    """The date as the record writes it."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise CommandRefused(f"{what}: {text.strip()!r} is not a date (write 2027-06-30)") from None


# --- lots
# ----------------------------------------------------------------------------------------------------------------


def enter_certificate(at: Situation, c: EnterCertificate) -> Decision:
    """Judge every line now; what the lines forbid is said at the release."""
    lot, expiry, gtin = _labelled(at, c)
    known = at.registry.lots.get(lot)
    again = known is not None and known.certificate is not None
    if known is not None and known.gtin and gtin and known.gtin != gtin:
        raise CommandRefused(f"Lot {lot} is known with another product code ({known.gtin}): check the label")
    if again:
        need_text(c.reason, "The reason for entering the certificate again", MIN_REASON)
    table = at.protocol.rules.certificate
    typed_alone = not c.raw and not c.proof
    if typed_alone and table.content.supply.typed_needs_second:
        raise CommandRefused("A label that is typed by hand needs a second person")
    second = second_person(at, c.proof, c.by) if c.proof else ""
    if c.receipt.donor not in {"", *DONORS}:
        raise CommandRefused(f"Choose whose cells it was made from: {' or '.join(DONORS)}")
    certificate = _whole(c)
    check = check_certificate(certificate, Source(c.source_cell.value), table.content)
    entered = CertificateEntered(
        lot,
        c.source_cell,
        expiry,
        certificate,
        tuple(CertificateLine(r.key, r.name, r.verdict.value, r.why, r.consequence.value) for r in check.lines),
        table.citation,
        gtin,
        c.receipt,
        c.instrument.strip(),
        iso_date(c.count_date, "Count date") if c.count_date.strip() else "",
        escaped(c.raw),
        second,
        known.certificate_seq if known is not None else None,
        c.reason.strip(),
    )
    why = "; ".join(f"{line.name}: {line.why}" for line in check.blocking if line.consequence.value == "quarantine")
    if c.receipt.intact is False:
        why = "; ".join(part for part in ("container not intact", why) if part)
    stops = why and (known is None or not known.quarantine)
    return Decision((entered, LotQuarantined(lot, why)) if stops else (entered,), lot)


def _labelled(at: Situation, c: EnterCertificate) -> tuple[str, str, str]:
    """Lot, expiry and GTIN: from the scan where there is one, and then nothing typed may say otherwise."""
    if not c.raw:
        return need_text(c.lot, "The lot"), iso_date(c.expiry, "Expiry"), c.gtin.strip()
    label = read_label(at, c.raw)
    lot, expiry = label.lot or "", label.expiry.isoformat() if label.expiry else ""
    if c.lot.strip() not in {"", lot} or c.expiry.strip() not in {"", expiry}:
        raise CommandRefused(f"The scan says lot {lot}, expiry {expiry}: what was typed differs")
    return lot, expiry, label.gtin or ""


def _whole(c: EnterCertificate) -> Certificate:
    """The certificate, with the temperature log of the transport where the paper says nothing of it."""
    for key, amount in c.certificate.numbers.items():
        if amount.value < 0 or not amount.value.is_finite():
            raise CommandRefused(f"{key.replace('_', ' ').capitalize()} cannot be {amount}")
    if c.receipt.temperature_log_ok is None or c.certificate.excursion is not None:
        return c.certificate
    return replace(c.certificate, excursion=not c.receipt.temperature_log_ok)


def _lot(at: Situation, lot: str) -> Lot:
    known = at.registry.lots.get(lot.strip())
    if known is None or known.certificate is None:
        raise CommandRefused(f"Lot {lot.strip()} has no certificate yet")
    return known


def release_lot(at: Situation, c: ReleaseLot) -> Decision:
    """Nothing may block, what is owed has its reason, and two people sign."""
    lot = _lot(at, c.lot)
    if lot.quarantine:
        raise CommandRefused(f"Lot {lot.id} is in quarantine: {lot.quarantine}")
    if lot.released_by:
        raise CommandRefused(f"Lot {lot.id} is released already")
    if lot.blocking:
        said = "; ".join(f"{line.name}: {line.why}" for line in lot.blocking)
        raise CommandRefused(f"Lot {lot.id} cannot be released: {said}")
    if _is_past(at, lot):
        raise CommandRefused(f"Lot {lot.id} expired on {lot.expiry}")
    if lot.owed:
        need_text(c.reason, f"The reason ({', '.join(line.name for line in lot.owed)})", MIN_REASON)
    return Decision((LotReleased(lot.id, second_person(at, c.proof, c.by), c.reason.strip()),))


def _is_past(at: Situation, lot: Lot) -> bool:
    return at.now.utc.astimezone().date() > date.fromisoformat(lot.expiry)


def quarantine_lot(at: Situation, c: QuarantineLot) -> Decision:
    """At once and by anybody who is signed in: a recall waits for nobody."""
    lot, reason = need_text(c.lot, "The lot"), need_text(c.reason, "The reason", MIN_REASON)
    known = at.registry.lots.get(lot)
    if known is not None and known.quarantine:
        raise CommandRefused(f"Lot {lot} is in quarantine already: {known.quarantine}")
    return Decision((LotQuarantined(lot, reason),))


def lift_quarantine(at: Situation, c: LiftQuarantine) -> Decision:
    """Two people, and why; its release is asked for anew."""
    known = at.registry.lots.get(c.lot.strip())
    if known is None or not known.quarantine:
        raise CommandRefused(f"Lot {c.lot.strip()} is not in quarantine")
    reason = need_text(c.reason, "The reason", MIN_REASON)
    return Decision((QuarantineLifted(known.id, second_person(at, c.proof, c.by), reason),))


# --- bags
# ----------------------------------------------------------------------------------------------------------------


def prepare_bag(at: Situation, c: PrepareBag) -> Decision:
    """A bag of a released lot. One that must not be given is recorded as stopped; slips are refused."""
    label = read_label(at, c.raw) if c.raw else None
    lot = _lot(at, c.lot or (label.lot if label is not None and label.lot else ""))
    if label is not None and label.lot != lot.id:
        raise CommandRefused(f"The scan says lot {label.lot}, not {lot.id}")
    if stopped := lot_stop(lot):
        raise CommandRefused(f"No bag can be made: {stopped}")
    if _is_past(at, lot):
        raise CommandRefused(f"Lot {lot.id} expired on {lot.expiry}")
    serial = (label.serial or "") if label is not None else c.serial.strip()
    _no_twin(at, lot.id, serial)
    dose = _dose(lot, c)
    stop, owed = _judge_thaw(c.thaw)
    volume = check_volume(c.volume_ml, at.protocol.ranges)
    if volume.verdict is DoseVerdict.REJECT:
        raise CommandRefused(volume.message)
    if volume.verdict is DoseVerdict.OVERRIDE:
        owed = (*owed, volume.message)
    second = ""
    if owed and not stop:
        need_text(c.reason, f"The reason ({'; '.join(owed)})", MIN_REASON)
        second = second_person(at, c.proof, c.by)
    bag = "B-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))
    made = BagPrepared(
        bag,
        lot.id,
        dose,
        c.volume_ml,
        c.product_ml,
        c.thaw,
        (label.gtin or "") if label is not None else lot.gtin,
        serial,
        c.diluent.strip(),
        c.diluent_lot.strip(),
        c.labelled,
        escaped(c.raw),
        stop,
        second,
        c.label_patient.strip(),
        c.reason.strip(),
    )
    return Decision((made,), bag)


def _no_twin(at: Situation, lot: str, serial: str) -> None:
    for bag in at.registry.bags.values():
        if serial and (bag.lot, bag.serial) == (lot, serial) and not bag.stopped:
            raise CommandRefused(f"Serial {serial} of lot {lot} is bag {bag.id} already")


def _dose(lot: Lot, c: PrepareBag) -> Decimal:
    """Billions of particles in the bag: what the product drawn holds, which a typed dose must agree with."""
    if not 0 < c.product_ml <= c.volume_ml:
        raise CommandRefused(f"{c.product_ml} mL of product do not fit a bag of {c.volume_ml} mL")
    if c.product_ml < c.volume_ml and not c.diluent.strip():
        raise CommandRefused("The diluent is missing")
    if lot.concentration is None or lot.concentration <= 0:
        raise CommandRefused(f"The concentration of lot {lot.id} is not known: a dose cannot be prepared")
    holds = c.product_ml * lot.concentration
    if c.dose_billion is None:
        return holds
    if abs(c.dose_billion - holds) > holds * _DOSE_OFF:
        raise CommandRefused(
            f"{c.product_ml} mL at {lot.concentration} billion/mL hold {rounded(holds, 2)} billion, "
            f"not {c.dose_billion}"
        )
    return c.dose_billion


def _judge_thaw(record: ThawRecord) -> tuple[str, tuple[str, ...]]:
    """(why the bag must not be given, what needs a reason); times that cannot be are refused."""
    thaw = Thaw(
        _when(record.removed_at),
        _when(record.complete_at),
        _when(record.in_use_until),
        record.cycles,
        record.appearance_ok,
        record.temperature_log_ok,
    )
    good = replace(
        thaw,
        appearance_ok=True if thaw.appearance_ok is False else thaw.appearance_ok,
        temperature_log_ok=True if thaw.temperature_log_ok is False else thaw.temperature_log_ok,
    )
    found = check_thaw(good)
    for check in found:
        if check.verdict is DoseVerdict.REJECT:
            raise CommandRefused(check.message)
    stops = [c.message for c in check_thaw(thaw) if c.verdict is DoseVerdict.REJECT]
    return (stops[0] if stops else ""), tuple(c.message for c in found)


def _when(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return parse_utc(text)
    except ValueError:
        raise CommandRefused(f"{text!r} is not a time") from None


def release_bag(at: Situation, c: ReleaseBag) -> Decision:
    """The label is on it, nothing stops it, and two people sign."""
    bag = _wanted_bag(at, c)
    if bag.released_by:
        raise CommandRefused(f"Bag {bag.id} is released already")
    lot = at.registry.lots.get(bag.lot)
    if stopped := lot_stop(lot) or bag.stopped or bag_quarantine(bag):
        raise CommandRefused(f"Bag {bag.id} cannot be released: {stopped}")
    if bag.used_in:
        raise CommandRefused(bag_stop(replace(bag, released_by=("-",)), lot))
    if not bag.labelled or not bag.label_patient:
        raise CommandRefused(f"Bag {bag.id} has no label with its patient yet")
    until = _when(bag.thaw.in_use_until)
    if until is not None and at.now.utc > until:
        raise CommandRefused(f"The in-use time of bag {bag.id} is over")
    return Decision((BagReleased(bag.id, second_person(at, c.proof, c.by)),))


def _wanted_bag(at: Situation, c: ReleaseBag) -> Bag:
    own = at.registry.bags.get((c.bag or c.raw).strip().upper())
    if own is not None:
        return own
    if not c.raw:
        raise CommandRefused(f"There is no bag {c.bag.strip()}")
    label = read_label(at, c.raw)
    unreleased = {bag.id: bag for bag in at.registry.bags.values() if not bag.released_by and not bag.used_in}
    waiting = bags_of(unreleased, label, "")
    if len(waiting) != 1:
        said = "No bag" if not waiting else f"More than one bag ({', '.join(bag.id for bag in waiting)})"
        raise CommandRefused(f"{said} of lot {label.lot} with this label waits for its release")
    return waiting[0]


HANDLERS: dict[type[Command], Handler] = {
    EnterCertificate: enter_certificate,
    ReleaseLot: release_lot,
    QuarantineLot: quarantine_lot,
    LiftQuarantine: lift_quarantine,
    PrepareBag: prepare_bag,
    ReleaseBag: release_bag,
}
