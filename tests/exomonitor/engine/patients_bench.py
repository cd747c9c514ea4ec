"""A bench with patients: registered, identified, treated once, and back on another day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exomonitor.clock import ManualClock
from exomonitor.engine.ports import Draft
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.parts.course import RegisterPatient
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, Bench

JANE = "DEMO-EXAMPLE, Jane"
BORN = "1972-03-14"
BOTH = ("name", "born")


def register(bench: Bench, name: str = JANE, born: str = BORN, mrn: str = "M-7", **more: Any) -> str:
    given = {"allergy_state": "none_known", **more}
    return bench.do(RegisterPatient(CHAIR, bench.by, name, born, mrn, **given)).answer


def identify(bench: Bench, **more: Any) -> str:
    given = {"identifiers": BOTH, "how": "spoken", **more}
    return bench.do(cmd.IdentifyPatient(CHAIR, bench.by, **given)).answer


def gate(bench: Bench, key: str) -> str:
    return next(gate.why for gate in bench.snapshot.gates if gate.key == key)


def given_once(bench: Bench, **more: Any) -> str:
    """A whole typed session of Jane's, signed away as far as the registry cares; answers with her id."""
    bench.prepare(pump="", monitor="", **more)
    bench.start("100")
    bench.wait(600, 10)
    bench.ended()
    return bench.state.patient.id if bench.state.patient is not None else ""


def later(bench: Bench, days: float) -> Bench:
    """The next visit: another day, another program run, the old session signed."""
    bench.recorder.submit([signed_draft(bench)])
    clock = ManualClock(bench.now.utc + timedelta(days=days), "later boot")
    again = Bench(clock, bench.recorder)
    again.do(cmd.OpenSession(CHAIR, again.by))
    return again


def signed_draft(bench: Bench) -> Draft:
    return Draft(bench.state.id, bench.now, NURSE, ev.SessionSigned("reviewed", "a" * 64, "complete", "Nurse Example"))
