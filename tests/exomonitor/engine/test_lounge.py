"""The observe phase leaves the chair: the session goes on with typed sets, the chair takes the next patient."""

from __future__ import annotations

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session import machine_events as mv
from exomonitor.session.fold import fold
from exomonitor.session.parts import leaving_events as lv
from exomonitor.signals.pump import PumpStatus
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, Bench

PLACE = "Lounge 1"


def moved() -> tuple[Bench, str]:
    """A patient whose pump was read is in the lounge; the session's id."""
    bench = Bench()
    bench.infusing(360, 100.0)
    bench.stand(10)
    bench.do(cmd.RecordFlush(CHAIR, bench.by, False, text="no saline at the chair"))
    session = bench.state.id
    assert bench.do(lv.MoveToLounge(CHAIR, bench.by)).answer == PLACE
    bench.tick()
    return bench, session


def lounge(bench: Bench, place: str = PLACE) -> Snapshot:
    return bench.engine.snapshot(place, bench.now)


def typed_set(bench: Bench, slot: str) -> cmd.RecordObservation:
    made = bench.set_of(slot)
    return cmd.RecordObservation(PLACE, NURSE, slot, made.values, "alert", False, site_score=0)


def test_the_session_goes_on_in_the_lounge_and_the_chair_is_free():
    bench, session = moved()
    assert bench.snapshot.session is None
    state = lounge(bench).session
    assert state is not None
    assert state.id == session
    assert state.chair == PLACE
    assert not state.reads_pump
    assert [place.name for place in bench.snapshot.others] == [PLACE]
    assert [place.name for place in lounge(bench).others] == [CHAIR]


def test_the_devices_of_the_chair_say_nothing_about_the_old_patient():
    bench, session = moved()
    before = len([e for e in bench.recorder.entries if e.session == session])
    rows = len(bench.recorder.readings)
    bench.vital(Sign.HR, 150.0)
    bench.pump(PumpStatus.INFUSING, 100.0)
    bench.wait(60)
    entries = [e for e in bench.recorder.entries if e.session == session][before:]
    assert all(isinstance(e.event, mv.AlarmChanged) for e in entries)  # the sets that become due, nothing else
    assert len(bench.recorder.readings) == rows
    assert Sign.HR not in lounge(bench).vitals


def test_sets_are_typed_in_the_lounge_and_the_record_is_signed_there():
    bench, session = moved()
    bench.do(typed_set(bench, "end"))
    bench.wait(1800, 60)
    bench.do(typed_set(bench, "post30"))
    bench.do(lv.LeaveAgainstAdvice(PLACE, NURSE, "does not want to wait, was told of the risk"))
    bench.do(cmd.SignOff(PLACE, NURSE, bench.proof(NURSE)))
    journal = [e for e in bench.recorder.entries if e.session == session]
    state = fold(journal)
    assert state is not None
    assert state.signature is not None
    signed = next(i for i, e in enumerate(journal) if e.seq == state.last_seq)
    assert state.signature.signed_hash == journal[signed - 1].hash
    assert not bench.snapshot.others


def test_the_next_patient_is_prepared_at_the_chair_meanwhile():
    bench, session = moved()
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    assert bench.state.id != session
    assert bench.state.chair == CHAIR
    state = lounge(bench).session
    assert state is not None
    assert state.id == session


def test_what_is_overdue_in_the_lounge_is_said_at_the_chair_but_not_in_the_chairs_record():
    bench, _ = moved()
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.wait(900, 30)
    texts = [view.text for view in bench.snapshot.alarms]
    assert f"{PLACE}: Set End is overdue" in texts
    assert not [e for e in bench.journal() if isinstance(e.event, mv.AlarmChanged) and PLACE in e.event.text]
    assert not [view for view in lounge(bench).alarms if view.text.startswith(PLACE)]


def test_alarms_of_the_devices_end_with_the_move():
    bench = Bench()
    bench.infusing(360, 100.0)
    bench.stand(10)
    bench.do(cmd.RecordFlush(CHAIR, bench.by, False, text="no saline at the chair"))
    for _ in range(40):
        bench.vital(Sign.SPO2, 80.0)
        bench.wait(1)
    assert any(view.key.startswith("spo2") for view in bench.snapshot.alarms)
    session = bench.state.id
    bench.do(lv.MoveToLounge(CHAIR, bench.by))
    bench.wait(5)
    last = {}
    for entry in bench.recorder.entries:
        if entry.session == session and isinstance(entry.event, mv.AlarmChanged):
            last[entry.event.key] = entry.event.to_state
    assert {state for key, state in last.items() if key.startswith("spo2")} == {"normal"}


def test_only_the_observation_moves_and_only_from_a_chair():
    bench = Bench()
    bench.prepare(pump="", monitor="")
    bench.start("100")
    assert "Only the observation" in bench.refused(lv.MoveToLounge(CHAIR, bench.by))
    bench.ended()
    bench.do(cmd.OpenReaction(CHAIR, bench.by))
    assert "stays at the chair" in bench.refused(lv.MoveToLounge(CHAIR, bench.by))
    bench.do(cmd.DetailReaction(CHAIR, bench.by, "R1", ("flushing",), "Flushing", 1, outcome="resolved", resolved=True))
    bench.do(lv.MoveToLounge(CHAIR, bench.by))
    assert "already" in bench.refused(lv.MoveToLounge(PLACE, NURSE))
