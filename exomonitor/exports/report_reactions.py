"""R4 of the report: each reaction with its moment, worst values, gradings, drugs, calls, criteria and end."""

from __future__ import annotations

from collections.abc import Sequence

from exomonitor.exports.material import Material
from exomonitor.exports.report_facts import NOT_RECORDED, Fact, clock, ml, said
from exomonitor.exports.report_lost import as_known, readings_in_doubt
from exomonitor.exports.report_series import Picture, worst
from exomonitor.session.events import ReactionDetailed
from exomonitor.session.not_certain import absent, unsure
from exomonitor.session.ordering import way_words
from exomonitor.session.parts.emergency import DrugDone, StepDone
from exomonitor.session.parts.emergency_events import RestartConfirmed, step_words
from exomonitor.session.state import Reaction
from exomonitor.units import clock_text, rounded, shown_unit

SIGN_WORDS = {
    "hr": "HR",
    "pulse": "pulse",
    "spo2": "SpO₂",
    "rr": "RR",
    "temp": "T",
    "nibp_sys": "systolic",
    "nibp_dia": "diastolic",
    "nibp_map": "mean",
    "pi": "PI",
}
_WORST_WORDS = {
    "hr": ("highest HR", "/min"),
    "spo2": ("lowest SpO₂", "%"),
    "nibp_sys": ("lowest systolic", "mmHg"),
    "rr": ("highest RR", "/min"),
    "temp": ("highest T", "°C"),
}

IN_SHORT = frozenset({"Onset", "Worst", "Term, grade", "Drugs", "Prescriber", "Causality", "Outcome", "End"})
"""What the first page says of a reaction; the following ones say all."""


def reactions(material: Material, drawn: Picture) -> list[list[Fact]]:
    """R4: each reaction with its moment, worst values, grades, actions and end."""
    return [
        as_known(material, _reaction(material, reaction, worst(drawn, span)))
        for reaction, span in zip(material.state.reactions, drawn.reactions, strict=True)
    ]


def _reaction(material: Material, reaction: Reaction, worst_values: dict[str, float]) -> list[Fact]:
    minute = f"minute {clock_text(reaction.minute * 60)}" if reaction.minute is not None else "minute unknown"
    rate = f"{rounded(reaction.rate_ml_h, 1)} mL/h" if reaction.rate_ml_h is not None else "rate unknown"
    volume = f"{ml(reaction.delivered_ml)} given"
    onset = f"{clock(material, reaction.when)}, {minute}, {rate}, {volume}, pump {reaction.pump_status or 'unknown'}"
    return [
        ("Onset", onset),
        ("At onset", _at_onset(reaction)),
        ("Worst", _worst(worst_values, readings_in_doubt(material))),
        *_graded(reaction.details),
        *_criteria(material, reaction),
        ("Actions", _actions(material, reaction)),
        ("Drugs", _drugs(material, reaction)),
        ("Prescriber", _prescriber(material, reaction)),
        *_outcome(material, reaction),
        ("End", _over(material, reaction)),
    ]


def _graded(details: ReactionDetailed | None) -> list[Fact]:
    if details is None:
        return [("Term, grade", "not graded")]
    version = f" (CTCAE {details.ctcae_version})" if details.ctcae_version else ""
    terms = "; ".join(f"{one.term}, grade {one.grade}" for one in details.gradings)
    present = f", now grade {details.present_grade}" if details.present_grade is not None else ""
    symptoms = ", ".join(details.symptoms).replace("_", " ") or "none entered"
    return [("Term, grade", f"{terms or 'not graded'}{version}{present}"), ("Symptoms", symptoms)]


def _criteria(material: Material, reaction: Reaction) -> list[Fact]:
    """The anaphylaxis criteria whenever they changed, with Brown and Ring-Messmer."""
    told = [
        f"{clock(material, at)} {', '.join(e.criteria) or 'none any more'} ({' + '.join(e.because)}; "
        f"Brown {e.brown}, Ring and Messmer {e.ring_messmer})"
        for at, e in material.state.emergency.assessed
        if e.reaction == reaction.id
    ]
    return [("Anaphylaxis criteria that may be met", "; ".join(told))] if told else []


