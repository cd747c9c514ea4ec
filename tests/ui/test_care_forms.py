"""Away, site, line and the patient's words: one key or touch each, and what they send."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts import care_events as ev
from exomonitor.session.parts.care import Access, Away, Care
from tests.ui import scenes
from tests.ui.windows import Desk
from ui.presenters.care import access_words, away_words, site_words
from ui.presenters.next_step import next_step
from ui.theme import TOUCH


def gone() -> Snapshot:
    """The patient has been away for 04:32."""
    base = scenes.normal()
    assert base.session is not None
    access = Access(scenes.START, "forearm", "left", "22 G", True, Decimal(18))
    care = Care(aways=(Away(scenes.NOW.plus(-272), "toilet"),), accesses=(access,))
    return replace(base, session=replace(base.session, care=care), next_line="Patient away 04:32")


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.normal())
    yield made
    made.close()


@pytest.fixture
def page(desk):
    return desk.window.session_page


def press(desk, key):
    desk.qtbot.keyClick(desk.window, key)


def test_away_is_one_key_and_one_tap(desk, page):
    press(desk, Qt.Key.Key_F10)
    assert page.current_form() is page.away_form
    page.away_form.why.key("toilet").click()
    desk.settle()
    assert desk.sent(ev.MarkAway) == [ev.MarkAway("4", "u1", "toilet")]
    assert page.current_form() is None


def test_the_same_key_brings_the_patient_back(desk, page):
    desk.show(gone())
    press(desk, Qt.Key.Key_F10)
    assert page.current_form() is page.back_form
    page.back_form.line.key("ok").click()
    page.back_form.sensors.key("on").click()
    page.back_form.save()
    desk.settle()
    assert desk.sent(ev.MarkBack) == [ev.MarkBack("4", "u1", "ok", True)]


def test_the_next_card_offers_the_return(desk, page):
    view = next_step(gone())
    assert (view.action, view.action_text) == ("back", "Patient is back")
    desk.show(gone())
    page.do_next(view.action)
    assert page.current_form() is page.back_form


def test_a_site_problem_is_sent_with_what_was_seen_and_done(desk, page):
    press(desk, Qt.Key.Key_F11)
    form = page.site_form
    form.what.key("stopped").click()
    form.phlebitis.key("2").click()
    form.signs.key("pain").click()
    form.measures.key("resited").click()
    assert form._meaning.text().startswith("▲ Stop, re-site (Phlebitis 2")
    form.save()
    desk.settle()
    sent = ev.ReportSiteProblem("4", "u1", True, 2, None, ("pain",), ("stopped", "resited"))
    assert desk.sent(ev.ReportSiteProblem) == [sent]


def test_a_look_at_the_site_needs_a_grade(desk, page):
    page.open_site()
    form = page.site_form
    form.what.key("look").click()
    assert not form.save_key.isEnabled()
    form.infiltration.key("0").click()
    form.save()
    desk.settle()
    assert desk.sent(ev.CheckSite) == [ev.CheckSite("4", "u1", None, 0)]


def test_a_problem_that_says_nothing_is_asked_about(desk, page):
    page.open_site()
    page.site_form.what.key("runs").click()
    page.site_form.save()
    assert page.site_form.status() == "Say what is wrong: tap a sign or a grade"


def test_a_new_line_says_what_became_of_the_old_set(desk, page):
    page.open_one("line")
    form = page.line_form
    for choice, code in ((form.side, "right"), (form.site, "hand"), (form.gauge, "20 G"), (form.old_set, "discarded")):
        assert not form.save_key.isEnabled()
        choice.key(code).click()
    desk.qtbot.keyClicks(form.volume.line, "18")
    form.save()
    desk.settle()
    sent = desk.sent(ev.ReplaceLine)[0]
    assert (sent.site, sent.side, sent.gauge, sent.old_set_discarded, sent.set_ml) == (
        "hand", "right", "20 G", True, Decimal(18),
    )  # fmt: skip


def test_what_the_patient_says_is_no_note(desk, page):
    page.open_one("said")
    desk.qtbot.keyClicks(page.said_form._text, "my arm feels cold")
    page.said_form.save()
    desk.settle()
    assert desk.sent(ev.RecordPatientSaid) == [ev.RecordPatientSaid("4", "u1", "my arm feels cold")]


def test_more_opens_and_closes_by_its_key_and_its_digits_press_tiles(desk, page):
    press(desk, Qt.Key.Key_F6)
    assert page.current_form() is page.more
    press(desk, Qt.Key.Key_F6)
    assert page.current_form() is None
    press(desk, Qt.Key.Key_F6)
    desk.qtbot.keyClick(page.more.tiles["note"], Qt.Key.Key_4)
    assert page.current_form() is page.site_form


def test_every_tile_of_more_is_large_enough_for_a_glove(desk, page):
    press(desk, Qt.Key.Key_F6)
    desk.settle()
    least = desk.theme.px(58)
    assert TOUCH < 58
    for tile in page.more.tiles.values():
        if tile.isVisible():
            assert min(tile.width(), tile.height()) >= least


def test_the_score_is_shown_in_its_seven_parts(desk, page):
    page.open_one("score")
    words = [[cell.text() for cell in row] for row in page.score._rows]
    assert [row[0] for row in words] == ["RR", "SpO₂", "O₂", "SBP", "HR", "ACVPU", "Temp"]
    assert words[4] == ["HR", "78 /min", "monitor", "0"]
    assert words[0] == ["RR", "--", "not taken", "--"]


def test_a_touch_on_the_score_opens_it(desk, page):
    desk.qtbot.mouseClick(page._news2, Qt.MouseButton.LeftButton)
    assert page.current_form() is page.score
    press(desk, Qt.Key.Key_Escape)
    assert page.current_form() is None


def test_words_of_absence_access_and_site(desk):
    assert away_words(gone()).startswith("Away 04:32, since 14:1")
    assert away_words(scenes.normal()) == ""
    assert access_words(gone()).startswith("left forearm 22 G from 14:04, 18 mL discarded")
    table = desk.bedside.protocol.rules.sites.content
    assert site_words("", "", table) == ("", False)
    assert site_words("1", "", table) == ("Phlebitis 1: redness, with or without pain", False)
    assert site_words("0", "4", table)[1]
