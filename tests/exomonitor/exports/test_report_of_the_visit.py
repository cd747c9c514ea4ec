"""R1 to R5 of the visit around the infusion, and that an export which names nobody names nobody."""

from __future__ import annotations

import re

import pytest

from exomonitor.exports.report import report_pdf
from exomonitor.exports.report_audit import audit_lines, signature_facts
from exomonitor.exports.report_identity import identity
from exomonitor.exports.report_reactions import reactions
from exomonitor.exports.report_series import picture
from exomonitor.exports.report_visit import after_infusion, before_start
from exomonitor.exports.verify import verify_export
from exomonitor.session.parts import leaving_events
from exomonitor.session.parts.emergency_events import OwnSbpLimitSet
from tests.exomonitor.exports.made_up_session import PRIVATE
from tests.exomonitor.exports.test_printed_report import pages_of
from tests.exomonitor.exports.whole_visit import SECRETS, whole_visit


@pytest.fixture(scope="module")
def visit():
    return whole_visit()


def test_the_dose_of_the_course_and_its_window_stand_in_the_header(made_of, visit):
    facts = dict(identity(made_of(visit)))
    said = "session 3 of this patient, initial phase, window 2026-03-04 to 2026-03-18, early"
    assert facts["Dose of the course"] == said
    assert facts["Thaw"] == facts["Certificate"] == facts["In-use expiry"] == "not recorded"


def test_the_checks_before_the_start_say_who_and_when(made_of, visit):
    facts = dict(before_start(made_of(visit)))
    assert re.fullmatch(r"\d\d:\d\d:\d\d by u-31, IND: none, told it is not FDA-approved: yes", facts["Consent"])
    assert facts["Emergency readiness"] == "not recorded"
    assert facts["Premedication"].startswith("cetirizine 10 mg oral ")
    assert facts["Hydration"].startswith("500 mL oral ")
    assert re.fullmatch(r"DIFFERS in lot, u-8 \d\d:\d\d:\d\d, 12 s, implausibly fast", facts["Double check"])


def test_a_drug_bears_its_dose_time_and_who_was_said_to_have_given_it(made_of, visit):
    material = made_of(visit)
    facts = dict(reactions(material, picture(material))[0])
    assert re.fullmatch(r"epinephrine 0.5 mg IM \d\d:\d\d:\d\d \(unnamed, said afterwards: u-31\)", facts["Drugs"])
    assert "WAO 1 (skin + SpO₂ 88 %; Brown 3, Ring and Messmer 2)" in facts["Anaphylaxis criteria that may be met"]
    assert (facts["Causality"], facts["Serious"], facts["Outcome"]) == ("probable", "hospital", "transferred")
    assert "now grade 1" in facts["Term, grade"]


def test_how_the_patient_left_and_what_comes_next(made_of, visit):
    facts = dict(after_infusion(made_of(visit, identified=True)))
    assert "catheter whole, bleeding stopped: yes" in facts["IV out"]
    assert facts["Left"].startswith("transferred ")
    assert f"to {SECRETS['hospital']}" in facts["Left"]
    assert "not met: watched for 60 min" in facts["Left"]
    assert re.fullmatch(r"24 h 2026-03-02 \d\d:\d\d:\d\d reached, amber", facts["Follow-up"])
    assert facts["Next dose"] == "booked 2026-03-20 09:30, window 2026-03-16 to 2026-03-30, in"


def test_the_auditor_sees_overrides_takeovers_addenda_and_what_was_said_afterwards(made_of, visit):
    kinds = [line.kind for line in audit_lines(made_of(visit))]
    for kind in ("Double check", "Take-over", "New line", "Said afterwards", "Addendum"):
        assert kinds.count(kind) == 1, kind
    assert kinds.count("Override") == 3  # a gate, the timing of the dose, the discharge


def test_a_signature_with_an_addendum_says_that_it_is_superseded_and_the_review_is_printed(made_of, visit):
    facts = signature_facts(made_of(visit, identified=True))
    assert facts[0][0] == "Signed"
    assert "(superseded: addenda follow)" in facts[0][1]
    assert facts[-1][0] == "Reviewed"
    assert SECRETS["reviewer"] in facts[-1][1]


def test_nothing_private_of_the_visit_is_in_a_de_identified_report(made_of, visit):
    text = " ".join(pages_of(made_of(visit))[0])
    for secret in (*SECRETS.values(), *PRIVATE.values(), "son was there"):
        assert secret not in text, secret


def test_an_export_whose_visit_went_on_after_the_signature_verifies(export, visit, tmp_path):
    assert verify_export(export(visit, tmp_path)) == []


def test_the_first_page_of_a_full_visit_is_one_page(made_of, visit):
    material = made_of(visit, identified=True)
    pages = pages_of(material)[0]
    for block in (
        "Before the start",
        "Given",
        "Reactions",
        "Alarms",
        "After the infusion",
        "For the auditor",
        "Signed",
    ):
        assert block in pages[0], block
    assert report_pdf(material) == report_pdf(material)


def test_the_auditor_sees_a_limit_that_was_set_for_this_patient_alone(made_of):
    script = whole_visit()
    script.say(OwnSbpLimitSet(75, 86, SECRETS["reason"]))
    (line,) = [line for line in audit_lines(made_of(script)) if line.kind == "Own limit"]
    assert line.what.startswith("Own limit of low SBP 75 mmHg, baseline 86 mmHg")
    assert SECRETS["reason"] not in line.what
    (said,) = [line for line in audit_lines(made_of(script, identified=True)) if line.kind == "Own limit"]
    assert said.what.endswith(SECRETS["reason"])
    facts = dict(before_start(made_of(script)))
    assert facts["Low systolic pressure"] == "below 75 mmHg, baseline 86 mmHg: withheld"


def test_what_holds_the_next_dose_is_printed_beside_its_window(made_of):
    script = whole_visit()
    held = ("reaction grade 3: HOLD",)
    script.say(
        leaving_events.NextDoseDecided("prescriber_decides", earliest="2026-03-16", latest="2026-03-30", holds=held)
    )
    facts = dict(after_infusion(made_of(script)))
    assert facts["Next dose"] == ("prescriber decides, window 2026-03-16 to 2026-03-30; HELD: reaction grade 3: HOLD")


def test_an_action_that_was_tapped_is_not_listed_again_without_a_time(made_of, visit):
    material = made_of(visit)
    told = dict(reactions(material, picture(material))[0])["Actions"].split(", ")
    tapped = {done.step for done in material.state.emergency.steps if not done.why_void}
    named = material.state.reactions[0].details.actions
    assert len([one for one in told if one.endswith("(no time)")]) == len(set(named) - tapped)


def test_the_auditor_sees_a_next_dose_that_only_the_prescriber_could_book(made_of):
    script = whole_visit()
    script.say(leaving_events.NextDoseDecided("booked", "2026-03-09", timing="early", prescriber="u-9"))
    assert [line.kind for line in audit_lines(made_of(script))].count("Override") == 4
