"""Two visits as wholes: one without trouble, one that ends in a transfer; and what their hands may take."""

from __future__ import annotations

from tests.visit import beforehand, reacting, steps
from tests.visit.room import Room

AT_THE_CHAIR = 20
"""Actions from the wristband to the start, once the bag is released: patient, bag, line, pump, baseline, time-out."""
FIRST_RECORD = 1
"""Of a reaction: one key."""
ANSWERS = 3
"""Of a set where the live values are right: consciousness, symptoms, site."""


def without_trouble(room: Room) -> None:
    """From registration to the first call; a first dose, with its ramp."""
    beforehand.sign_in(room)
    beforehand.register(room)
    beforehand.release_lot(room)
    steps.prepare(room, beforehand.release_bag(room))
    steps.infuse(room)
    steps.flush(room)
    steps.observe(room)
    steps.leave(room)
    steps.sign_off(room)
    steps.first_call(room)


def with_a_grade_3_reaction(room: Room) -> None:
    """A first dose with a reaction in its eighth minute."""
    beforehand.sign_in(room)
    beforehand.register(room)
    beforehand.release_lot(room)
    steps.prepare(room, beforehand.release_bag(room))
    steps.watch(room, 480)
    reacting.first_record(room)
    reacting.first_steps(room)
    reacting.emergency(room)
    reacting.grade_3(room)
    reacting.end_product(room)
    reacting.transfer(room)
    reacting.hand_over(room)
    steps.sign_off(room)
