"""The lists before the start: recorded as answered, gates open until they pass, nothing refused that is reality."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exomonitor.clinical.rates import RampStep
from exomonitor.session import commands as cmd
from exomonitor.session.events import LineEntered
from exomonitor.session.gate_rules import line_answers, premedication_notice
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.checks import (
    ChecklistRecorded,
    GiveHydration,
    GivePremedication,
    HydrationGiven,
    RecordChecklist,
)
from exomonitor.session.parts.double_check import SingleNurse
from exomonitor.session.plan import SourceCell
from tests.exomonitor.engine.bedside_bench import ANSWERS, CHAIR, NURSE, PRESCRIBER, PROTOCOL, VERIFIER, Bench


@pytest.fixture
def opened(bench: Bench) -> Bench:
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    return bench


def gate(bench: Bench, key: str) -> str:
    """Why a gate is open; "" when it is done."""
    return next(g.why for g in bench.snapshot.gates if g.key == key)


def answer(bench: Bench, key: str, **changes: str) -> None:
    bench.do(RecordChecklist(CHAIR, bench.by, key, {**ANSWERS[key], **changes}))


def test_a_list_is_recorded_with_the_table_it_was_asked_from(opened: Bench):
    assert gate(opened, "consent") == "6 to answer"
    answer(opened, "consent")
    (event,) = opened.events(ChecklistRecorded)
    table = PROTOCOL.rules.checklists
    assert (event.checklist, event.version, event.sha256) == ("consent", table.content.version, table.sha256)
    assert gate(opened, "consent") == ""


def test_names_and_typed_words_are_kept_apart_from_the_coded_answers(opened: Bench):
    answer(opened, "consent")
    (event,) = opened.events(ChecklistRecorded)
    assert set(event.answers) == {"told", "ind", "capacity", "taken_at"}
    assert "Nurse Example" in event.text
    assert opened.state.checks.answers("consent")["taken_by"] == "Nurse Example"
    withheld = replace(event, text="[text withheld]")
    assert "taken_by" not in opened.state.checks.answers("today")
    assert withheld.answers == event.answers


def test_who_is_named_is_somebody_of_the_list_and_is_what_was_asked_for(opened: Bench):
    answer(opened, "consent", taken_by=VERIFIER)
    assert opened.state.checks.answers("consent")["taken_by"] == "Verifier Example"

    def refused(key: str, **changes: str) -> str:
        return opened.refused(RecordChecklist(CHAIR, opened.by, key, {**ANSWERS[key], **changes}))

    assert refused("consent", taken_by="Dr Who") == (
        "Consent taken by: choose a person from the list; an administrator adds who is missing"
    )
    assert refused("readiness", prescriber=NURSE) == "Prescriber reachable (who): Nurse Example is no prescriber"
    answer(opened, "readiness", prescriber=PRESCRIBER)
    assert opened.state.checks.answers("readiness")["prescriber"] == "Dr Example"


def test_who_put_the_line_in_is_of_the_list_or_said_to_be_from_outside(opened: Bench):
    def line(**who: Any) -> cmd.EnterLine:
        return opened.line(**who)

    assert "choose a person from the list" in opened.refused(line(inserted_by="a colleague"))
    assert "not by both" in opened.refused(line(inserted_by=NURSE, placed_outside=True))
    opened.do(line(inserted_by=NURSE))
    assert opened.state.line is not None
    assert (opened.state.line.inserted_by, opened.state.line.placed_outside) == ("Nurse Example", False)
    opened.do(line(placed_outside=True))
    assert opened.state.line.inserted_by == ""
    assert line_answers(opened.state.line)["inserted_by"] == "somebody else (outside)"
    assert sentence(opened.events(LineEntered)[-1]).endswith("put in by somebody else (outside)")


def test_a_patient_who_was_not_told_keeps_the_gate_open_and_is_recorded(opened: Bench):
    answer(opened, "consent", told="no")
    assert gate(opened, "consent") == "Patient told: not FDA-approved: 'no' does not pass, only 'yes' does"
    answer(opened, "consent")
    assert gate(opened, "consent") == ""


def test_answers_that_no_item_takes_are_refused(opened: Bench):
    def refused(answers: dict[str, str], key: str = "consent") -> str:
        return opened.refused(RecordChecklist(CHAIR, opened.by, key, answers))

    assert "there is no item 'colour'" in refused({"colour": "red"})
    assert "'perhaps' is not one of yes, no" in refused({"told": "perhaps"})
    assert "nothing is answered" in refused({"told": " "})
    assert "no checklist 'breakfast'" in refused({}, "breakfast")


def test_a_correction_after_the_start_needs_a_reason_and_names_the_entry(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.start("100")
    first = next(e for e in bench.journal() if isinstance(e.event, ChecklistRecorded) and e.event.checklist == "today")
    again = RecordChecklist(CHAIR, bench.by, "today", {"infection": "no", "anticoagulant": "yes"})
    assert "reason for the correction" in bench.refused(again)
    bench.do(replace(again, reason="asked again"))
    assert bench.events(ChecklistRecorded)[-1].supersedes == first.seq
    assert bench.state.checks.answers("today")["anticoagulant"] == "yes"
    assert bench.state.amendments == 1


def test_what_was_asked_with_the_identity_is_not_asked_twice(opened: Bench):
    known = cmd.IdentifyPatient(
        CHAIR, opened.by, "DEMO-EXAMPLE, Jane", "1972-03-14", "", ("name", "born"), "none known", infection_today=False
    )
    opened.do(known)
    assert gate(opened, "today") == "Takes an anticoagulant: not recorded"


# --- premedication and hydration


def test_drugs_and_fluids_have_their_times(opened: Bench):
    given = GivePremedication(CHAIR, opened.by, "cetirizine", "10 mg", "oral", Decimal(30), "Dr Example", True)
    opened.do(given)
    opened.do(GiveHydration(CHAIR, opened.by, Decimal(500), "IV", "saline", Decimal(20)))
    checks = opened.state.checks
    assert checks.minutes_before(opened.now) == pytest.approx(30)
    assert checks.sedated
    assert checks.premedication[0].words() == "cetirizine 10 mg oral"
    assert checks.hydration[0].words() == "500 mL IV, saline"
    assert opened.events(HydrationGiven)[0].when == opened.now.plus(-1200)
    assert gate(opened, "premedication") == gate(opened, "hydration") == ""


def test_who_ordered_a_drug_is_a_prescriber_of_the_list_or_nobody_is_named(opened: Bench):
    drug = (CHAIR, opened.by, "cetirizine", "10 mg", "oral", Decimal(30))
    assert "Choose the prescriber from the list" in opened.refused(GivePremedication(*drug, "Dr Nobody"))
    assert "Choose the prescriber from the list" in opened.refused(GivePremedication(*drug, "Nurse Example"))
    opened.do(GivePremedication(*drug, " dr  example "))
    opened.do(GivePremedication(*drug))
    assert [given.ordered_by for given in opened.state.checks.premedication] == ["Dr Example", ""]


@pytest.mark.parametrize(
    ("minutes", "words"), [(14, "may not work yet"), (15, ""), (120, ""), (121, "may have worn off")]
)
def test_the_time_to_the_start_is_warned_of_outside_15_to_120_minutes(opened: Bench, minutes: int, words: str):
    opened.do(GivePremedication(CHAIR, opened.by, "cetirizine", "10 mg", "oral", Decimal(minutes)))
    notice = premedication_notice(opened.state.checks, opened.now, PROTOCOL.rules.checklists.content)
    assert (words in notice) if words else notice == ""


def test_the_latest_drug_counts_for_the_warning(opened: Bench):
    for minutes in (90, 10):
        opened.do(GivePremedication(CHAIR, opened.by, "drug", "1 mg", "oral", Decimal(minutes)))
    assert opened.state.checks.minutes_before(opened.now) == pytest.approx(10)


def test_none_ordered_is_an_answer_and_neither_binds_the_start(opened: Bench):
    assert gate(opened, "premedication") == "given, or none ordered"
    open_ones = {g.key for g in opened.snapshot.gates if not g.closed}
    assert not {"premedication", "hydration"} & open_ones
    opened.do(RecordChecklist(CHAIR, opened.by, "premedication", {"given": "none ordered"}))
    assert gate(opened, "premedication") == ""


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (GivePremedication(CHAIR, "u-nurse", " ", "10 mg", "oral"), "The drug is missing"),
        (GivePremedication(CHAIR, "u-nurse", "x", "1", "oral", Decimal(-5)), "lies in the future"),
        (GivePremedication(CHAIR, "u-nurse", "x", "1", "oral", Decimal(1441)), "more than a day ago"),
        (GiveHydration(CHAIR, "u-nurse", Decimal(100), "rectal"), "is no route for fluid"),
        (GiveHydration(CHAIR, "u-nurse", Decimal(100), "IV"), "Which fluid is missing"),
        (GiveHydration(CHAIR, "u-nurse", Decimal(0), "oral"), "is outside 1-5000 mL"),
    ],
)
def test_a_gift_that_cannot_be_meant_is_refused(opened: Bench, command: cmd.Command, sentence: str):
    assert sentence in opened.refused(command)


# --- the order, the line, the time-out


def order(bench: Bench, **more: object) -> cmd.EnterOrder:
    given: dict[str, object] = {"dose_billion": Decimal(5), "volume_ml": Decimal(100), "minutes": Decimal(45), **more}
    return cmd.EnterOrder(CHAIR, bench.by, **given)  # type: ignore[arg-type]


def test_an_order_names_who_ordered_what_and_when(opened: Bench):
    opened.do(order(opened))
    assert gate(opened, "order") == "who ordered it"
    opened.do(order(opened, prescriber_id=PRESCRIBER, way="written", order_date="2026-03-01"))
    assert opened.state.order is not None
    assert (opened.state.order.prescriber, opened.state.order.prescriber_id) == ("Dr Example", PRESCRIBER)
    assert gate(opened, "order") == "which product is ordered"
    assert "is in the future" in opened.refused(order(opened, order_date="2999-01-01"))
    opened.do(order(opened, prescriber_id=PRESCRIBER, way="telephone", source_cell=SourceCell.DENDRITIC))
    opened.do(cmd.EnterProduct(CHAIR, opened.by, SourceCell.MSC, "LOT-1", "2029-01-01"))
    assert gate(opened, "order") == "ordered is dendritic cell, the bag is MSC"


def test_a_line_that_does_not_flush_keeps_its_gate_open(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.do(bench.line(patent=False))
    assert gate(bench, "line") == "Flush without resistance, blood returns: no"
    bench.do(bench.line(filter=""))
    assert gate(bench, "line").startswith("Filter in line")
    bench.do(bench.line(phlebitis=1, infiltration=0, attempts=2, inserted_ago_min=Decimal(60)))
    assert gate(bench, "line") == ""
    assert bench.state.line is not None
    assert bench.state.line.inserted == bench.now.plus(-3600)
    assert "has the grades 0-4, not 7" in bench.refused(bench.line(phlebitis=7))
    assert "Attempts: 0" in bench.refused(bench.line(attempts=0))
    assert "cannot be" in bench.refused(bench.line(inserted_ago_min=Decimal(-1)))


@pytest.mark.parametrize("what", ["order", "bag", "patient"])
def test_a_change_of_what_was_compared_takes_the_time_out_away(bench: Bench, what: str):
    bench.prepare(pump="", monitor="")
    assert gate(bench, "time_out") == ""
    if what == "order":
        bench.order(minutes=50)
    elif what == "bag":
        bench.do(cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "LOT-2", "2029-01-01"))
    else:
        bench.do(
            cmd.IdentifyPatient(CHAIR, bench.by, "DEMO-OTHER, Jim", "1960-01-01", "M-2", ("name", "born"), "none known")
        )
    assert gate(bench, "time_out") == f"{what} changed since the time-out"
    bench.time_out()
    assert gate(bench, "time_out") == ""


def test_the_time_out_is_not_left_out_and_the_second_check_only_as_single_nurse(opened: Bench):
    reason = "no time for that"
    assert "not left out" in opened.refused(cmd.OverrideGate(CHAIR, opened.by, "time_out", reason))
    assert "single nurse" in opened.refused(cmd.OverrideGate(CHAIR, opened.by, "double_check", reason))
    assert "Consent is not left out" in opened.refused(cmd.OverrideGate(CHAIR, opened.by, "consent", reason))
    assert "two identifiers" in opened.refused(cmd.OverrideGate(CHAIR, opened.by, "patient", reason))
    opened.do(cmd.OverrideGate(CHAIR, opened.by, "today", reason, opened.proof(PRESCRIBER)))
    assert next(g for g in opened.snapshot.gates if g.key == "today").closed


def test_the_gates_stand_in_the_order_of_the_hands(opened: Bench):
    assert [g.key for g in opened.snapshot.gates] == [
        "patient", "course", "product", "order", "consent", "today", "line", "devices", "hydration", "premedication",
        "readiness", "double_check", "baseline", "time_out",
    ]  # fmt: skip


def test_the_fold_of_the_journal_alone_gives_the_same_checks(bench: Bench):
    bench.prepare(pump="", monitor="", ramp=(RampStep(Decimal("0.5"), Decimal(10)),))
    bench.do(GivePremedication(CHAIR, bench.by, "cetirizine", "10 mg", "oral"))
    bench.do(SingleNurse(CHAIR, bench.by, "nobody else is here"))
    assert bench.replayed().checks == bench.state.checks
    assert bench.replayed().double_check == bench.state.double_check
