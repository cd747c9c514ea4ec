"""People's signatures hold the hash of what was signed: the end of that session's chain at that moment."""

from __future__ import annotations

from exomonitor.session import commands as cmd
from exomonitor.session.events import SessionSigned
from exomonitor.session.fold import fold
from exomonitor.session.parts.corrections import AddAddendum, AddendumAdded
from exomonitor.session.parts.handover import ReviewSession, SessionReviewed
from exomonitor.session.review import review_missing
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, Bench


def ends(bench: Bench, session: str) -> list[tuple[str, str]]:
    """Type and hash of each entry of a session."""
    return [(type(e.event).__name__, e.hash) for e in bench.recorder.entries if e.session == session]


def closed(bench: Bench) -> str:
    """A signed session with a reaction of grade 2, and another one in the chair."""
    bench.infusing()
    bench.wait(600)
    reaction = bench.do(cmd.OpenReaction(CHAIR, NURSE)).answer
    bench.do(
        cmd.DetailReaction(
            CHAIR, NURSE, reaction, ("Flushing",), "Infusion related reaction", 2, (), "resolved", resolved=True
        )
    )
    bench.ended()
    bench.do(cmd.SignOff(CHAIR, NURSE, bench.proof(NURSE)))
    session = bench.state.id
    bench.do(cmd.OpenSession(CHAIR, NURSE))
    return session


def test_a_review_of_a_closed_session_holds_the_end_of_its_chain_additions_included(bench: Bench):
    session = closed(bench)
    before = ends(bench, session)
    bench.do(ReviewSession(CHAIR, NURSE, bench.proof(PRESCRIBER), session))
    (first,) = bench.events(SessionReviewed)
    assert (first.reviewed_hash, first.whole) == (before[-1][1], True)
    text = "an example of what was forgotten"
    bench.do(AddAddendum(CHAIR, NURSE, session, "left_out", text, bench.proof(NURSE)))
    added = ends(bench, session)[-1]
    assert added[0] == "AddendumAdded"
    bench.do(ReviewSession(CHAIR, NURSE, bench.proof(PRESCRIBER), session))
    assert bench.events(SessionReviewed)[-1].reviewed_hash == added[1]
    state = fold([e for e in bench.recorder.entries if e.session == session])
    assert state is not None
    assert review_missing(state) == ()


def test_every_signature_of_a_person_is_over_an_earlier_entry_of_that_session(bench: Bench):
    session = closed(bench)
    bench.do(ReviewSession(CHAIR, NURSE, bench.proof(PRESCRIBER), session))
    bench.do(AddAddendum(CHAIR, NURSE, session, "left_out", "an example of it", bench.proof(NURSE)))
    seen: set[str] = set()
    signed = []
    for entry in bench.recorder.entries:
        if isinstance(entry.event, SessionSigned | AddendumAdded):
            signed.append(entry.event.signed_hash in seen)
        elif isinstance(entry.event, SessionReviewed):
            signed.append(entry.event.reviewed_hash in seen)
        if entry.session == session:
            seen.add(entry.hash)
    assert signed == [True, True, True]


def test_a_session_that_is_open_in_another_place_is_reviewed_there(bench: Bench):
    bench.infusing()
    session = bench.state.id
    refused = bench.refused(ReviewSession("5", NURSE, bench.proof(PRESCRIBER), session))
    assert refused == "This session is open elsewhere: review it there"
