"""A made-up session with everything around the infusion: checks, two people, a drug, discharge, a call, a booking."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exomonitor.session import events as ev
from exomonitor.session.parts import (
    care_events,
    checks,
    corrections,
    course,
    double_check,
    emergency_events,
    handover,
    leaving_events,
)
from tests.exomonitor.exports.made_up_session import NURSE, Script, whole_session

SECRETS = {
    "verifier": "Vera Pseudonymous",
    "hospital": "St. Nowhere General",
    "doctor": "Dr. Ingmar Pseudonym",
    "reason": "the prescriber was reached in the corridor",
    "reviewer": "Prof. Imaginary",
}


def whole_visit() -> Script:
    """The session of made_up_session, unsigned, with its visit."""
    script = whole_session(sign=False)
    say, now = script.say, script.clock.now
    say(course.DoseTimed("p-1", "early", "2026-03-02", "initial", True, "early by 2 days", 2, 1, "2026-02-18",
                         "2026-03-04", "2026-03-18"))  # fmt: skip
    say(course.DoseTimingAccepted("u-9", "", SECRETS["reason"]))
    say(checks.ChecklistRecorded("consent", "1.0", "c" * 64, {"told": "yes", "ind": "none"}, '{"taken_by": "Nora"}'))
    say(checks.PremedicationGiven("cetirizine", "10 mg", "oral", now(), SECRETS["doctor"], False))
    say(checks.HydrationGiven(Decimal(500), checks.ORAL, now()))
    say(double_check.DoubleCheckBegun(NURSE, "d" * 64))
    say(double_check.DoubleCheckDone("u-8", False, ("lot",), 12.0, True, "d" * 64, '{"lot": "LOT-9"}'), "u-8")
    say(emergency_events.DrugGiven("epinephrine", Decimal("0.5"), "mg", "IM", now(), "r1"), "unnamed")
    drug = script.archive.told[-1].seq
    say(emergency_events.ActionsAttributed((drug,), NURSE))
    say(emergency_events.AnaphylaxisAssessed("r1", ("WAO 1",), ("skin", "SpO₂ 88 %"), 3, 2), "station")
    say(handover.TakenOver("u-8", NURSE, handover.HANDOVER, None, SECRETS["verifier"], "card"), "u-8")
    say(care_events.LineReplaced(now(), "hand", "right", "22G", old_set_discarded=True, discarded_ml=Decimal(18)))
    details = next(e.event for e in script.archive.told if isinstance(e.event, ev.ReactionDetailed))
    say(replace(details, causality="probable", serious=("hospital",), outcome="transferred", present_grade=1))
    say(leaving_events.IvRemoved(now(), leaving_events.WHOLE, True, "forearm", 0))
    left = leaving_events.CriterionNoted("waited", "watched for 60 min", "not met", "55 of 60 min")
    say(leaving_events.PatientLeft(now(), leaving_events.TRANSFERRED, (left,), True, "u-9", SECRETS["reason"],
                                   SECRETS["hospital"], SECRETS["doctor"]))  # fmt: skip
    say(leaving_events.NextDoseDecided(leaving_events.BOOKED, "2026-03-20", "09:30", 90, "Europe/Vienna", "initial",
                                       "2026-03-16", "2026-03-30", "in"))  # fmt: skip
    head = script.archive.rows[-1]["hash"]
    say(ev.SessionSigned("performed", head, "Incomplete: 1 set missed", "Nora Nightshift"))
    say(corrections.AddendumAdded(NURSE, head, "left_out", "Nora Nightshift", "The patient's son was there"))
    say(leaving_events.FollowUpCalled("24 h", now(), "reached", level="amber", reasons=("fever",)))
    say(handover.SessionReviewed("u-9", "prescriber", head, ("grade 2",), SECRETS["reviewer"], ""), "u-9")
    return script
