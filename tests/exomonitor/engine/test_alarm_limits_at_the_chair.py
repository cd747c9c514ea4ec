"""A patient's own alarm limits: bounds, reason, signature, what they change, and that they end with the session."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.engine.handover_card import handover_card
from exomonitor.session import commands as cmd
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.alarm_limits import AlarmLimitsSet, SetAlarmLimits
from exomonitor.session.parts.emergency_events import SetOwnSbpLimit
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import ADMIN, CHAIR, NURSE, PRESCRIBER, Bench

WHY = "athlete, slow at rest"


def limits(bench: Bench, own: dict[str, int], by: str = NURSE, reason: str = WHY) -> SetAlarmLimits:
    return SetAlarmLimits(CHAIR, bench.by, own, reason, bench.proof(by))


def stream(bench: Bench, sign: Sign, value: float, seconds: int) -> None:
    for _ in range(seconds):
        bench.clock.advance(1)
        bench.counter += 100 / 3600
        bench.pump(rate=100.0)
        bench.vital(sign, value)
        bench.tick()


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"hr_low": 29}, "HR low 29 /min is outside 30-180: no alarm can be switched off"),
        ({"hr_high": 181}, "HR high 181 /min is outside 30-180: no alarm can be switched off"),
        ({"spo2_low": 74}, "SpO₂ low 74 % is outside 75-99: no alarm can be switched off"),
        ({"spo2_low": 100}, "SpO₂ low 100 % is outside 75-99: no alarm can be switched off"),
        ({"nibp_sys_low": 59}, "SBP low 59 mmHg is outside 60-220: no alarm can be switched off"),
        ({"nibp_sys_high": 221}, "SBP high 221 mmHg is outside 60-220: no alarm can be switched off"),
        ({"rr_low": 6}, "'rr_low' is no alarm limit that a patient may have of their own"),
        ({"hr_low": 110}, "HR low 110 and HR high 120 /min are closer than 20"),
        ({"nibp_sys_low": 120, "nibp_sys_high": 120}, "SBP low 120 mmHg is not below SBP high 120 mmHg"),
        ({}, "The limits are those of the protocol"),
    ],
)
def test_limits_outside_their_bounds_are_refused(bench: Bench, own: dict[str, int], why: str):
    bench.prepare(pump="", monitor="")
    assert bench.refused(limits(bench, own)) == why


@pytest.mark.parametrize(
    "own", [{"hr_low": 30}, {"hr_high": 180}, {"spo2_low": 75}, {"spo2_low": 99}, {"nibp_sys_low": 60}]
)
def test_limits_at_their_bounds_are_taken(bench: Bench, own: dict[str, int]):
    bench.prepare(pump="", monitor="")
    bench.do(limits(bench, own))
    assert bench.replayed().alarm_limits.own == own


def test_a_reason_and_a_signature_are_needed(bench: Bench):
    bench.prepare(pump="", monitor="")
    assert "reason" in bench.refused(limits(bench, {"hr_low": 40}, reason=" "))
    assert (
        bench.refused(SetAlarmLimits(CHAIR, bench.by, {"hr_low": 40}, WHY)) == "A second person signs with badge or PIN"
    )
    assert bench.refused(limits(bench, {"hr_low": 40}, ADMIN)) == "That takes the role of nurse or prescriber"


def test_without_a_session_nobody_has_limits_of_their_own(bench: Bench):
    bench.work_as(NURSE)
    assert bench.refused(limits(bench, {"hr_low": 40})) == "No session is open in this chair"


def test_they_hold_at_once_and_say_so_everywhere(bench: Bench):
    bench.infusing(60)
    stream(bench, Sign.HR, 43.0, 12)
    assert bench.alarm("hr_low") is not None
    bench.do(limits(bench, {"hr_low": 40}, PRESCRIBER))
    bench.tick()
    assert bench.alarm("hr_low") is None
    (own,) = bench.snapshot.limits_changed
    assert (own.name, own.limit, own.usual, own.by, own.reason) == ("HR low", 40, 45, PRESCRIBER, WHY)
    assert bench.snapshot.vitals[Sign.HR].low == 40
    assert "LIMITS CHANGED: HR low 40" in next(
        line.words for line in handover_card(bench.snapshot) if line.label == "Alarms"
    )
    (event,) = bench.events(AlarmLimitsSet)
    assert (event.signed_by, event.role) == (PRESCRIBER, "prescriber")
    assert sentence(event) == f"Alarm limits changed: HR low 40 /min: {WHY}"


def test_they_can_be_the_protocols_again(bench: Bench):
    bench.infusing(60)
    bench.do(limits(bench, {"hr_low": 40}))
    assert bench.refused(limits(bench, {"hr_low": 40})) == "These limits hold already"
    bench.do(limits(bench, {}, reason="no longer needed"))
    bench.tick()
    assert bench.snapshot.limits_changed == ()
    stream(bench, Sign.HR, 43.0, 12)
    assert bench.alarm("hr_low") is not None


def test_a_restart_keeps_them(bench: Bench):
    bench.infusing(60)
    bench.do(limits(bench, {"hr_low": 40}))
    again = bench.after_restart(20)
    assert again.snapshot.limits_changed[0].limit == 40
    assert next(one.threshold for one in again.engine.chair(CHAIR).alarms.limits if one.key == "hr_low") == 40


def test_they_end_with_the_session(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.do(limits(bench, {"hr_low": 40}))
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "wrong_chair"))
    bench.tick()
    assert bench.snapshot.limits_changed == ()
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.tick()
    assert next(one.threshold for one in bench.engine.chair(CHAIR).alarms.limits if one.key == "hr_low") == 45


def test_the_limit_documented_for_a_low_baseline_is_the_alarms_limit_too(bench: Bench):
    bench.prepare(pump="", monitor="")
    values = {
        name: cmd.ValueEntry(Decimal(text), "typed") for name, text in {"nibp_sys": "86", "nibp_dia": "55"}.items()
    }
    bench.do(bench.set_of("baseline", values=values, reason="measured again"))
    bench.do(SetOwnSbpLimit(CHAIR, bench.by, 75, "always low, Dr Example"))
    bench.tick()
    (own,) = bench.snapshot.limits_changed
    assert (own.key, own.limit, own.usual) == ("nibp_sys_low", 75, 90)
    low = [one for one in bench.engine.chair(CHAIR).alarms.limits if one.key == "nibp_sys_low"]
    assert max(one.threshold for one in low if one.and_from is None) == 75
    assert any(one.priority is Priority.HIGH for one in low)


def test_a_slow_heart_is_offered_a_limit_until_one_is_set(bench: Bench):
    bench.prepare(pump="", monitor="")
    assert bench.snapshot.limits_offered == {}
    values = {name: cmd.ValueEntry(Decimal(text), "typed") for name, text in {"hr": "47", "spo2": "98"}.items()}
    bench.do(bench.set_of("baseline", values=values, reason="measured again"))
    assert bench.snapshot.limits_offered == {"hr_low": 39}
    bench.do(limits(bench, {"hr_low": 39}))
    assert bench.snapshot.limits_offered == {}
