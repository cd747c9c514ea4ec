"""The lounge beside the chair: a key at the left leads there, a window of its own shows it, and no mix-up of names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.engine.snapshot import OtherPlace
from exomonitor.session.parts import leaving_events as lv
from tests.ui import scenes
from tests.ui import visit_scenes as vs
from tests.ui.fake_bedside import FakeBedside
from tests.ui.windows import Desk
from ui.pages.leaving.page import LeavingPage
from ui.places import Places

PLACE = "Lounge 1"


class TwoPlaces(FakeBedside):
    """The lounge is a bedside of its own."""

    def at(self, chair: str) -> FakeBedside:
        self.visited.append(chair)
        return FakeBedside(replace(vs.just_ended(), chair=chair, others=(OtherPlace("4", "", False),)))


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, replace(scenes.empty_chair(), others=(OtherPlace(PLACE, "DEMO-EXAMPLE, Jane", True),)))
    yield made
    made.close()


def test_a_key_at_the_left_leads_to_whoever_is_in_the_lounge_and_goes_with_them(desk):
    wanted: list[str] = []
    desk.window.place_wanted.connect(wanted.append)
    key = desk.window.nav._places[PLACE]
    assert key.text() == f"! {PLACE}"
    key.click()
    assert wanted == [PLACE]
    desk.show(replace(scenes.empty_chair(), others=()))
    assert not desk.window.nav._places


def test_the_lounge_has_a_window_of_its_own_that_ends_with_the_chairs(desk, qtbot):
    bedside = TwoPlaces(scenes.empty_chair())
    places = Places(bedside, desk.theme, desk.window)
    places.open(PLACE)
    window = places.windows[PLACE]
    qtbot.waitExposed(window)
    assert window.bedside.chair == PLACE
    assert PLACE in window.windowTitle()
    places.open(PLACE)
    assert places.windows[PLACE] is window
    assert bedside.visited == [PLACE]
    desk.window.close()
    qtbot.waitUntil(lambda: not places.windows)


def test_the_move_is_one_key_on_the_leaving_page(qtbot):
    desk = Desk(qtbot, vs.just_ended())
    try:
        desk.window.open_pump()
        page = desk.window.pages["leaving"]
        assert isinstance(page, LeavingPage)
        page.lounge_key.click()
        desk.settle()
        assert [type(one) for one in desk.bedside.submitted] == [lv.MoveToLounge]
        desk.show(replace(vs.just_ended(), chair=PLACE))
        assert not page.lounge_key.isVisible()
    finally:
        desk.close()
