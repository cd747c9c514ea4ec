"""A form whose statement waits, where it has to, for somebody's signature."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.bridge import Bridge
from ui.theme import Theme
from ui.widgets.form import Form


class SignedForm(Form):
    """`proof_wanted` asks for the signature and gives the function that takes its token; commands() uses `proof`."""

    proof_wanted = Signal(object)

    def __init__(
        self, theme: Theme, bridge: Bridge, title: str, save_text: str = "Save", *, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, bridge, title, save_text, parent=parent)
        self.proof = ""

    def needs_signature(self) -> bool:
        """Whether what is said now takes one."""
        return True

    def save(self) -> None:
        """Waits for the signature where one is needed; a token serves once."""
        if self.needs_signature() and not self.proof and self.save_key.isEnabled():
            self.proof_wanted.emit(self.save_with)
            return
        super().save()
        self.proof = ""

    def save_with(self, token: str) -> None:
        """It is signed."""
        self.proof = token
        self.save()
