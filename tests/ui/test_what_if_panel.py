"""What if, in the running session: figures from the record, keys and typing, and nothing is ever sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt

from exomonitor.clinical.protocol import load_protocol
from tests.ui import scenes
from tests.ui.windows import Desk
from ui.presenters.what_if import rate_now, rates_for_window, view
from ui.theme import DARK
from ui.widgets.keys import BigButton
from ui.widgets.stepper import Stepper

WINDOW = load_protocol().window


def test_the_planned_rate_ends_when_the_screen_says_it_does():
    found = view(scenes.normal(), Decimal("165.5"), WINDOW)
    rows = dict(found.rows)
    assert rows["Still to give"] == "75.0 mL"
    assert rows["Infusing in all"] == "45 min"
    assert rows["Particles"] == "138 million/min"
    assert found.window == "Inside the window of 30–60 min"


def test_too_fast_and_too_slow_are_said():
    assert view(scenes.normal(), Decimal(60), WINDOW).window == "Outside the window of 30–60 min: too slow"
    assert view(scenes.normal(), Decimal(600), WINDOW).window == "Outside the window of 30–60 min: too fast"
    assert "never ends" in view(scenes.normal(), Decimal(0), WINDOW).problem
    assert view(scenes.normal(), None, WINDOW).problem == "Type a rate"


def test_the_ends_of_the_window_are_rates():
    fastest, slowest = rates_for_window(scenes.normal(), WINDOW)
    assert fastest is not None
    assert slowest is not None
    assert view(scenes.normal(), fastest, WINDOW).window.startswith("Inside")
    assert view(scenes.normal(), slowest, WINDOW).window.startswith("Inside")


def test_without_a_known_volume_nothing_is_said():
    base = scenes.normal()
    assert base.progress is not None
    unknown = replace(base, progress=replace(base.progress, delivered_ml=None))
    assert "not known" in view(unknown, Decimal(100), WINDOW).problem
    assert rate_now(replace(base, progress=None)) is None
    assert rates_for_window(unknown, WINDOW) == (None, None)


@pytest.fixture
def desk(qtbot) -> Iterator[Desk]:
    made = Desk(qtbot, scenes.normal())
    yield made
    made.close()


def test_more_opens_it_with_the_rate_that_runs_and_esc_leads_back(desk: Desk):
    page = desk.window.session_page
    page.open_more()
    page.more.tiles["what_if"].click()
    panel = page.what_if
    assert panel.rate.text() == "165.5"
    assert panel.verdict.text() == "Inside the window of 30–60 min"
    panel.rate.line.selectAll()
    desk.qtbot.keyClicks(panel.rate.line, "60")
    assert panel.verdict.text() == "Outside the window of 30–60 min: too slow"
    desk.show(scenes.normal())
    assert panel.rate.text() == "60"
    desk.qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert page.current_form() is None or page.back()
    assert desk.bedside.submitted == []


def test_gloved_fingers_type_another_rate_on_the_pad(desk: Desk):
    page = desk.window.session_page
    page.open_one("what_if")
    for sign in ("6", "0"):
        next(key for key in page.what_if.keypad.findChildren(BigButton) if key.text() == sign).click()
    assert page.what_if.rate.text() == "60"
    assert page.what_if.verdict.text() == "Outside the window of 30–60 min: too slow"


def test_a_pump_that_changes_before_the_first_key_does_not_lengthen_what_is_typed(desk: Desk):
    page = desk.window.session_page
    page.open_one("what_if")
    base = scenes.normal()
    assert base.progress is not None
    desk.show(replace(base, beat=9, progress=replace(base.progress, rate_ml_h=170.0)))
    assert page.what_if.rate.text() == "170"
    desk.qtbot.keyClicks(page.what_if.rate.line, "60")
    assert page.what_if.rate.text() == "60"


def test_the_keys_try_the_next_whole_five(desk: Desk):
    page = desk.window.session_page
    page.open_one("what_if")
    page.what_if.stepper.more.click()
    assert page.what_if.rate.text() == "170"
    page.what_if.stepper.less.click()
    assert page.what_if.rate.text() == "165"


def test_a_stepper_says_nothing_when_it_only_follows_and_stays_between_its_ends(qtbot):
    stepper = Stepper(DARK, "Planned time", (30, 60))
    qtbot.addWidget(stepper)
    heard: list[float] = []
    stepper.moved.connect(heard.append)
    stepper.put(45.5)
    assert heard == []
    stepper.less.click()
    stepper.more.click()
    assert heard == [45.0, 46.0]
    stepper.put(60)
    stepper.more.click()
    assert stepper.value() == 60
    qtbot.keyClick(stepper.slider, Qt.Key.Key_Left)
    assert heard[-1] == 59
