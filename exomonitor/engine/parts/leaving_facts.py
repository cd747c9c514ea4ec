"""Fills in the discharge checklist from the record: what is known of the patient, the sets, the reactions and tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from exomonitor.alarms.manager import AlarmView
from exomonitor.alarms.policy import AlarmState
from exomonitor.clinical import discharge as dc
from exomonitor.clinical.checklists import ChecklistRow, is_complete, missing
from exomonitor.clinical.discharge_vitals import Baseline, VitalSet
from exomonitor.clinical.observations import BASELINE, END, MIN, SlotStatus
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.registry.course_of import visits_of
from exomonitor.registry.registry import Registry
from exomonitor.session.events import ObservationRecorded
from exomonitor.session.narrative import slot_words
from exomonitor.session.places import ELSEWHERE
from exomonitor.session.plan import Patient
from exomonitor.session.schedule import slot_states
from exomonitor.session.scoring import ACVPU, rules_of, score, score_of
from exomonitor.session.state import SessionState
from exomonitor.units import rounded

TASKS = "discharge_tasks"
ANAPHYLAXIS = "Anaphylaxis"
_SYMPTOM_GRADE = {"none": 0, "mild": 1, "more": 2}
_YES_NO = {"yes": True, "no": False}
_KNOWN_TASKS = frozenset(
    {"symptoms", "drank", "walking", "sedating", "escort", "instructions_given", "instructions_version", "calls_booked"}
)
"""Items of the checklist that stand behind a criterion of their own."""


@dataclass(frozen=True, slots=True)
class Before:
    """The patient's earlier doses: how many, and whether none had a reaction; None = not known."""

    doses: int | None = None
    uneventful: bool | None = None


def discharge_now(
    state: SessionState,
    now: Instant,
    protocol: ClinicProtocol,
    registry: Registry,
    alarms: Iterable[AlarmView] | None,
    *,
    prescriber_signed: bool = False,
) -> dc.Discharge:
    """The checklist as it stands at this moment."""
    table = protocol.rules.discharge.content
    facts = leaving_facts(state, now, protocol, registry, alarms, prescriber_signed=prescriber_signed)
    found = dc.evaluate(facts, table)
    own = tuple(_own_items(task_answers(state), protocol.rules.checklists.content.of(TASKS)))
    return dc.Discharge((*found.criteria, *own), found.transfer)


def leaving_facts(
    state: SessionState,
    now: Instant,
    protocol: ClinicProtocol,
    registry: Registry,
    alarms: Iterable[AlarmView] | None,
    *,
    prescriber_signed: bool = False,
) -> dc.Leaving:
    """Everything that the criteria look at; what nobody recorded is None."""
    before = earlier_doses(state, registry)
    numbered = before.doses + 1 if before.doses is not None else None
    reactions = reactions_of(state, prescriber_signed=prescriber_signed)
    facts = dc.Leaving(
        since_end_min=now.since(state.end) / MIN if state.end is not None else None,
        dose_number=numbered,
        uneventful_before=before.uneventful,
        baseline=_baseline(state),
        sets=_sets_since_end(state),
        open_sets=None,
        reactions=reactions,
        tasks=_tasks(state, alarms),
        news2_unfit=score({}, "", None, rules_of(state.patient, now.utc)).not_applicable,
    )
    wanted_min = dc.required_minutes(facts, protocol.rules.discharge.content)
    return replace(facts, open_sets=_owed_sets(state, now, protocol, wanted_min))


def earlier_doses(state: SessionState, registry: Registry) -> Before:
    """What the clinic's visits say of the patient's earlier doses; without them what the order says."""
    earlier = visits_of(registry, state.patient.id if state.patient is not None else "", but=state.id)
    given = [visit for visit in earlier if visit.exposed]
    if given:
        calm = all(visit.worst_grade == 0 and not visit.ungraded and not visit.epinephrine for visit in given)
        return Before(len(given), calm)
    if state.order is None:
        return Before()
    return Before(0, True) if state.order.first_dose else Before(1, None)


def reactions_of(state: SessionState, *, prescriber_signed: bool = False) -> dc.Reactions:
    """The reactions of this session: None as worst grade while one of them is not graded."""
    grades = [r.details.grade if r.details is not None else None for r in state.reactions]
    known = [grade for grade in grades if grade is not None]
    worst = max(known, default=0)
    return dc.Reactions(
        # An ungraded reaction hides nothing: a grade that is bad enough counts already.
        worst_grade=worst if len(known) == len(grades) or worst >= 3 else None,
        epinephrine_given=any(state.emergency.epinephrine(one) for one in ("", *(r.id for r in state.reactions))),
        # Criteria that may be met are looked at; the diagnosis is a person's.
        anaphylaxis=any(r.details is not None and r.details.term == ANAPHYLAXIS for r in state.reactions),
        prescriber_signed=prescriber_signed,
    )


def task_answers(state: SessionState) -> Mapping[str, str]:
    """The answers to the checklist before leaving, wherever they were given."""
    return {**state.checks.answers(TASKS), **state.leaving.tasks}


