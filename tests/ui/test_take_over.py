"""Another nurse in mid-infusion: over the page, never over vital signs, with a card that is read before it counts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt

from exomonitor.engine.handover_card import handover_card
from exomonitor.session.parts.handover import Handover, SignIn, TakeOver
from tests.ui import scenes
from tests.ui.windows import Desk
from ui.presenters.handover import cover_reminder, staff_below
from ui.presenters.next_step import next_step
from ui.presenters.words import hm


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.normal())
    yield made
    made.close()


def come(desk, user: str):
    """The header's name, a person, the PIN."""
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F12)
    panel = desk.window.staff_panel.panel
    panel.prove.people.tile(user).click()
    desk.qtbot.keyClicks(panel.prove.pad.line, "1111")
    desk.qtbot.keyClick(panel.prove.pad.line, Qt.Key.Key_Return)
    desk.settle()
    return panel


def covering(minutes_left: float):
    until = scenes.NOW.plus(minutes_left * 60)
    session = replace(scenes.running(), handover=Handover(nurse="u2", cover_until=until, relieved="u1"))
    return replace(scenes.normal(), session=session, staff="V. Santos", staff_id="u2")


def test_the_sign_in_never_hides_vital_signs_pump_or_alarms(desk):
    desk.show(scenes.three_alarms())
    desk.window.header.staff_wanted.emit()
    panel = desk.window.staff_panel
    assert panel.isVisible()
    covered = panel.geometry()
    body = panel.parentWidget()
    page = desk.window.session_page
    for widget in (page.reaction_key, page._news2, *page._tiles.values(), page._nibp, desk.window.alarm_bar):
        box = widget.rect().translated(widget.mapTo(body, QPoint(0, 0)))
        assert not covered.intersects(box), widget


def test_f12_opens_and_closes_and_so_does_esc(desk):
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F12)
    assert desk.window.staff_panel.isVisible()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F12)
    assert not desk.window.staff_panel.isVisible()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F12)
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    assert not desk.window.staff_panel.isVisible()


def test_the_incoming_nurse_reads_the_card_and_accepts(desk):
    panel = come(desk, "u2")
    assert panel.card.isVisible()
    assert desk.sent(SignIn) == []
    desk.qtbot.keyClick(panel.card.accept_key, Qt.Key.Key_Return)
    desk.settle()
    (sent,) = desk.sent(TakeOver)
    assert (sent.by, sent.proof, sent.kind, sent.minutes) == ("u1", "proof-of-u2", "handover", None)
    assert sent.card == "\n".join(line.text for line in handover_card(scenes.normal()))
    assert not desk.window.staff_panel.isVisible()


def test_a_break_is_covered_for_a_time(desk):
    panel = come(desk, "u2")
    assert [key.text() for key in panel.card.cover_keys] == ["10 min", "15 min", "20 min", "30 min"]
    panel.card.cover_keys[3].click()
    desk.settle()
    (sent,) = desk.sent(TakeOver)
    assert (sent.kind, sent.minutes) == ("break_cover", Decimal(30))


def test_who_was_relieved_comes_back_by_one_key(desk):
    desk.show(covering(5))
    panel = come(desk, "u1")
    assert panel.card.accept_key.text() == "I am back"
    assert not panel.card.cover_keys[0].isVisible()
    panel.card.accept_key.click()
    desk.settle()
    assert desk.sent(TakeOver)[0].kind == "return"


def test_somebody_may_only_sign_in(desk):
    panel = come(desk, "u2")
    panel.card.sign_in_key.click()
    desk.settle()
    assert desk.sent(SignIn) == [SignIn("4", "u1", "proof-of-u2")]
    assert desk.sent(TakeOver) == []


def test_whoever_is_at_work_already_reads_no_card(desk):
    come(desk, "u1")
    assert desk.sent(SignIn) == [SignIn("4", "u1", "proof-of-u1")]


def test_while_preparing_a_sign_in_is_enough(desk):
    desk.show(scenes.preparing())
    come(desk, "u2")
    assert len(desk.sent(SignIn)) == 1


def test_a_refused_take_over_says_why_on_the_card(desk):
    panel = come(desk, "u2")
    desk.bedside.refusal = "V. Santos has this patient already"
    panel.card.accept_key.click()
    desk.settle()
    assert panel.card._status.text() == "Not recorded: V. Santos has this patient already"
    assert desk.window.staff_panel.isVisible()


def test_esc_on_the_card_goes_back_to_the_names(desk):
    panel = come(desk, "u2")
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    assert panel.prove.isVisible()
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_Escape)
    assert not desk.window.staff_panel.isVisible()


def test_a_reaction_takes_the_page_and_the_panel_goes(desk):
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F12)
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F8)
    desk.settle()
    desk.show(scenes.normal())
    assert not desk.window.staff_panel.isVisible()


# --- words


def test_the_header_says_until_when_a_break_is_covered():
    assert staff_below(scenes.normal()) == "F12"
    assert staff_below(covering(5)) == f"F12 · covers until {hm(scenes.NOW.plus(300))}"
    assert staff_below(covering(-1)) == f"F12 · cover over {hm(scenes.NOW.plus(-60))}"


def test_a_break_that_is_over_is_reminded_of():
    assert cover_reminder(covering(1)) == ""
    words = f"Break cover is over since {hm(scenes.NOW.plus(-60))}: R. Okafor takes back (F12)"
    assert cover_reminder(covering(-1)) == words
    assert next_step(covering(-1)).below.startswith(words)


def test_the_card_says_what_matters_in_nine_lines():
    lines = {line.label: line.words for line in handover_card(scenes.normal())}
    assert lines == {
        "Allergy": "penicillin",
        "Given": "25.0 mL of 100 mL, 1.25 of 5.0 billion particles",
        "Left": "75.0 mL, 3.75 billion, 27:11 to go",
        "Pump": "165.5 mL/h, ramp 3 of 3",
        "Last set": "+15, 02:48 ago: NEWS2 incomplete, HR 78",
        "Reactions": "none",
        "Alarms": "none open, limits as in the protocol",
        "Next": "Set +30 in 12:12",
        "Site": "L forearm 22G, last score 0",
    }


def test_the_card_marks_what_weighs():
    lines = {line.label: line for line in handover_card(scenes.reacting())}
    assert lines["Reactions"].weighs
    assert lines["Reactions"].words == "minute 17, not graded, OPEN"
    assert lines["Alarms"].words == "SpO₂ low 89 % (limit 90)"
    assert lines["Allergy"].weighs


def test_a_reaction_that_others_took_over_is_not_called_over():
    snapshot = scenes.reacting()
    handed = replace(scenes.reaction(), handed_over=scenes.NOW)
    assert snapshot.session is not None
    lines = handover_card(replace(snapshot, session=replace(snapshot.session, reactions=(handed,))))
    assert next(line.words for line in lines if line.label == "Reactions").endswith("handed over, NOT over")
