"""The MedWatch worksheet: what a regulator's form asks of a serious reaction, filled from the record, to be checked."""

from __future__ import annotations

from datetime import timedelta

from exomonitor.clinical.anaphylaxis import Brown, RingMessmer
from exomonitor.clinical.reaction_report import ind_days, is_reportable
from exomonitor.exports.local_time import local, local_iso
from exomonitor.exports.material import Material
from exomonitor.session.narrative import sentence
from exomonitor.session.not_certain import absent, unsure
from exomonitor.session.state import Reaction
from exomonitor.units import rounded, spell_dose

NOT_RECORDED = "not recorded"
TO_FILL_IN = ": ................"
_NOTHING = {"not over", "none met as recorded", "not marked as serious"}
"""What is said where an entry is missing."""
WIDTH = 34
_SERIOUS = {
    "death": "death",
    "life_threatening": "life-threatening",
    "hospital": "hospitalisation or its prolongation",
    "disability": "disability or permanent damage",
    "congenital": "congenital anomaly",
    "important": "other important medical event",
}
Field = tuple[str, str]


def reportable(material: Material) -> tuple[Reaction, ...]:
    """The reactions of the session that ask for a worksheet: serious, or grade 3 and above."""
    return tuple(
        r
        for r in material.state.reactions
        if r.details is not None and is_reportable(r.details.worst_grade, r.details.serious)
    )


def worksheet(material: Material) -> bytes:
    """medwatch_worksheet.txt, UTF-8; empty where no reaction asks for one."""
    reactions = reportable(material)
    if not reactions:
        return b""
    lines = [
        "MEDWATCH WORKSHEET - a help to fill in FDA form 3500 or 3500A. Not a report: nobody has sent anything.",
        f"Session {material.state.study_id}, made {local_iso(material.made.utc, material.tz)}",
    ]
    if material.state.simulated:
        lines.append("SIMULATED: nobody was treated. Do not send.")
    lines += [f"NOT WHOLE: {lost}" for lost in (material.damage.sentence, material.lists_lost) if lost]
    lost = material.summary.entries_lost
    for reaction in reactions:
        lines += ["", f"REACTION {reaction.id}", *_told(_about(material, reaction), lost)]
        lines += ["", "Reporting", *_told(_deadline(material, reaction), lost)]
        lines += ["", "What happened, in order", *_story(material, reaction)]
    around = lost or bool(material.lists_lost)
    lines += ["", "Product", *_told(_product(material), around), "", "Patient", *_told(_patient(material), around)]
    return ("\r\n".join(lines) + "\r\n").encode()


def _told(fields: list[Field], lost: int) -> list[str]:
    return [f"  {name + ':':<{WIDTH}}{_or_lost(value, lost)}" for name, value in fields]


def _or_lost(value: str, lost: int) -> str:
    """What is not there may be among the entries that are lost."""
    if not value:
        return absent(NOT_RECORDED, lost) + TO_FILL_IN
    return absent(value, lost) if value in _NOTHING else value


def _not_over(material: Material, reaction: Reaction) -> str:
    handed = reaction.handed_over
    return f"not over when handed over, {local_iso(handed.utc, material.tz)}" if handed is not None else "not over"


def _about(material: Material, reaction: Reaction) -> list[Field]:
    details = reaction.details
    assert details is not None
    terms = ", ".join(f"{one.term} grade {one.grade}" for one in details.gradings)
    over = (
        local_iso(reaction.resolved.utc, material.tz)
        if reaction.resolved is not None
        else _not_over(material, reaction)
    )
    rate = f"{rounded(reaction.rate_ml_h, 1)} mL/h" if reaction.rate_ml_h is not None else ""
    given = f"{rounded(reaction.delivered_ml, 1)} mL" if reaction.delivered_ml is not None else ""
    outside = "in no session" if material.state.is_emergency else "before the start"
    minute = f"{rounded(reaction.minute, 1)} min after the start" if reaction.minute is not None else outside
    worst = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in details.worst.items())
    return [
        ("Onset", f"{local_iso(reaction.when.utc, material.tz)}, {minute}"),
        ("Rate and volume at onset", ", ".join(part for part in (rate, given) if part)),
        ("Terms and grades", f"{terms} (CTCAE {details.ctcae_version})" if terms else ""),
        ("Signs", ", ".join(details.symptoms).replace("_", " ")),
        ("Serious", ", ".join(_SERIOUS.get(code, code) for code in details.serious) or "not marked as serious"),
        ("Caused by the product", details.causality),
        ("Anaphylaxis criteria", _criteria(material, reaction)),
        ("Worst values", worst),
        ("Response to treatment", details.response.replace("_", " ")),
        ("Given again after it", details.rechallenge.replace("_", " ")),
        ("Outcome", details.outcome.replace("_", " ")),
        ("Over", over),
        ("In the nurse's words", details.text),
    ]


