"""The auditor's box: what changed after the start, who stood by, and what a single nurse took upon herself."""

from __future__ import annotations

from exomonitor.exports.report_audit import audit_lines
from exomonitor.session.events import GateOverridden
from exomonitor.session.parts.changes import ChangedAfterStart
from tests.exomonitor.exports.whole_visit import SECRETS, whole_visit


def test_a_change_after_the_start_stands_there_with_who_stood_by(made_of):
    script = whole_visit()
    script.say(ChangedAfterStart("bag", ("lot", "serial"), "", infusing=True, reason=SECRETS["reason"]))
    script.say(ChangedAfterStart("patient", ("name",), "u-9", infusing=True, reason=SECRETS["reason"]))
    alone, two = (line for line in audit_lines(made_of(script)) if line.kind == "Changed after the start")
    assert alone.what.startswith("BAG CHANGED AFTER THE START (lot, serial), SINGLE NURSE, nobody else was there")
    assert two.what.startswith("PATIENT CHANGED AFTER THE START (name), with a second person")
    assert SECRETS["reason"] not in alone.what + two.what, "who reads it without identities sees no free words"
    named = [line for line in audit_lines(made_of(script, identified=True)) if line.kind == "Changed after the start"]
    assert all(line.what.endswith(SECRETS["reason"]) for line in named)


def test_a_gate_that_a_single_nurse_accepted_open_is_told_apart_from_one_that_two_people_did(made_of):
    script = whole_visit()
    before = [line.kind for line in audit_lines(made_of(script))]
    script.say(GateOverridden("readiness", SECRETS["reason"], alone=True))
    script.say(GateOverridden("line", SECRETS["reason"], "u-9"))
    lines = audit_lines(made_of(script))
    kinds = [line.kind for line in lines]
    assert kinds.count("Single nurse") == before.count("Single nurse") + 1
    assert kinds.count("Override") == before.count("Override") + 1
    assert any(line.what.startswith("start without readiness") for line in lines if line.kind == "Single nurse")
    assert any("second person" in line.what for line in lines if line.what.startswith("start without line"))
