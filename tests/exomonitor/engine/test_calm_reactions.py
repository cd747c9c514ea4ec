"""When the sets every five minutes after a reaction end: by what is left of it, not by the worst that it was."""

from __future__ import annotations

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session.happenings import happened
from tests.exomonitor.engine.bedside_bench import CHAIR, PROTOCOL, Bench

IRR = "Infusion related reaction"


@pytest.mark.parametrize(
    ("grade", "present", "ends"),
    [(1, None, True), (2, None, False), (2, 2, False), (2, 1, True), (3, 0, True)],
)
def test_two_calm_sets_end_it_once_the_present_grade_is_low(bench: Bench, grade, present, ends):
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.wait(360, 30)
    bench.do(cmd.OpenReaction(CHAIR, bench.by))
    bench.do(cmd.DetailReaction(CHAIR, bench.by, "R1", ("Flushing",), IRR, grade, present_grade=present))
    for slot in ("+10", "+15"):
        bench.wait(270, 30)
        bench.do(bench.set_of(slot))
    (span,) = happened(bench.state, bench.now, PROTOCOL.schedule).reactions
    assert (span.until_s is not None) is ends
