"""What is kept of a half-filled observation set: what somebody typed or tapped, never what came from the monitor."""

from __future__ import annotations

from ui.pages.observation.oxygen import SetOxygen
from ui.pages.observation.values import SetValues
from ui.widgets.choice import Choice
from ui.widgets.drafting import Part, Parts, choice_part, parts_of


def set_parts(form: object, values: SetValues, symptoms: Choice, oxygen: Choice, carried: SetOxygen) -> Parts:
    """The numbers with their own rule of age, then the answers. An answer about oxygen that was carried over from the
    last set is nobody's yet; the one about symptoms is put back without opening the list of them again."""
    tapped = choice_part(oxygen)
    answers = {
        **parts_of(form),
        "symptoms": Part(symptoms.value, lambda field: symptoms.set_value(field.text)),
        "oxygen": Part(lambda: "" if carried.from_last_set else oxygen.value(), tapped.put),
    }
    return {**values.draft_parts(), **answers}
