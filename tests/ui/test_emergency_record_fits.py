"""The panel of an emergency record and the PRO-CTCAE items: nothing is cut, covered or too small for a glove."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.parts.emergency_record import SayWhoseEmergency
from tests.exomonitor.engine.bedside_bench import CHAIR, NAME, NURSE, Bench
from tests.exomonitor.engine.test_emergency_record import given_and_signed
from tests.ui import visit_scenes as vs
from tests.ui.test_layout_fits import BELOW_TITLE_BAR, _wrong
from tests.ui.windows import LARGE, Desk
from ui.pages.emergency.page import EmergencyPage
from ui.pages.emergency.record import RecordPanel
from ui.pages.followup.page import FollowUpPage

PARTS: dict[str, Callable[[RecordPanel], object]] = {
    "choice": lambda _: None,
    "list": lambda panel: panel.list_key.click(),
    "words": lambda panel: panel.words_key.click(),
    "void": lambda panel: panel.void_key.click(),
}


def emergency(desk: Desk) -> EmergencyPage:
    page = desk.window.pages["emergency"]
    assert isinstance(page, EmergencyPage)
    return page


@cache
def record(*, said: bool) -> Snapshot:
    """Right after two sessions in this chair; `said`: whose it was is known. Played once, for nobody can change it."""
    bench: Bench = given_and_signed()
    first = bench.state.id
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    again = "second visit of the day"
    bench.do(
        cmd.IdentifyPatient(
            CHAIR, bench.by, NAME, "1972-03-14", "M-1", ("name", "born"), "none known", same_day_reason=again
        )
    )
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "patient unwell"))
    bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.work_as(NURSE)
    if said:
        bench.do(SayWhoseEmergency(CHAIR, bench.by, earlier=first))
    return bench.snapshot


@pytest.mark.parametrize("size", [BELOW_TITLE_BAR, LARGE], ids=["1366", "1920"])
@pytest.mark.parametrize("said", [False, True], ids=["asked", "said"])
@pytest.mark.parametrize("part", PARTS)
def test_the_panel_of_the_record_fits(qtbot, part, said, size):
    desk = Desk(qtbot, record(said=said), size)
    try:
        page = emergency(desk)
        page.open_record()
        desk.settle()
        assert sum(key.isVisible() for key in page.record_panel.earlier_keys) == 2
        PARTS[part](page.record_panel)
        desk.settle()
        assert list(_wrong(desk)) == []
    finally:
        desk.close()


@pytest.mark.parametrize("size", [BELOW_TITLE_BAR, LARGE], ids=["1366", "1920"])
def test_the_vital_signs_of_the_record_fit(qtbot, size):
    desk = Desk(qtbot, record(said=False), size)
    try:
        desk.window.open_set()
        desk.settle()
        form = emergency(desk).set_form
        assert form is not None
        assert form.isVisible()
        assert list(_wrong(desk)) == []
    finally:
        desk.close()


@pytest.mark.parametrize("size", [BELOW_TITLE_BAR, LARGE], ids=["1366", "1920"])
def test_an_item_with_three_attributes_fits(qtbot, size):
    snapshot, visit = vs.day_after()
    desk = Desk(qtbot, snapshot, size)
    try:
        desk.window.go("followup")
        page = desk.window.pages["followup"]
        assert isinstance(page, FollowUpPage)
        page.open_call(visit, "day7")
        desk.settle()  # that somebody looks is recorded first
        page.call.answer.key("reached").click()
        page.call.pro_key.click()
        items = page.call.pro
        assert items is not None
        for _ in range(2):
            items.later.click()
        desk.settle()
        assert list(_wrong(desk)) == []
    finally:
        desk.close()
