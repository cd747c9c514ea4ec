"""Made-up answers of every list before the start, and a second check that agrees: for sessions that may start."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from exomonitor.clock import Instant
from exomonitor.session.parts.checks import Checks, Hydration, ListDone, Premedication
from exomonitor.session.parts.double_check import Comparison, DoubleCheck, check_values, frozen_now
from exomonitor.session.plan import SourceCell
from exomonitor.session.state import SessionState
from tests.exomonitor.engine.bedside_bench import ANSWERS

_300 = Decimal(300)
TIME_OUT = {"same": "yes", "pump_rate": "41.4", "pump_volume": "100", "line_open": "yes"}


def answered(at: Instant, *, time_out: bool = False) -> Checks:
    """Every list answered at that moment; the time-out only where it is wanted."""
    lists = {key: dict(answers) for key, answers in ANSWERS.items() if key not in {"hydration", "premedication"}}
    if time_out:
        lists["time_out"] = TIME_OUT
    done = {
        key: ListDone(answers, "1.0", "ab" * 32, at, "u1", seq) for seq, (key, answers) in enumerate(lists.items(), 3)
    }
    drug = Premedication("cetirizine", "10 mg", "oral", at.plus(-1200), "u1", "Dr Lindqvist", False)
    return Checks(MappingProxyType(done), (drug,), (Hydration(_300, "oral", "", at.plus(-1500), "u1"),))


def all_checked(state: SessionState, at: Instant, *, time_out: bool = False) -> SessionState:
    """The session with its line flushed, its order complete, every list answered and the second check done."""
    line, order = state.line, state.order
    if line is not None:
        line = replace(line, device="peripheral cannula", patent=True, dedicated=True, filter="none")
    if order is not None:
        order = replace(order, source_cell=SourceCell.MSC, prescriber=order.prescriber or "Dr Lindqvist")
    frozen = frozen_now(state.patient, state.product, order)
    entered = check_values(state.patient, state.product, order)
    check = DoubleCheck(done=Comparison(frozen, "u1", "u2", at, 34.0, False, entered, ()))
    return replace(state, line=line, order=order, checks=answered(at, time_out=time_out), double_check=check)
