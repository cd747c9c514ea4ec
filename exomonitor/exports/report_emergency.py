"""What the report says of an emergency without an infusion, and of one that came after this session."""

from __future__ import annotations

from exomonitor.exports.local_time import local
from exomonitor.exports.material import Material
from exomonitor.exports.report_facts import NOT_RECORDED, Fact, clock, said
from exomonitor.exports.report_lost import as_known
from exomonitor.session.phases import Phase

NO_INFUSION = "EMERGENCY RECORD, no infusion"


def title(material: Material) -> str:
    """What the header of every page calls it."""
    return "EMERGENCY RECORD" if material.state.is_emergency else "Infusion record"


def verdict_words(material: Material) -> str:
    """The boxed line: of an emergency record it says first that nothing was infused."""
    told = material.summary.verdict
    return f"{NO_INFUSION}. {told}" if material.state.is_emergency else told


def emergency(material: Material) -> list[Fact]:
    """The emergency itself: when, who opened the record, whose it was, what was read, steps without a reaction."""
    state = material.state
    first = state.reactions[0] if state.reactions else None
    began = local((first.when if first is not None else state.opened).utc, material.tz).strftime("%Y-%m-%d %H:%M:%S")
    read = [one.model or one.key for one in state.devices.values() if one.key]
    facts = [
        ("Began", f"{began} ({material.tz})"),
        ("Opened by", material.who(first.by) if first is not None else NOT_RECORDED),
        ("Whose emergency", _whose(material)),
        ("After session", _earlier(material)),
        ("Devices read", ", ".join(read) or "none: nothing was read"),
        ("Chair", state.chair),
        *([("VOID", state.emergency_record.void)] if state.phase is Phase.ABANDONED else []),
    ]
    return as_known(material, facts)


def _whose(material: Material) -> str:
    whose = material.state.emergency_record.whose
    if whose is None:
        return NOT_RECORDED
    e = whose.event
    name = f"{said(e.name)}, born {said(e.born)}, MRN {said(e.mrn)}" if e.name and material.identified else said(e.name)
    who = name if e.patient else said(e.text)
    return f"{who} (said at {clock(material, whose.at)} by {material.who(whose.by)}; no identifier was checked)"


def _earlier(material: Material) -> str:
    whose = material.state.emergency_record.whose
    if whose is None or not whose.event.earlier:
        return "none that anybody has named"
    visit = material.registry.visits.get(whose.event.earlier)
    opened = f", of {local(visit.opened.utc, material.tz):%Y-%m-%d}" if visit is not None else ""
    return f"{whose.event.earlier_study_id}{opened}"


def later(material: Material) -> list[Fact]:
    """In the report of a session: the emergencies of the same patient after it."""
    found = material.state.emergency_record.later
    if not found:
        return []
    visits = material.registry.visits
    told = []
    for one in found:
        visit = visits.get(one.record)
        void = ", VOID" if visit is not None and visit.phase is Phase.ABANDONED else ""
        when = local(one.when.utc, material.tz).strftime("%Y-%m-%d %H:%M")
        grade = f", worst grade {visit.worst_grade}" if visit is not None and visit.worst_grade else ""
        told.append(f"record {one.study_id}, {when}{grade}{void}")
    return [("Emergency after it", "; ".join(told))]