def _outcome(material: Material, reaction: Reaction) -> list[Fact]:
    details = reaction.details
    if details is None:
        return [("Outcome", NOT_RECORDED)]
    facts = [
        ("Causality", said(details.causality)),
        ("Serious", ", ".join(details.serious).replace("_", " ") or "no criterion ticked"),
        ("Response", said(details.response)),
        ("Rechallenge", _rechallenge(material, reaction)),
        ("Outcome", said(details.outcome)),
    ]
    return facts + ([("Text", said(details.text))] if details.text else [])


def _rechallenge(material: Material, reaction: Reaction) -> str:
    told = [
        f"restarted at {e.rate_ml_h} mL/h, {clock(material, e.when)}, ordered {clock(material, e.ordered_at)} by "
        f"{_orderer(material, e)}, checked by {material.who(e.second)}"
        + (f", {said(e.override_reason)}" if e.override_reason else "")
        for e in material.state.emergency.restarts
        if e.reaction == reaction.id
    ]
    result = reaction.details.rechallenge if reaction.details is not None else ""
    return "; ".join([*told, *([result.replace("_", " ")] if result else [])]) or "none"


def _orderer(material: Material, e: RestartConfirmed) -> str:
    return f"{material.who(e.prescriber_id)} ({way_words(e.way)})" if e.prescriber_id else said(e.prescriber)


def _drugs(material: Material, reaction: Reaction) -> str:
    emergency = material.state.emergency
    told = [_drug(material, done) for done in emergency.given(reaction.id)]
    told += [
        f"epinephrine {clock(material, tap.when)}, dose and route not recorded"
        for tap in emergency.undescribed(reaction.id)
    ]
    return "; ".join(told) or "none recorded"


def _drug(material: Material, done: DrugDone) -> str:
    e = done.event
    by = _by(material, done.seq, done.by)
    return f"{e.drug.replace('_', ' ')} {e.dose.normalize():f} {e.unit} {e.route} {clock(material, e.when)} ({by})"


def _by(material: Material, seq: int, actor: str) -> str:
    """Who did it: the entry's actor, and who was said to have done it afterwards."""
    after = material.state.emergency.attributed.get(seq)
    return f"{material.who(actor)}, said afterwards: {material.who(after)}" if after else material.who(actor)


def _step(material: Material, done: StepDone) -> str:
    words = f"{step_words(done.step)} {clock(material, done.when)}"
    named = f" {said(done.text)}" if done.text else ""
    void = f", VOID: {done.why_void.replace('_', ' ')}" if done.why_void else ""
    return f"{words}{named} ({_by(material, done.seq, done.by)}){void}"


def _at_onset(reaction: Reaction) -> str:
    told: Sequence[str] = [
        f"{SIGN_WORDS.get(name, name)} {value.value} {shown_unit(value.unit)}"
        for name, value in sorted(reaction.vitals.items())
    ]
    return ", ".join(told) or "no vital sign known"


def _worst(values: dict[str, float], lost: int) -> str:
    told = [
        f"{_WORST_WORDS[name][0]} {rounded(value, 1).normalize():f} {_WORST_WORDS[name][1]}"
        for name, value in values.items()
    ]
    if not told:
        return absent("nothing measured", lost)
    without = [SIGN_WORDS[name] for name in _WORST_WORDS if name not in values]
    missing = f"; {', '.join(without)} {absent('not measured', lost)}" if without and lost else ""
    return unsure(", ".join(told), lost) + missing


def _actions(material: Material, reaction: Reaction) -> str:
    """Every step with its time; what the form names besides, and no step was tapped for, has none."""
    steps = [done for done in material.state.emergency.steps if done.reaction == reaction.id]
    timed = [_step(material, done) for done in steps]
    tapped = {done.step for done in steps if not done.why_void}
    named = reaction.details.actions if reaction.details is not None else ()
    timed += [f"{step_words(one)} (no time)" for one in named if one not in tapped]
    return ", ".join(timed) or "none entered"


def _prescriber(material: Material, reaction: Reaction) -> str:
    """When the prescriber was called and when he came."""
    told = [
        f"{words} {clock(material, done[0].when)}"
        for step, words in (("prescriber_called", "called"), ("prescriber_came", "came"))
        if (done := material.state.emergency.done(step, reaction.id))
    ]
    return ", ".join(told) or "call not recorded"


def _over(material: Material, reaction: Reaction) -> str:
    if reaction.resolved is not None:
        return f"over at {clock(material, reaction.resolved)}"
    if reaction.handed_over is not None:
        return f"handed over at {clock(material, reaction.handed_over)}, NOT OVER"
    return "STILL OPEN"