def _criteria(material: Material, reaction: Reaction) -> str:
    met = material.state.emergency.ever_met(reaction.id)
    if met is None:
        return "none met as recorded"
    _, told = met
    brown, ring = Brown(told.brown).name.lower(), RingMessmer(told.ring_messmer).name
    return f"{', '.join(told.criteria)} ({' + '.join(told.because)}); Brown {brown}, Ring and Messmer {ring}"


def _deadline(material: Material, reaction: Reaction) -> list[Field]:
    details = reaction.details
    days = ind_days(details.serious) if details is not None else None
    consent = material.state.checks.answers("consent")
    ind = consent.get("ind_number") or consent.get("ind", "")
    if days is None:
        due = "grade 3 or more, not marked as serious: decide whether it is"
    else:
        day = local(reaction.when.utc, material.tz).date() + timedelta(days=days)
        due = f"if unexpected and suspected, the sponsor reports within {days} calendar days: {day} counted from onset"
    return [
        ("IND", ind),
        ("Under an IND", due),
        ("Otherwise", "FDA asks for a MedWatch report of harm from an exosome product"),
    ]


def _story(material: Material, reaction: Reaction) -> list[str]:
    """The journal's own sentences about this reaction, by session time."""
    told = []
    for entry in material.entries:
        if getattr(entry.event, "reaction", None) != reaction.id:
            continue
        words = sentence(entry.event)
        if words:
            told.append(f"  {local_iso(entry.at.utc, material.tz)}  {words}")
    return told


def _product(material: Material) -> list[Field]:
    state = material.state
    product, order = state.product, state.order
    if product is None:
        return [("Product", "")]
    lot = material.registry.lots.get(product.lot)
    receipt = lot.receipt if lot is not None else None
    given, lost = material.summary.delivered_ml, material.summary.entries_lost
    return [
        ("Product", receipt.product if receipt is not None and receipt.product else "exosomes"),
        ("Source cell", product.source_cell.value),
        ("Autologous or allogeneic", receipt.donor if receipt is not None else ""),
        ("Maker", receipt.maker if receipt is not None else ""),
        ("Lot", product.lot),
        ("Expiry", product.expiry),
        ("Bag, serial", ", ".join(part for part in (product.bag, product.serial) if part)),
        ("Dose ordered", spell_dose(order.dose_billion) if order is not None else ""),
        ("Volume ordered, given", f"{order.volume_ml if order else '?'} mL, {unsure(_ml(given), lost)}"),
        ("Route", f"intravenous, {state.line.side} {state.line.site}" if state.line is not None else "intravenous"),
        ("FDA status", material.protocol.fda.statement),
    ]


def _ml(volume: float | None) -> str:
    return "unknown" if volume is None else f"{rounded(volume, 1)} mL"


def _patient(material: Material) -> list[Field]:
    """Codes only: a form that leaves the clinic bears no name."""
    patient = material.state.patient
    weight = f"{patient.weight_kg.normalize():f} kg" if patient is not None and patient.weight_kg is not None else ""
    allergies = patient.allergies if patient is not None else ""
    return [
        ("Patient code", material.state.study_id),
        ("Year of birth", _year(material)),
        ("Weight", weight),
        ("Allergies", allergies),
        ("Reporter", ""),
    ]


def _year(material: Material) -> str:
    patient = material.state.patient
    return patient.born[:4] if patient is not None and material.identified else ""
