"""Voids and addenda at the desk: who may, why, and what is refused in one sentence."""

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session.events import NoteAdded, ObservationRecorded, OrderEntered, SessionSigned
from exomonitor.session.parts.corrections import AddAddendum, AddendumAdded, EntryVoided, VoidEntry
from exomonitor.session.phases import Phase
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, VERIFIER, Bench


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.prepare(pump="", monitor="")
    return bench


def seq_of(bench: Bench, kind: type) -> int:
    return next(entry.seq for entry in reversed(bench.journal()) if isinstance(entry.event, kind))


def void(seq: int, why: str = "duplicate", reason: str = "written twice", proof: str = "") -> VoidEntry:
    return VoidEntry(CHAIR, NURSE, seq, why, reason, proof)


def test_a_voided_baseline_is_missing_again_and_its_gate_opens(bench):
    seq = seq_of(bench, ObservationRecorded)
    bench.do(void(seq))
    assert "baseline" not in bench.state.observations
    assert any(gate.key == "baseline" and not gate.closed for gate in bench.snapshot.gates)
    assert bench.replayed() == bench.state
    (event,) = bench.events(EntryVoided)
    assert (event.seq, event.why, event.reason, event.second) == (seq, "duplicate", "written twice", "")


def test_a_wrong_patient_takes_a_second_person(bench):
    seq = seq_of(bench, ObservationRecorded)
    assert bench.refused(void(seq, "wrong_patient", "meant for chair 5")).startswith("A second person signs")
    same = bench.proof(NURSE)
    assert (
        bench.refused(void(seq, "wrong_patient", "meant for chair 5", same))
        == "The second person must be somebody else"
    )
    bench.do(void(seq, "wrong_patient", "meant for chair 5", bench.proof(VERIFIER)))
    assert bench.events(EntryVoided)[0].second == VERIFIER
    assert bench.events(EntryVoided)[0].wrong_patient


def test_what_cannot_be_voided_is_said_in_one_sentence(bench):
    seq = seq_of(bench, ObservationRecorded)
    assert bench.refused(void(99999)).startswith("Entry 99999 is not an entry of this session")
    assert bench.refused(void(seq_of(bench, OrderEntered))).startswith("This is corrected by entering it again")
    assert bench.refused(void(seq, "because")) == "Choose why the entry is void"
    assert bench.refused(void(seq, reason="oops")) == "The reason needs at least 5 characters"
    bench.do(void(seq))
    assert bench.refused(void(seq)) == f"Entry {seq} is void already"


def test_a_note_is_voided_after_a_restart_too(bench):
    bench.do(cmd.AddNote(CHAIR, NURSE, "a note for somebody else"))
    again = bench.after_restart(20)
    again.do(void(seq_of(again, NoteAdded)))
    assert again.state.notes == 0
    assert again.replayed() == again.state


def signed(bench: Bench) -> str:
    bench.start("100")
    bench.wait(60, 10)
    bench.ended()
    bench.do(cmd.SignOff(CHAIR, NURSE, bench.proof(NURSE)))
    assert bench.state.phase is Phase.SIGNED
    return bench.state.id


def test_an_addendum_goes_to_the_chain_of_the_signed_session(bench):
    session = signed(bench)
    head = bench.events(SessionSigned)[0].signed_hash
    bench.do(AddAddendum(CHAIR, "", session, "left_out", "Patient felt well at home", bench.proof(PRESCRIBER)))
    entry = bench.recorder.entries[-1]
    assert isinstance(entry.event, AddendumAdded)
    assert (entry.session, entry.actor) == (session, PRESCRIBER)
    assert (entry.event.signed_hash, entry.event.name) == (head, "Dr Example")
    assert bench.state.corrections.addenda[0].text == "Patient felt well at home"
    assert bench.state.phase is Phase.SIGNED


def test_an_addendum_does_not_touch_the_session_that_is_open_now(bench):
    session = signed(bench)
    bench.do(cmd.OpenSession(CHAIR, NURSE))
    bench.do(AddAddendum(CHAIR, "", session, "later_event", "Fever the next day", bench.proof(NURSE)))
    assert bench.state.id != session
    assert bench.state.corrections.addenda == ()
    assert bench.recorder.entries[-1].session == session


def test_an_addendum_is_for_signed_sessions_and_bears_a_reason(bench):
    addendum = lambda session, why="left_out", text="something": AddAddendum(  # noqa: E731
        CHAIR, "", session, why, text, bench.proof(NURSE)
    )
    assert bench.refused(addendum(bench.state.id)) == "This session is not signed: correct the entry itself"
    assert bench.refused(addendum("s-none")) == "There is no such session"
    session = signed(bench)
    assert bench.refused(addendum(session, why="mood")) == "Choose why something is added"
    assert bench.refused(addendum(session, text="hm")) == "The addendum needs at least 5 characters"
    assert bench.refused(AddAddendum(CHAIR, NURSE, session, "left_out", "something", "")).startswith("A second person")


def test_nothing_is_voided_in_a_signed_session(bench):
    seq = seq_of(bench, ObservationRecorded)
    signed(bench)
    assert bench.refused(void(seq)) == "No session is open in this chair"
