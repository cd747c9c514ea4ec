"""Whoever accepts that a gate stays open signs for it: the panel in the middle of the preparation, and its command."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from exomonitor.clinical.checklists import PRESCRIBER_ONLY
from exomonitor.engine.bedside import Bedside
from exomonitor.registry.users import PRESCRIBER, VERIFIER
from exomonitor.session.checklist import Gate
from exomonitor.session.commands import AbandonSession, OverrideGate
from ui.bridge import Bridge
from ui.theme import Theme
from ui.widgets.prove import ProvePanel


class WithoutSigner(QObject):
    """`ready` brings a command that may be sent now; `ended`: the signature panel has gone."""

    ready = Signal(object)
    ended = Signal()

    def __init__(self, theme: Theme, bedside: Bedside, bridge: Bridge, stack: QStackedWidget) -> None:
        super().__init__(stack)
        self._theme, self._bedside, self._bridge, self._stack = theme, bedside, bridge, stack
        self.panel: ProvePanel | None = None

    def close(self, reason: str) -> None:
        """Nothing is left out: the session does not start."""
        self.ready.emit(AbandonSession(self._bedside.chair, self._by(), "other", reason))

    def accept(self, gate: Gate, reason: str, alone: bool) -> None:
        """`alone`: nobody else is there; else whom the clinic's table asks for signs first."""
        by = self._by()
        if alone:
            self.ready.emit(OverrideGate(self._bedside.chair, by, gate.key, reason, alone=True))
            return
        self.forget()
        prescriber = gate.by == PRESCRIBER_ONLY
        roles = (PRESCRIBER,) if prescriber else (VERIFIER, PRESCRIBER)
        meaning = f"I accept the start without “{gate.label}”: {reason}"
        panel = ProvePanel(self._theme, self._bedside, self._bridge, roles, meaning, but="" if prescriber else by)
        panel.proven.connect(lambda proof, _: self._signed(by, gate.key, reason, proof))
        panel.closed.connect(self.forget)
        self.panel = panel
        self._stack.addWidget(panel)
        self._stack.setCurrentWidget(panel)
        panel.open()
        panel.focus_first()

    def forget(self) -> None:
        """Nobody signs: the step in front comes back."""
        panel, self.panel = self.panel, None
        if panel is not None:
            self._stack.removeWidget(panel)
            panel.deleteLater()
            self.ended.emit()

    def _by(self) -> str:
        return self._bedside.latest().staff_id

    def _signed(self, by: str, gate: str, reason: str, proof: str) -> None:
        self.forget()
        self.ready.emit(OverrideGate(self._bedside.chair, by, gate, reason, proof))
