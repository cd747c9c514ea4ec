"""No infusion starts unheard by mistake: a sound that is known not to work is said before the start."""

from __future__ import annotations

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session.checklist import SOUND
from exomonitor.session.events import GateOverridden, SessionStarted
from exomonitor.session.parts.sound_test import RecordSoundTest
from exomonitor.session.phases import Phase
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, PROTOCOL, VERIFIER, Bench

MUTED = "the sound of this computer is muted"


def ready(bench: Bench) -> Bench:
    bench.bind("pump", "monitor")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.prepare()
    return bench


@pytest.fixture
def prepared() -> Bench:
    return ready(Bench(simulated=False))


def gates(bench: Bench) -> list[str]:
    return [gate.key for gate in bench.snapshot.gates if not gate.closed]


def start(bench: Bench) -> cmd.StartSession:
    return cmd.StartSession(CHAIR, bench.by)


@pytest.mark.parametrize("why", [MUTED, "the volume of this computer is 0", "no sound device"])
def test_a_start_is_refused_while_alarms_cannot_be_heard_and_says_what_to_do(prepared: Bench, why: str):
    prepared.engine.set_audio(False, why)
    assert gates(prepared) == [SOUND]
    assert prepared.refused(start(prepared)) == (
        f"Before the start: Alarm sound ({why}: turn it up or connect a loudspeaker, then play the sound test and say "
        "that it is heard)"
    )
    assert prepared.state.phase is Phase.PREPARE
    prepared.engine.set_audio(True, "")
    assert gates(prepared) == []
    prepared.do(start(prepared))


def test_a_demo_starts_on_a_computer_without_sound():
    shown = ready(Bench(simulated=True))
    shown.engine.set_audio(False, "no sound device")
    assert gates(shown) == []
    shown.do(RecordSoundTest(CHAIR, shown.by, full=False, heard=False))
    assert gates(shown) == [SOUND]
    shown.do(RecordSoundTest(CHAIR, shown.by, full=True, heard=True))
    shown.do(start(shown))


def test_a_test_that_was_not_heard_stands_in_the_way_until_one_is(prepared: Bench):
    prepared.do(RecordSoundTest(CHAIR, prepared.by, full=False, heard=False))
    assert "Alarm sound (not heard in the sound test:" in prepared.refused(start(prepared))
    prepared.do(RecordSoundTest(CHAIR, prepared.by, full=True, heard=True))
    prepared.do(start(prepared))


def test_what_nobody_knows_stands_in_no_ones_way():
    """Without a sounder (a script, a headless demo) nothing is known, and nothing is claimed."""
    bench = Bench()
    bench.engine._audio = type(bench.engine._audio)()
    bench.bind("pump", "monitor")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.prepare()
    assert not bench.snapshot.audio.ok
    assert bench.snapshot.audio.known_silent == ""
    bench.do(start(bench))


def test_with_a_second_person_and_a_reason_it_starts_all_the_same_and_that_is_recorded(prepared: Bench):
    prepared.engine.set_audio(False, MUTED)
    without = cmd.OverrideGate(CHAIR, prepared.by, SOUND, "we both stay and watch", "")
    assert prepared.refused(without) == "A second person signs with badge or PIN"
    prepared.do(cmd.OverrideGate(CHAIR, prepared.by, SOUND, "we both stay and watch", prepared.proof(VERIFIER)))
    assert prepared.events(GateOverridden)[0].gate == SOUND
    prepared.do(start(prepared))
    assert prepared.alarm("sound") is None  # its own delay has not passed
    prepared.wait(10.0)
    assert prepared.alarm("sound") is not None


def test_the_gate_never_binds_the_pump(prepared: Bench):
    prepared.engine.set_audio(False, MUTED)
    prepared.infuse(40.0, 100.0)
    assert prepared.state.phase is Phase.INFUSE
    assert prepared.events(SessionStarted)[0].gates_open == (SOUND,)


def test_the_clinics_table_names_who_may_accept_it():
    assert SOUND in {row.key for row in PROTOCOL.rules.checklists.content.gate}
