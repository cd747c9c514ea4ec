"""What the report says of the visit around the infusion: checks before it, how the patient left, the days after."""

from __future__ import annotations

from exomonitor.clock import Instant
from exomonitor.exports.material import Material
from exomonitor.exports.report_facts import NOT_RECORDED, Fact, clock, said, yes_no
from exomonitor.exports.report_lost import as_known
from exomonitor.session.parts.checks import TIME_OUT
from exomonitor.session.parts.leaving import Called
from exomonitor.session.parts.leaving_events import AGAINST_ADVICE, BOOKED, DISCHARGED, TRANSFERRED
from exomonitor.session.parts.leaving_tellers import pro_words

_LEFT_WORDS = {DISCHARGED: "discharged", TRANSFERRED: "transferred", AGAINST_ADVICE: "left against advice"}
_LISTS = (("consent", "Consent"), ("readiness", "Emergency readiness"), (TIME_OUT, "Time-out"))


def before_start(material: Material) -> list[Fact]:
    """The checks before the start: who answered them and when, drugs and fluids, the double check."""
    checks = material.state.checks
    facts = [(title, _list(material, key)) for key, title in _LISTS]
    drugs = [f"{one.words()} {clock(material, one.when)}" for one in checks.premedication]
    fluids = [f"{one.words()} {clock(material, one.when)}" for one in checks.hydration]
    facts += [
        ("Premedication", "; ".join(drugs) or _from_list(material, "premedication")),
        ("Hydration", "; ".join(fluids) or _from_list(material, "hydration")),
        ("Double check", _double_check(material)),
        *_own_limit(material),
    ]
    return as_known(material, facts)


def _own_limit(material: Material) -> list[Fact]:
    """Only where the baseline asked for one."""
    limit = material.state.emergency.own_limit
    if limit is None:
        return []
    told = f"below {limit.limit_mmhg} mmHg, baseline {limit.baseline_mmhg} mmHg: {said(limit.reason)}"
    return [("Low systolic pressure", told)]


def _list(material: Material, key: str) -> str:
    done = material.state.checks.lists.get(key)
    if done is None:
        return NOT_RECORDED
    ind = ""
    if key == "consent":
        number = done.answers.get("ind_number") or done.answers.get("ind", "")
        ind = f", IND: {said(number)}, told it is not FDA-approved: {said(done.answers.get('told', ''))}"
    return f"{clock(material, done.at)} by {material.who(done.by)}{ind}"


def _from_list(material: Material, key: str) -> str:
    """What the list says where no drug or fluid was recorded by itself."""
    answers = material.state.checks.answers(key)
    return ", ".join(f"{item.replace('_', ' ')} {said(value)}" for item, value in answers.items()) or NOT_RECORDED


def _double_check(material: Material) -> str:
    check = material.state.double_check
    changed = "; PATIENT, BAG OR ORDER CHANGED AFTER IT" if check.changed else ""
    if check.alone is not None:
        return f"SINGLE NURSE ({said(check.alone.reason)}), {clock(material, check.alone.at)}{changed}"
    if check.done is None:
        return NOT_RECORDED
    done = check.done
    result = "agrees" if done.agrees else f"DIFFERS in {', '.join(done.differing).replace('_', ' ')}"
    fast = ", implausibly fast" if done.too_fast else ""
    when = f"{material.who(done.verifier)} {clock(material, done.at)}, {done.elapsed_s:.0f} s"
    return f"{result}, {when}{fast}{changed}"


def after_infusion(material: Material) -> list[Fact]:
    """IV out, how the patient left, follow-up calls, the next dose."""
    leaving = material.state.leaving
    facts = [
        ("IV out", _iv(material)),
        ("Left", _left(material)),
        ("Follow-up", "; ".join(_call(material, one) for one in leaving.calls) or "no call yet"),
        ("Next dose", _next_dose(material)),
    ]
    return as_known(material, facts)


def _iv(material: Material) -> str:
    out = material.state.leaving.iv
    if out is None:
        return NOT_RECORDED
    catheter = {"whole": "catheter whole", "not_whole": "CATHETER NOT WHOLE", "stays": "stays in"}[out.event.catheter]
    bleeding = f"bleeding stopped: {yes_no(out.event.bleeding_stopped)}"
    return f"{clock(material, out.event.when)}, {catheter}, {bleeding} ({material.who(out.by)})"


def _left(material: Material) -> str:
    left = material.state.leaving.left
    if left is None:
        return NOT_RECORDED
    e = left.event
    to = f" to {said(e.to)}, handed over to {said(e.handed_over_to)}" if e.kind == TRANSFERRED else ""
    open_ = [criterion.text for criterion in e.criteria if criterion.open]
    over = f"; not met: {', '.join(open_)}" if open_ and e.overridden else ""
    signed = f"; prescriber {material.who(e.prescriber)}: {said(e.reason)}" if e.prescriber else ""
    return f"{_LEFT_WORDS.get(e.kind, e.kind)} {clock(material, e.when)}{to} ({material.who(left.by)}){over}{signed}"


def _call(material: Material, one: Called) -> str:
    e = one.event
    pro = f", PRO-CTCAE (last 7 days): {pro_words(e.pro_ctcae)}" if e.pro_ctcae else ""
    level = f", {e.level or 'at least ' + e.at_least}" if e.level or e.at_least else ""
    return f"{e.call or 'beside the plan'} {_day(material, e.when)} {e.answer.replace('_', ' ')}{level}{pro}"


def _day(material: Material, at: Instant) -> str:
    return f"{at.utc:%Y-%m-%d} {clock(material, at)}"


def _next_dose(material: Material) -> str:
    decided = material.state.leaving.next_dose
    if decided is None:
        return NOT_RECORDED
    window = f", window {decided.earliest} to {decided.latest}" if decided.earliest else ""
    held = f"; HELD: {'; '.join(decided.holds)}" if decided.holds else ""
    if decided.decision != BOOKED:
        return decided.decision.replace("_", " ") + window + held
    return f"booked {decided.planned} {decided.time}{window}, {decided.timing}{held}"
