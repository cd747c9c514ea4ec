"""The answer about oxygen in a set: as in the last one until somebody taps, and the flow where oxygen is given."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QObject, Signal

from exomonitor.session.events import ObservationRecorded
from ui.presenters import codes
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry

_AIR, _OXYGEN = "air", "oxygen"


class SetOxygen(QObject):
    """Keeps the keys and the entry of the flow together; answered: somebody tapped."""

    answered = Signal()

    def __init__(self, choice: Choice, flow: NumberEntry) -> None:
        super().__init__(choice)
        self._choice, self._flow = choice, flow
        self._carried, self._carried_flow = False, ""
        choice.chosen.connect(self._on_chosen)

    @property
    def from_last_set(self) -> bool:
        """Whether the answer is still the last set's: saving confirms it."""
        return self._carried

    @property
    def carried(self) -> bool:
        """Whether answer and flow are both still those of the last set."""
        return self._carried and self._flow.text() == self._carried_flow

    def carry(self, before: ObservationRecorded | None) -> None:
        """The last set's answer stands there and says so; a tap changes it. None: nothing is known yet."""
        self._carried = before is not None
        code = "" if before is None else _OXYGEN if before.on_oxygen else _AIR
        self._choice.set_options([(c, f"{w}, as last set" if c == code else w) for c, w in codes.OXYGEN])
        self._choice.set_value(code)
        flow = before.oxygen_l_min if before is not None else None
        self._carried_flow = "" if flow is None else str(flow)
        self._flow.set_text(self._carried_flow)
        self._ask_flow(code)

    def given(self) -> bool | None:
        """Whether oxygen is given; None where it is not asked or not answered."""
        return {_AIR: False, _OXYGEN: True}.get(self._choice.value() if self._is_asked() else "")

    def litres_per_min(self) -> Decimal | None:
        """The flow, where oxygen is given."""
        return self._flow.number() if self.given() else None

    def _is_asked(self) -> bool:
        return not self._choice.isHidden()

    def _ask_flow(self, answer: str) -> None:
        self._flow.setVisible(answer == _OXYGEN and self._is_asked())

    def _on_chosen(self, answer: str) -> None:
        if self._carried:
            self.carry(None)
            self._choice.set_value(answer)
        self._ask_flow(answer)
        self.answered.emit()
