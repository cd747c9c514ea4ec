"""Several chairs in one engine: what one says, alarms or pauses never becomes another one's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exomonitor.alarms.limits import Priority
from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.engine import Engine, EngineConfig
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.registry import load_registry
from exomonitor.session import commands as cmd
from exomonitor.session.parts.handover import SignIn
from exomonitor.settings import ChairSetting, seats_of
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.signals.waves import WaveChunk, WaveName
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PROTOCOL, Bench

OTHER = "5"
LOW = 80.0


class Chairs(Bench):
    """The bench with several chairs, the usual one first."""

    def __init__(self, *names: str, clock: ManualClock | None = None) -> None:
        super().__init__(clock)
        seats = seats_of(tuple(ChairSetting(name=name) for name in names)) if len(names) > 1 else ()
        self.waves_at: list[tuple[str, WaveChunk]] = []
        self.engine = Engine(
            EngineConfig(PROTOCOL, "ExoMonitor test", True, seats=seats, elsewhere=("7", "8") if seats else ()),
            self.recorder,
            self.inbox.append,
            None,
            lambda chair, chunk: self.waves_at.append((chair, chunk)),
            self.proofs,
        )
        self.engine.know_registry(load_registry(self.recorder.entries))
        self.engine.set_audio(True, "")
        for name in names:
            self.engine.chair(name).staff_id = NURSE

    def at(self, chair: str) -> Snapshot:
        """The picture of one chair."""
        return self.engine.snapshot(chair, self.now)

    def said(self, chair: str, *facts: DeviceFact) -> None:
        """A device of that chair speaks."""
        for fact in facts:
            self.engine.on_device(chair, fact, self.now)
            self.engine.all_told(chair, self.now)
        self.settle()

    def spo2(self, chair: str, value: float, seconds: int = 25) -> None:
        """The probe of that chair shows this for so long."""
        for _ in range(seconds):
            self.clock.advance(1)
            self.said(chair, VitalReading("monitor", Sign.SPO2, value, Validity.VALID, self.now))
            self.tick()

    def monitors(self, *chairs: str) -> None:
        for chair in chairs:
            self.engine.bind(chair, SourceInfo("monitor", "monitor", "ge-dri", "a monitor"), self.now)


@pytest.fixture
def two() -> Chairs:
    bench = Chairs(CHAIR, OTHER)
    bench.monitors(OTHER)
    for chair in (CHAIR, OTHER):
        bench.do(cmd.OpenSession(chair, NURSE))
    return bench


# --- nothing of one reaches the other ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """Something that a device of a chair says, or time that passes."""

    chair: str
    kind: str
    value: float


heard = st.lists(
    st.builds(
        Said,
        chair=st.sampled_from([CHAIR, OTHER]),
        kind=st.sampled_from(["spo2", "hr", "pump", "wave", "wait", "lost"]),
        value=st.sampled_from([0.0, 70.0, 84.0, 97.0, 150.0]),
    ),
    max_size=40,
)


def _fact(said: Said, at: Instant) -> DeviceFact | None:
    match said.kind:
        case "spo2" | "hr":
            return VitalReading("monitor", Sign(said.kind), said.value, Validity.VALID, at)
        case "pump":
            status = PumpStatus.INFUSING if said.value else PumpStatus.STOPPED
            return PumpReading("pump", "1", status, "x", at, rate_ml_h=said.value, volume_infused_ml=said.value / 100)
        case "wave":
            samples = np.full(50, int(said.value), dtype=np.int16)
            return WaveChunk("monitor", WaveName.PLETH, 100.0, samples, 0.01, "%", at)
        case "lost":
            return LinkChange("monitor", LinkState.LOST, "the cable is out", at)
    return None


def _played(told: Sequence[Said], *chairs: str) -> Chairs:
    bench = Chairs(*chairs, clock=ManualClock())
    for chair in chairs:
        bench.monitors(chair)
        bench.engine.bind(chair, SourceInfo("pump", "pump", "new-era", "a pump"), bench.now)
        bench.do(cmd.OpenSession(chair, NURSE))
    for said in told:
        bench.clock.advance(7 if said.kind == "wait" else 0.5)
        fact = _fact(said, bench.now)
        if fact is not None and said.chair in chairs:
            bench.said(said.chair, fact)
        bench.tick()
    return bench


@settings(max_examples=40, deadline=None)
@given(heard)
def test_a_chair_looks_and_is_recorded_as_if_the_others_were_not_there(told: list[Said]):
    both = _played(told, CHAIR, OTHER)
    for chair in (CHAIR, OTHER):
        alone = _played(told, chair)
        here, there = both.at(chair), alone.at(chair)
        assert dict(here.vitals) == dict(there.vitals)
        assert (here.pump, here.links, here.progress) == (there.pump, there.links, there.progress)
        assert [(a.key, a.text, a.state, a.since) for a in here.alarms] == [
            (a.key, a.text, a.state, a.since) for a in there.alarms
        ]
        assert _recorded(both, chair) == _recorded(alone, chair)
        assert len([w for at, w in both.waves_at if at == chair]) == len(alone.waves_at)


def _recorded(bench: Chairs, chair: str) -> tuple[object, ...]:
    state = bench.at(chair).session
    assert state is not None
    rows = [(r.at, r.source, r.name, r.value) for r in bench.recorder.readings if r.session == state.id]
    kinds = [type(e.event).__name__ for e in bench.recorder.entries if e.session == state.id]
    return rows, kinds


# --- what is told of the others -------------------------------------------------------------------------


def test_every_chair_is_named_to_the_others_with_what_alarms_there(two):
    two.spo2(OTHER, LOW)
    here, there = two.at(CHAIR), two.at(OTHER)
    assert here.alarms == ()
    (other,) = here.others
    assert (other.name, other.urgent) == (OTHER, True)
    assert [view.key for view in other.alarms] == ["spo2_low"]
    assert [view.key for view in there.alarms] == ["spo2_low"]
    assert [seat.name for seat in here.chairs] == [CHAIR, OTHER]
    assert here.not_shown == ("7", "8")


def test_alarms_of_one_chair_stand_in_no_other_record(two):
    two.spo2(OTHER, LOW)
    state = two.at(CHAIR).session
    told = [e for e in two.recorder.entries if e.session == state.id and type(e.event).__name__ == "AlarmChanged"]
    assert told == []


def test_a_station_with_one_chair_says_nothing_of_others():
    bench = Chairs(CHAIR)
    seen = bench.at(CHAIR)
    assert (seen.chairs, seen.not_shown, seen.others, seen.audio.owner) == ((), (), (), "")


# --- one sound --------------------------------------------------------------------------------------------------------


def test_one_sound_for_all_chairs_the_highest_with_its_owner(two):
    two.spo2(OTHER, LOW)
    for chair in (CHAIR, OTHER):
        audio = two.at(chair).audio
        assert (audio.sounding, audio.owner) == (Priority.HIGH, OTHER)


def test_a_pause_silences_its_own_chair_alone(two):
    two.spo2(OTHER, LOW)
    two.do(cmd.PauseAudio(CHAIR, NURSE))
    assert two.at(OTHER).audio.sounding is Priority.HIGH
    two.do(cmd.PauseAudio(OTHER, NURSE))
    assert two.at(OTHER).audio.sounding is None
    assert two.at(OTHER).audio.paused_until is not None
    two.monitors(CHAIR)
    two.spo2(CHAIR, LOW)
    audio = two.at(OTHER).audio
    assert (audio.sounding, audio.owner) == (Priority.HIGH, CHAIR)
    assert two.at(CHAIR).audio.paused_until is None  # a new high alarm has broken it


def test_an_acknowledgement_is_of_its_own_chair(two):
    two.spo2(OTHER, LOW)
    two.do(cmd.Acknowledge(CHAIR, NURSE))
    assert two.at(OTHER).alarms[0].state.value == "active"


# --- one device, one patient -------------------------------------------------------------------------


def _serial(bench: Chairs, chair: str, serial: str, state: LinkState = LinkState.TALKING) -> None:
    bench.said(chair, LinkChange("monitor", state, "receiving", bench.now, "/dev/ttyUSB0", serial))
    bench.wait(2)


def test_a_monitor_that_is_read_in_two_chairs_alarms_in_both_until_it_is_not(two):
    two.monitors(CHAIR)
    _serial(two, CHAIR, "5512")
    _serial(two, OTHER, "5513")
    assert not any(view.key.startswith("monitor.shared") for view in two.at(CHAIR).alarms)
    _serial(two, OTHER, "5512")
    for chair, other in ((CHAIR, OTHER), (OTHER, CHAIR)):
        alarm = next(view for view in two.at(chair).alarms if view.key.startswith("monitor.shared"))
        assert alarm.priority is Priority.HIGH
        assert alarm.text == f"MONITOR 5512 IS ALSO READ IN CHAIR {other} - check the cables"
    _serial(two, OTHER, "5512", LinkState.LOST)
    assert not any(view.key.startswith("monitor.shared") for view in two.at(CHAIR).alarms)


# --- one patient, one chair -------------------------------------------------------------------------


def test_one_patient_cannot_be_in_two_chairs_and_one_chair_has_one_session(two):
    who = ("DEMO-EXAMPLE, Jane", "1972-03-14", "M-1", ("name", "born"), "none known")
    two.do(cmd.IdentifyPatient(CHAIR, NURSE, *who))
    assert "has an open session in chair 4" in two.refused(cmd.IdentifyPatient(OTHER, NURSE, *who))
    assert two.refused(cmd.OpenSession(OTHER, NURSE)) == "A session is already open in chair 5"


def test_whoever_signs_in_is_at_work_in_that_chair_alone():
    bench = Chairs(CHAIR, OTHER)
    for chair in (CHAIR, OTHER):
        bench.engine.chair(chair).staff_id = ""
    bench.do(SignIn(OTHER, "", bench.proof(NURSE)))
    assert (bench.at(CHAIR).staff_id, bench.at(OTHER).staff_id) == ("", NURSE)
