"""A reaction in the real window: the first key, the steps, the emergency page, the grade, and the transfer."""

from __future__ import annotations

from PySide6.QtCore import Qt

from exomonitor.session.phases import Phase
from tests.visit.room import Room

WORDS = "her cousin DEMO-MARKED saw it first"


def first_record(room: Room) -> None:
    """F8, and nothing else: the moment stands in the record."""
    with room.hands.at("reaction: first record"):
        room.hands.press(Qt.Key.Key_F8)
    assert room.state.open_reaction is not None
    room.page("reaction")


def first_steps(room: Room) -> None:
    """Stop at the pump and clamp, call; what is seen."""
    page, hands = room.page("reaction"), room.hands
    room.pump("stop")
    with hands.at("reaction: first steps"):
        hands.touch(page.steps["stop"])
        hands.touch(page.steps["call"])
    with hands.at("reaction: symptoms"):
        hands.touch(page.symptoms.key("flushing"))
        hands.touch(page.symptoms.key("wheeze"))
    reaction = room.state.open_reaction
    assert reaction is not None
    assert [done.action for done in reaction.actions] == ["stop", "call"]
    assert reaction.details is not None
    assert reaction.details.symptoms == ("flushing", "wheeze")


def emergency(room: Room) -> None:
    """The second F8: epinephrine with its dose, the ambulance called."""
    hands = room.hands
    with hands.at("emergency page"):
        hands.press(Qt.Key.Key_F8)
        page = room.page("emergency")
        hands.touch(page.steps["epinephrine"])
        hands.touch(page.steps["airway"])
        hands.touch(page.steps["oxygen"])
        hands.touch(page.steps["called_ems"])
        hands.touch(page.drugs["epinephrine"])
        hands.touch(page.drug_panel.doses.first())
        hands.touch("That was it")
    assert len(room.state.emergency.drugs) == 1
    room.wait(240)
    room.cuff()
    with hands.at("emergency page: ambulance"):
        hands.touch(page.steps["ems_arrived"])
        hands.press(Qt.Key.Key_Escape)


def grade_3(room: Room) -> None:
    """Term, grade, cause, seriousness."""
    hands = room.hands
    with hands.at("reaction: grade and details"):
        page = room.page("reaction")
        hands.press(Qt.Key.Key_F7)
        hands.touch("More terms")
        hands.touch(page.details.terms.key("Anaphylaxis"))
        hands.touch(page.details.grades.key("3"))
        hands.touch(page.details.parts.key("cause"))
        hands.touch(page.details.cause.causality.key("probable"))
        hands.touch(page.details.cause.serious.key("life_threatening"))
        hands.type(page.details.cause.text, WORDS)
        hands.touch(page.details.parts.key("outcome"))
        hands.touch(page.details.cause.outcome.key("transferred"))
        hands.touch("Save details")
    reaction = room.state.reactions[-1]
    assert reaction.details is not None
    assert (reaction.details.term, reaction.details.grade) == ("Anaphylaxis", 3)
    assert reaction.is_open


def end_product(room: Room) -> None:
    """Stopped, no more of it; no flush."""
    hands = room.hands
    with hands.at("product stopped, no flush"):
        hands.press(Qt.Key.Key_F9)
        form = room.page("session").pump_form
        hands.touch("Stopped, no more product")
        hands.touch("Reaction")
        hands.touch("Save")
        assert room.state.product_end is not None, form.status()
        hands.press(Qt.Key.Key_F9)
        form = room.page("session").flush_form
        hands.touch("No flush is done")
        hands.type(form._text, "clamped")
        hands.touch("Save")
    assert room.state.flush is not None, form.status()


def transfer(room: Room) -> None:
    """Handed over to the ambulance."""
    hands = room.hands
    with hands.at("transfer"):
        hands.press(Qt.Key.Key_F9)
        page = room.page("leaving")
        hands.touch(page.tabs.key("door"))
        hands.touch("Transfer")
        hands.type(page.going.to, "DEMO hospital")
        hands.type(page.going.handed, "Dr DEMO-AMBULANCE")
        hands.touch("Record: transferred now")
    assert room.state.leaving.left is not None, page.going.status()
    assert room.state.phase is Phase.OBSERVE


def hand_over(room: Room) -> None:
    """The reaction is closed as handed over: nobody here saw its end."""
    hands = room.hands
    with hands.at("reaction: handed over"):
        hands.press(Qt.Key.Key_F7)
        hands.touch(room.page("reaction").details.parts.key("outcome"))
        hands.touch("Handed over, not over: save")
    assert room.state.reactions[-1].handed_over is not None
