"""Looks at names, failed sign-ins and the lock are entries; nothing of it stands in the way of an emergency."""

from __future__ import annotations

import pytest

from exomonitor.clock import ManualClock
from exomonitor.engine.access import RESEARCH_ONLY, SIGN_IN_FIRST, export_refused
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import RESEARCH, User, UserAdded
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.machine_events import MonitoringEnded
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.emergency_events import DoEmergencyStep
from exomonitor.session.parts.handover import SignOut
from exomonitor.session.parts.people import AddUser, ChangeUser
from exomonitor.session.parts.trust import EndMonitoring, LockScreen, NoteFailedSignIn, ViewRecord
from exomonitor.session.parts.wristband import ShowChair
from exomonitor.session.trust_events import RecordViewed, ScreenLocked, SignInFailed
from tests.exomonitor.engine.bedside_bench import ADMIN, CHAIR, NURSE, Bench
from tests.exomonitor.station_bench import do, sign_in, station_on

RESEARCHER = "u-research"


@pytest.fixture
def research(bench: Bench) -> Bench:
    """Somebody with the research role alone is signed in."""
    bench.work_as(ADMIN)
    bench.do(AddUser(CHAIR, ADMIN, "Q. Example-Research", (RESEARCH,), "hash"))
    [added] = [e for e in bench.events(UserAdded) if e.roles == (RESEARCH,)]
    bench.work_as(added.user)
    return bench


def test_a_look_at_names_is_an_entry_with_who_and_what(bench: Bench):
    bench.do(ViewRecord(CHAIR, NURSE, "record", "s-7"))
    entry = next(e for e in bench.recorder.entries if isinstance(e.event, RecordViewed))
    assert (entry.actor, entry.session, entry.event) == (NURSE, "", RecordViewed("s-7", "record"))
    assert bench.refused(ViewRecord(CHAIR, NURSE, "everything"))


def test_nobody_sees_names_without_signing_in(bench: Bench):
    bench.do(SignOut(CHAIR, NURSE))
    assert bench.refused(ViewRecord(CHAIR, "", "names")) == SIGN_IN_FIRST


def test_a_research_sign_in_sees_no_names_and_enters_nothing(research: Bench):
    by = research.by
    for command in (
        ViewRecord(CHAIR, by, "names"),
        cmd.OpenSession(CHAIR, by),
        ChangeUser(CHAIR, by, NURSE, phone="1"),
    ):
        assert research.refused(command) == RESEARCH_ONLY
    assert research.do(cmd.OpenReaction(CHAIR, by)).entries, "and helps in an emergency like anybody else"


def test_who_may_have_which_export():
    users = {
        "n": User("n", "N", ("nurse",)),
        "r": User("r", "R", (RESEARCH,)),
        "gone": User("gone", "G", ("nurse",), retired=True),
    }
    assert export_refused(users, "n", identified=True) == ""
    assert export_refused(users, "r", identified=False) == ""
    assert export_refused(users, "r", identified=True) == RESEARCH_ONLY
    assert export_refused(users, "gone", identified=False) == SIGN_IN_FIRST
    assert export_refused(users, "", identified=False) == SIGN_IN_FIRST
    assert export_refused({}, "", identified=False) == ""


def test_an_ended_account_can_do_nothing_even_where_it_is_still_signed_in(bench: Bench):
    bench.do(ChangeUser(CHAIR, NURSE, NURSE, retired=True, proof=bench.proof(ADMIN)))
    assert bench.refused(cmd.OpenSession(CHAIR, NURSE)) == SIGN_IN_FIRST
    assert bench.refused(ViewRecord(CHAIR, NURSE, "names")) == SIGN_IN_FIRST


