"""Who is at work: sign-in, users and roles, take-over, signature and review; and what nobody may do unnamed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exomonitor.clock import ManualClock
from exomonitor.engine.access import SIGN_IN_FIRST
from exomonitor.engine.handover_card import handover_card
from exomonitor.engine.ports import Draft
from exomonitor.registry.users import User, UserAdded, UserChanged
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.parts.double_check import SingleNurse
from exomonitor.session.parts.handover import (
    ReviewSession,
    SessionReviewed,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
    TakenOver,
    TakeOver,
)
from exomonitor.session.parts.people import AddUser, ChangeOwnPin, ChangeUser
from exomonitor.session.review import review_missing, review_reasons
from tests.exomonitor.engine.bedside_bench import ADMIN, CHAIR, NURSE, PRESCRIBER, VERIFIER, Bench, FakeRecorder


@pytest.fixture
def nobody() -> Bench:
    """An engine at which nobody is signed in."""
    return Bench(signed_in=False)


def actor(bench: Bench, kind: type) -> str:
    return next(entry.actor for entry in reversed(bench.recorder.entries) if isinstance(entry.event, kind))


def user(bench: Bench, name: str) -> User:
    return next(one for one in bench.snapshot.registry.users.values() if one.name == name)


# --- access


def test_nothing_but_first_aid_is_done_unnamed(nobody: Bench):
    for command in (
        cmd.OpenSession(CHAIR, ""),
        cmd.OpenSession(CHAIR, "u-unknown"),
        cmd.EnterLine(CHAIR, "", "forearm", "left", "22G"),
        cmd.OpenSession(CHAIR, NURSE),
        AddUser(CHAIR, "", "B. Example", ("nurse",), "hash"),
        ChangeUser(CHAIR, "", NURSE, retired=True),
    ):
        assert nobody.refused(command) == SIGN_IN_FIRST


def test_a_reaction_needs_no_sign_in_but_its_grade_does(bench: Bench):
    bench.infusing()
    bench.do(SignOut(CHAIR, NURSE))
    bench.by = ""
    reaction = bench.do(cmd.OpenReaction(CHAIR, "")).answer
    bench.do(cmd.DoReactionAction(CHAIR, "", reaction, "stop"))
    bench.do(cmd.DetailReaction(CHAIR, "", reaction, ("Flushing",)))
    assert actor(bench, ev.ReactionOpened) == "unnamed"
    assert bench.refused(cmd.DetailReaction(CHAIR, "", reaction, grade=2)) == SIGN_IN_FIRST
    assert bench.refused(cmd.DetailReaction(CHAIR, "", reaction, resolved=True)) == SIGN_IN_FIRST


def test_who_asks_is_who_is_signed_in_at_this_chair(bench: Bench):
    assert bench.refused(cmd.OpenSession(CHAIR, VERIFIER)) == SIGN_IN_FIRST
    assert bench.do(cmd.OpenSession(CHAIR, NURSE)).answer


def test_an_administrator_alone_does_not_treat(bench: Bench):
    bench.work_as(ADMIN)
    assert bench.refused(cmd.OpenSession(CHAIR, ADMIN)) == "That takes the role of nurse or prescriber"
    for alone in (cmd.OverrideGate(CHAIR, ADMIN, "baseline", "no time for it"), SingleNurse(CHAIR, ADMIN, "nobody")):
        assert bench.refused(alone) == "That takes the role of nurse or prescriber"


def test_a_nurse_adds_nobody(bench: Bench):
    added = AddUser(CHAIR, NURSE, "B. Example", ("nurse",), "hash")
    assert bench.refused(added) == "That takes the role of administrator"


# --- users


def test_the_first_person_of_a_clinic_becomes_its_administrator(clock: ManualClock):
    recorder = FakeRecorder()
    recorder.submit([Draft("", clock.now(), "station", SignedOut("", ""))])  # a record in which nobody is known
    bench = Bench(clock, recorder, signed_in=False)
    assert bench.refused(AddUser(CHAIR, "", " ", ("nurse",), "hash")) == "The name needs at least 2 characters"
    assert bench.refused(AddUser(CHAIR, "", "A. First", ("nurse",), "")) == "The PIN is missing"
    first = bench.do(AddUser(CHAIR, "", "A. First", ("nurse",), "hash")).answer
    assert bench.snapshot.registry.users[first].roles == ("nurse", "administrator")
    assert actor(bench, UserAdded) == first
    assert bench.refused(AddUser(CHAIR, "", "B. Second", ("nurse",), "hash")) == SIGN_IN_FIRST


def test_people_are_added_by_a_signed_in_administrator_or_by_his_signature(bench: Bench):
    bench.do(AddUser(CHAIR, "", "  B.   Example ", ("verifier", "nurse"), "hash", proof=bench.proof(ADMIN)))
    assert user(bench, "B. Example").roles == ("nurse", "verifier")
    assert actor(bench, UserAdded) == ADMIN
    unfit = AddUser(CHAIR, "", "C. Example", ("nurse",), "hash", proof=bench.proof(VERIFIER))
    assert bench.refused(unfit) == "That takes the role of administrator"
    bench.work_as(ADMIN)
    bench.do(AddUser(CHAIR, ADMIN, "C. Example", ("prescriber",), "hash"))
    assert user(bench, "C. Example").role_words == "prescriber"


@pytest.mark.parametrize(
    ("name", "roles", "sentence"),
    [
        ("nurse  EXAMPLE", ("nurse",), "is in the list already"),
        ("B. Example", (), "Choose a role"),
        ("B. Example", ("king",), "'king' is not a role"),
    ],
)
def test_a_person_has_a_name_of_his_own_and_known_roles(bench: Bench, name: str, roles: tuple[str, ...], sentence: str):
    bench.work_as(ADMIN)
    assert sentence in bench.refused(AddUser(CHAIR, ADMIN, name, roles, "hash"))


def test_a_badge_belongs_to_one_person(bench: Bench):
    bench.work_as(ADMIN)
    bench.do(ChangeUser(CHAIR, ADMIN, NURSE, badge_digest="d1"))
    assert bench.refused(ChangeUser(CHAIR, ADMIN, VERIFIER, badge_digest="d1")) == "That badge belongs to somebody else"
    bench.do(ChangeUser(CHAIR, ADMIN, NURSE, badge_digest="d1"))
    bench.do(ChangeUser(CHAIR, ADMIN, NURSE, badge_digest=""))
    assert user(bench, "Nurse Example").badge_digest == ""


def test_a_change_leaves_everything_else_as_it_was(bench: Bench):
    bench.work_as(ADMIN)
    bench.do(ChangeUser(CHAIR, ADMIN, VERIFIER, badge_digest="d1", pin_hash="h1"))
    bench.do(ChangeUser(CHAIR, ADMIN, VERIFIER, roles=("verifier",)))
    known = user(bench, "Verifier Example")
    assert (known.roles, known.badge_digest, known.pin_hash, known.retired) == (("verifier",), "d1", "h1", False)
    assert bench.refused(ChangeUser(CHAIR, ADMIN, "u-none", retired=True)) == "There is no such person"


def test_the_only_administrator_stays_one(bench: Bench):
    bench.work_as(ADMIN)
    sentence = "A. DEMO-ADMIN is the only administrator"
    assert bench.refused(ChangeUser(CHAIR, ADMIN, ADMIN, retired=True)) == sentence
    assert bench.refused(ChangeUser(CHAIR, ADMIN, ADMIN, roles=("nurse",))) == sentence
    bench.do(ChangeUser(CHAIR, ADMIN, NURSE, roles=("nurse", "administrator")))
    bench.do(ChangeUser(CHAIR, ADMIN, ADMIN, roles=("nurse",)))


def test_who_is_retired_signs_in_no_more_and_stays_in_the_record(bench: Bench):
    waiting = bench.proof(VERIFIER)
    bench.do(ChangeUser(CHAIR, NURSE, VERIFIER, retired=True, proof=bench.proof(ADMIN)))
    assert bench.refused(SignIn(CHAIR, "", waiting)) == "The signature is too old"
    assert bench.snapshot.registry.users[VERIFIER].name == "Verifier Example"


def test_who_is_retired_while_at_work_does_nothing_more(bench: Bench):
    bench.do(ChangeUser(CHAIR, NURSE, NURSE, retired=True, proof=bench.proof(ADMIN)))
    assert bench.refused(cmd.OpenSession(CHAIR, NURSE)) == SIGN_IN_FIRST


def test_a_pin_is_changed_by_whoever_has_the_old_one(bench: Bench):
    bench.do(ChangeOwnPin(CHAIR, "", "new hash", bench.proof(NURSE)))
    assert user(bench, "Nurse Example").pin_hash == "new hash"
    assert actor(bench, UserChanged) == NURSE
    assert "signs with badge or PIN" in bench.refused(ChangeOwnPin(CHAIR, NURSE, "new hash", ""))


# --- sign-in


def test_signing_in_takes_a_proof_and_stands_in_the_open_session(nobody: Bench):
    assert nobody.refused(SignIn(CHAIR, "", "")) == "A second person signs with badge or PIN"
    assert nobody.snapshot.staff_id == ""
    nobody.work_as(NURSE)
    assert (nobody.snapshot.staff_id, nobody.snapshot.staff) == (NURSE, "Nurse Example")
    nobody.do(cmd.OpenSession(CHAIR, NURSE))
    nobody.work_as(VERIFIER)
    first, second = nobody.events(SignedIn)
    assert (first.user, second.user, second.method) == (NURSE, VERIFIER, "pin")
    assert [entry.session for entry in nobody.recorder.entries if isinstance(entry.event, SignedIn)] == [
        "",
        nobody.state.id,
    ]
    assert actor(nobody, SignedIn) == VERIFIER
    assert nobody.state.handover.nurse == VERIFIER
    assert nobody.replayed() == nobody.state


def test_signing_in_again_says_nothing_new(bench: Bench):
    bench.work_as(NURSE)
    assert bench.events(SignedIn) == []


def test_a_proof_is_good_for_one_command(bench: Bench):
    token = bench.proof(VERIFIER)
    bench.do(SignIn(CHAIR, "", token))
    assert bench.refused(SignIn(CHAIR, "", token)) == "The signature is too old"


def test_a_proof_that_was_refused_its_command_can_be_used_again(bench: Bench):
    token = bench.proof(NURSE)
    assert bench.refused(cmd.SignOff(CHAIR, NURSE, token)) == "No session is open in this chair"
    bench.do(ChangeOwnPin(CHAIR, "", "h", token))


def test_signing_out_leaves_the_record_running(bench: Bench):
    bench.infusing()
    bench.do(SignOut(CHAIR, NURSE))
    assert bench.snapshot.staff_id == ""
    assert bench.state.phase.is_open
    assert bench.events(SignedOut)[0].user == NURSE


def test_after_a_restart_somebody_signs_in_again(bench: Bench):
    bench.infusing()
    again = bench.after_restart(30, signed_in=False)
    assert again.snapshot.staff_id == ""
    again.do(cmd.ConfirmPatient(CHAIR, ""))
    assert again.refused(cmd.EnterLine(CHAIR, "", "hand", "left", "22G")) == SIGN_IN_FIRST
    again.work_as(NURSE)
    assert again.snapshot.staff == "Nurse Example"


# --- take-over


def test_a_handover_in_mid_infusion_keeps_what_the_card_said(bench: Bench):
    bench.infusing()
    card = "\n".join(line.text for line in handover_card(bench.snapshot))
    bench.do(TakeOver(CHAIR, NURSE, bench.proof(VERIFIER), "handover", card=card))
    (taken,) = bench.events(TakenOver)
    assert (taken.user, taken.from_user, taken.kind, taken.until) == (VERIFIER, NURSE, "handover", None)
    assert "of 100 mL" in taken.card
    assert bench.snapshot.staff == "Verifier Example"
    assert actor(bench, TakenOver) == VERIFIER
    assert bench.replayed() == bench.state


def test_break_cover_ends_when_the_nurse_is_back(bench: Bench):
    bench.infusing()
    bench.do(TakeOver(CHAIR, NURSE, bench.proof(VERIFIER), "break_cover", Decimal(15)))
    part = bench.state.handover
    assert part.relieved == NURSE
    assert part.cover_until is not None
    assert part.cover_until.since(bench.now) == pytest.approx(900, abs=2)
    bench.do(TakeOver(CHAIR, VERIFIER, bench.proof(NURSE), "return"))
    assert (bench.state.handover.relieved, bench.state.handover.cover_until) == ("", None)


def test_who_was_relieved_and_simply_signs_in_is_back(bench: Bench):
    bench.infusing()
    bench.do(TakeOver(CHAIR, NURSE, bench.proof(VERIFIER), "break_cover", Decimal(15)))
    bench.work_as(NURSE)
    assert bench.state.handover.cover_until is None


@pytest.mark.parametrize(
    ("who", "kind", "minutes", "sentence"),
    [
        (VERIFIER, "dance", None, "'dance' is not a take-over"),
        (VERIFIER, "return", None, "Only the nurse who was relieved comes back"),
        (VERIFIER, "break_cover", None, "Break cover lasts 1 to 30 minutes"),
        (VERIFIER, "break_cover", Decimal(31), "Break cover lasts 1 to 30 minutes"),
        (ADMIN, "handover", None, "That takes the role of nurse or prescriber"),
    ],
)
def test_a_take_over_that_makes_no_sense_is_refused(
    bench: Bench, who: str, kind: str, minutes: Decimal | None, sentence: str
):
    bench.do(cmd.OpenSession(CHAIR, NURSE))
    assert sentence in bench.refused(TakeOver(CHAIR, NURSE, bench.proof(who), kind, minutes))


def test_nobody_takes_over_from_himself(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, NURSE))
    bench.do(TakeOver(CHAIR, NURSE, bench.proof(VERIFIER)))
    assert (
        bench.refused(TakeOver(CHAIR, VERIFIER, bench.proof(VERIFIER))) == "Verifier Example has this patient already"
    )


def test_without_a_session_there_is_nothing_to_take_over(bench: Bench):
    assert bench.refused(TakeOver(CHAIR, NURSE, bench.proof(VERIFIER))) == "No session is open in this chair"
    assert handover_card(bench.snapshot) == ()


# --- signature and review


def finished(bench: Bench) -> None:
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.wait(60, step_s=10)


def test_a_signature_bears_the_name_and_role_of_whoever_has_the_pin(bench: Bench):
    finished(bench)
    bench.ended()
    bench.do(cmd.SignOff(CHAIR, NURSE, bench.proof(VERIFIER)))
    (signed,) = bench.events(ev.SessionSigned)
    assert (signed.name, signed.user, signed.role) == ("Verifier Example", VERIFIER, "nurse, verifier")
    assert actor(bench, ev.SessionSigned) == VERIFIER
    assert bench.state.signature is not None
    assert bench.state.signature.role == "nurse, verifier"


def test_an_administrator_does_not_sign_a_record(bench: Bench):
    finished(bench)
    bench.ended()
    assert bench.refused(cmd.SignOff(CHAIR, NURSE, bench.proof(ADMIN))) == "That takes the role of nurse or prescriber"


def test_a_grade_2_reaction_asks_for_a_prescribers_review_also_after_the_signature(bench: Bench):
    finished(bench)
    reaction = bench.do(cmd.OpenReaction(CHAIR, NURSE)).answer
    assert "a reaction without a grade" in review_reasons(bench.state)
    grade = cmd.DetailReaction(
        CHAIR, NURSE, reaction, ("Flushing",), "Infusion related reaction", 2, (), "resolved", resolved=True
    )
    bench.do(grade)
    assert "reaction grade 2" in review_missing(bench.state)
    bench.ended()
    bench.do(cmd.SignOff(CHAIR, NURSE, bench.proof(NURSE)))
    head = bench.state.head
    assert bench.refused(ReviewSession(CHAIR, NURSE, bench.proof(NURSE))) == "That takes the role of prescriber"
    bench.do(ReviewSession(CHAIR, NURSE, bench.proof(PRESCRIBER), text="seen"))
    (reviewed,) = bench.events(SessionReviewed)
    assert (reviewed.user, reviewed.reviewed_hash, reviewed.name) == (PRESCRIBER, head, "Dr Example")
    assert review_missing(bench.state) == ()
    assert actor(bench, SessionReviewed) == PRESCRIBER


def test_what_comes_after_a_review_asks_for_another(bench: Bench):
    finished(bench)
    first = bench.do(cmd.OpenReaction(CHAIR, NURSE)).answer
    bench.do(ReviewSession(CHAIR, NURSE, bench.proof(PRESCRIBER)))
    assert review_missing(bench.state) == ()
    bench.do(cmd.DetailReaction(CHAIR, NURSE, first, ("Flushing",), "Infusion related reaction", 2))
    assert review_missing(bench.state) == ("reaction grade 2",)


def test_a_session_that_nobody_knows_is_not_reviewed(bench: Bench):
    assert bench.refused(ReviewSession(CHAIR, NURSE, bench.proof(PRESCRIBER), "s-none")) == "There is no such session"