def _tasks(state: SessionState, alarms: Iterable[AlarmView] | None) -> dc.Tasks:
    said = task_answers(state)
    given = _YES_NO.get(said.get("instructions_given", ""))
    views = None if alarms is None else tuple(alarms)
    return dc.Tasks(
        open_alarms=None if views is None else sum(is_open_alarm(view) for view in views),
        acknowledged_alarms=sum(_is_answered(view) for view in views or ()),
        worst_symptom_grade=_SYMPTOM_GRADE.get(said.get("symptoms", "")),
        site_score=_site_score(state),
        drank=_YES_NO.get(said.get("drank", "")),
        walking=_YES_NO.get(said.get("walking", "")),
        iv_removed=_iv_out(state),
        sedating_given=_sedated(state, said),
        escort=_YES_NO.get(said.get("escort", "")),
        instructions_given=given if not given or said.get("instructions_version") else None,
        follow_up_booked=_YES_NO.get(said.get("calls_booked", "")),
        next_dose_decided=True if state.leaving.next_dose is not None else None,
    )


def is_open_alarm(view: AlarmView) -> bool:
    """Whether a condition stands that nobody has acknowledged, or that is held."""
    here = not view.key.startswith(ELSEWHERE)
    return here and view.state in {AlarmState.ACTIVE, AlarmState.LATCHED}


def _is_answered(view: AlarmView) -> bool:
    return not view.key.startswith(ELSEWHERE) and view.state is AlarmState.ACKED


def _own_items(said: Mapping[str, str], checklist: ChecklistRow) -> Iterable[dc.Criterion]:
    """Items that the clinic has added to the checklist: each a criterion of its own."""
    for row in checklist.asked(said):
        if row.key in _KNOWN_TASKS:
            continue
        alone = checklist.model_copy(update={"item": (row.model_copy(update={"when": None}),)})
        answers = {row.key: said.get(row.key, "")}
        if is_complete(answers, alone):
            yield dc.Criterion(row.key, row.text, dc.State.MET, said.get(row.key, ""))
        else:
            known = dc.State.NOT_MET if answers[row.key] else dc.State.NOT_KNOWN
            yield dc.Criterion(row.key, row.text, known, missing(answers, alone)[0])


def _sedated(state: SessionState, said: Mapping[str, str]) -> bool | None:
    """A drug that makes drowsy, before the infusion or since: an answer at the end counts beside the first one."""
    later = _YES_NO.get(said.get("sedating", ""))
    if state.checks.sedated or later:
        return True
    premedication = state.checks.answers("premedication")
    answered = bool(premedication) or bool(state.checks.premedication)
    unsaid = any(one.sedating is None for one in state.checks.premedication)
    return False if later is False or (answered and not unsaid and not state.reactions) else None


def _iv_out(state: SessionState) -> bool | None:
    iv = state.leaving.iv
    return None if iv is None else iv.event.catheter != "not_whole" and iv.event.bleeding_stopped


def _site_score(state: SessionState) -> int | None:
    iv = state.leaving.iv
    if iv is not None and iv.event.site_score is not None:
        return iv.event.site_score
    scored = [one.event for one in state.observations.values() if one.event.site_score is not None]
    return max(scored, key=lambda e: e.observed.utc).site_score if scored else None


def _owed_sets(state: SessionState, now: Instant, protocol: ClinicProtocol, within_min: int) -> tuple[str, ...] | None:
    """The names of the sets after the end that are not done, up to the time the patient has to stay."""
    if state.end is None:
        return None
    owed = []
    for one in slot_states(state, now, protocol.schedule):
        key = one.slot.key
        post_min = int(key.removeprefix("post")) if key.startswith("post") else 0
        if (key != END and not post_min) or post_min > within_min:
            continue
        if one.status.is_open:
            owed.append(slot_words(key))
        elif one.status is SlotStatus.MISSED:
            owed.append(f"{slot_words(key)} (missed)")
    return tuple(owed)


def _sets_since_end(state: SessionState) -> tuple[VitalSet, ...]:
    if state.end is None:
        return ()
    end = state.end
    done = sorted((one.event for one in state.observations.values()), key=lambda e: e.observed.utc)
    # The end set may be taken a little before the flush is recorded: it is one of the two that count.
    after = [e for e in done if e.observed.since(end) >= 0 or e.slot == END]
    return tuple(_vital_set(e, e.observed.since(end) / MIN, state.patient) for e in after)


def _vital_set(e: ObservationRecorded, at_min: float, patient: Patient | None) -> VitalSet:
    scored = score_of(e, patient)
    sbp, hr, rr, spo2 = (_whole(e, name) for name in ("nibp_sys", "hr", "rr", "spo2"))
    temp = e.values["temp"].value if "temp" in e.values else None
    red = True if scored.red else (False if scored.total is not None else None)
    return VitalSet(
        at_min, ACVPU.get(e.consciousness), sbp, hr, rr, spo2, _oxygen(e), temp, scored.total, red
    )  # fmt: skip


def _baseline(state: SessionState) -> Baseline:
    done = state.observations.get(BASELINE)
    scale = 2 if state.patient is not None and state.patient.scale2 else 1
    if done is None:
        return Baseline(scale=scale)
    seen = _vital_set(done.event, 0.0, state.patient)
    return Baseline(seen.sbp, seen.hr, seen.spo2, seen.oxygen_l_min, seen.news2, scale, state.emergency.own_sbp_limit)


def _oxygen(e: ObservationRecorded) -> Decimal | None:
    """0 L/min on air; None where nobody asked, or where the flow was not said."""
    return Decimal(0) if e.on_oxygen is False else e.oxygen_l_min


def _whole(e: ObservationRecorded, name: str) -> int | None:
    return int(rounded(e.values[name].value, 0)) if name in e.values else None
