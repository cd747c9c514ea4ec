"""Pictures of a visit's end and of the days after it, made by a real engine on simulated time."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache

from exomonitor.engine.snapshot import OtherPlace, Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.parts import leaving_events as lv
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, Bench

HOUR = 3600.0


def _ended() -> Bench:
    bench = Bench()
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.wait(3600, 60)
    bench.ended()
    bench.do(bench.set_of("end"))
    return bench


def _shown(bench: Bench) -> Snapshot:
    return replace(bench.snapshot, staff="Nurse Example", staff_id=NURSE)


@cache
def just_ended() -> Snapshot:
    """Flushed; nothing of leaving is recorded yet."""
    return _shown(_ended())


def _ready() -> Bench:
    bench = _ended()
    for slot in ("post30", "post60"):
        bench.wait(1800, 60)
        bench.do(bench.set_of(slot))
    bench.do(lv.RecordIvRemoval(CHAIR, bench.by, lv.WHOLE, True, 0))
    answers = {
        "symptoms": "none", "drank": "yes", "walking": "yes", "sedating": "no", "instructions_given": "yes",
        "instructions_version": "3", "calls_booked": "yes",
    }  # fmt: skip
    bench.do(lv.AnswerDischargeTasks(CHAIR, bench.by, answers))
    bench.do(lv.DecideNextDose(CHAIR, bench.by, lv.BOOKED, "2026-03-16"))
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    return bench


@cache
def ready_to_go() -> Snapshot:
    """An hour later every criterion is met."""
    return _shown(_ready())


@cache
def gone_home() -> Snapshot:
    """All of leaving is recorded; the signature is missing."""
    bench = _ready()
    bench.do(lv.Discharge(CHAIR, bench.by))
    return _shown(bench)


@cache
def must_be_transferred() -> Snapshot:
    """A reaction of grade 3."""
    bench = _ended()
    bench.do(cmd.OpenReaction(CHAIR, bench.by))
    bench.do(
        cmd.DetailReaction(
            CHAIR, bench.by, "R1", (), "Infusion related reaction", 3, outcome="resolved", resolved=True
        )
    )  # fmt: skip
    return _shown(bench)


@cache
def day_after() -> tuple[Snapshot, str]:
    """29 h after the end: the first call is overdue, tried once; the visit's id."""
    bench = _ended()
    bench.do(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))
    visit = bench.state.id
    bench.clock.advance(29 * HOUR)
    bench.tick()
    bench.do(lv.RecordCallAttempt(CHAIR, bench.by, visit, "h24", "no answer"))
    return _shown(bench), visit


@cache
def urgent_answer() -> tuple[Snapshot, str, int]:
    """The patient called in, short of breath: visit and the entry to be settled."""
    bench = _ended()
    bench.do(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))
    visit = bench.state.id
    bench.clock.advance(5 * HOUR)
    told = {"breath": lv.SymptomTold(True, ("breathless",))}
    made = bench.do(lv.RecordCallAttempt(CHAIR, bench.by, visit, "", "patient called in", told))
    return _shown(bench), visit, made.entries[0].seq


@cache
def low_baseline() -> Snapshot:
    """Prepared but for the patient's own pressure limit, which a baseline of 86 mmHg asks for."""
    bench = Bench()
    bench.prepare(pump="", monitor="")
    typed = {
        "nibp_sys": cmd.ValueEntry(Decimal(86), "typed"),
        "nibp_dia": cmd.ValueEntry(Decimal(50), "typed"),
    }
    bench.do(bench.set_of("baseline", values=typed, reason="read again"))
    return _shown(bench)


@cache
def in_the_lounge() -> Snapshot:
    """Observed on in a place without devices."""
    return replace(just_ended(), chair="Lounge 1", others=(OtherPlace("4", "", False),))