def test_a_lock_signs_out_and_stops_neither_reaction_nor_emergency(bench: Bench):
    bench.infusing()
    bench.do(LockScreen(CHAIR, "", 300.0))
    [locked] = bench.events(ScreenLocked)
    assert (locked.user, locked.chair, locked.idle_s) == (NURSE, CHAIR, 300.0)
    assert bench.snapshot.staff_id == ""
    bench.by = ""
    assert bench.refused(cmd.AbandonSession(CHAIR, "", "Example reason")) == SIGN_IN_FIRST
    bench.do(cmd.Acknowledge(CHAIR, ""))
    bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.do(DoEmergencyStep(CHAIR, "", "oxygen"))
    assert bench.events(ev.ReactionOpened)
    assert [one.step for one in bench.state.emergency.steps] == ["oxygen"]
    assert bench.state.emergency.unattributed, "who it was is asked afterwards"
    bench.do(LockScreen(CHAIR, "", 300.0))
    assert len(bench.events(ScreenLocked)) == 1, "nobody was at work any more"


def test_the_end_of_the_program_stands_in_the_record_of_an_open_session_also_where_nobody_is_signed_in(bench: Bench):
    bench.do(EndMonitoring(CHAIR, "", "person"))
    assert bench.events(MonitoringEnded) == [], "an empty chair has no record"
    bench.infusing()
    for why in ("person", "asked"):
        bench.do(EndMonitoring(CHAIR, "", why))
    bench.do(LockScreen(CHAIR, "", 300.0))
    bench.do(ShowChair(CHAIR, ""))
    bench.do(EndMonitoring(CHAIR, "", "person"))
    told = [(e.event.why, e.actor) for e in bench.journal() if isinstance(e.event, MonitoringEnded)]
    assert told == [("person", NURSE), ("asked", "station"), ("person", "station")], "a signal is nobody's deed"
    assert "ExoMonitor closed: confirmed at the window" in sentence(bench.events(MonitoringEnded)[0])


def test_after_a_long_lock_it_is_asked_who_sits_there_after_a_short_one_it_is_not(bench: Bench):
    bench.infusing()
    for idle_s, asked in ((300.0, False), (700.0, True)):
        bench.do(LockScreen(CHAIR, "", 300.0))
        bench.wait(idle_s, step_s=10)
        bench.work_as(NURSE)
        assert bool(bench.snapshot.resume_offer) is asked


def test_wrong_pins_are_counted_in_the_record_until_somebody_signs_in(bench: Bench):
    bench.do(NoteFailedSignIn(CHAIR, "", NURSE, 3))
    bench.do(NoteFailedSignIn(CHAIR, "", "", 1))
    failed = [
        (e.event.user, e.event.in_a_row, e.actor) for e in bench.recorder.entries if isinstance(e.event, SignInFailed)
    ]
    assert failed == [(NURSE, 3, "station"), ("", 1, "station")]
    assert bench.snapshot.registry.users[NURSE].failed == 3
    bench.do(SignOut(CHAIR, NURSE))
    bench.work_as(NURSE)
    assert bench.snapshot.registry.users[NURSE].failed == 0


def test_ten_wrong_pins_lock_a_person_out_across_a_restart_and_an_emergency_needs_no_pin(tmp_path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        sign_in(station)
        for _ in range(10):
            clock.advance(40)
            with pytest.raises(CommandRefused, match="not recognised"):
                station.prove("R. DEMO-OKAFOR", "9999").result(5)
            station.runtime.settle()
    clock.advance(60)
    with station_on(tmp_path, clock) as station:
        with pytest.raises(CommandRefused, match="Locked after 10"):
            station.prove("R. DEMO-OKAFOR", "1111").result(5)
        assert do(station, cmd.OpenReaction("4", "")).entries
        assert station.prove("V. DEMO-SANTOS", "2222").result(5).token, "nobody else is held back"
        failed = [e.event for e in station.archive.registry_entries() if isinstance(e.event, SignInFailed)]
        assert [event.in_a_row for event in failed] == list(range(1, 11))
        assert "9999" not in "".join(map(repr, failed))


def test_who_saw_what_is_for_administrators(bench: Bench):
    look = ViewRecord(CHAIR, NURSE, "access")
    assert bench.refused(look) == "An administrator signs in to see this"
    bench.work_as(ADMIN)
    bench.do(ViewRecord(CHAIR, ADMIN, "access"))
    assert RecordViewed("", "access") in bench.events(RecordViewed)
